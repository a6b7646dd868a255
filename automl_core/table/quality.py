"""Problems of a table that are worth saying before training.

Prefers silence to a false accusation: honest columns must not be named. Knows nothing of
models; leaks are measured in leaks.py.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from automl_core.table.cells import is_marked
from automl_core.table.facts import Facts, facts_of
from automl_core.table.findings import Finding, Severity, shown
from automl_core.table.leaks import find_leaks
from automl_core.table.plain import is_number, is_text
from automl_core.table.rowcodes import Codes, cell_codes, row_keys, sample_rows
from automl_core.table.rules import MARKS
from automl_core.table.schema import Column, Schema
from automl_core.table.target import describe_target, guess_task

__all__ = ["Finding", "Severity", "find_problems"]

_MAX_ROWS = 300_000  # for comparing rows and columns with each other
_RARE = 0.05
_SENTINELS = (-9999.0, -999.0, -99.0, -1.0, 99.0, 999.0, 9999.0, 99999.0, 999999.0)


def find_problems(
    table: pa.Table, schema: Schema, target: str | None = None
) -> tuple[Finding, ...]:
    """Findings about columns and rows, and with a target also leaks and imbalance.

    Raises TableError where the target cannot be used at all.
    """
    findings = [f for column in schema.columns for f in _of_column(table, column, target)]
    findings += _duplicates(table, schema, target)
    if target is not None:
        task = guess_task(table, schema, target).task
        summary = describe_target(table, schema, target, task)
        findings += find_leaks(table, schema, target, task)
        findings += summary.problems
        if task != "regression":
            findings += _imbalance(target, summary.labels, summary.counts)
    order = {"error": 0, "warning": 1, "info": 2}
    return tuple(sorted(findings, key=lambda f: order[f.severity]))


def _of_column(table: pa.Table, column: Column, target: str | None) -> list[Finding]:
    name = column.name
    if column.distinct == 0:
        message = f"{shown(name)} has no value in any row."
        return [Finding("all_missing", (name,), "warning", message, "It is left out of training.")]
    if column.distinct == 1 and column.missing == 0:
        message = f"{shown(name)} has the same value in every row, so it tells nothing."
        return [Finding("constant", (name,), "warning", message, "It is left out of training.")]
    if column.role == "id" and name != target:
        message = (
            f"{shown(name)} identifies rows ({column.reason}): learning it is learning by heart."
        )
        return [Finding("id", (name,), "info", message, "It is left out of training.")]
    facts = facts_of(table.column(table.schema.get_field_index(name)), name)
    return [f for f in (_disguised(facts, column), _unit(facts, column)) if f is not None]


def _disguised(facts: Facts, column: Column) -> Finding | None:
    """Missing cells that look like values."""
    name = column.name
    if is_number(facts.values.type):
        sentinel = _sentinel(facts)
        if sentinel is None:
            return None
        value, share = sentinel
        message = (
            f"{shown(name)} is {value:g} in {share:.1%} of the rows, far from all other values: "
            "it may stand for a missing one."
        )
        fix = "Check what it means; trees cope with it, linear models suffer."
        return Finding("disguised_missing", (name,), "info", message, fix)
    if not is_text(facts.values.type) or column.role == "text":
        return None
    marked = pc.fill_null(is_marked(facts.text, tuple(MARKS)), False).to_numpy(zero_copy_only=False)
    if not marked.any():
        return None
    rows = int(facts.counts[marked].sum())
    marks = ", ".join(
        shown(str(v.as_py())) for v in facts.text.filter(pa.array(marked)).slice(0, 3)
    )
    handled = {m.lower() for m in column.parse.missing}
    treated = all(str(v.as_py()).lower() in handled for v in facts.text.filter(pa.array(marked)))
    message = f"{shown(name)} says {marks} in {rows:,} rows, which may stand for a missing value."
    fix = (
        "These cells are read as missing." if treated else "They are kept as a value of their own."
    )
    return Finding("disguised_missing", (name,), "info", message, fix)


def _sentinel(facts: Facts) -> tuple[float, float] | None:
    """A number such as 999 that is frequent and far away from all others."""
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
        if values[position] in _SENTINELS and far and share >= 0.01:
            return float(values[position]), float(share)
    return None


def _unit(facts: Facts, column: Column) -> Finding | None:
    """Numbers that carry a unit, and are therefore read as words."""
    if column.role != "category" or not is_text(facts.values.type) or len(facts.values) < 10:
        return None
    pattern = r"^[+-]?(\d{1,3}([ ,]\d{3})+|\d+)([.,]\d+)?\s?[\p{L}°µ/]{1,6}\d?$"
    has_unit = pc.fill_null(pc.match_substring_regex(facts.text, pattern), False)
    rows = facts.counts[has_unit.to_numpy(zero_copy_only=False)].sum()
    if rows < 0.7 * facts.present:
        return None
    examples = facts.text.filter(has_unit).slice(0, 2).to_pylist()
    message = (
        f"{shown(column.name)} holds numbers with units, such as "
        f"{' and '.join(shown(str(e)) for e in examples)}: they are read as words."
    )
    fix = "Write the column as plain numbers in one unit."
    return Finding("unit", (column.name,), "warning", message, fix)


def _duplicates(table: pa.Table, schema: Schema, target: str | None) -> list[Finding]:
    table = sample_rows(table, _MAX_ROWS)
    usable = [c for c in schema.columns if c.role not in ("ignored", "id")]
    positions = {name: i for i, name in enumerate(table.column_names)}
    same: dict[bytes, list[str]] = defaultdict(list)
    keys = None
    for column in usable:
        codes = cell_codes(table.column(positions[column.name]))
        keys = row_keys([codes] if keys is None else [keys.astype(np.int64), codes], len(codes))
        # Codes count by first appearance: equal codes mean one column is the other, recoded.
        if column.distinct > 2 and column.name != target and _repeats(codes):
            same[hashlib.blake2b(codes.tobytes(), digest_size=16).digest()].append(column.name)
    findings = [_twins(tuple(names)) for names in same.values() if len(names) > 1]
    repeated = 0 if keys is None else len(keys) - len(np.unique(keys))
    if repeated > max(1, 0.005 * table.num_rows) and len(usable) > 2:
        message = (
            f"{repeated / table.num_rows:.1%} of the rows repeat another row exactly: "
            "copies in training and validation make scores too good."
        )
        fix = "Remove the copies if they are accidental."
        findings.append(Finding("duplicate", (), "info", message, fix))
    return findings


def _repeats(codes: Codes) -> bool:
    """Whether values repeat: columns that are all different are equal up to recoding."""
    return int(codes.max()) + 1 < 0.5 * len(codes)


def _twins(names: tuple[str, ...]) -> Finding:
    listed = ", ".join(shown(name) for name in names[:4]) + (" ..." if len(names) > 4 else "")
    message = f"{listed} say the same, cell for cell, if in other words: one is enough."
    fix = "Keep one; importance is otherwise shared between them."
    return Finding("duplicate", names, "info", message, fix)


def _imbalance(target: str, labels: tuple[str, ...], counts: tuple[int, ...]) -> list[Finding]:
    share = counts[-1] / sum(counts)
    if share >= _RARE / max(1, len(labels) - 1):
        return []
    message = f"The class {shown(labels[-1])} of {shown(target)} has only {share:.2%} of the rows."
    fix = "Judge by AUC or balanced accuracy, and consider balanced class weights."
    return [Finding("imbalance", (target,), "info", message, fix)]
