"""Rows that occur more than once: their numbers, the first of each, and those of a test table.

Copies are rows whose features and target are the same, cell for cell.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from automl_core.splitting import RowIndex
from automl_core.table import (
    Keys,
    canonical_text,
    cell_codes,
    content_keys,
    is_number,
    is_text,
    plain_array,
    row_keys,
)

_FIRST = 3  # columns in which rows are compared before all others


def copy_numbers(table: pa.Table, names: Sequence[str]) -> RowIndex:
    """(n,) numbers from 0 on, the same where all these cells of two rows are the same."""
    places = {name: i for i, name in enumerate(table.column_names)}
    codes = (cell_codes(table.column(places[name])) for name in names)
    keys = row_keys(codes, table.num_rows)
    return np.unique(keys, return_inverse=True)[1].astype(np.int64)


def rows_also_in(
    train: pa.Table, rows: RowIndex, test: pa.Table, names: Sequence[str]
) -> NDArray[np.bool_]:
    """(n,) True where a row of `test` is one of these `rows` of `train`, cell for cell.

    1, 1.0 and "1" are the same cell. A few columns, numbers first, say which rows of a long
    table need a closer look.
    """
    few = sorted(names, key=lambda name: is_text(train.schema.field(name).type))[:_FIRST]
    train = train.select(list(names))
    keys = _keys_of_both(train, test, few)
    near = rows[np.isin(keys[rows], keys[train.num_rows :])]
    keys = _keys_of_both(train.take(pa.array(near)), test, names)
    return np.isin(keys[len(near) :], keys[: len(near)])


def _keys_of_both(one: pa.Table, other: pa.Table, names: Sequence[str]) -> Keys:
    """(n + m,) keys of the rows of one table, and then of the other."""
    columns = (_joined_cells(one[name], other[name]) for name in names)
    return content_keys(columns, one.num_rows + other.num_rows)


def _joined_cells(one: pa.ChunkedArray, other: pa.ChunkedArray) -> pa.ChunkedArray:
    """The cells of both columns, as numbers where both are, else as text where types differ."""
    one, other = plain_array(one), plain_array(other)
    if one.type != other.type:
        if is_number(one.type) and is_number(other.type) and not _long(one) and not _long(other):
            one, other = one.cast(pa.float64(), safe=False), other.cast(pa.float64(), safe=False)
        else:
            one, other = _as_text(one), _as_text(other)
    return pa.chunked_array([*one.chunks, *other.chunks], one.type)


def _long(cells: pa.ChunkedArray) -> bool:
    """True if whole numbers are so long that floats would make one of several."""
    most = pc.min_max(cells).as_py().values()
    return any(abs(end) > 2**53 for end in most if end is not None and math.isfinite(end))


def _as_text(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    return pa.chunked_array([canonical_text(c) for c in cells.chunks], pa.string())


def first_of_each(numbers: RowIndex, rows: RowIndex) -> RowIndex:
    """Those of the ascending `rows` that come before all their copies."""
    return rows[np.sort(np.unique(numbers[rows], return_index=True)[1])]


def joined(one: RowIndex, other: RowIndex) -> RowIndex:
    """(n,) numbers from 0 on: rows that share either number, also by way of others, share one.

    Numbers are nodes and rows are edges of a graph; its components are what rows share.
    """
    one, other = (np.unique(numbers, return_inverse=True)[1] for numbers in (one, other))
    start = int(one.max(initial=-1)) + 1
    nodes = start + int(other.max(initial=-1)) + 1
    edges = sparse.coo_array((np.ones(len(one), np.int8), (one, other + start)), (nodes, nodes))
    labels = connected_components(edges, directed=False)[1][one]
    first, rows = np.zeros(nodes, np.int64), np.arange(len(one))[::-1]
    first[labels[rows]] = rows  # the last one written, which is the first row, stays
    return np.unique(first[labels], return_inverse=True)[1].astype(np.int64)
