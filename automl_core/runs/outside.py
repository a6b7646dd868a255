"""Predictions of another system's model: which rows it has to predict, and what its file says.

The rows go out with a key and come back with predictions, in any order with the key, or without it
in the order in which they went out.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from automl_core.errors import RunError, TableError
from automl_core.evaluation import ComparedScore, compare_paired
from automl_core.features import TargetCoder
from automl_core.runs.record import (
    OUTSIDE_FAMILY,
    LeaderRow,
    OutOfFold,
    OutsideModel,
    OutsideRecord,
    Part,
    RunFolder,
    held,
    load_outside,
    save_outside,
)
from automl_core.runs.setup import NEED_CLASSES, RunData, prepare_run_data
from automl_core.table import open_table, take_rows
from automl_core.types import TrialStatus
from automl_core.words import count

KEY, FOLD = "torchlight_row", "torchlight_fold"
PREDICTION, PROBABILITY = "prediction", "probability_"
MOST, LONGEST = 20, 120  # models from outside in a run; letters of a title
NAMED = 5  # rows or names that a message lists
OFF = 0.02  # by which the probabilities of a row may sum to another number than 1


@dataclass(frozen=True, eq=False)
class OutsideTask:
    """The rows of a run that another system has to predict."""

    data: RunData
    names: tuple[str, ...]  # columns that models may read

    @property
    def coder(self) -> TargetCoder:
        """The coding of the target."""
        return self.data.link.coder

    def rows(self, part: Part) -> NDArray[np.int64]:
        """Numbers in the stored table of the part, ascending."""
        if part == "test":
            return np.sort(self.data.test_set.rows)
        return np.unique(np.concatenate(self.data.folds.valid))


def outside_task(folder: RunFolder, root: Path) -> OutsideTask:
    """Of a run with folds. Raises RunError where they are gone, TableError where the table is."""
    spec = folder.spec()
    data = prepare_run_data(spec, folder.schema(), root, stored=folder.folds())
    names = tuple(c.name for c in data.link.columns if c.name not in (KEY, FOLD))
    return OutsideTask(data, names)


def rows_to_learn(task: OutsideTask, root: Path) -> pa.Table:
    """The rows that train or validate, with their key, fold and target.

    The rows of a fold are to be predicted by a model that was trained on the others; where the
    run has a single holdout, its rows are fold 1, and those of fold 0 only train.
    """
    folds = task.data.folds
    rows = task.data.trained_rows
    table = take_rows(open_table(task.data.link.table, root), rows)
    table = table.select([*task.names, task.data.link.target])
    fold = np.zeros(int(rows.max(initial=0)) + 1, np.int64)
    for number in range(folds.k):
        fold[folds.valid[number]] = number + 1
    return table.add_column(0, KEY, pa.array(rows + 1)).add_column(1, FOLD, pa.array(fold[rows]))


def rows_to_test(task: OutsideTask, root: Path) -> pa.Table:
    """The test rows with their key, without the target."""
    rows = task.rows("test")
    table = take_rows(open_table(task.data.test_set.link.table, root).select(task.names), rows)
    return table.add_column(0, KEY, pa.array(rows + 1))


def read_outside(task: OutsideTask, part: Part, given: pa.Table) -> OutOfFold:
    """The predictions of a table for the rows of a part; TableError where it does not fit."""
    rows = task.rows(part)
    if not len(rows):
        raise TableError(
            "This run set no test rows apart.", "Predict the rows held out in validation instead."
        )
    places = _places(given, rows, part)
    prediction = _predictions(given, task.coder)[places]
    truth = task.data.test_set.truth if part == "test" else task.data.truth
    weight = None if truth.weight is None else truth.weight[rows]
    bad = ~np.isfinite(prediction.reshape(len(rows), -1)).all(axis=1)
    if bad.any():
        raise TableError(
            f"{count(int(bad.sum()), 'row')} {'has' if bad.sum() == 1 else 'have'} no prediction "
            f"that is a number or a known class: {_listed(rows[bad] + 1)}.",
            _expected(task.coder),
        )
    return OutOfFold(rows, truth.y[rows], prediction, weight)


def add_outside(
    folder: RunFolder, root: Path, part: Part, given: pa.Table, named: tuple[str, str]
) -> OutsideModel:
    """Keep the predictions in a table as one more model of an ended run.

    `named`: the model's title and the name of its file, as a stranger gave them. Raises TableError
    where the table does not fit, RunError where the run goes on or has too many.
    """
    found = read_outside(outside_task(folder, root), part, given)
    title, file = (" ".join(name.split())[:LONGEST] for name in named)
    with held(folder.path, "Another process writes into this run now."):
        if sum(not one.record.own for one in load_outside(folder)) >= MOST:
            raise RunError(f"This run has {MOST} models from outside.", "Remove one of them first.")
        record = OutsideRecord(title or "Outside model", file, part, len(found.rows), time.time())
        return save_outside(folder, record, found)


def add_own(folder: RunFolder, root: Path, name: str, given: pa.Table) -> OutsideModel:
    """Keep what the run's model of this name says of the test rows, in their order."""
    found = read_outside(outside_task(folder, root), "test", given)
    with held(folder.path, "Another process writes into this run now."):
        record = OutsideRecord(name, "", "test", len(found.rows), time.time(), own=name)
        return save_outside(folder, record, found)


def outside_score(folder: RunFolder, model: int, metric: str) -> ComparedScore | None:
    """The score of a model from outside on the rows that it predicts, with its interval.

    None where the metric needs rows of two classes, and all are of one.
    """
    found = folder.out_of_fold(model)
    if metric in NEED_CLASSES and len(np.unique(found.y)) < 2:
        return None
    return compare_paired(metric, found.y, [found.prediction], found.weight).models[0]


def outside_row(model: OutsideModel, metric: str, score: float | None = None) -> LeaderRow:
    """The line of the board for a model from outside, whose costs nobody knows."""
    return LeaderRow(
        rank=None,
        trial=model.number,
        name=model.name,
        family=OUTSIDE_FAMILY,
        title=model.record.title,
        status=TrialStatus.FINISHED,
        score=score,
        metric=metric,
        delta=None,
        gain=None,
        train_seconds=0.0,
        predict_ms_per_row=None,
        size_bytes=None,
        message="from outside",
        usable=False,
        best=False,
    )


def _places(given: pa.Table, rows: NDArray[np.int64], part: Part) -> NDArray[np.int64]:
    """The line of `given` for each of the rows."""
    words = "test rows" if part == "test" else "rows held out in validation"
    if KEY not in given.column_names:
        if given.num_rows != len(rows):
            raise TableError(
                f"The file has {count(given.num_rows, 'row')}; there are {len(rows):,} {words}.",
                f"Give a prediction for each of them in their order, or keep the column {KEY!r} "
                "of the rows that you downloaded.",
            )
        return np.arange(len(rows))
    keys = _numbers(given[KEY])
    unread = ~np.isfinite(keys) | (keys != np.floor(keys)) | (np.abs(keys) > 2**53)
    if unread.any():
        raise TableError(
            f"{KEY!r} is no whole number in {count(int(unread.sum()), 'row')} of the file: "
            f"{_listed(np.flatnonzero(unread) + 1)}.",
            "Keep the numbers of the rows that you downloaded.",
        )
    whole = keys.astype(np.int64) - 1
    known, times = np.unique(whole, return_counts=True)
    twice = np.intersect1d(known[times > 1], rows)
    if len(twice):
        raise TableError(
            f"{count(len(twice), 'row')} {'occurs' if len(twice) == 1 else 'occur'} more than "
            f"once in the file, by {KEY!r}: {_listed(twice + 1)}.",
            "Give one prediction for each row.",
        )
    missing = np.setdiff1d(rows, whole)
    if len(missing):
        raise TableError(
            f"{len(missing):,} of {len(rows):,} {words} have no prediction: {KEY!r} "
            f"{_listed(missing + 1)}.",
            "Give a prediction for each row; no score of a part of them is comparable.",
        )
    order = np.argsort(whole, kind="stable")
    return np.asarray(order[np.searchsorted(whole, rows, sorter=order)])


def _predictions(given: pa.Table, coder: TargetCoder) -> NDArray[np.float64]:
    """(lines, classes) probabilities or (lines,) values; NaN where a cell says nothing."""
    names = [name for name in given.column_names if name not in (KEY, FOLD)]
    if coder.task != "regression":
        wanted = [f"{PROBABILITY}{label}" for label in coder.names]
        there = [name for name in wanted if name in names]
        if len(there) == len(wanted):
            return _checked(np.stack([_numbers(given[name]) for name in wanted], axis=1))
        if coder.task == "binary" and there:
            one = _numbers(given[there[0]])
            columns = [1 - one, one] if there[0] == wanted[1] else [one, 1 - one]
            return _checked(np.stack(columns, axis=1))
        if there:
            raise TableError(
                f"{count(len(wanted) - len(there), 'class', 'classes')} have no column of "
                f"probabilities: {_words([w for w in wanted if w not in there])}.",
                f"Give all of them, or a column {PREDICTION!r} with classes alone.",
            )
    column = given[_one_column(names, coder)]
    if coder.task == "regression":
        return _numbers(column)
    return _of_labels(column, coder)


def _one_column(names: Sequence[str], coder: TargetCoder) -> str:
    if PREDICTION in names:
        return PREDICTION
    if len(names) == 1:
        return names[0]
    what = "no column of predictions" if not names else f"the columns {_words(names)}"
    raise TableError(f"The file has {what}, and none is called {PREDICTION!r}.", _expected(coder))


def _of_labels(column: pa.ChunkedArray, coder: TargetCoder) -> NDArray[np.float64]:
    """Probabilities of labels: all for the class that is named; of two also those of class 1."""
    classes, known = coder.encode(column)
    if coder.task == "binary" and not known.any():
        numbers = _numbers(column)
        if np.isfinite(numbers).all() and ((numbers >= 0) & (numbers <= 1)).all():
            return np.stack([1 - numbers, numbers], axis=1)
    if not known.any():
        found = [str(value) for value in pc.unique(column).to_pylist()]
        raise TableError(
            f"None of the predictions is a class of this run: the file has {_words(found)}.",
            _expected(coder),
        )
    sure = np.eye(coder.classes)[classes.astype(np.int64)]
    sure[~known] = np.nan
    return np.asarray(sure, dtype=np.float64)


def _checked(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probabilities scaled to a sum of 1; TableError where they are none."""
    with np.errstate(invalid="ignore"):
        off = np.abs(probabilities.sum(axis=1) - 1) > OFF
        out = off | (probabilities < 0).any(axis=1) | (probabilities > 1).any(axis=1)
    if out.any():
        raise TableError(
            f"{count(int(out.sum()), 'row')} of the file: the probabilities are not from 0 to 1 "
            f"with a sum of 1: {_listed(np.flatnonzero(out) + 1)}.",
            "Give probabilities, not percentages or scores.",
        )
    return np.asarray(probabilities / probabilities.sum(axis=1, keepdims=True))


def _numbers(column: pa.ChunkedArray) -> NDArray[np.float64]:
    """The cells as numbers, with a decimal point; NaN where they are none."""
    if pa.types.is_boolean(column.type):
        column = column.cast(pa.int8())
    try:
        numbers = column.cast(pa.float64())
    except pa.ArrowInvalid:
        return np.array([_number(cell) for cell in column.cast(pa.string()).to_pylist()])
    return np.asarray(pc.fill_null(numbers, float("nan")).to_numpy(), dtype=np.float64)


def _number(cell: str | None) -> float:
    try:
        return float("nan" if cell is None else cell)
    except ValueError:
        return float("nan")


def _expected(coder: TargetCoder) -> str:
    if coder.task == "regression":
        return f"Expected is a column {PREDICTION!r} with a number for each row."
    return (
        f"Expected are columns {PROBABILITY}<class>, or a column {PREDICTION!r} with one of the "
        f"classes {_words(coder.names)}."
    )


def _words(names: Sequence[str]) -> str:
    shown = ", ".join(repr(name[:40]) for name in names[:NAMED])
    return f"{shown} and {len(names) - NAMED:,} more" if len(names) > NAMED else shown


def _listed(numbers: NDArray[np.int64]) -> str:
    shown = ", ".join(str(number) for number in numbers[:NAMED])
    return f"{shown} and {len(numbers) - NAMED:,} more" if len(numbers) > NAMED else shown
