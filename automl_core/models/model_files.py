"""Model files: arrays as .npz without pickle, records as JSON; damage becomes a ModelError.

The meaning of the arrays is left to each family.
"""

from __future__ import annotations

import io
import zipfile
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from automl_core.errors import ModelError
from automl_core.records import RecordError, from_plain, parse_json
from automl_core.types import Files

T = TypeVar("T")

MAX_BYTES = 4 * 2**30
"""Arrays of one file, unpacked: a file that claims more is not one of ours."""


def pack_arrays(arrays: dict[str, NDArray[Any]]) -> bytes:
    """The arrays as an .npz; equal arrays give equal bytes."""
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def unpack_arrays(data: bytes, names: tuple[str, ...]) -> dict[str, NDArray[Any]]:
    """The arrays of a .npz by name; ModelError where it is damaged or has other names."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
        if size > MAX_BYTES:
            raise ModelError(f"A model file unpacks to {size} bytes, more than allowed.")
        with np.load(io.BytesIO(data), allow_pickle=False) as loaded:
            if set(loaded.files) != set(names):
                raise ModelError("A model file does not hold the expected arrays.")
            return {name: loaded[name] for name in names}
    except (ValueError, OSError, EOFError, KeyError, zipfile.BadZipFile, MemoryError) as error:
        raise ModelError(
            "A model file is damaged.", "Download or train the model again."
        ) from error


def read_file(files: Files, name: str) -> bytes:
    """The content of one file; ModelError where it is missing."""
    if name not in files:
        raise ModelError(f"The model lacks its file {name!r}.", "Download or train it again.")
    return files[name]


def read_json(files: Files, name: str, cls: type[T]) -> T:
    """The record in a JSON file; ModelError where it is missing, damaged or of another kind."""
    try:
        return from_plain(cls, parse_json(read_file(files, name)))
    except RecordError as error:
        raise ModelError(f"The model's file {name!r} is damaged: {error}") from error
