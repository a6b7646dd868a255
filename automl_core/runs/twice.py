"""Rows that are there more than once: kept on one side of every split, or taken once.

Copies are rows whose features and target are the same, cell for cell.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pyarrow as pa

from automl_core.table.dealers import Rows
from automl_core.table.rowcodes import cell_codes, row_keys

Copies = Literal["keep", "together", "drop"]


def copy_numbers(table: pa.Table, names: Sequence[str]) -> Rows:
    """(n,) numbers from 0 on, the same where all these cells of two rows are the same."""
    places = {name: i for i, name in enumerate(table.column_names)}
    codes = (cell_codes(table.column(places[name])) for name in names)
    keys = row_keys(codes, table.num_rows)
    return np.unique(keys, return_inverse=True)[1].astype(np.int64)


def first_of_each(numbers: Rows, rows: Rows) -> Rows:
    """Those of the ascending `rows` that come before all their copies."""
    return rows[np.sort(np.unique(numbers[rows], return_index=True)[1])]


def joined(one: Rows, other: Rows) -> Rows:
    """(n,) numbers from 0 on: rows that share either number, also by way of others, share one.

    Each round hands the smallest number on to all neighbours, until none changes.
    """
    one = np.unique(one, return_inverse=True)[1]
    other = np.unique(other, return_inverse=True)[1]
    label = np.arange(len(one), dtype=np.int64)
    while True:
        before = label
        for side in (one, other):
            least = np.full(int(side.max(initial=0)) + 1, len(one), np.int64)
            np.minimum.at(least, side, label)
            label = least[side]
        if (label == before).all():
            return np.unique(label, return_inverse=True)[1].astype(np.int64)
