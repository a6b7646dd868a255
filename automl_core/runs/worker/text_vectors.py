"""Files in the workspace with the vectors of texts: made once, read by all workers and later runs.

    <root>/sentences/<hash of the texts>-<hash of the model>.npy

Written by `embed_text`, read by `dataset`. A file is complete or absent, and belongs to exactly
these texts and this model.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from automl_core.features import SentenceModel, Vectors, find_model
from automl_core.files import make_folder, write_atomic
from automl_core.table import TypedColumn, TypedTable


def vectors_path(root: str, column: TypedColumn, model: SentenceModel) -> Path:
    """The file for the vectors of a column's texts."""
    return Path(root) / "sentences" / f"{_digest(column.words)}-{model.hash}.npy"


@lru_cache(maxsize=8)
def _digest(words: tuple[str, ...]) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for word in words:
        digest.update(word.encode() + b"\0")
    return digest.hexdigest()


def save_vectors(path: Path, vectors: Vectors) -> None:
    """Write the vectors, one for each text of the column, in their order."""
    buffer = io.BytesIO()
    np.save(buffer, vectors, allow_pickle=False)
    make_folder(path.parent)
    write_atomic(path, buffer.getvalue(), durable=False)


def with_vectors(typed: TypedTable, root: str) -> TypedTable:
    """The table with the vectors that the installed model has made, memory-mapped."""
    model = find_model()
    if model is None:
        return typed
    columns = dict(typed.columns)
    for name, column in typed.columns.items():
        path = vectors_path(root, column, model)
        if column.signals is not None and path.is_file():
            vectors = np.load(path, mmap_mode="r", allow_pickle=False)
            columns[name] = replace(column, vectors=vectors)
    return TypedTable(columns, typed.rows)
