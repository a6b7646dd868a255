"""The firmness of the models' order: their ranks fold by fold, or training by training.

Kendall and Babington Smith, "The problem of m rankings" (1939), for how far the folds agree.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from automl_core.metrics import loss_of
from automl_core.words import count

FEWEST_FOLDS, FEWEST_MODELS, MOST_MODELS = 2, 2, 12
AGREED, LOOSE = 0.8, 0.4  # concordance from which on folds agree well, and below which hardly


@dataclass(frozen=True)
class FoldRanks:
    """One model's rank in each fold, 1 the best; ranks of ties are shared."""

    name: str
    ranks: tuple[float, ...]  # one a fold

    @property
    def mean(self) -> float:
        """The mean rank."""
        return float(np.mean(self.ranks))


@dataclass(frozen=True)
class RankStability:
    """The models that all folds rank, best mean rank first."""

    models: tuple[FoldRanks, ...]
    folds: tuple[int, ...]  # their numbers
    concordance: float  # Kendall's W: 1 where all folds rank alike, about 0 by chance
    sentence: str
    noun: str = "fold"  # what the models are ranked in


def rank_stability(
    metric: str, scores: Mapping[str, Mapping[int, float | None]], noun: str = "fold"
) -> RankStability | None:
    """The order of the models in each fold that most of them have a score in.

    `scores` has each model's scores by fold, or by what `noun` says instead. Models that lack one
    of the folds are left out, and of the others the MOST_MODELS best; None where fewer than two
    models or folds are left.
    """
    known = {
        name: {fold: s for fold, s in of.items() if s is not None and np.isfinite(s)}
        for name, of in scores.items()
    }
    folds = _common_folds(list(known.values()))
    names = [name for name, of in known.items() if set(folds) <= set(of)]
    if len(folds) < FEWEST_FOLDS or len(names) < FEWEST_MODELS:
        return None
    loss = np.array([[loss_of(metric, known[name][fold]) for fold in folds] for name in names])
    best = np.argsort(loss.mean(axis=1), kind="stable")[:MOST_MODELS]
    ranks = np.stack([_ranks(column) for column in loss[best].T], axis=1)
    models = [FoldRanks(names[i], tuple(row.tolist())) for i, row in zip(best, ranks, strict=True)]
    models.sort(key=lambda model: model.mean)
    agreement = _concordance(ranks)
    return RankStability(tuple(models), folds, agreement, _sentence(models, agreement, noun), noun)


def _common_folds(known: list[dict[int, float]]) -> tuple[int, ...]:
    """The folds that as many models have as have the most common one."""
    often: dict[int, int] = {}
    for of in known:
        for fold in of:
            often[fold] = often.get(fold, 0) + 1
    most = max(often.values(), default=0)
    return tuple(sorted(fold for fold, n in often.items() if n >= max(FEWEST_MODELS, most / 2)))


def _ranks(loss: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n,) ranks from 1 on; equal losses share the mean of theirs."""
    ordered = np.sort(loss)
    first = np.searchsorted(ordered, loss, side="left")
    last = np.searchsorted(ordered, loss, side="right")
    return (first + last + 1) / 2


def _concordance(ranks: NDArray[np.float64]) -> float:
    """Kendall's W of ranks (models, folds)."""
    models, folds = ranks.shape
    spread = float(((ranks.sum(axis=1) - folds * (models + 1) / 2) ** 2).sum())
    return float(12 * spread / (folds**2 * (models**3 - models)))


def _sentence(models: list[FoldRanks], agreement: float, noun: str) -> str:
    folds = len(models[0].ranks)
    first = models[0]
    wins = sum(rank < min(m.ranks[i] for m in models[1:]) for i, rank in enumerate(first.ranks))
    if agreement >= AGREED:
        words = f"The {noun}s agree well on the order of the models"
    elif agreement >= LOOSE:
        words = f"The {noun}s agree on the order of the models in part"
    else:
        words = f"The {noun}s hardly agree on the order of the models: take their ranks lightly"
    return (
        f"{words} (Kendall's W {agreement:.2f}). {first.name} is alone at the top in {wins} of "
        f"{count(folds, noun)}."
    )
