"""Checks for duplicate columns: cell for cell, in other words, or on another scale."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from functools import partial

import numpy as np

from automl_core.table import (
    Codes,
    Column,
    DecidedBy,
    Finding,
    Schema,
    cell_codes,
    leave_out,
    listed,
    shown,
    undo,
)
from automl_core.table.checks.sample import CheckSample

STRAIGHT = 1 - 1e-7  # squared correlation from which one column is the other, rescaled
MOST_COLUMNS = 400


def duplicate_columns(sample: CheckSample) -> list[Finding]:
    """Copies that are left out, and sets of columns that are equal up to words or units."""
    findings = [
        Finding(
            "duplicate", (c.name,), "info", f"{listed((c.name,))} is {c.reason}.",
            "It is left out of training: one is enough.", "fixed", undo(c.name),
        )
        for c in sample.schema.columns
        if c.role == "ignored" and c.decision == DecidedBy.COPY
    ]  # fmt: skip
    recoded = _recoded(sample)
    found = {name for names in recoded for name in names}
    scaled = [names for names in _rescaled(sample) if not found.issuperset(names)]
    how = "say the same, each value in other words"
    findings += [_redundant(names, how) for names in recoded]
    how = "differ by a factor or an offset only, such as another unit or sign"
    return findings + [_redundant(names, how) for names in scaled]


def _redundant(names: tuple[str, ...], how: str) -> Finding:
    message = f"{listed(names)} {how}: one is enough."
    fix = "Keep one; importance is otherwise shared between them."
    return Finding("duplicate", names, "info", message, fix, action=leave_out(*names[1:]))


def same_names(schema: Schema) -> list[Finding]:
    """Columns whose names were one name in the file: the second got a number."""
    names = set(schema.names)
    findings = []
    for name in schema.names:
        base, _, number = name.rpartition("_")
        if number == "2" and base in names and f"{base}_1" not in names:
            message = (
                f"{shown(base)} and {shown(name)} may have had one name in the file: each column "
                "needs a name of its own."
            )
            fix = "Look which of them is which; new rows need the same names in the same order."
            findings.append(Finding("same_name", (base, name), "info", message, fix, "noted"))
    return findings


def _recoded(sample: CheckSample) -> list[tuple[str, ...]]:
    """Codes count by first appearance: equal codes mean one column is the other, recoded."""
    same: dict[bytes, list[str]] = defaultdict(list)
    for column in sample.features():
        if column.distinct > 2:
            key = ("codes", column.name)  # of the cells, whatever the schema makes of them
            same[sample.memo.get(key, partial(_pattern, sample, column))].append(column.name)
    same.pop(b"", None)
    return [tuple(names) for names in same.values() if len(names) > 1]


def _pattern(sample: CheckSample, column: Column) -> bytes:
    """A digest of where values repeat; b"" where they hardly do."""
    codes = cell_codes(sample.cells(column.name))
    return hashlib.blake2b(codes.tobytes(), digest_size=16).digest() if _repeats(codes) else b""


def _rescaled(sample: CheckSample) -> list[tuple[str, ...]]:
    """Numeric columns on one straight line, with gaps in the same rows."""
    columns = [c for c in sample.features() if c.parse.kind == "number" and c.distinct > 2]
    if not 2 <= len(columns) <= MOST_COLUMNS or len(sample.numbers) < 20:
        return []
    numbers = sample.matrix([c.name for c in columns])
    gaps = np.isnan(numbers)
    middle = np.nanmean(np.where(gaps.all(axis=0), 0.0, numbers), axis=0)
    numbers = np.where(gaps, 0.0, numbers - middle)
    length = np.sqrt((numbers**2).sum(axis=0))
    numbers /= np.where(length > 0, length, 1.0)
    straight = (numbers.T @ numbers) ** 2 >= STRAIGHT
    counts = gaps.sum(axis=0)
    sets, grouped = [], np.zeros(len(columns), np.bool_)
    for i in range(len(columns)):
        near = np.flatnonzero(straight[i] & ~grouped & (counts == counts[i]))
        same = [j for j in near if (gaps[:, j] == gaps[:, i]).all()]
        if grouped[i] or len(same) < 2 or not length[i]:
            continue
        grouped[same] = True
        sets.append(tuple(columns[j].name for j in same))
    return sets


def _repeats(codes: Codes) -> bool:
    """True if values repeat: columns that are all different are equal up to recoding."""
    return int(codes.max(initial=0)) + 1 < 0.5 * len(codes)
