"""Columns that look like dates and are not read as dates, and births that lie in the future."""

from __future__ import annotations

import time

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from automl_core.table import (
    DONE,
    Column,
    DecidedBy,
    Finding,
    FixAction,
    is_text,
    name_words,
    shown,
)
from automl_core.table.checks.disguised_missing import numbers_and_marks
from automl_core.table.checks.found_rows import rows_with
from automl_core.table.inference import ColumnStats, dated, unread_values
from automl_core.table.parsing import COMMON_FORMATS, other_day_order, seconds_of_text

LEAST_VALUES, HEAD = 8, 1_000  # different values
LEAST_DATED, MIXED = 0.05, 0.95  # share of them that are dates, and that are dates or day counts
MOST_FORMATS, READ = 4, 0.5  # share of them that the formats must read
BIRTH = frozenset(
    ("birth", "birthday", "birthdate", "dob", "born", "geburt", "geburtsdatum", "geburtstag",
     "naissance", "nacimiento", "nascita", "nascimento")
)  # fmt: skip
MOST_FUTURE = 0.9  # share of the rows
_NUMBERED = r"^\d{4}\D\d+$|\D\d{5}$"  # orders that count within a year or day: 2020-00123
_SERIAL = r"^[2-6]\d{4}(\.\d+)?$"


def unread_dates(stats: ColumnStats, column: Column, cells: pa.ChunkedArray) -> Finding | None:
    """A column of texts that look like dates, but are a key, words or texts to the schema."""
    words = column.role in ("id", "category", "text") and is_text(stats.values.type)
    if not words or column.decision == DecidedBy.USER or len(stats.values) < LEAST_VALUES:
        return None
    lost = unread_values(stats, column)
    if lost is not None and lost.kind == "date":
        numbered = pc.mean(pc.match_substring_regex(stats.unmarked.slice(0, HEAD), _NUMBERED))
        if (numbered.as_py() or 0.0) > 0.5:
            return None
        return _finding(stats, column, cells, "")
    text = stats.unmarked.slice(0, HEAD)
    serial = _flags(pc.match_substring_regex(text, _SERIAL))
    if not serial.any() or serial.all():
        return None
    days = dated(text) & ~serial
    if days.mean() < LEAST_DATED or (days | serial).mean() < MIXED:
        return None
    return _finding(stats, column, cells, " Some cells count days, as spreadsheets do.")


def _finding(stats: ColumnStats, column: Column, cells: pa.ChunkedArray, why: str) -> Finding:
    text = stats.unmarked.slice(0, HEAD)
    days = text.filter(pa.array(dated(text)))
    read = {"id": "a key, and left out", "text": "text"}.get(column.role, "words")
    message = (
        f"{shown(column.name)} looks like dates, such as "
        f"{' and '.join(shown(str(d)) for d in days.slice(0, 2).to_pylist())}, and cannot be read "
        f"as such: it is read as {read}.{why}"
    )
    rows = rows_with(cells, days.slice(0, 5))
    formats = _formats(text)
    action = None
    fix = "Write the dates as 2024-05-31 or 2024-05-31 13:45, in all rows alike."
    if formats:
        action = FixAction("dates", "Read as dates", (column.name,), formats)
        fix = "Read those as dates that can be read, with the others missing; or write all alike."
    kind = "unread_dates"
    return Finding(kind, (column.name,), "warning", message, fix, "to_review", action, rows)


def _formats(text: pa.Array) -> tuple[str, ...]:
    """Formats that read most of the texts, none in two orders of day and month; () without."""
    chosen: list[str] = []
    left = text
    for _ in range(MOST_FORMATS):
        few = left.slice(0, 8)
        tried = [f for f in COMMON_FORMATS if other_day_order(f) not in chosen]
        tried = [f for f in tried if np.isfinite(seconds_of_text(few, (f,))).any()]
        reach = {f: int(np.isfinite(seconds_of_text(left, (f,))).sum()) for f in tried}
        best = max(reach, key=lambda f: reach[f], default="")
        if not best:
            break
        turned = other_day_order(best)
        if turned is not None and reach.get(turned, 0) > 0 and reach[best] < len(left):
            return ()  # both orders may be meant
        chosen.append(best)
        left = left.filter(pa.array(np.isnan(seconds_of_text(left, (best,)))))
        if not len(left):
            break
    return tuple(chosen) if chosen and len(left) <= (1 - READ) * len(text) else ()


def future_births(stats: ColumnStats, column: Column, cells: pa.ChunkedArray) -> Finding | None:
    """Dates in the future, in a column whose name speaks of birth."""
    if column.parse.kind != "datetime" or not BIRTH & {*name_words(column.name)}:
        return None
    times, marked = numbers_and_marks(stats, column.parse)
    late = np.nan_to_num(times, nan=-np.inf) > time.time()
    rows, total = int(stats.counts[late].sum()), int(stats.counts[~np.isnan(times)].sum())
    if not rows or rows > MOST_FUTURE * total:
        return None
    picked = stats.values.filter(pa.array(late))
    some = [str(v) for v in picked.slice(0, 2).to_pylist()]
    message = (
        f"{shown(column.name)} lies in the future in {rows:,} of {total:,} rows, such as "
        f"{' and '.join(map(shown, some))}: nobody is born then."
    )
    if any("%y" in f for f in column.parse.formats):
        message += " Years of two digits are read as 1969 to 2068."
    kind, name = "future_dates", (column.name,)
    where = rows_with(cells, picked)
    marks = tuple(str(v) for v in picked.to_pylist()) if is_text(stats.values.type) else ()
    if marked[late].all():
        back = FixAction("values", "Undo", name, marks)
        fix = f"{DONE} read as missing."
        return Finding(kind, name, "info", message, fix, "fixed", back, where, applied=True)
    fix = "Write years with four digits, or read these cells as missing."
    action = FixAction("missing", "Read as missing", name, marks) if marks else None
    return Finding(kind, name, "warning", message, fix, "to_review", action, where)


def _flags(mask: pa.Array) -> NDArray[np.bool_]:
    return np.asarray(pc.fill_null(mask, False).to_numpy(zero_copy_only=False), np.bool_)
