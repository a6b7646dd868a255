"""Predictions of a model of a run by the groups of one column, on rows that it had not seen."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from automl_core.evaluation import Fairness, Predicted, fairness
from automl_core.export import SCHEMA_FILE, SchemaRecord, Threshold, read_record
from automl_core.runs.record import RunFolder
from automl_core.runs.unseen_rows import cut_rows
from automl_core.table import evenly_spaced

MOST_ROWS = 200_000
"""Rows that are compared at most, evenly spaced, so that a page need not wait."""


@dataclass(frozen=True)
class FairGroups:
    """The comparison, and the rows that it is of."""

    found: Fairness
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
    return FairGroups(fairness(parts, rows), len(order), len(seen.rows))


def _called(
    prediction: NDArray[np.float64], labels: tuple[str, ...], threshold: Threshold | None
) -> NDArray[np.int64]:
    """(n,) the class that each row is called."""
    if threshold is None or threshold.label not in labels or len(labels) != 2:
        return np.asarray(prediction.argmax(axis=1), np.int64)
    place = labels.index(threshold.label)
    return np.where(prediction[:, place] > threshold.above, place, 1 - place).astype(np.int64)
