"""A run's table inside a worker: parsed once, encoded once a fold and encoding.

Knows tables and encoders, nothing of models.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from automl_core.features import Encoder, Encoding, fit_encoder
from automl_core.models import FitData
from automl_core.runs.executor import DataLink, VisibleFeatures
from automl_core.runs.worker.text_vectors import with_vectors
from automl_core.table import TypedTable, open_table
from automl_core.table.parsing import parse_table, parse_weights

ALL_SEEN = VisibleFeatures()
CACHE_BYTES = 512 * 2**20  # encoded folds that a worker keeps

Rows = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class WorkerTable:
    """The typed table of a run with its target; rows without a target are in it, too."""

    typed: TypedTable
    y: NDArray[np.float64] | NDArray[np.int64]  # (n,)
    weight: NDArray[np.float64] | None  # (n,), >= 0


@dataclass(frozen=True, eq=False)
class EncodedFold:
    """One fold as matrices, with the encoder that was fitted on its training rows."""

    encoder: Encoder
    fit: FitData

    @property
    def bytes(self) -> int:
        return self.fit.x.nbytes + self.fit.x_valid.nbytes


@lru_cache(maxsize=2)
def load_data(link: DataLink) -> WorkerTable:
    """Open the stored table and parse what models may see."""
    table = open_table(link.table, Path(link.root))
    y, _ = link.coder.encode(table[link.target])
    weight = None if link.weight is None else parse_weights(table[link.weight.name], link.weight)
    return WorkerTable(parse_table(table, link.columns), y, weight)


def typed_of(link: DataLink) -> TypedTable:
    """The typed table; its texts have vectors where a sentence model may be used and made them."""
    typed = load_data(link).typed
    return with_vectors(typed, link.root) if link.sentences else typed


def training_weight(link: DataLink, data: WorkerTable, rows: Rows) -> NDArray[np.float64] | None:
    """Weights of these rows, class weighting included, mean 1; None: all equal."""
    if data.weight is None and not link.balanced:
        return None
    weight = np.ones(len(rows)) if data.weight is None else data.weight[rows].copy()
    if link.balanced and link.task != "regression":
        y = data.y[rows].astype(np.int64)
        mass = np.bincount(y, weights=weight, minlength=len(link.coder.labels))
        weight = weight / np.maximum(mass, 1e-12)[y]
    mean = float(weight.mean()) if len(weight) else 0.0
    return weight / mean if mean > 0 else np.ones(len(rows))


class FoldCache:
    """Encoded folds, the least recently used dropped first."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[object, ...], EncodedFold] = OrderedDict()

    def get(
        self, link: DataLink, train: bytes, valid: bytes, rows: tuple[Rows, Rows],
        encoding: Encoding, seen: VisibleFeatures,
    ) -> EncodedFold:  # fmt: skip
        """The fold of these rows, as a model sees it; `train` and `valid` are its key."""
        key = (link, train, valid, encoding, seen)
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        fold = encode_fold(link, rows[0], rows[1], encoding, seen)
        self._kept[key] = fold
        while sum(f.bytes for f in self._kept.values()) > CACHE_BYTES and len(self._kept) > 1:
            self._kept.popitem(last=False)
        return fold


def encode_fold(
    link: DataLink, train: Rows, valid: Rows, encoding: Encoding, seen: VisibleFeatures = ALL_SEEN
) -> EncodedFold:
    """Fit the encoders of what is seen on the training rows; encode both parts.

    The seed of out-of-fold target means is fixed, so that trials of a fold share its matrix.
    """
    data = load_data(link)
    typed = typed_of(link) if seen.sentences else data.typed
    rich = encoding.rich and link.rich
    wanted = replace(encoding, rich=rich, pairs=seen.pairs, sentences=seen.sentences)
    classes = 0 if link.task == "regression" else len(link.coder.labels)
    names = set(seen.columns)
    columns = [c for c in link.columns if not names or c.name in names]
    encoder, x = fit_encoder(
        typed.take(train), columns, data.y[train], link.task, classes, wanted, seed=0
    )
    fit = FitData(
        task=link.task,
        classes=classes,
        features=encoder.features,
        x=x,
        y=data.y[train],
        weight=training_weight(link, data, train),
        x_valid=encoder.encode(typed.take(valid)),
        y_valid=data.y[valid],
        weight_valid=None if data.weight is None else data.weight[valid],
        metric=link.metric,
    )
    return EncodedFold(encoder, fit)
