"""Whether more rows would help: scores of one quick model by rows, and a power law through them.

Learning curves of most learners fall as a power of the rows towards a floor (Hestness and others,
"Deep learning scaling is predictable", 2017). Knows nothing of how the scores came about.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from automl_core.evaluation.number_words import plain_number
from automl_core.metrics import METRICS

Floats = NDArray[np.float64]

FEWEST_SIZES, LAST = 4, 3  # that are needed, and that every fit has
DRAWS = 300
BAND = (0.1, 0.5, 0.9)  # quantiles of the draws: an 80 % band and its middle
POWERS = np.geomspace(0.05, 1.5, 18)
POINTS = 40  # of the curve that is drawn


@dataclass(frozen=True)
class RowScores:
    """Scores on the same validation rows by how many rows trained."""

    metric: str
    rows: tuple[int, ...]  # (s,) that trained, ascending
    scores: tuple[tuple[float, ...], ...]  # (s, folds), natural sign
    every: int  # rows that train in a fold of the run


@dataclass(frozen=True)
class RowForecast:
    """The power law with its 80 % band, in the metric's natural sign."""

    metric: str
    rows: tuple[int, ...]  # measured sizes
    measured: tuple[float, ...]  # mean score of each
    at: tuple[float, ...]  # rows at which the curve is given, from the least size to twice all
    middle: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    now: float  # fitted score with all rows
    gain: float  # of twice the rows, at least 0: by how much the score would be better
    gain_low: float
    gain_high: float
    sentence: str


def forecast(found: RowScores) -> RowForecast | None:
    """The likely score with twice the rows; None where fewer than FEWEST_SIZES were measured.

    The band is that of fits to resampled folds and sizes, with the spread of the fit's residuals.
    """
    if len(found.rows) < FEWEST_SIZES:
        return None
    higher = METRICS[found.metric].higher_is_better
    scores = np.array(found.scores, dtype=np.float64)
    losses = 1 - scores if higher else scores
    rows = np.array(found.rows, dtype=np.float64)
    now, twice = float(found.every), 2.0 * found.every
    at = np.geomspace(rows[0], twice, POINTS)
    where = np.concatenate([at, [now, twice]])
    drawn = _draws(rows, losses, where)
    low, middle, high = np.quantile(drawn, BAND, axis=0)
    gains = np.quantile(drawn[:, -2] - drawn[:, -1], BAND)
    ends = (1 - high, 1 - middle, 1 - low) if higher else (low, middle, high)
    gain_low, gain, gain_high = (float(max(0.0, g)) for g in gains)
    return RowForecast(
        found.metric,
        found.rows,
        tuple(scores.mean(axis=1).tolist()),
        tuple(at.tolist()),
        tuple(ends[1][:-2].tolist()),
        tuple(ends[0][:-2].tolist()),
        tuple(ends[2][:-2].tolist()),
        float(ends[1][-2]),
        gain,
        gain_low,
        gain_high,
        _sentence(found, float(ends[1][-2]), (gain_low, gain, gain_high)),
    )


def _draws(rows: Floats, losses: Floats, where: Floats) -> Floats:
    """(draws, points) losses by fits to resampled folds and sizes."""
    rng = np.random.default_rng(0)
    sizes, folds = losses.shape
    near = np.arange(1, sizes + 1, dtype=np.float64)  # what is near to all rows tells more
    of_folds = losses.mean(axis=0)
    level = rng.normal(0, _residual(rows, losses.mean(axis=1), near), DRAWS)
    if folds > 1:  # other rows to validate would be harder or easier, at every size
        error = float(of_folds.std(ddof=1)) / folds**0.5
        level = level + error * rng.standard_t(folds - 1, DRAWS)
    alike = losses - of_folds + of_folds.mean()
    mean = alike[:, rng.integers(0, folds, (DRAWS, folds))].mean(axis=2).T
    weight = near * rng.exponential(size=(DRAWS, sizes))
    # No one law may hold for all sizes: each draw begins at another of them, and keeps the last.
    begin = rng.integers(0, max(1, sizes - LAST + 1), DRAWS)
    weight[np.arange(sizes) < begin[:, None]] *= 1e-6
    floor, scale, power = _fit(rows, mean, weight)
    curve = floor[:, None] + scale[:, None] * where ** -power[:, None]
    return np.asarray(np.maximum(0.0, curve + level[:, None]))


def _residual(rows: Floats, mean: Floats, weight: Floats) -> float:
    """The standard deviation of what the law leaves, for all that was measured as a whole."""
    floor, scale, power = _fit(rows, mean[None], weight[None])
    off = mean - floor - scale * rows**-power
    freedom = max(1, len(rows) - 3)
    return float(np.sqrt((weight * off**2).sum() / weight.sum() * len(rows) / freedom))


def _fit(rows: Floats, mean: Floats, weight: Floats) -> tuple[Floats, Floats, Floats]:
    """Floor, scale (both at least 0) and power (d,) of the law with the least squares.

    `mean` and `weight` are (d, sizes): d fits at once.
    """
    total = weight.sum(axis=1)
    centre = (weight * mean).sum(axis=1) / total
    found = np.stack([centre, np.zeros_like(centre), np.ones_like(centre)])
    least = np.full(len(mean), np.inf)
    for power in POWERS.tolist():
        x = rows**-power
        middle = weight @ x / total
        apart = x - middle[:, None]
        scale = (weight * apart * (mean - centre[:, None])).sum(axis=1)
        scale = np.maximum(0.0, scale / (weight * apart**2).sum(axis=1))
        floor = centre - scale * middle
        through = np.maximum(0.0, (weight * mean) @ x / (weight @ x**2))  # with no floor at all
        scale = np.where(floor < 0, through, scale)
        floor = np.maximum(0.0, floor)
        off = (weight * (mean - floor[:, None] - scale[:, None] * x) ** 2).sum(axis=1)
        better = off < least
        found[:, better] = np.stack([floor, scale, np.full_like(floor, power)])[:, better]
        least = np.minimum(least, off)
    return found[0], found[1], found[2]


def _sentence(found: RowScores, now: float, gains: tuple[float, float, float]) -> str:
    title, low, gain, high = METRICS[found.metric].title, *gains
    twice = f"Twice the rows ({found.every:,} to {2 * found.every:,})"
    loss = 1 - now if METRICS[found.metric].higher_is_better else now
    if high < 0.01 * loss or high == 0:
        return f"{twice} would bring next to nothing: the curve of {title} is flat."
    sign = 1 if METRICS[found.metric].higher_is_better else -1
    ends = sorted((now + sign * low, now + sign * high))
    words = f"{plain_number(ends[0])} to {plain_number(ends[1])}"
    verb = "may bring" if low < 0.01 * loss else "would likely bring"
    return (
        f"{twice} {verb} {title} from {plain_number(now)} to "
        f"{plain_number(now + sign * gain)} (80 % band {words}), for a quick model of trees."
    )
