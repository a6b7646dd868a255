"""Reading files that may be damaged, foreign or newer: one ModelError, never a traceback.

Files are JSON records with a `format_version`; anything else in them is read elsewhere.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from automl_core.errors import AutoMLError, ModelError
from automl_core.records import from_plain, parse_json
from automl_core.types import Files

FORMAT_VERSION = 1

T = TypeVar("T")


def read_record(cls: type[T], files: Files, name: str) -> T:
    """The JSON file `name` as a record; ModelError where that fails, or it is newer."""
    if name not in files:
        raise ModelError(f"The model is incomplete: {name} is missing.")
    with damage_as_model_error(name):
        plain = parse_json(files[name])
        version = plain.get("format_version") if isinstance(plain, dict) else None
        if isinstance(version, int) and version > FORMAT_VERSION:
            raise ModelError(
                f"The model was written by a newer version (format {version}; "
                f"this one reads up to {FORMAT_VERSION}).",
                "Update Torchlight, or export the model again with this version.",
            )
        return from_plain(cls, plain)


@contextmanager
def damage_as_model_error(what: str) -> Iterator[None]:
    """Turn whatever reading a damaged file raises into one ModelError that names the file."""
    try:
        yield
    except ModelError:
        raise
    except AutoMLError as error:
        raise ModelError(
            f"The model cannot be read: {what}: {error.message}", error.hint
        ) from error
    except (
        KeyError, IndexError, ValueError, TypeError, AttributeError, OSError, EOFError,
        RuntimeError, RecursionError, OverflowError, AssertionError, MemoryError,
        zipfile.BadZipFile, zlib.error, struct.error,
    ) as error:  # fmt: skip
        raise ModelError(
            f"The model cannot be read: {what} is damaged ({type(error).__name__}).",
            "Export or download the model again.",
        ) from error
