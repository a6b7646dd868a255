"""The files of the download are those that were exported, or are not used.

SHA256SUMS lists them; `sha256sum -c SHA256SUMS` checks them as well.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from automl_core.onnx_export.scorer.scoring_error import ScoringError

FILE = "SHA256SUMS"


def read_checked(path: Path) -> bytes:
    """A file's bytes. Raises ScoringError where the list beside it has another checksum for it."""
    data = path.read_bytes()
    listed = path.with_name(FILE)
    if not listed.exists():  # the model alone, without its package
        return data
    lines = [line.split("  ", 1) for line in listed.read_text(encoding="utf-8").splitlines()]
    sums = {line[-1]: line[0] for line in lines}
    if sums.get(path.name) != hashlib.sha256(data).hexdigest():
        raise ScoringError(
            f"{path} is not the file that was exported: it is damaged, or was changed. Unpack the "
            "download again."
        )
    return data
