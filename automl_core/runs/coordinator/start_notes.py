"""Notes at the start of a run on its table: rare classes, rows and columns that are left out.

Pure: a specification, a schema and the data in, notes out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from automl_core.models import suits
from automl_core.runs.coordinator.column_selection import why_not
from automl_core.runs.record import Note, RunSpec
from automl_core.runs.schedule import TimeBudget
from automl_core.runs.setup import RENAMED, RunData
from automl_core.table import CORRECTED, Schema, shown
from automl_core.types import Severity
from automl_core.words import percent

FEW_ROWS = 5
"""A class with fewer is hardly learned."""

MANY_AGAIN = 0.01
"""Share of the test rows that train as well, from which on it is a warning: a few may be chance."""

MANY_LEFT_OUT = 0.05
"""Share of rows without a target, from which on it is a warning: few are usual."""

NAMED = 4
"""Names that a note lists, at most."""


def opening_remarks(
    spec: RunSpec, schema: Schema, data: RunData, budget: TimeBudget
) -> Iterator[Note]:
    """Notes on rows and columns that are left out, and on a target that asks for care."""
    yield from _on_drawn_rows(spec, data)
    if data.rows_without_target:
        yield _on_rows_without_target(spec, schema, data)
    if changed := spec.table.settings.get(CORRECTED):
        yield Note(Severity.INFO, f"This is the table {changed}.")
    yield from _on_test_table(spec, data)
    unused = [repr(c.name) for c in schema.columns if c.role in ("id", "ignored")]
    if unused:
        many = _count(len(unused), "column")
        yield Note(Severity.INFO, f"{many} not used, constant or like an id: {_few(unused)}.")
    if spec.task == "regression":
        yield from _on_values(data)
    else:
        yield from _on_classes(data)
    yield from _on_weights(data)
    if words := why_not(spec, len(data.link.columns), budget):
        yield Note(Severity.INFO, words)


def _on_drawn_rows(spec: RunSpec, data: RunData) -> Iterator[Note]:
    """Who learns from which rows of a table that is longer than the run."""
    if spec.whole is None:
        return
    train, valid, test = (
        f"{len(part):,}" for part in (data.folds.train[0], data.folds.valid[0], data.folds.test)
    )
    text = (
        f"Drawn for this run: {spec.rows_words}, spread evenly. Trees train on {train} of them; "
        f"{valid} validate"
    )
    text += f" and {test} test. " if len(data.folds.test) else ". "
    text += (
        f"Networks train on other rows of all {spec.whole.rows:,} in each pass."
        if data.link.whole
        else "Networks train on the same, as rows are kept together or parted by time."
    )
    yield Note(Severity.INFO, text)


def _on_rows_without_target(spec: RunSpec, schema: Schema, data: RunData) -> Note:
    share = data.rows_without_target / schema.rows
    many = _count(data.rows_without_target, "row")
    text = f"{many} without a usable target ({percent(share)} of all): left out."
    marks = [shown(mark) for mark in schema.column(spec.target).parse.missing if mark]
    if marks:
        text += f" Taken for no value: {_few(marks)}."
    return Note(Severity.WARNING if share >= MANY_LEFT_OUT else Severity.INFO, text)


def _on_test_table(spec: RunSpec, data: RunData) -> Iterator[Note]:
    if spec.test is None:
        return
    rows, every = len(data.test_set.rows), len(data.test_set.truth.y)
    yield Note(
        Severity.INFO, f"The test table {spec.test.name!r} ({_count(rows, 'row')}) is scored once."
    )
    if renamed := spec.test.settings.get(RENAMED):
        yield Note(Severity.INFO, f"Of the test table: {renamed}")
    again = data.test_set.repeated
    if again:
        text = (
            f"{_count(again, 'row')} of the test table ({percent(again / rows)}) are in the table "
            "that trains as well, cell for cell: what is learned by heart counts in its score."
        )
        yield Note(Severity.WARNING if again >= MANY_AGAIN * rows else Severity.INFO, text)
    if rows < every:
        many = _count(every - rows, "row")
        text = f"{many} of the test table without a target that occurs in training: not scored."
        yield Note(Severity.WARNING, text)


def _on_values(data: RunData) -> Iterator[Note]:
    y = data.truth.y[_rows(data)]
    if suits(y):
        text = "The target has values far above the others: models of its logarithm are tried, too."
        yield Note(Severity.INFO, text)


def _on_classes(data: RunData) -> Iterator[Note]:
    y, labels, folds = data.truth.y, data.link.coder.names, data.folds
    counts = np.bincount(y[_rows(data)], minlength=len(labels))
    rare = np.flatnonzero(counts < FEW_ROWS)
    if len(rare):
        rarest = rare[np.argsort(counts[rare], kind="stable")]
        names = [f"{labels[i]!r} ({counts[i]})" for i in rarest]
        text = f"Classes of fewer than {FEW_ROWS} rows, hardly to be learned: {_few(names)}."
        if any((np.bincount(y[rows], minlength=len(labels)) == 0).any() for rows in folds.train):
            text += " Some models train without them, and give them a small share."
        yield Note(Severity.WARNING, text)
    if (np.bincount(y[np.concatenate(folds.valid)]) > 0).sum() < 2:
        text = "All rows that validate are of one class: scores cannot tell models apart."
        yield Note(Severity.WARNING, text)


def _on_weights(data: RunData) -> Iterator[Note]:
    if data.truth.weight is None:
        return
    without = int((data.truth.weight[_rows(data)] == 0).sum())
    if without:
        text = f"{_count(without, 'row')} of weight 0: nothing is learned from them."
        yield Note(Severity.INFO, text)


def _rows(data: RunData) -> NDArray[np.int64]:
    """Rows that train or validate."""
    return np.concatenate([data.folds.train[0], data.folds.valid[0]])


def _few(names: Sequence[str]) -> str:
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more:,} more" if more > 0 else "")


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
