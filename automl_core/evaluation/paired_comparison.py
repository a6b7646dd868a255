"""Several models on the same rows: each score with its interval, and who ties with one of them.

A paired bootstrap: each draw resamples the rows once for all models (Efron 1979). Of more than a
few hundred rows it is the bootstrap of the score to first order, by the influence of each row,
which is as good there and a hundred times as fast. Of many rows a fixed sample is resampled, and
the spread is scaled to all of them (m out of n bootstrap, Bickel, Götze and van Zwet 1997).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl_core.evaluation.influence import influences
from automl_core.metrics import bootstrap_scores, loss_of, metric_named, score

Floats = NDArray[np.float64]

EXACT_CELLS = 1_000  # rows times classes up to which each draw is scored
MOST_CELLS, LEAST_ROWS = 16_000, 1_000  # rows times classes that are resampled
LEAST_FOR_INTERVAL = 10  # rows; of fewer the draws say nothing
REPEATS = 200
TAIL = (0.025, 0.975)


@dataclass(frozen=True)
class ComparedScore:
    """One model's score, and by how much it is behind the reference.

    All in the metric's units; intervals of 95 %, None where there are too few rows.
    """

    score: float  # natural sign
    low: float | None
    high: float | None
    behind: float  # > 0: worse than the reference
    behind_low: float | None
    behind_high: float | None

    @property
    def tied(self) -> bool:
        """The difference may be chance: its interval holds 0, or the model is better."""
        return self.behind <= 0 if self.behind_low is None else self.behind_low <= 0


@dataclass(frozen=True)
class PairedComparison:
    """Models on the same rows, in the order in which they were given."""

    metric: str
    rows: int
    reference: int  # the place of the model that the others are compared with
    models: tuple[ComparedScore, ...]


def compare_paired(
    metric: str,
    y: NDArray[Any],
    predictions: Sequence[Floats],
    weight: Floats | None = None,
    known: Sequence[float | None] = (),
    reference: int | None = None,
) -> PairedComparison:
    """Compare at least one finite prediction, (n, classes) or (n,), for rows y (n,), n > 0.

    `known`: scores that stand instead of those of these rows, one a model, such as one that was
    cross-validated; None where there is none. `reference`: None for the best.
    """
    scores = [score(metric, y, prediction, weight) for prediction in predictions]
    for place, value in enumerate(known):
        scores[place] = scores[place] if value is None else value
    losses = np.array([loss_of(metric, value) for value in scores])
    best = int(np.argmin(losses)) if reference is None else reference
    off = deviations(metric, y, predictions, weight)
    models = []
    for place, value in enumerate(scores):
        behind = float(losses[place] - losses[best])
        low = high = behind_low = behind_high = None
        if off is not None:
            low, high = _within(metric, value + np.quantile(off[:, place], TAIL))
            apart = off[:, place] - off[:, best]
            worse = loss_of(metric, 1.0) * np.quantile(apart, TAIL)
            behind_low, behind_high = (float(behind + q) for q in np.sort(worse))
        models.append(ComparedScore(value, low, high, behind, behind_low, behind_high))
    return PairedComparison(metric, len(y), best, tuple(models))


def _within(metric: str, ends: Floats) -> tuple[float, float]:
    """An interval within what the metric can be: at most 1, or no loss below 0."""
    higher = metric_named(metric).higher_is_better
    low, high = np.minimum(ends, 1.0) if higher else np.maximum(ends, 0.0)
    return float(low), float(high)


def deviations(
    metric: str, y: NDArray[Any], predictions: Sequence[Floats], weight: Floats | None
) -> Floats | None:
    """The distance of each draw from the score, (draws, models); None with too few rows."""
    n, width = len(y), max(1, predictions[0][:1].size)
    if n < LEAST_FOR_INTERVAL:
        return None
    most = max(LEAST_ROWS, MOST_CELLS // width)
    if n > most:
        rows = np.sort(np.random.default_rng(0).permutation(n)[:most])
        y, predictions = y[rows], [prediction[rows] for prediction in predictions]
        weight = None if weight is None else weight[rows]
    if weight is not None and not weight.sum() > 0:
        return None
    if n * width > EXACT_CELLS:
        return np.asarray(_first_order(metric, y, predictions, weight) * np.sqrt(len(y) / n))
    centre = [score(metric, y, prediction, weight) for prediction in predictions]
    draws = bootstrap_scores(metric, y, predictions, weight, repeats=REPEATS)
    return np.asarray(draws - centre)


def _first_order(
    metric: str, y: NDArray[Any], predictions: Sequence[Floats], weight: Floats | None
) -> Floats:
    """The same draws, scored by the influences of their rows."""
    parts = np.stack([influences(metric, y, p, weight) for p in predictions], axis=1)
    rng, n = np.random.default_rng(0), len(y)
    draws = [np.bincount(rng.integers(0, n, n), minlength=n) @ parts / n for _ in range(REPEATS)]
    return np.array(draws, dtype=np.float64)
