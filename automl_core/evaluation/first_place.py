"""The certainty of the first place: how often each model would lead on other rows of the same kind.

The rows are resampled as in paired_comparison.py, for all models at once (Hall and Miller, "Using
the bootstrap to quantify the authority of an empirical ranking", 2009).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl_core.evaluation.paired_comparison import TAIL, deviations
from automl_core.metrics import loss_of
from automl_core.words import percent

Floats = NDArray[np.float64]

FEWEST_MODELS, MOST_MODELS = 2, 12
SURE, LIKELY, OPEN = 0.95, 0.8, 0.5  # shares of the draws from which on the first place is said so


@dataclass(frozen=True)
class Standing:
    """One model's places over the draws."""

    name: str
    first: float  # share of the draws in which it is first; ties are shared
    low: float  # ranks between which it lies in 95 % of the draws
    high: float


@dataclass(frozen=True)
class FirstPlace:
    """The best models, best first by their score."""

    models: tuple[Standing, ...]
    draws: int
    rows: int  # that were resampled
    sentence: str


@dataclass(frozen=True, eq=False)
class Ranked:
    """A model, its score, and its predictions for the rows that all models share."""

    name: str
    score: float  # natural sign
    prediction: Floats  # (n, classes) or (n,)


def first_place(
    metric: str, y: NDArray[Any], models: Sequence[Ranked], weight: Floats | None = None
) -> FirstPlace | None:
    """The places of the MOST_MODELS best; None with fewer than two, or too few rows to resample."""
    best = sorted(models, key=lambda model: loss_of(metric, model.score))[:MOST_MODELS]
    if len(best) < FEWEST_MODELS:
        return None
    off = deviations(metric, y, [model.prediction for model in best], weight)
    if off is None:
        return None
    sign = loss_of(metric, 1.0)
    losses = sign * (np.array([model.score for model in best]) + off)
    leads = losses == losses.min(axis=1, keepdims=True)
    first = (leads / leads.sum(axis=1, keepdims=True)).mean(axis=0)
    ranks = 1 + (losses[:, None, :] < losses[:, :, None]).sum(axis=2)
    low, high = np.quantile(ranks, TAIL, axis=0)
    found = [
        Standing(model.name, float(first[i]), float(low[i]), float(high[i]))
        for i, model in enumerate(best)
    ]
    return FirstPlace(tuple(found), len(off), len(y), _sentence(found))


def _sentence(models: list[Standing]) -> str:
    leader = models[0]
    rival = max(models[1:], key=lambda model: model.first)
    share = leader.first
    if share >= SURE:
        words = "is sure of the first place"
    elif share >= LIKELY:
        words = "likely deserves the first place"
    elif share >= OPEN:
        words = "leads, but not surely"
    else:
        words = "leads by chance as much as by merit"
    sentence = (
        f"{leader.name} {words}: on resampled rows it is first in {percent(share)} of the draws"
    )
    return f"{sentence}, {rival.name} in {percent(rival.first)}." if rival.first else f"{sentence}."
