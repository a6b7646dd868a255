"""Matrices that models have trouble with: gaps, infinities, cells exactly at thresholds."""

from __future__ import annotations

import numpy as np

from automl_core.models import BoostedTrees, Forest, LogTargetModel, Model, Neighbours
from automl_core.models.oblivious import ObliviousTrees
from automl_core.models.trees import Trees


def width(model: Model) -> int:
    """Columns of the matrix that the model reads; 3 for one that reads none."""
    match model:
        case LogTargetModel():
            return width(model.inner)
        case BoostedTrees() | Forest() | Neighbours():
            return model.record.features
        case _:
            return 3


def matrix(model: Model, rows: int) -> np.ndarray:
    """(rows, d): small whole numbers; for trees also thresholds, and what is no number."""
    rng = np.random.default_rng(rows)
    x = rng.integers(-3, 4, (rows, width(model))).astype(np.float32)
    trees = getattr(model.inner if isinstance(model, LogTargetModel) else model, "trees", None)
    if trees is None:
        return x
    assert isinstance(trees, (Trees, ObliviousTrees))
    edges = trees.threshold if isinstance(trees, Trees) else trees.border
    for j in range(x.shape[1]):
        own = edges[trees.feature == j]
        around = [own, np.nextafter(own, np.float32(-9e9)), np.nextafter(own, np.float32(9e9))]
        odd = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 3e38], dtype=np.float32)
        cells = np.concatenate([*around, odd, odd[:1].repeat(len(own) // 4)])
        x[:, j] = np.where(rng.random(rows) < 0.8, rng.choice(cells, rows), x[:, j])
    return x
