"""A run's table inside a worker: read and parsed once, encoded once for each fold and encoding.

Tasks call `load_data` or `typed_table` for the table as a whole and `cached_fold` for the
matrices that a model is fitted on. It knows tables and encoders, no models.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from automl_core.features import Encoder, Encoding, fit_encoder
from automl_core.models import FitData
from automl_core.runs.executor import DataLink, VisibleFeatures, unpack_rows
from automl_core.runs.worker.further_rows import further_rows
from automl_core.runs.worker.row_weights import training_weights
from automl_core.runs.worker.text_vectors import with_vectors
from automl_core.table import TypedTable, open_table, take_rows
from automl_core.table.parsing import parse_table, parse_weights

ALL_FEATURES = VisibleFeatures()
CACHE_BYTES = 512 * 2**20  # of encoded folds that a worker keeps

Rows = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class WorkerTable:
    """The typed table of a run with its target; rows without a target are included."""

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
        """Bytes of its matrices."""
        return self.fit.x.nbytes + self.fit.x_valid.nbytes


@lru_cache(maxsize=2)
def load_data(link: DataLink) -> WorkerTable:
    """Open the stored table and parse its features, target and weights."""
    return _parsed(open_table(link.table, Path(link.root), verify=False), link)


def load_rows(link: DataLink, rows: Rows) -> WorkerTable:
    """Some rows of the stored table in the order asked for; only they are parsed.

    With the vectors of their texts where a sentence model has made them, which are those of all
    texts of the table: the whole is parsed then.
    """
    if link.sentences:
        data = load_data(link)
        weight = None if data.weight is None else data.weight[rows]
        return WorkerTable(typed_table(link).take(rows), data.y[rows], weight)
    table = open_table(link.table, Path(link.root), verify=False)
    wanted = {*(c.name for c in link.columns), link.target, link.weight and link.weight.name}
    table = table.select([name for name in table.column_names if name in wanted])
    order = np.argsort(rows, kind="stable")
    data, back = _parsed(take_rows(table, rows[order]), link), np.argsort(order)
    weight = None if data.weight is None else data.weight[back]
    return WorkerTable(data.typed.take(back), data.y[back], weight)


def _parsed(table: pa.Table, link: DataLink) -> WorkerTable:
    y, _ = link.coder.encode(table[link.target])
    weight = None if link.weight is None else parse_weights(table[link.weight.name], link.weight)
    return WorkerTable(parse_table(table, link.columns), y, weight)


def typed_table(link: DataLink) -> TypedTable:
    """The typed table; with the vectors of its texts where a sentence model has made them."""
    typed = load_data(link).typed
    return with_vectors(typed, link.root) if link.sentences else typed


def typed_rows(link: DataLink, rows: Rows, names: Collection[str]) -> TypedTable:
    """Those columns of some rows that have these names, typed as `typed_table` does."""
    return typed_table(link).only(names).take(rows)


def training_weight(link: DataLink, data: WorkerTable, rows: Rows) -> NDArray[np.float64] | None:
    """Weights of these rows, class weights included, mean 1; None: all are equal."""
    weight = None if data.weight is None else data.weight[rows]
    rule = training_weights(link, data.y[rows], weight)
    return None if rule is None else rule.of(data.y[rows], weight)


_cache: OrderedDict[tuple[object, ...], EncodedFold] = OrderedDict()


def cached_fold(
    link: DataLink, train: bytes, valid: bytes, encoding: Encoding, visible: VisibleFeatures
) -> EncodedFold:
    """The encoded fold of these rows (packed, see `pack_rows`), as a model sees it.

    Folds that were used last are kept, up to CACHE_BYTES.
    """
    key = (link, train, valid, encoding, visible)
    if key in _cache:
        _cache.move_to_end(key)
        return _cache[key]
    fold = encode_fold(link, unpack_rows(train), unpack_rows(valid), encoding, visible)
    _cache[key] = fold
    while sum(f.bytes for f in _cache.values()) > CACHE_BYTES and len(_cache) > 1:
        _cache.popitem(last=False)
    return fold


def encode_fold(
    link: DataLink,
    train: Rows,
    valid: Rows,
    encoding: Encoding,
    visible: VisibleFeatures = ALL_FEATURES,
) -> EncodedFold:
    """Fit the encoders of the visible features on the training rows; encode both parts.

    The seed of out-of-fold target means is fixed, so that trials of a fold share its matrix.
    """
    data = load_data(link)
    typed = typed_table(link) if visible.sentences else data.typed
    rich = encoding.rich and link.rich
    wanted = replace(encoding, rich=rich, pairs=visible.pairs, sentences=visible.sentences)
    classes = 0 if link.task == "regression" else len(link.coder.labels)
    names = set(visible.columns)
    columns = [c for c in link.columns if not names or c.name in names]
    typed = typed.only({c.name for c in columns})
    encoder, x = fit_encoder(
        typed.take(train), columns, data.y[train], link.task, classes, wanted, seed=0
    )
    weight = None if data.weight is None else data.weight[train]
    weights = training_weights(link, data.y[train], weight)
    fit = FitData(
        task=link.task,
        classes=classes,
        features=encoder.features,
        x=x,
        y=data.y[train],
        weight=None if weights is None else weights.of(data.y[train], weight),
        x_valid=encoder.encode(typed.take(valid)),
        y_valid=data.y[valid],
        weight_valid=None if data.weight is None else data.weight[valid],
        metric=link.metric,
        further=None if visible.sentences else further_rows(link, train, encoder, columns, weights),
    )
    return EncodedFold(encoder, fit)
