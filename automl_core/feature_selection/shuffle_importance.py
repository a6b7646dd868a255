"""The rise of a quick booster's loss when a column is shuffled.

Measures the use of a column better than gains do, which a column of many values collects by
chance (Breiman 2001; Strobl et al. 2007).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from automl_core.feature_selection.quick_booster import (
    Interrupted,
    Matrices,
    OutOfTimeError,
    encode,
    fitted,
    row_losses,
)
from automl_core.feature_selection.sample import Question, Sample
from automl_core.models import Model

Floats = NDArray[np.float64]
Matrix = NDArray[np.float32]
Rows = NDArray[np.int64]

TIMES = 1  # that each column is shuffled
MOST_ROWS = 1_000  # that are predicted, drawn at random
ROWS_AT_ONCE = 16_000


def rises(
    question: Question, sample: Sample, valid: Rows, places: Rows, seed: int,
    interrupted: Interrupted,
) -> Floats:  # fmt: skip
    """The mean rise (c,) of the rows at `valid` for the columns at `places`; 0 for the others.

    Fitted on the sample's other rows and on these columns alone. A column's rise is that of
    its matrix columns together. Raises OutOfTimeError where it may not end.
    """
    rng = np.random.default_rng(seed)
    places = np.sort(places)
    shown = valid
    if len(valid) > MOST_ROWS:
        shown = np.sort(rng.choice(valid, MOST_ROWS, replace=False))
    train = np.setdiff1d(np.arange(len(sample)), valid)
    looked = question.only([question.columns[i].name for i in places])
    sample = sample.only(looked.columns)
    matrices = encode(looked, sample.take(train), sample.take(shown))
    model, gains = fitted(matrices, seed, interrupted)
    mine = [np.flatnonzero(matrices.source == number) for number in range(len(places))]
    used = [number for number, own in enumerate(mine) if gains[own].any()]
    losses = _losses(question, matrices, model, matrices.fit.x_valid)
    found = np.zeros(len(question.columns))
    at_once = max(1, ROWS_AT_ONCE // (TIMES * len(shown)))
    for at in range(0, len(used), at_once):
        now = used[at : at + at_once]
        x = _shuffled(matrices.fit.x_valid, [mine[number] for number in now], rng)
        more = _losses(question, matrices, model, x).reshape(len(now), TIMES, -1) - losses
        found[places[now]] = more.mean(axis=(1, 2))
        if interrupted() is not None:
            raise OutOfTimeError
    return found


def _shuffled(x: Matrix, columns: list[Rows], rng: np.random.Generator) -> Matrix:
    """TIMES copies of the rows for each of these columns, whose matrix columns move together."""
    rows = len(x)
    copies = np.tile(x, (TIMES * len(columns), 1))
    for number in range(TIMES * len(columns)):
        own = columns[number // TIMES]
        copies[number * rows : (number + 1) * rows, own] = x[np.ix_(rng.permutation(rows), own)]
    return copies


def _losses(question: Question, matrices: Matrices, model: Model, x: Matrix) -> Floats:
    """Weighted losses of copies of the validation rows (copies * m,)."""
    fit = matrices.fit
    copies = len(x) // len(fit.y_valid)
    losses = row_losses(question, np.tile(fit.y_valid, copies), model.predict(x))
    return losses if fit.weight_valid is None else losses * np.tile(fit.weight_valid, copies)
