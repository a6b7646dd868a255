"""Judgements of people on a table's labels, and the table that follows from them.

A judgement belongs to a row of a stored table, not to a run: every run of the table finds it.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from automl_core.errors import TableError
from automl_core.table.store import (
    Correction,
    TableInfo,
    load_beside,
    load_info,
    open_table,
    put_table,
    save_beside,
    save_info,
)

Verdict = Literal["keep", "correct", "aside"]

CORRECTED = "labels judged"
"""The key of a corrected table's settings whose value says what was changed, in words."""

_FILE = ".judged.json"
_changing = threading.Lock()  # two sessions of the app judge rows of one table


@dataclass(frozen=True)
class Judgement:
    """One row: its label stays, becomes another, or the row is left out."""

    row: int  # number in the stored table
    verdict: Verdict
    label: str = ""  # the right one as a file would have it, where the verdict is "correct"


@dataclass(frozen=True)
class Judgements:
    """All that was judged of one column of a table, by row."""

    target: str
    found: tuple[Judgement, ...] = ()

    def of(self, verdict: Verdict) -> tuple[Judgement, ...]:
        """Those of one verdict."""
        return tuple(j for j in self.found if j.verdict == verdict)


@dataclass(frozen=True)
class _Judged:
    """The file beside the table: what was judged, by column."""

    columns: tuple[Judgements, ...] = ()
    format_version: int = 1


def load_judgements(table: str, target: str, root: Path) -> Judgements:
    """What was judged of this column; nothing where nobody did. Raises TableError, RecordError."""
    judged = load_beside(_Judged, table, _FILE, root) or _Judged()
    return next((j for j in judged.columns if j.target == target), Judgements(target))


def judge(table: str, target: str, given: Iterable[Judgement], root: Path) -> Judgements:
    """Keep these judgements, each in the place of an earlier one of its row; all there are now."""
    new = {j.row: j for j in given}
    return _change(table, target, new, (), root)


def take_back(table: str, target: str, rows: Sequence[int], root: Path) -> Judgements:
    """Forget what was judged of these rows; all that is left."""
    return _change(table, target, {}, rows, root)


def _change(
    table: str, target: str, new: dict[int, Judgement], gone: Sequence[int], root: Path
) -> Judgements:
    with _changing:
        judged = load_beside(_Judged, table, _FILE, root) or _Judged()
        before = next((j for j in judged.columns if j.target == target), Judgements(target))
        by_row = {j.row: j for j in before.found} | new
        kept = tuple(j for row, j in sorted(by_row.items()) if row not in set(gone))
        after = Judgements(target, kept)
        others = tuple(j for j in judged.columns if j.target != target)
        save_beside(_Judged((*others, after)), table, _FILE, root)
    return after


def correct_table(info: TableInfo, judgements: Judgements, root: Path) -> TableInfo:
    """Store the table with these labels corrected and these rows left out; its description.

    The table itself stays as it is. What was kept or corrected counts as judged in the new one.
    Raises TableError where nothing is to be changed, or a label does not fit the column's type.
    """
    table, target = open_table(info.hash, root), judgements.target
    changes = {j.row: j.label for j in judgements.of("correct") if j.row < table.num_rows}
    aside = sorted(j.row for j in judgements.of("aside") if j.row < table.num_rows)
    if not changes and not aside:
        raise TableError(
            "No label is to be corrected and no row set aside.", "Judge a row otherwise first."
        )
    if len(aside) == table.num_rows:
        raise TableError("Every row would be set aside.", "Take some of them back.")
    place = table.column_names.index(target)
    cells = with_cells(table.column(place), changes)
    mended = table.set_column(place, table.schema.field(place), cells)
    if aside:
        stays = np.ones(table.num_rows, np.bool_)
        stays[aside] = False
        mended = mended.filter(pa.array(stays))
    made = _description(info, put_table(mended, root), target, tuple(sorted(changes)), tuple(aside))
    with contextlib.suppress(TableError):
        if (known := load_info(made.hash, root)).corrected is None:
            return known  # the labels are back to what an uploaded table has
    save_info(made, root)
    settled = [
        Judgement(j.row - int(np.searchsorted(aside, j.row)), "keep")
        for j in (*judgements.of("keep"), *judgements.of("correct"))
        if j.row < table.num_rows
    ]
    judge(made.hash, target, settled, root)
    return made


def with_cells(column: pa.ChunkedArray, changes: dict[int, str]) -> pa.ChunkedArray:
    """The column with other cells, given as text; TableError where one does not fit its type."""
    if not changes:
        return column
    rows = sorted(changes)
    words = pa.array([changes[row] for row in rows], pa.string())
    try:
        new = words.cast(column.type)
    except pa.ArrowInvalid:
        raise TableError(
            f"A corrected label does not fit the column's type, {column.type}.",
            "Give a value as the others of the column are.",
        ) from None
    mask = np.zeros(len(column), np.bool_)
    mask[rows] = True
    return pa.chunked_array([pc.replace_with_mask(column.combine_chunks(), pa.array(mask), new)])


def _description(
    info: TableInfo, table: str, target: str, changed: tuple[int, ...], aside: tuple[int, ...]
) -> TableInfo:
    before = info.corrected
    name = before.name if before is not None else info.name
    labels = len(changed) + (before.labels if before is not None else 0)
    rows = len(aside) + (before.rows if before is not None else 0)
    correction = Correction(info.hash, name, target, changed, aside, labels, rows)
    return replace(
        info,
        hash=table,
        name=f"{name}, {correction.words}",
        rows=info.rows - len(aside),
        settings=info.settings | {CORRECTED: f"{name} with {correction.words}"},
        upload="",  # the file does not have these labels
        decisions=(),
        corrected=correction,
    )
