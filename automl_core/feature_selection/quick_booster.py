"""Quick gradient boosting that measures columns: fits, gains and losses by row.

Independent of how columns are chosen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl_core.feature_selection.sample import Question, Sample
from automl_core.features import Pair, fit_encoder
from automl_core.metrics import EPSILON
from automl_core.models import Epoch, FitControl, FitData, Model, fit_with_gains, model_spec
from automl_core.types import Config, StopReason

Floats = NDArray[np.float64]
Interrupted = Callable[[], StopReason | None]

FAMILY = "lightgbm"
QUICK: Config = {"learning_rate": 0.15, "max_iterations": 80, "patience": 8, "max_leaves": 12,
         "min_rows_leaf": 10, "row_share": 0.9, "l2": 1.0, "random_splits": False}  # fmt: skip
STEADY = QUICK | {"learning_rate": 0.15, "max_iterations": 110, "patience": 8, "max_leaves": 16,
                  "min_rows_leaf": 15}  # fmt: skip
"""For pairs, which show beside a booster that is not quite as quick."""

THOROUGH = QUICK | {"learning_rate": 0.08, "max_iterations": 300, "patience": 15, "max_leaves": 24,
                    "min_rows_leaf": 15}  # fmt: skip
"""For pairs that a booster with enough rounds might do without."""

TRIED = 60
"""Matrix columns that each tree may look at: all, or more of them than this at random."""

TEXT_WORDS = 300


class OutOfTimeError(Exception):
    """The time for the selection is used up, or it was interrupted."""


@dataclass(frozen=True, eq=False)
class Matrices:
    """Training and validation rows, encoded; `source` (d,) numbers the columns of the table."""

    fit: FitData
    source: NDArray[np.int64]  # (d,) places in the question's columns, then those of the pairs
    # that were asked for; -1: of two columns otherwise

    def only(self, places: NDArray[np.int64]) -> Matrices:
        """The same with the matrix columns of these columns of the table; at least one stays."""
        kept = np.flatnonzero(np.isin(self.source, places))
        if not len(kept):
            kept = np.zeros(1, np.int64)
        features = tuple(self.fit.features[i] for i in kept)
        x, valid = self.fit.x[:, kept], self.fit.x_valid[:, kept]
        fit = replace(self.fit, features=features, x=np.ascontiguousarray(x),
                      x_valid=np.ascontiguousarray(valid))  # fmt: skip
        return Matrices(fit, self.source[kept])

    def placed(self, places: NDArray[np.int64]) -> Matrices:
        """The same of a question whose columns at these places (c,) are those of this one."""
        source = np.where(self.source >= 0, places[self.source], -1)
        return Matrices(self.fit, source)


@dataclass(frozen=True, eq=False)
class Answer:
    """The result of one fit: predictions of the validation rows, and gains of the columns."""

    prediction: Floats  # (m, classes) or (m,)
    gains: Floats  # (c,) one a column of the table


def encode(
    question: Question, train: Sample, valid: Sample, pairs: tuple[Pair, ...] = (),
    family: str = FAMILY,
) -> Matrices:  # fmt: skip
    """Encode both parts for a family, with encoders fitted on `train` alone."""
    encoding = replace(model_spec(family).encoding, text_words=TEXT_WORDS, pairs=pairs)
    encoder, x = fit_encoder(
        train.typed, question.columns, train.y, question.task, question.classes, encoding, seed=0
    )
    metric = "rmse" if question.task == "regression" else "log_loss"
    fit = FitData(
        question.task, question.classes, encoder.features, x, train.y, train.weight,
        encoder.encode(valid.typed), valid.y, valid.weight, metric,
    )  # fmt: skip
    names = (*(c.name for c in question.columns), *(pair.name for pair in pairs))
    places = {name: i for i, name in reversed(list(enumerate(names)))}
    source = [places.get(f.source, -1) for f in encoder.features]
    return Matrices(fit, np.array(source, dtype=np.int64))


def learn(
    matrices: Matrices, columns: int, seed: int, interrupted: Interrupted, config: Config = QUICK
) -> Answer:
    """Fit, and predict the validation rows. Raises OutOfTimeError where it may not end."""
    model, gains = fitted(matrices, seed, interrupted, config)
    of_columns = np.zeros(columns)
    known = matrices.source >= 0
    np.add.at(of_columns, matrices.source[known], gains[known])
    return Answer(model.predict(matrices.fit.x_valid), of_columns)


def fitted(
    matrices: Matrices, seed: int, interrupted: Interrupted, config: Config = QUICK
) -> tuple[Model, Floats]:
    """A model, and the gain of each matrix column (d,). Raises OutOfTimeError as `learn` does."""
    width = matrices.fit.x.shape[1]
    config = config | {"max_features": min(1.0, max(TRIED / width, 0.2))}

    def report(_: Epoch) -> StopReason | None:
        return interrupted()

    control = FitControl(report, interrupted, lambda: 0.0, seed)
    result, gains = fit_with_gains(matrices.fit, {**model_spec(FAMILY).defaults, **config}, control)
    if interrupted() is not None:
        raise OutOfTimeError
    return result.model, gains


def row_losses(question: Question, y: NDArray[Any], prediction: Floats) -> Floats:
    """Log loss, or squared error, of each row (m,)."""
    if question.task == "regression":
        return np.asarray((y - prediction) ** 2)
    chosen = prediction[np.arange(len(y)), y.astype(np.int64)]
    return np.asarray(-np.log(np.clip(chosen, EPSILON, 1.0)))
