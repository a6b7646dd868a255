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
from automl_core.table.inference import ColumnStats
from automl_core.table.parsing import COMMON_FORMATS, other_day_order, seconds_of_text

MOSTLY = 0.8  # share of the different values that look like dates
LEAST_VALUES, HEAD = 8, 1_000
MOST_FORMATS, READ = 4, 0.5  # share of them that the formats must read
BIRTH = frozenset(
    ("birth", "birthday", "birthdate", "dob", "born", "geburt", "geburtsdatum", "geburtstag",
     "naissance", "nacimiento", "nascita", "nascimento")
)  # fmt: skip
MOST_FUTURE = 0.9  # share of the rows
_TIME = r"(?:(?:[\sT:_,;@-]{1,3}|\sat\s)\d{1,2}[:.h]\d{2}.{0,22})?$"
_BEFORE = (  # the time, or the day of the week
    r"^(?:\d{1,2}[:h]\d{0,2}(?::\d{2})?\s?(?:[AaPp]\.?[Mm]\.?)?,?\s{1,2})?"
    r"(?:\p{L}{2,10}[.,]{0,2}\s{1,2})?"
)
_YEAR_FIRST = rf"{_BEFORE}(?P<a>\d{{4}})[-/.:_ ](?P<b>\d{{1,2}})[-/.:_ ](?P<c>\d{{1,2}}){_TIME}"
_YEAR_LAST = rf"{_BEFORE}(?P<b>\d{{1,2}})[-/. ](?P<c>\d{{1,2}})[-/. ](?P<a>\d{{4}}|\d\d){_TIME}"
_NAMED = (
    rf"{_BEFORE}(?:(?:the )?\d{{1,2}}(?:st|nd|rd|th|\.)?(?: of)?[-/. ]{{0,2}}(?P<a>\p{{L}}{{3,10}})"
    r"[-/., ]{0,2}(?:\d{4}|'?\d{2})"
    r"|(?P<b>\p{L}{3,10})[-/. ]{0,2}\d{1,2}(?:st|nd|rd|th)?,?[-/. ]+\d{4}"
    rf"|\d{{4}}[-/. ]?(?P<c>\p{{L}}{{3,10}})[-/. ]?\d{{1,2}}){_TIME}"
)
_SERIAL = r"^[2-6]\d{4}(\.\d+)?$"
_MOST_MONTHS = 40


def unread_dates(stats: ColumnStats, column: Column, cells: pa.ChunkedArray) -> Finding | None:
    """A column of texts that look like dates, but are a key, words or texts to the schema."""
    words = column.role in ("id", "category", "text") and is_text(stats.values.type)
    if not words or column.decision == DecidedBy.USER or len(stats.values) < LEAST_VALUES:
        return None
    text = stats.unmarked.slice(0, HEAD)
    if not len(text) or (pc.mean(pc.match_substring_regex(text, r"\d")).as_py() or 0.0) < 0.5:
        return None
    dated = dates_by_shape(text)
    serial = _flags(pc.match_substring_regex(text, _SERIAL))
    mixed = bool(dated.mean() >= 0.05 and serial.any() and (dated | serial).mean() >= 0.95)
    if dated.mean() < MOSTLY and not mixed:
        return None
    return _finding(column, cells, (text, dated, mixed))


def dates_by_shape(text: pa.Array) -> NDArray[np.bool_]:
    """(n,) whether a text has the numbers and signs of a date, in any common order."""
    found = _numbered(text, _YEAR_FIRST) | _numbered(text, _YEAR_LAST)
    parts = pc.extract_regex(text, _NAMED)
    months = pc.binary_join_element_wise(*(pc.struct_field(parts, i) for i in range(3)), "")
    months = pc.utf8_lower(months)
    named = _flags(pc.not_equal(months, ""))
    if len(pc.unique(months.filter(pa.array(named)))) <= _MOST_MONTHS:
        found |= named
    return found


def _numbered(text: pa.Array, pattern: str) -> NDArray[np.bool_]:
    parts = pc.extract_regex(text, pattern)
    a, b, c = (_whole(parts, name) for name in "abc")
    year = ((a >= 1800) & (a < 2200)) | ((a < 100) & _flags(pc.match_substring_regex(text, "[-/]")))
    found: NDArray[np.bool_] = year & (np.fmin(b, c) >= 1) & (np.fmin(b, c) <= 12)
    return found & (np.fmax(b, c) <= 31)


def _both_orders(text: pa.Array) -> bool:
    parts = pc.extract_regex(text, _YEAR_LAST)
    return bool((_whole(parts, "b") > 12).any() and (_whole(parts, "c") > 12).any())


def _whole(parts: pa.Array, name: str) -> NDArray[np.float64]:
    names = [parts.type.field(i).name for i in range(parts.type.num_fields)]
    field = pc.struct_field(parts, names.index(name))
    field = pc.if_else(pc.equal(field, ""), pa.scalar(None, pa.string()), field)
    return np.array(field.cast(pa.float64()).to_numpy(zero_copy_only=False), np.float64)


def _finding(
    column: Column,
    cells: pa.ChunkedArray,
    found: tuple[pa.Array, NDArray[np.bool_], bool],
) -> Finding:
    """`found` are texts, whether each looks like a date, and whether day counts are among them."""
    text, dated, mixed = found
    some = text.filter(pa.array(dated)).slice(0, 2).to_pylist()
    read = {"id": "a key, and left out", "text": "text"}.get(column.role, "words")
    message = (
        f"{shown(column.name)} looks like dates, such as "
        f"{' and '.join(shown(str(s)) for s in some)}, and cannot be read as such: it is read as "
        f"{read}."
    )
    if _both_orders(text):
        message += " The day comes first in some cells, and the month in others."
    if mixed:
        message += " Some cells count days, as spreadsheets do."
    rows = rows_with(cells, text.filter(pa.array(dated)).slice(0, 5))
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
