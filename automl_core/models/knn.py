"""k nearest neighbours: a row is like the training rows that are closest to it.

The training rows are the model, so it is for small tables. Columns are stretched by how much
each alone explains of the target; near rows count for more (Dudani 1976), rows that are equal
most of all. `k` is chosen on the validation rows, each k on the way being one epoch.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from automl_core.errors import ModelError
from automl_core.files import dump_json
from automl_core.models.base import Array, FitControl, FitData, FitResult
from automl_core.models.class_priors import class_shares, mean_and_scale, weights_of
from automl_core.models.metric_tracker import MetricTracker
from automl_core.models.model_files import pack_arrays, read_file, read_json, unpack_arrays
from automl_core.records import to_plain
from automl_core.types import Config, Files, StopReason, Task

Floats = NDArray[np.float64]

MODEL_FILE, ROWS_FILE = "knn.json", "rows.npz"
ARRAYS = ("rows", "target", "weight", "stretch")

MOST_ROWS, MOST_CELLS, FEWEST_ROWS = 20_000, 5_000_000, 2_000
"""What a model keeps: of more rows, or of wide ones, a sample. At most 20 MB, if not very wide."""

CHUNK = 256
"""Rows that are predicted together, always so many: a row's sums are then always the same."""

SPARE = 16
"""Neighbours looked at beyond k, as the quick distances are rounded."""

TIE = 1e-9
"""Of the longest row's square, by which the quick distances of the first and the last row differ
where they are equally far: more than rounding, and far less than what tells rows apart."""

CLOSEST = 1e-3
"""Distance that no two rows are below, in units of the typical one: weights stay finite."""


@dataclass(frozen=True)
class NeighboursRecord:
    """Task, number of neighbours and their weights: all that turns neighbours into a prediction."""

    task: Task
    classes: int
    features: int  # columns of the matrix
    k: int
    power: float  # a neighbour's weight falls with this power of its distance
    unit: float  # the typical distance
    prior: tuple[float, ...]  # shares of the classes, or the mean


@dataclass(frozen=True, eq=False)
class Neighbours:
    """The training rows, stretched, with their targets."""

    record: NeighboursRecord
    rows: Array  # (n, d), stretched
    target: Floats  # (n,), class numbers or values
    weight: Floats  # (n,), of the rows
    stretch: Array  # (d,)

    def predict(self, x: Array) -> Floats:
        """Probabilities (n, classes), or values (n,)."""
        return self.predict_each(x, (self.record.k,))[0]

    def predict_each(self, x: Array, ks: tuple[int, ...]) -> list[Floats]:
        """The predictions with each of the ks, for the price of the largest."""
        width = max(1, self.record.classes)
        out = [np.empty((len(x), width)) for _ in ks]
        rows, square = self.exact
        for start in range(0, len(x), CHUNK):
            some = x[start : start + CHUNK]
            taken, part = len(some), np.zeros((CHUNK, rows.shape[1]))
            part[:taken] = some * self.stretch  # in float32, as the rows were
            near, distance = _nearest(part, rows, square, max(ks))
            for prediction, k in zip(out, ks, strict=True):
                prediction[start : start + taken] = self._vote(near, distance, k)[:taken]
        return [p[:, 0] if self.record.task == "regression" else p for p in out]

    @cached_property
    def exact(self) -> tuple[Floats, Floats]:
        """The rows in float64 (n, d), and the square of each one's length (n,).

        To a square its row's number is added, as a tiny share: of many rows that are equally far
        the first ones are then taken, however the quick distances are rounded.
        """
        rows = self.rows.astype(np.float64)
        square = np.einsum("ij,ij->i", rows, rows)
        return rows, square + TIE * square.max() * np.arange(len(rows)) / len(rows)

    def files(self) -> Files:
        """A JSON record and the rows."""
        arrays = {name: getattr(self, name) for name in ARRAYS}
        return {MODEL_FILE: dump_json(to_plain(self.record)), ROWS_FILE: pack_arrays(arrays)}

    def _vote(self, near: NDArray[np.intp], distance: Floats, k: int) -> Floats:
        """Predictions (CHUNK, outputs) of the k nearest rows, nearest first."""
        record, near = self.record, near[:, :k]
        floor = CLOSEST * record.unit
        vote = self.weight[near] * (floor / (distance[:, :k] + floor)) ** record.power
        total = vote.sum(axis=1, keepdims=True)
        target = self.target[near]
        if record.task == "regression":
            return np.asarray((vote * target).sum(axis=1, keepdims=True) / total)
        shares = np.zeros((len(near), record.classes))
        number = np.arange(len(near))[:, None]
        np.add.at(shares, (number, target.astype(np.intp)), vote / total)
        # as if one more neighbour had each class by its share: none is impossible
        return np.asarray((near.shape[1] * shares + record.prior) / (near.shape[1] + 1))


def _nearest(x: Floats, rows: Floats, square: Floats, k: int) -> tuple[NDArray[np.intp], Floats]:
    """The k nearest rows (m, k) of each x, and how far they are; equally far: in row order."""
    n = len(rows)
    quick = square - 2.0 * (x @ rows.T)  # but for the square of x, which orders nothing
    near = np.broadcast_to(np.arange(n), (len(x), n))
    if k + SPARE < n:
        near = np.sort(np.argpartition(quick, k + SPARE, axis=1)[:, : k + SPARE], axis=1)
    exact = np.stack([((rows[i] - row) ** 2).sum(axis=1) for i, row in zip(near, x, strict=True)])
    order = np.argsort(exact, axis=1, kind="stable")[:, :k]
    distance = np.sqrt(np.take_along_axis(exact, order, axis=1))
    return np.take_along_axis(near, order, axis=1), distance


def load(files: Files) -> Neighbours:
    """The model from its files; ModelError where they are damaged."""
    record = read_json(files, MODEL_FILE, NeighboursRecord)
    arrays = unpack_arrays(read_file(files, ROWS_FILE), ARRAYS)
    model = Neighbours(record, *(arrays[name] for name in ARRAYS))
    if not _sound(model):
        raise ModelError("The model's rows are damaged.", "Download or train the model again.")
    return model


def _sound(model: Neighbours) -> bool:
    record, n = model.record, len(model.rows)
    kinds = (np.float32, np.float64, np.float64, np.float32)
    if any(getattr(model, a).dtype != kind for a, kind in zip(ARRAYS, kinds, strict=True)):
        return False
    shapes = (model.rows.shape, model.target.shape, model.weight.shape, model.stretch.shape)
    if shapes != ((n, record.features), (n,), (n,), (record.features,)):
        return False
    target = model.target
    known = record.task == "regression" or ((target >= 0) & (target < record.classes)).all()
    finite = all(np.isfinite(getattr(model, name)).all() for name in ARRAYS)
    priors = len(record.prior) == max(1, record.classes)
    sizes = (record.unit, record.power + 1.0, float(model.weight.min(initial=np.inf)))
    sound = n and record.k > 0 and all(0 < size < np.inf for size in sizes)
    return bool(known and finite and priors and sound)


def fit(data: FitData, config: Config, control: FitControl) -> FitResult:
    """Keep the rows, and choose k; a fit that is stopped keeps the largest k, or the best."""
    watch = MetricTracker(data)
    kept = np.flatnonzero(weights_of(data) > 0)  # a row of no weight has no say
    fit_in = min(MOST_ROWS, max(FEWEST_ROWS, MOST_CELLS // data.x.shape[1]))
    if len(kept) > fit_in:
        kept = np.sort(np.random.default_rng(control.seed).choice(kept, fit_in, replace=False))
    ks = _steps(min(int(config["k"]), len(kept)))
    model = _keep_rows(data, config, kept, ks[-1])
    parts: list[list[Floats]] = []
    for start in range(0, max(1, len(data.x_valid)), CHUNK):
        reason = control.interrupted()
        if reason is not None:
            return FitResult(model, reason, 0)
        parts.append(model.predict_each(data.x_valid[start : start + CHUNK], ks))
    best, best_loss = ks[-1], np.inf
    for number, k in enumerate(ks, start=1):
        prediction = np.concatenate([part[number - 1] for part in parts])
        loss, score = watch.valid_loss(prediction), watch.valid_score(prediction)
        if loss < best_loss:
            best, best_loss = k, loss
        # a row is its own nearest neighbour: that loss would mislead
        losses, progress = (float("nan"), loss), max(number / len(ks), control.elapsed())
        reason = control.report(watch.epoch(number, progress, losses, score, None))
        if reason is not None:
            break
    model = replace(model, record=replace(model.record, k=best))
    return FitResult(model, reason or StopReason.COMPLETED, number, {"k": best})


def _steps(most: int) -> tuple[int, ...]:
    """1, 2, 4 and so on, and the most neighbours last."""
    return (*(2**i for i in range(most.bit_length()) if 2**i < most), most)


def _keep_rows(data: FitData, config: Config, kept: NDArray[np.int64], k: int) -> Neighbours:
    stretch = _relevance(data) ** float(config["stretch"])
    rows = data.x[kept] * stretch.astype(np.float32)
    prior = mean_and_scale(data)[:1] if data.task == "regression" else class_shares(data)
    model = Neighbours(
        NeighboursRecord(
            task=data.task,
            classes=data.classes,
            features=data.x.shape[1],
            k=k,
            power=float(config["power"]),
            unit=max(float(np.sqrt(rows.var(axis=0, dtype=np.float64).sum())), 1e-9),
            prior=tuple(map(float, prior)),
        ),
        rows,
        data.y[kept].astype(np.float64),
        weights_of(data)[kept].astype(np.float64),
        stretch.astype(np.float32),
    )
    return model


def _relevance(data: FitData) -> Floats:
    """The correlation (d,), 0 to 1, of the target with the best line through each column alone.

    With classes it is the correlation ratio (Pearson 1905): the spread of the classes' means.
    """
    weight = weights_of(data) / len(data.y)
    x = data.x.astype(np.float64)
    x -= weight @ x
    variance = weight @ x**2
    if data.task == "regression":
        mean, scale = mean_and_scale(data)
        explained = ((weight * (data.y - mean) / scale) @ x) ** 2
    else:
        order = np.argsort(data.y, kind="stable")
        starts = np.unique(data.y[order], return_index=True)[1]
        mass = np.add.reduceat(weight[order], starts)
        sums = np.add.reduceat(weight[order, None] * x[order], starts)
        explained = (sums**2 / np.maximum(mass, 1e-12)[:, None]).sum(axis=0)
    return np.asarray(np.sqrt(np.clip(explained / np.maximum(variance, 1e-12), 0.0, 1.0)))
