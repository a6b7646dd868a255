"""The target column: which task it makes, how it is distributed, what is wrong with it.

Knows nothing of models or metrics; the coding of labels for training is in features/.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from automl_core.errors import TableError, did_you_mean
from automl_core.table import (
    Finding,
    ParseRule,
    Schema,
    Severity,
    is_moment,
    is_number,
    listed,
    shown,
)
from automl_core.table.inference.column_stats import ColumnStats, compute_column_stats
from automl_core.table.inference.schema_inference import natural_rule
from automl_core.table.parsing import label_spellings, parse_column
from automl_core.words import count

Task = Literal["binary", "multiclass", "regression"]

MAX_INTEGER_CLASSES = 15
MIN_ROWS_A_CLASS = 10  # so many rows a value, on average, before whole numbers are classes
MANY_CLASSES = 100
FEW_ROWS = 5  # a class with fewer cannot be in every fold
LARGEST = 1e100
NARROWEST = 1e-100  # between the largest and the smallest value
VERY_LONG = 2_000_000
"""Rows from which on numbers that hardly repeat are judged by some of the rows: they are no
classes, and to count each of them takes minutes."""

_HARDLY = 0.05  # distinct values a row: above, numbers hardly repeat
_BINS = 20
_POSITIVE = frozenset(
    (
        *("yes", "y", "true", "t", "1", "positive", "pos", "on", "ja", "oui", "si", "sí", "sim"),
        *("won", "win", "success", "converted", "clicked", "subscribed", "survived", "event"),
        *("churn", "churned", "left", "cancelled", "canceled", "default", "defaulted", "fraud"),
        *("fraudulent", "spam", "malignant", "abnormal", "sick", "ill", "disease", "dead", "died"),
        *("bad", "fail", "failed", "failure"),
    )
)
"""Labels that read like the event one asks for."""


@dataclass(frozen=True)
class TaskGuess:
    """The task that a target makes, and why, in words."""

    task: Task
    reason: str


@dataclass(frozen=True)
class TargetSummary:
    """The content of a target column. Classes are by size, the largest first."""

    target: str
    task: Task
    rows: int  # with a target
    missing: int  # without one: set aside
    labels: tuple[str, ...]  # classification only
    counts: tuple[int, ...]  # rows of each label
    histogram_edges: tuple[float, ...]  # regression only, one more than bins
    histogram: tuple[int, ...]
    positive: str | None  # binary only
    positive_reason: str
    problems: tuple[Finding, ...]
    spellings: tuple[str, ...] = ()  # each label as the table writes it; (): as the label

    @property
    def names(self) -> tuple[str, ...]:
        """The labels as people read them, in their order."""
        return self.spellings or self.labels


def guess_task(table: pa.Table, schema: Schema, target: str) -> TaskGuess:
    """Two values: binary. Words or few whole numbers: multiclass. Other numbers: regression."""
    stats = _stats(table, schema, target)
    rule = _number_rule(stats, schema.column(target).parse)
    text = _label_rule(schema, target)
    if rule is None or rule.ranges:
        labels, _ = _labels(stats, text)
        if len(labels) == 2:
            names = label_spellings(stats.values, text, labels, stats.counts.tolist()) or labels
            return TaskGuess("binary", f"two values: {shown(names[0])} and {shown(names[1])}")
        return TaskGuess("multiclass", f"{count(len(labels), 'different value')}, no numbers")
    numbers = parse_column(stats.values, target, rule).numbers
    assert numbers is not None
    distinct = np.unique(numbers[~np.isnan(numbers)])
    many = schema.column(target).distinct if stats.sampled else len(distinct)
    if len(distinct) == 2:
        return TaskGuess("binary", f"two values: {distinct[0]:g} and {distinct[1]:g}")
    if (distinct != np.trunc(distinct)).any():
        return TaskGuess("regression", f"numbers with {count(many, 'different value')}")
    if len(distinct) <= min(MAX_INTEGER_CLASSES, stats.present // MIN_ROWS_A_CLASS):
        return TaskGuess("multiclass", f"only {count(len(distinct), 'different whole number')}")
    return TaskGuess("regression", f"whole numbers with {count(many, 'different value')}")


def describe_target(table: pa.Table, schema: Schema, target: str, task: Task) -> TargetSummary:
    """The target's distribution and problems, read as the task needs it.

    Raises TableError where the target is absent, all missing, constant, or cannot be read
    as the task asks.
    """
    stats = _stats(table, schema, target)
    if not stats.present:
        raise _unusable(target, "has no value in any row")
    if task == "regression":
        return _describe_numbers(stats, schema, target)
    rule = _label_rule(schema, target)
    labels, counts = _labels(stats, rule)
    if len(labels) < 2:
        raise _unusable(target, "is the same in every row" if labels else "has no value in any row")
    if task == "binary" and len(labels) != 2:
        raise TableError(
            f"The target {target!r} has {len(labels)} classes; a binary task has two.",
            "Choose multiclass or regression.",
        )
    spellings = label_spellings(stats.values, rule, labels, stats.counts.tolist())
    names = spellings or labels
    positive, reason = _positive(labels, names, counts) if task == "binary" else (None, "")
    present = int(counts.sum())
    return TargetSummary(
        target=target,
        task=task,
        rows=present,
        missing=table.num_rows - present,
        labels=labels,
        counts=tuple(int(c) for c in counts),
        histogram_edges=(),
        histogram=(),
        positive=positive,
        positive_reason=reason,
        problems=(*_common_problems(schema, target), *_class_problems(target, names, counts)),
        spellings=spellings,
    )


def _refuse_extremes(target: str, low: float, high: float) -> None:
    if max(abs(low), abs(high)) > LARGEST:
        raise TableError(
            f"The target {target!r} has numbers beyond {LARGEST:g}, whose squares overflow.",
            "Write it in a larger unit, or remove these rows.",
        )
    if high - low < NARROWEST:
        raise TableError(
            f"The target {target!r} varies by less than {NARROWEST:g}, whose square is 0 here.",
            "Write it in a smaller unit.",
        )


def _describe_numbers(stats: ColumnStats, schema: Schema, target: str) -> TargetSummary:
    rule = _number_rule(stats, schema.column(target).parse) or ParseRule("number")
    numbers = parse_column(stats.values, target, rule).numbers
    assert numbers is not None
    good = ~np.isnan(numbers)
    if is_moment(stats.values.type) or not good.any():
        raise TableError(
            f"The target {target!r} holds words or dates, which no regression can predict.",
            "Choose binary or multiclass as the task.",
        )
    values, counts = numbers[good], stats.counts[good]
    if len(np.unique(values)) < 2:
        raise _unusable(target, "is the same in every row")
    low, high = float(values.min()), float(values.max())
    _refuse_extremes(target, low, high)
    histogram, edges = np.histogram(values, bins=_BINS, range=(low, high), weights=counts)
    present, missing = int(counts.sum()), stats.rows - int(counts.sum())
    if stats.sampled:  # the schema has counted all rows
        missing = schema.column(target).missing
        present = len(stats.cells) - missing
        histogram = np.round(histogram * (present / counts.sum()))
    problems = _common_problems(schema, target)
    words = int(stats.counts[~good].sum())
    if words > 0.01 * present:
        message = f"{words:,} cells of the target are no numbers; their rows are set aside."
        fix = "Choose a classification task, or mend these cells."
        problems = (*problems, Finding("target", (target,), "warning", message, fix))
    return TargetSummary(
        target=target,
        task="regression",
        rows=present,
        missing=missing,
        labels=(),
        counts=(),
        histogram_edges=tuple(float(e) for e in edges),
        histogram=tuple(int(c) for c in histogram),
        positive=None,
        positive_reason="",
        problems=problems,
    )


def _stats(table: pa.Table, schema: Schema, target: str) -> ColumnStats:
    if target not in table.column_names or target not in schema.names:
        raise TableError(
            f"The table has no column {target!r}.", did_you_mean(target, table.column_names)
        )
    cells = table.column(table.column_names.index(target))
    if table.num_rows > VERY_LONG and is_number(cells.type):
        some = compute_column_stats(cells, target)
        if some.sampled and some.share > _HARDLY:
            return some
    return compute_column_stats(cells, target, whole=True)


def _label_rule(schema: Schema, target: str) -> ParseRule:
    rule = schema.column(target).parse
    return ParseRule("string", rule.missing, mend=rule.mend, spellings=rule.spellings)


def _number_rule(stats: ColumnStats, rule: ParseRule) -> ParseRule | None:
    """The role does not matter: a target may be a column that was taken for an id."""
    rule = rule if rule.kind == "number" else natural_rule(stats)
    return rule if rule.kind == "number" else None


def _labels(stats: ColumnStats, rule: ParseRule) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """Labels as canonical text and their rows, the most frequent first."""
    typed = parse_column(stats.values, stats.name, rule)
    assert typed.codes is not None
    present = typed.codes >= 0
    counts = np.bincount(
        typed.codes[present], weights=stats.counts[present], minlength=len(typed.words)
    ).astype(np.int64)
    order = np.argsort(-counts, kind="stable")
    return tuple(typed.words[i] for i in order), counts[order]


def _positive(
    labels: tuple[str, ...], names: tuple[str, ...], counts: NDArray[np.int64]
) -> tuple[str, str]:
    """The class whose probability is reported, of two labels with the larger first; and why.

    `names` are the labels as the table writes them.
    """
    named = [i for i, label in enumerate(labels) if label.lower() in _POSITIVE]
    if len(named) == 1:
        return labels[named[0]], f"{shown(names[named[0]])} is a usual name for the positive class"
    if counts[0] == counts[1]:
        return max(labels), "both classes are equally frequent; the last in order was taken"
    return labels[1], f"{shown(names[1])} is the rarer class"


def _unusable(target: str, what: str) -> TableError:
    return TableError(
        f"The target {target!r} {what}, so there is nothing to predict.", "Choose another target."
    )


def _common_problems(schema: Schema, target: str) -> tuple[Finding, ...]:
    column = schema.column(target)
    if column.role != "id":
        return ()
    message = (
        f"The target {shown(target)} looks like an id ({column.reason}): no model can learn it."
    )
    return (Finding("target", (target,), "warning", message, "Choose another target."),)


def _rare_finding(target: str, rare: list[tuple[str, int]]) -> Finding:
    names = listed(tuple(label for label, _ in rare), 3)
    single = sum(count == 1 for _, count in rare)
    if len(rare) == 1:
        count = rare[0][1]
        what = f"The class {names} has {'a single row' if count == 1 else f'{count} rows'} only"
    else:
        what = f"{len(rare)} classes have fewer than {FEW_ROWS} rows ({names})"
    how = "cannot be checked" if single == len(rare) else "can hardly be checked"
    message = f"{what}: too few to learn from, and such a class {how}."
    fix = "Merge rare classes into one, or leave these rows out."
    severity: Severity = "warning" if single else "info"
    return Finding("rare_class", (target,), severity, message, fix)


def _class_problems(
    target: str, labels: tuple[str, ...], counts: NDArray[np.int64]
) -> tuple[Finding, ...]:
    problems = []
    rare = [(label, count) for label, count in zip(labels, counts, strict=True) if count < FEW_ROWS]
    if rare:
        problems.append(_rare_finding(target, rare))
    if len(labels) > MANY_CLASSES:
        message = f"The target has {len(labels):,} classes; training will be slow and uncertain."
        fix = "Merge classes, or choose regression if they are amounts."
        problems.append(Finding("many_classes", (target,), "warning", message, fix))
    return tuple(problems)
