"""Levels of a target that are read as missing, so that their rows take no part."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from automl_core.table import Column, DecidedBy, Finding, FixAction, Severity, is_text, shown
from automl_core.table.checks.found_rows import rows_with
from automl_core.table.inference import ColumnStats

KIND = "target_missing"
WARN = 0.02  # share of the rows from which on it is a warning


def target_words(stats: ColumnStats, column: Column, cells: pa.ChunkedArray) -> Finding | None:
    """The finding about words of a target of classes that count as missing."""
    if not is_text(stats.values.type) or column.parse.kind == "number":
        return None
    lower = [None if t is None else str(t).lower() for t in stats.text.to_pylist()]
    marks = {m.strip().lower() for m in column.parse.missing}
    left_out = np.array([t in marks for t in lower], np.bool_)
    kept = stats.marked.to_numpy(zero_copy_only=False) & ~left_out
    if left_out.any():
        return _left_out(stats, column, cells, left_out)
    if kept.any() and column.decision == DecidedBy.USER:
        return None
    return _kept(stats, column, cells, kept) if kept.any() else None


def _left_out(
    stats: ColumnStats, column: Column, cells: pa.ChunkedArray, these: np.ndarray
) -> Finding:
    """`these` are the distinct values (k,) that count as missing."""
    name, words = column.name, _words(stats, these)
    rows = int(stats.counts[these].sum())
    message = (
        f"{shown(name)} says {', '.join(map(shown, words[:3]))} in {rows:,} rows, which is read as "
        "no value: these rows are left out, and no model predicts such a class."
    )
    fix = "Keep it as a class, if new rows may be of it too."
    action = FixAction("values", "Keep as class", (name,), tuple(w.lower() for w in words))
    where = rows_with(cells, stats.values.filter(pa.array(these)))
    severity: Severity = "warning" if rows >= WARN * stats.present else "info"
    return Finding(KIND, (name,), severity, message, fix, "to_review", action, where)


def _kept(stats: ColumnStats, column: Column, cells: pa.ChunkedArray, these: np.ndarray) -> Finding:
    name, words = column.name, _words(stats, these)
    message = (
        f"{shown(name)} says {', '.join(map(shown, words[:3]))} in "
        f"{int(stats.counts[these].sum()):,} rows: it is a class of its own, and may mean that "
        "nobody knows."
    )
    fix = "Leave these rows out, if such a prediction would be of no use."
    action = FixAction("missing", "Leave these rows out", (name,), tuple(w.lower() for w in words))
    where = rows_with(cells, stats.values.filter(pa.array(these)))
    return Finding(KIND, (name,), "info", message, fix, "to_review", action, where)


def _words(stats: ColumnStats, these: np.ndarray) -> tuple[str, ...]:
    return tuple(str(w) for w in stats.text.filter(pa.array(these)).to_pylist())
