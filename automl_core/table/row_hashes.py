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

from automl_core.table.arrow_types import is_text, plain_array

Codes = NDArray[np.int64]
Keys = NDArray[np.uint64]

_NULL = np.uint64(0xD1B54A32D192ED03)
_MIX = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(29)


def cell_codes(values: Any) -> Codes:
    """(n,) numbers in order of first appearance, -1 where there is no value."""
    encoded = plain_array(values).dictionary_encode()  # one dictionary for all chunks
    parts = [pc.fill_null(chunk.indices, -1) for chunk in encoded.chunks]
    if not parts:
        return np.zeros(0, np.int64)
    return np.concatenate([p.to_numpy(zero_copy_only=False) for p in parts]).astype(np.int64)


def row_keys(columns: Iterable[Codes], rows: int) -> Keys:
    """(rows,) one 64-bit key a row, equal where all its codes are equal."""
    keys = np.zeros(rows, np.uint64)
    for codes in columns:
        _mix(keys, (codes + 2).view(np.uint64))
    return keys


def content_keys(columns: Iterable[Any], rows: int) -> Keys:
    """(rows,) one 64-bit key a row of raw cells, equal where all its cells are equal.

    As `row_keys`, but numbers are taken as they are, and no more than one column is unpacked at
    a time: quick, and small, for millions of rows. Keys of two tables cannot be compared.
    """
    keys = np.zeros(rows, np.uint64)
    for values in columns:
        _mix(keys, _bits(plain_array(values)))
    return keys


def keys_of_some(values: Any, one_in: int) -> Keys:
    """Keys of about one in so many different cells, as many times as each occurs; no text.

    Which cells they are depends on what they hold, so that parts of a column can be put together.
    """
    keys = content_keys([values], len(values))
    return keys[(keys * _MIX) >> np.uint64(32) < np.uint64(2**32 // one_in)]


def kept_together(keys: Keys, most: int) -> NDArray[np.int64]:
    """Numbers of about so many rows, picked by what they hold: rows alike are all in or all out."""
    if len(keys) <= most:
        return np.arange(len(keys), dtype=np.int64)
    place = (keys * _MIX) >> np.uint64(32)
    return np.flatnonzero(place < np.uint64(2**32 * most // len(keys)))


def _mix(keys: Keys, bits: Keys) -> None:
    """Let the keys depend on these bits too, in place."""
    np.bitwise_xor(keys, bits, out=keys)
    np.multiply(keys, _MIX, out=keys)
    keys ^= keys >> _SHIFT


def _bits(values: pa.ChunkedArray) -> Keys:
    """(n,) 64 bits a cell, the same where cells are the same."""
    kind = values.type
    if is_text(kind):
        return (cell_codes(values) + 2).view(np.uint64)
    if pa.types.is_floating(kind):
        numbers = values.cast(pa.float64()).to_numpy() + 0.0  # -0.0 becomes 0.0, null NaN
        return np.where(np.isnan(numbers), _NULL, numbers.view(np.uint64))
    whole = kind if pa.types.is_integer(kind) else pa.int64()
    if pa.types.is_date32(kind):
        values = values.cast(pa.int32())
    bits = pc.fill_null(values.cast(whole), 0).to_numpy().astype(np.int64).view(np.uint64)
    return np.where(pc.is_null(values).to_numpy(), _NULL, bits) if values.null_count else bits


def sample_rows(table: pa.Table, rows: int) -> pa.Table:
    """At most so many rows, evenly spaced, in their order."""
    if table.num_rows <= rows:
        return table
    return take_rows(table, evenly_spaced(table.num_rows, rows))


def take_rows(table: pa.Table, places: NDArray[np.int64]) -> pa.Table:
    """The rows of these numbers, which ascend, in one chunk."""
    parts, begin = [], 0
    for batch in table.to_batches():  # a table would put all chunks of words together first
        low, high = np.searchsorted(places, (begin, begin + batch.num_rows))
        parts.append(batch.take(pa.array(places[low:high] - begin)))
        begin += batch.num_rows
    return pa.Table.from_batches(parts, table.schema).combine_chunks()


def evenly_spaced(rows: int, most: int) -> NDArray[np.int64]:
    """(most,) the numbers of the rows that `sample_rows` picks out of more."""
    return np.linspace(0, rows - 1, most).astype(np.int64)
