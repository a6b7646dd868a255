"""Predictions of a model of a run by the groups of one column, on rows that it had not seen.

The columns that somebody asked for are kept in the run's folder, so that a report has them.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from automl_core.errors import AutoMLError, SpecError, did_you_mean
from automl_core.evaluation import (
    Fairness,
    GroupCalibration,
    Predicted,
    fairness,
    group_calibration,
)
from automl_core.export import SCHEMA_FILE, SchemaRecord, Threshold, read_record
from automl_core.files import dump_json
from automl_core.records import from_plain, parse_json, to_plain
from automl_core.runs.record import RunFolder, held, load_threshold
from automl_core.runs.unseen_rows import cut_rows
from automl_core.table import evenly_spaced

MOST_ROWS = 200_000
"""Rows that are compared at most, evenly spaced, so that a page need not wait."""

FILE, MOST_ASKED = "fairness.json", 4

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class FairGroups:
    """The comparison, and the rows that it is of."""

    found: Fairness
    calibration: GroupCalibration
    rows: int  # that were compared
    every: int  # that the model has predictions for


def fair_groups(
    folder: RunFolder,
    trial: int,
    root: Path,
    column: str,
    outcome: str | None = None,
    threshold: Threshold | None = None,
) -> FairGroups:
    """The groups of a column of the run's table.

    `outcome` is the class that matters, as the table writes it; without a `threshold` a row is
    called what is most probable. Raises RunError where predictions are gone, TableError where the
    table is.
    """
    spec, seen = folder.spec(), folder.out_of_fold(trial)
    finite = np.isfinite(seen.prediction.reshape(len(seen.rows), -1)).all(axis=1)
    order = np.flatnonzero(finite)
    order = order[np.argsort(seen.rows[order], kind="stable")]
    if len(order) > MOST_ROWS:
        order = order[evenly_spaced(len(order), MOST_ROWS)]
    (parts,) = cut_rows(folder, root, seen.rows[order], (folder.schema().column(column),))
    y, prediction = seen.y[order], seen.prediction[order]
    place = called = None
    if spec.task != "regression":
        labels = read_record(SchemaRecord, folder.model_files(trial), SCHEMA_FILE).target.names
        place = labels.index(outcome) if outcome in labels else len(labels) - 1
        called = _called(prediction, labels, threshold)
    weight = None if seen.weight is None else seen.weight[order]
    rows = Predicted(y, prediction, weight, spec.metric, place, called)
    calibration = group_calibration(parts, rows)
    return FairGroups(fairness(parts, rows), calibration, len(order), len(seen.rows))


@dataclass(frozen=True)
class AskedGroups:
    """A column whose groups somebody compared, and the outcome that mattered."""

    column: str
    outcome: str | None  # None: the run predicts values


@dataclass(frozen=True)
class _Asked:
    """fairness.json"""

    asked: tuple[AskedGroups, ...]
    format_version: int = 1


def asked_of(folder: RunFolder, trial: int, column: str, outcome: str | None) -> AskedGroups:
    """The question by name; without an `outcome` the last class matters.

    Raises TableError for a column that the table does not have, SpecError for an unknown class.
    """
    name = folder.schema().column(column).name
    if folder.spec().task == "regression":
        return AskedGroups(name, None)
    labels = read_record(SchemaRecord, folder.model_files(trial), SCHEMA_FILE).target.names
    wanted = labels[-1] if outcome is None else outcome
    if wanted not in labels:
        raise SpecError(f"There is no class {wanted!r}.", did_you_mean(wanted, labels))
    return AskedGroups(name, wanted)


def answered(folder: RunFolder, trial: int, root: Path, asked: AskedGroups) -> FairGroups:
    """The groups as `fair_groups` has them, by the threshold that is kept for the model."""
    binary = folder.spec().task == "binary"
    threshold = load_threshold(folder, trial) if binary else None
    return fair_groups(folder, trial, root, asked.column, asked.outcome, threshold)


def asked_groups(folder: RunFolder) -> tuple[AskedGroups, ...]:
    """What was asked for last, newest first; () where nothing was, or it cannot be read."""
    try:
        return from_plain(_Asked, parse_json(folder.read(FILE))).asked
    except FileNotFoundError:
        return ()
    except AutoMLError:
        logger.warning("%s of %s cannot be read", FILE, folder.path)
        return ()


def keep_asked(folder: RunFolder, asked: AskedGroups) -> None:
    """Keep a question for the report; not while the run goes on, whose folder has one writer."""
    before = asked_groups(folder)
    if before[:1] == (asked,):
        return
    others = [one for one in before if one.column != asked.column]
    record = _Asked((asked, *others)[:MOST_ASKED])
    try:
        with held(folder.path, "This run goes on."):
            folder.write({FILE: dump_json(to_plain(record))})
    except (AutoMLError, OSError) as error:  # it is shown all the same
        logger.warning("a question of %s could not be kept: %s", folder.path, error)


def _called(
    prediction: NDArray[np.float64], labels: tuple[str, ...], threshold: Threshold | None
) -> NDArray[np.int64]:
    """(n,) the class that each row is called."""
    if threshold is None or threshold.label not in labels or len(labels) != 2:
        return np.asarray(prediction.argmax(axis=1), np.int64)
    place = labels.index(threshold.label)
    return np.where(prediction[:, place] > threshold.above, place, 1 - place).astype(np.int64)
