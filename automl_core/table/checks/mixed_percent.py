"""Percentages and fractions in one column: `45%` beside 0.45."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from automl_core.table import NUMBER, Column, Finding, is_text, shown
from automl_core.table.checks.found_rows import rows_with
from automl_core.table.inference import ColumnStats
from automl_core.table.parsing import parse_column

KIND = "mixed_percent"
LEAST_ROWS, LEAST_SHARE = 3, 0.01
LARGEST = 1.5  # of fractions, all but a few
_PERCENT = r"^(?P<number>[+-]?\d*[.,]?\d+)\s*%$"


def mixed_percent(stats: ColumnStats, column: Column, cells: pa.ChunkedArray) -> Finding | None:
    """The finding where numbers with % are percentages and those without are fractions."""
    if not is_text(stats.values.type) or column.role in ("ignored", "datetime", "list"):
        return None
    found = pc.struct_field(pc.extract_regex(stats.written, _PERCENT), 0)
    if found.null_count == len(found):
        return None
    found = pc.replace_substring(found, ",", ".").cast(pa.float64())
    percent = np.array(found.to_numpy(zero_copy_only=False), np.float64)
    comma = pc.replace_substring(stats.written, ",", ".")
    plain = pc.if_else(pc.match_substring_regex(comma, NUMBER), comma, pa.scalar(None, pa.string()))
    numbers = np.array(plain.cast(pa.float64()).to_numpy(zero_copy_only=False), np.float64)
    least = max(LEAST_ROWS, LEAST_SHARE * stats.present)
    signed, bare = ~np.isnan(percent), ~np.isnan(numbers)
    if stats.counts[signed].sum() < least or stats.counts[bare].sum() < least:
        return None
    if not _are_fractions(numbers[bare]) or _are_fractions(percent[signed]):
        return None
    return _finding(stats, column, cells, (percent, numbers))


def _are_fractions(numbers: np.ndarray) -> bool:
    whole = (numbers == np.trunc(numbers)).mean()
    return bool(np.quantile(np.abs(numbers), 0.98) <= LARGEST and whole < 0.5)


def _finding(
    stats: ColumnStats,
    column: Column,
    cells: pa.ChunkedArray,
    found: tuple[np.ndarray, np.ndarray],
) -> Finding:
    """`found` are the numbers (k,) before a sign, and those without a sign; NaN elsewhere."""
    percent, numbers = found
    signed, bare = ~np.isnan(percent), ~np.isnan(numbers)
    name = column.name
    first = int(np.flatnonzero(signed & (percent != 0))[0])
    other = int(np.flatnonzero(bare & (numbers != 0))[0])
    with_sign, without = (shown(str(stats.written[i].as_py())) for i in (first, other))
    message = (
        f"{shown(name)} has percentages such as {with_sign} in {int(stats.counts[signed].sum()):,} "
        f"rows, and fractions such as {without} in {int(stats.counts[bare].sum()):,}"
    )
    fewer = signed if stats.counts[signed].sum() <= stats.counts[bare].sum() else bare
    rows = rows_with(cells, stats.values.filter(pa.array(fewer)))
    if column.parse.kind == "number":
        cell = stats.values.take(pa.array([first, other]))
        read = parse_column(cell, name, column.parse).numbers
        assert read is not None
        number = float(pc.replace_substring(stats.written, ",", ".")[other].as_py())
        if np.isclose(read[0] / percent[first], read[1] / number / 100):
            fix = (
                f"They are read on one scale: {with_sign} is {read[0]:g}, {without} is {read[1]:g}."
            )
            return Finding(KIND, (name,), "info", f"{message}.", fix, "fixed", None, rows)
        message += f". {with_sign} is read as {read[0]:g}, which is 100 times too much beside them."
        fix = "Write all of them in one way."
        return Finding(KIND, (name,), "warning", message, fix, "to_review", None, rows)
    fix = "Write all of them in one way: they are read as words."
    return Finding(KIND, (name,), "warning", f"{message}.", fix, "to_review", None, rows)
