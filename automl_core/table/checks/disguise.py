"""Missing cells that look like values: a number far from all others, a word such as "unknown"."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from automl_core.table.cells import is_marked
from automl_core.table.checks.found_rows import rows_with
from automl_core.table.facts import Facts
from automl_core.table.findings import Finding, shown
from automl_core.table.parse import parse_column
from automl_core.table.plain import is_number, is_text
from automl_core.table.remedies import Remedy
from automl_core.table.rules import MARKS
from automl_core.table.schema import Column, ParseRule

SENTINELS = frozenset(
    (-9999.0, -999.0, -99.0, -9.0, -1.0, 99.0, 999.0, 9999.0, 99999.0, 999999.0)
)  # fmt: skip
LEAST_SHARE = 0.01


def disguised(facts: Facts, column: Column, cells: pa.ChunkedArray) -> Finding | None:
    """Cells of one column that may stand for a gap."""
    if is_number(facts.values.type):
        return _number(facts, column, cells)
    if not is_text(facts.values.type) or column.role == "text":
        return None
    marked = np.asarray(
        pc.fill_null(is_marked(facts.text, tuple(MARKS)), False).to_numpy(zero_copy_only=False)
    )
    if not marked.any():
        return None
    return _words(facts, column, cells, marked)


def _words(
    facts: Facts, column: Column, cells: pa.ChunkedArray, marked: np.ndarray
) -> Finding | None:
    name = column.name
    words = tuple(str(v) for v in facts.text.filter(pa.array(marked)).to_pylist())
    marks = tuple(dict.fromkeys(w.lower() for w in words))
    rows = rows_with(cells, facts.values.filter(pa.array(marked)))
    said = ", ".join(shown(w) for w in words[:3])
    message = (
        f"{shown(name)} says {said} in {int(facts.counts[marked].sum()):,} rows, which may stand "
        "for a missing value."
    )
    if {m.lower() for m in column.parse.missing}.issuperset(marks):
        fix, keep = "These cells are read as missing.", None
        if column.parse.kind == "string":
            keep = Remedy("values", "Keep as values", (name,), marks)
        return Finding("disguised_missing", (name,), "info", message, fix, "mended", keep, rows)
    fix = "They are kept as a value of their own, unless you read them as missing."
    remedy = Remedy("missing", "Read as missing", (name,), marks)
    return Finding("disguised_missing", (name,), "info", message, fix, "needs_you", remedy, rows)


def _number(facts: Facts, column: Column, cells: pa.ChunkedArray) -> Finding | None:
    found = sentinel(facts)
    if found is None:
        return None
    value, share = found
    name, mark = column.name, f"{value:g}"
    rows = rows_with(cells, pa.array([value]).cast(facts.values.type, safe=False))
    message = (
        f"{shown(name)} is {mark} in {share:.1%} of the rows, far from all other values: "
        "it may stand for a missing one."
    )
    if any(m == mark or _same(m, value) for m in column.parse.missing):
        fix = "These cells are read as missing."
        keep = Remedy("values", "Keep as values", (name,), column.parse.missing)
        return Finding("disguised_missing", (name,), "info", message, fix, "mended", keep, rows)
    fix = "Read it as missing if it means that; as a number it leads linear models astray."
    remedy = Remedy("missing", "Read as missing", (name,), (mark,))
    return Finding("disguised_missing", (name,), "info", message, fix, "needs_you", remedy, rows)


def numbers_and_marks(
    facts: Facts, rule: ParseRule
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """The distinct values (k,) as numbers whatever the rule's marks, and whether it marks them."""
    numbers = parse_column(facts.values, facts.name, replace(rule, missing=())).numbers
    kept = parse_column(facts.values, facts.name, rule).numbers
    assert numbers is not None and kept is not None
    return numbers, ~np.isnan(numbers) & np.isnan(kept)


def sentinel(facts: Facts) -> tuple[float, float] | None:
    """A number such as 999 that is frequent and far away from all others; its share."""
    values = facts.values.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    finite = np.isfinite(values)
    values, counts = values[finite], facts.counts[finite]
    if len(values) < 8:
        return None
    for position in (int(values.argmin()), int(values.argmax())):
        rest = np.delete(values, position)
        gap = min(abs(values[position] - rest.min()), abs(values[position] - rest.max()))
        share = counts[position] / max(1, counts.sum())
        far = gap > 2 * max(float(np.ptp(rest)), 1.0)
        if values[position] in SENTINELS and far and share >= LEAST_SHARE:
            return float(values[position]), float(share)
    return None


def _same(mark: str, value: float) -> bool:
    try:
        return float(mark) == value
    except ValueError:
        return False
