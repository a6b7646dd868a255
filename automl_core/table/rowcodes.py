"""Columns as small integers: the same number where cells are the same.

For comparing rows and columns with each other, never for training.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from automl_core.table.plain import plain_array

Codes = NDArray[np.int64]

_MIX = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(29)


def cell_codes(values: Any) -> Codes:
    """(n,) numbers in order of first appearance, -1 where there is no value."""
    encoded = plain_array(values).dictionary_encode()  # one dictionary for all chunks
    parts = [pc.fill_null(chunk.indices, -1) for chunk in encoded.chunks]
    if not parts:
        return np.zeros(0, np.int64)
    return np.concatenate([p.to_numpy(zero_copy_only=False) for p in parts]).astype(np.int64)


def row_keys(columns: Iterable[Codes], rows: int) -> NDArray[np.uint64]:
    """(rows,) one 64-bit key a row, equal where all its codes are equal."""
    keys = np.zeros(rows, np.uint64)
    for codes in columns:
        keys = (keys ^ (codes + 2).astype(np.uint64)) * _MIX
        keys ^= keys >> _SHIFT
    return keys


def sample_rows(table: pa.Table, rows: int) -> pa.Table:
    """At most so many rows, evenly spaced, in their order."""
    if table.num_rows <= rows:
        return table
    return table.take(pa.array(evenly_spaced(table.num_rows, rows)))


def evenly_spaced(rows: int, most: int) -> NDArray[np.int64]:
    """(most,) the numbers of the rows that `sample_rows` picks out of more."""
    return np.linspace(0, rows - 1, most).astype(np.int64)
