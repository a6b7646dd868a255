"""Files as one zip, the same bytes for the same files."""

from __future__ import annotations

import io
import zipfile

from automl_core.types import Files


def zip_files(files: Files) -> bytes:
    """The zip of the files, in the order of their names."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(files.items()):
            add_file(archive, name, content)
    return buffer.getvalue()


def add_file(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    """Add one file, without a date of its own."""
    entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    archive.writestr(entry, content)
