"""Draws rows from a very long table, and stores them as a table of its own.

A run on such a table is a run on the drawn rows, so that each part of it costs what it costs on a
table of that length. Rows without a target are never drawn.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from automl_core.table import (
    ParseRule,
    TableInfo,
    put_table,
    save_drawn,
    save_info,
    take_rows,
)
from automl_core.table.parsing import parse_column

DRAWN = "drawn"  # of a table's settings: how many rows of how many it has

BLOCK_ROWS = 2_000_000
"""Rows whose target is parsed at a time, so that its memory does not grow with the table."""


def draw_rows(
    table: pa.Table, info: TableInfo, target: str, rule: ParseRule, most: int, root: Path
) -> TableInfo:
    """Store `most` rows that have a target, spread evenly over the table; their description.

    `rule` is how the target is read. The table itself where it has no more such rows. The same
    rows are drawn each time.
    """
    known = _rows_with_target(table.column(table.column_names.index(target)), rule)
    if len(known) <= most:
        return info
    rows = known[spread(len(known), most)]
    words = f"{most:,} of {info.rows:,} rows, spread evenly"
    if len(known) < info.rows:
        words += f" among the {len(known):,} with a target"
    drawn = replace(
        info,
        hash=put_table(take_rows(table, rows), root),
        rows=most,
        settings=info.settings | {DRAWN: words},
    )
    save_drawn(drawn.hash, rows, root)
    save_info(drawn, root)
    return drawn


def spread(rows: int, most: int) -> NDArray[np.int64]:
    """`most` of the numbers 0 to rows - 1, ascending: one at random of each of as many stretches.

    Evenly spaced numbers would fall in step with what comes again every few rows.
    """
    ends = np.arange(most + 1, dtype=np.int64) * rows // most
    chance = np.random.default_rng(0).random(most)
    return ends[:-1] + (chance * np.diff(ends)).astype(np.int64)


def _rows_with_target(cells: pa.ChunkedArray, rule: ParseRule) -> NDArray[np.int64]:
    """The numbers of the rows whose cell has a value, ascending."""
    found = [np.zeros(0, np.int64)]
    for begin in range(0, len(cells), BLOCK_ROWS):
        part = parse_column(cells.slice(begin, BLOCK_ROWS), "target", rule)
        found.append(np.flatnonzero(~part.gaps) + begin)
    return np.concatenate(found)
