"""Missing cells that look like values: a number far from all others, a word such as "unknown"."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from automl_core.table import Column, Finding, FixAction, ParseRule, is_number, is_text, shown
from automl_core.table.checks.found_rows import rows_with
from automl_core.table.checks.odd_values import LEAST_ROWS, OddValue, find_odd_values
from automl_core.table.inference import (
    WORD_MARKS,
    ColumnStats,
    Sentinel,
    find_sentinels,
)
from automl_core.table.parsing import parse_column
from automl_core.words import percent

KIND = "disguised_missing"


def disguised(stats: ColumnStats, column: Column, cells: pa.ChunkedArray) -> list[Finding]:
    """Cells of one column that may stand for a gap: numbers, and words."""
    found = []
    if column.parse.kind == "number" or is_number(stats.values.type):
        found += _numbers(stats, column, cells)
    if is_text(stats.values.type) and column.role != "text":
        found += _words(stats, column, cells)
    return found


def _words(stats: ColumnStats, column: Column, cells: pa.ChunkedArray) -> list[Finding]:
    done = {mark.lower() for mark in column.parse.missing}
    lower = [None if text is None else str(text).lower() for text in stats.text.to_pylist()]
    known = stats.marked.to_numpy(zero_copy_only=False)
    findings = []
    for state in (False, True):
        these = known & np.array([(m in done) == state for m in lower], dtype=np.bool_)
        if these.any():
            findings.append(_word_finding(stats, column, cells, these, state))
    return findings


def _word_finding(
    stats: ColumnStats, column: Column, cells: pa.ChunkedArray, these: NDArray[np.bool_], done: bool
) -> Finding:
    """`these` are the distinct values (k,) that it is about."""
    words = tuple(str(v) for v in stats.text.filter(pa.array(these)).to_pylist())
    marks = tuple(dict.fromkeys(w.lower() for w in words))
    said = ", ".join(shown(w) for w in words[:3])
    count = int(stats.counts[these].sum())
    message = (
        f"{shown(column.name)} says {said} in {count:,} {'row' if count == 1 else 'rows'}, which "
        "may stand for a missing value."
    )
    rows = rows_with(cells, stats.values.filter(pa.array(these)))
    if done and column.parse.kind != "string":  # no number and no date: there is no way back
        fix = "These cells are read as missing."
        return Finding(KIND, (column.name,), "info", message, fix, "fixed", None, rows)
    chosen = WORD_MARKS.issuperset(marks)  # they were read as missing once
    return _finding(column, message, (marks, rows), done, chosen)


def _numbers(stats: ColumnStats, column: Column, cells: pa.ChunkedArray) -> list[Finding]:
    if column.parse.kind not in ("number", "string") or not comes_often(stats):
        return []
    rule = column.parse if column.parse.kind == "number" else ParseRule("number")
    numbers, marked = numbers_and_marks(stats, replace(rule, missing=column.parse.missing))
    findings = []
    sentinels: tuple[Sentinel | OddValue, ...] = find_sentinels(numbers, stats.counts)
    known = {s.value for s in sentinels}
    odd = [o for o in find_odd_values(numbers, stats.counts) if o.value not in known]
    sentinels = (*sentinels, *odd)
    done = [bool(marked[numbers == s.value].all()) for s in sentinels]
    for state in (False, True):
        these = [s for s, is_done in zip(sentinels, done, strict=True) if is_done == state]
        if not these:
            continue
        said = " and ".join(f"{s.mark} in {percent(s.share)} of the rows, {s.why}" for s in these)
        message = f"{shown(column.name)} is {said}: it may stand for a missing value."
        at = np.isin(numbers, [s.value for s in these])
        rows = rows_with(cells, stats.values.filter(pa.array(at)))
        marks = tuple(s.mark for s in these)
        chosen = all(s.sure for s in these)
        findings.append(_finding(column, message, (marks, rows), state, chosen))
    return findings


def _finding(
    column: Column,
    message: str,
    found: tuple[tuple[str, ...], tuple[int, ...]],
    done: bool,
    chosen: bool,
) -> Finding:
    """`found` are marks and rows; `chosen`: only a user would keep these as values."""
    (marks, rows), names = found, (column.name,)
    if done:
        fix = "These cells are read as missing."
        keep = FixAction("values", "Keep as values", names, marks)
        return Finding(KIND, names, "info", message, fix, "fixed", keep, rows)
    action = FixAction("missing", "Read as missing", names, marks)
    if chosen:
        fix = "These cells are kept as values."
        return Finding(KIND, names, "info", message, fix, "noted", action, rows)
    fix = "They are kept as values, unless you read them as missing."
    return Finding(KIND, names, "info", message, fix, "to_review", action, rows)


def comes_often(stats: ColumnStats) -> bool:
    """False where no number has as many rows as one that stands for a missing value, as of most
    measurements; 0.0 and -0.0 are one number."""
    return is_text(stats.values.type) or 2 * int(stats.counts.max(initial=0)) >= LEAST_ROWS


def numbers_and_marks(
    stats: ColumnStats, rule: ParseRule
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """The distinct values (k,) as numbers whatever the rule's marks, and whether it marks them."""
    numbers = parse_column(stats.values, stats.name, replace(rule, missing=())).numbers
    if not rule.missing:
        assert numbers is not None
        return numbers, np.zeros(len(numbers), np.bool_)
    kept = parse_column(stats.values, stats.name, rule).numbers
    assert numbers is not None and kept is not None
    return numbers, ~np.isnan(numbers) & np.isnan(kept)
