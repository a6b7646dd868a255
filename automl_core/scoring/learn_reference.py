"""Makes a model's reference, from rows predicted by members that had not seen them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl_core.evaluation import error_measures, prediction_sets, row_errors
from automl_core.metrics import score
from automl_core.scoring.expected_loss import ExpectedLoss, learn_loss
from automl_core.scoring.reference import Reference, column_references
from automl_core.scoring.score_fall import compared_columns
from automl_core.scoring.unlike_rule import unlike_rule
from automl_core.table import Column, TypedTable
from automl_core.types import Task

MOST_LEARNED = 20_000  # that are looked at

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class UnseenPredictions:
    """Targets and predictions of some rows, by members that had not seen them."""

    y: NDArray[Any]  # (n,) class numbers or values
    prediction: Floats  # (n, classes) or (n,)
    task: Task
    metric: str


def learn_reference(
    typed: TypedTable, columns: Sequence[Column], unseen: UnseenPredictions | None
) -> Reference:
    """What these n rows are like, and how the model errs in them where that is known."""
    described = column_references(typed, columns)
    reference = Reference(max(1, typed.rows), described, unlike_rule(typed, columns))
    if unseen is None or not typed.rows:
        return reference
    sets = None
    if unseen.task != "regression":
        sets = prediction_sets(unseen.y.astype(np.int64), unseen.prediction)
    loss = _expected_loss(typed, columns, unseen)
    return Reference(reference.rows, described, reference.unlike, sets, loss)


def _expected_loss(
    typed: TypedTable, columns: Sequence[Column], unseen: UnseenPredictions
) -> ExpectedLoss | None:
    known = np.isfinite(unseen.prediction.reshape(typed.rows, -1)).all(axis=1)
    known &= np.isfinite(unseen.y.astype(np.float64))
    places = np.flatnonzero(known)
    if not len(places):
        return None
    y, prediction = unseen.y[places], unseen.prediction[places]
    measure = error_measures(unseen.metric, unseen.task)[0]
    losses = row_errors(measure, y, prediction)
    kinds = {column.name: column.parse.kind for column in columns}
    compared = compared_columns(typed.take(places), kinds, prediction)
    value = float(score(unseen.metric, y, prediction))
    return ExpectedLoss(
        measure.name, float(losses.mean()), float(losses.std()), len(losses),
        learn_loss(losses, compared), unseen.metric,
        value if math.isfinite(value) else None,
    )  # fmt: skip
