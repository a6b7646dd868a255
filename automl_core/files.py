"""Files that are whole or absent: temporary name, flush, rename.

Knows nothing about what is in them.
"""

from __future__ import annotations

import json
import os
import uuid
from pathlib import Path
from typing import Any


def write_atomic(path: Path, data: bytes) -> None:
    """Write `data` so that `path` either has all of it or what it had before."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def dump_json(plain: Any) -> bytes:
    """UTF-8 JSON with stable key order, readable by people; NaN and infinity are refused."""
    return json.dumps(plain, indent=1, ensure_ascii=False, allow_nan=False).encode()


def workspace() -> Path:
    """The folder that holds tables, uploads and runs (`TORCHLIGHT_WORKSPACE`, `./workspace`)."""
    return Path(os.environ.get("TORCHLIGHT_WORKSPACE", "workspace")).resolve()
