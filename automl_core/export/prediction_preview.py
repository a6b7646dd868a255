"""The first look at predictions: which rows come first, and chances in percent."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from automl_core.export.scoring import CHANCE


def chances_of(predictions: pa.Table) -> tuple[str, ...]:
    """The columns with the chance of each class, in the order of the classes; () for numbers."""
    return tuple(name for name in predictions.column_names if name.startswith(CHANCE))


def first_rows(predictions: pa.Table, most: int) -> list[int]:
    """The rows to look at first, `most` at most.

    Of two classes those with the highest chance of the second, which is the one of interest; else
    the first of the table.
    """
    chances = chances_of(predictions)
    if len(chances) != 2:
        return list(range(min(most, predictions.num_rows)))
    chance = predictions.column(chances[1]).to_numpy()
    found: list[int] = np.argsort(-chance, kind="stable")[:most].tolist()
    return found


def rows_of(table: pa.Table, rows: list[int]) -> pa.Table:
    """A few rows of a table: slices, as taking them would go through all of a long one."""
    return pa.concat_tables([table.slice(row, 1) for row in rows] or [table.slice(0, 0)])


def in_percent(predictions: pa.Table) -> pa.Table:
    """The same with whole percents for chances; below 1 and above 99 with a digit.

    With more digits where it would be 0 or 100 without being that.
    """
    for name in chances_of(predictions):
        parts = 100 * predictions.column(name).to_numpy()
        ends = np.where((parts < 0.1) | (parts > 99.9), parts.round(4), parts.round(1))
        shown = np.where((parts < 1) | (parts > 99), ends, parts.round())
        place = predictions.column_names.index(name)
        predictions = predictions.set_column(place, name, pa.array(shown))
    return predictions
