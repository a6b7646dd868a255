"""The effect on a model's predictions of the values of one column, and of two together.

Partial dependence is the mean prediction where all rows get the same value (Friedman 2001), with
the curves of single rows (ICE; Goldstein et al. 2015). Accumulated local effects compare
neighbouring values only on the rows that have them, so that correlated columns do not mix in
(Apley and Zhu 2020). All on the model's scale: a probability, or the target's unit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from automl_core.explain.axis import Axis, column_at, steps_of
from automl_core.explain.sample import Change, Floats, Rows, Sample

CURVES = 20  # rows that are shown one by one
OUTPUTS = 6  # classes that are looked at, the most frequent
NORMAL = 1.96
LEAST_PROBABILITY = 1e-3  # below it, log-odds say more of the model's tails than of the columns

Lines = tuple[tuple[float, ...], ...]  # by output and point
Surfaces = tuple[tuple[tuple[float, ...], ...], ...]  # by output, point of x, point of y


@dataclass(frozen=True)
class Effect:
    """The effect of one column on each output."""

    axis: Axis
    outputs: tuple[str, ...]  # classes; ("",) for values
    dependence: Lines
    low: Lines  # 95 % interval of the mean over rows
    high: Lines
    local: Lines  # accumulated local effects, moved to the mean prediction
    curves: Surfaces  # by output, row and point
    rows: int  # that the dependence is the mean over
    spread: tuple[float, ...]  # by output: standard deviation of the dependence over the data


@dataclass(frozen=True)
class PairEffect:
    """The effect of two columns together on each output."""

    x: Axis
    y: Axis
    outputs: tuple[str, ...]
    dependence: Surfaces
    local: Surfaces  # accumulated local effects beyond those of each column alone, mean 0
    strength: float  # 0 to 1: Friedman's H, of log-odds where there are classes
    size: float  # standard deviation, on the model's scale, of what neither has alone
    rows: int


def outputs_of(sample: Sample) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """The outputs that are looked at: their names and numbers. Of two classes it is the second."""
    if not sample.labels:
        return ("",), (0,)
    if len(sample.labels) == 2:
        return (sample.labels[1],), (1,)
    counts = np.bincount(sample.y.astype(np.int64), minlength=len(sample.labels))
    places = np.sort(np.argsort(-counts, kind="stable")[:OUTPUTS]).tolist()
    return tuple(sample.labels[i] for i in places), tuple(places)


def effect_of(sample: Sample, axis: Axis) -> Effect:
    """The effect of a column on these rows."""
    names, _ = outputs_of(sample)
    n = sample.rows
    changes: list[Change] = [
        {axis.column: column_at(sample, axis, np.full(n, point, np.int64))}
        for point in range(len(axis.points))
    ]
    said = predicted(sample, changes)  # (points, n, outputs)
    weights = sample.weights / sample.weights.sum()
    mean = np.einsum("pno,n->op", said, weights)
    spread_of_rows = np.sqrt(np.einsum("pno,n->op", (said - mean.T[:, None, :]) ** 2, weights))
    half = NORMAL * spread_of_rows / np.sqrt(1 / (weights**2).sum())
    at = np.array(axis.shares) / max(1e-12, sum(axis.shares))
    local = _accumulated(sample, axis, said) + (mean @ at)[:, None]
    centred = mean - (mean @ at)[:, None]
    return Effect(
        axis=axis,
        outputs=names,
        dependence=as_lines(mean),
        low=as_lines(mean - half),
        high=as_lines(mean + half),
        local=as_lines(local),
        curves=tuple(as_lines(said[:, :CURVES, o].T) for o in range(said.shape[2])),
        rows=n,
        spread=tuple(np.sqrt((centred**2) @ at).tolist()),
    )


def pair_effect_of(sample: Sample, x: Axis, y: Axis) -> PairEffect:
    """The effect of two columns on these rows."""
    names, _ = outputs_of(sample)
    n, p, q = sample.rows, len(x.points), len(y.points)
    changes: list[Change] = [
        {
            x.column: column_at(sample, x, np.full(n, i, np.int64)),
            y.column: column_at(sample, y, np.full(n, j, np.int64)),
        }
        for i in range(p)
        for j in range(q)
    ]
    said = predicted(sample, changes)  # (points, n, outputs)
    weights = sample.weights / sample.weights.sum()
    surface = _surface(said, weights, (p, q))
    scaled = surface
    if sample.labels:
        inside = np.clip(said, LEAST_PROBABILITY, 1 - LEAST_PROBABILITY)
        scaled = _surface(np.log(inside / (1 - inside)), weights, (p, q))
    at_x, at_y = (np.array(a.shares) / max(1e-12, sum(a.shares)) for a in (x, y))
    rest, whole = _parted(scaled, at_x, at_y)
    beyond, _ = _parted(surface, at_x, at_y)
    return PairEffect(
        x=x,
        y=y,
        outputs=names,
        dependence=_surfaces(surface),
        local=_surfaces(_accumulated_pair(sample, x, y, said)),
        strength=float(np.sqrt(min(1.0, rest / whole))) if whole > 1e-18 else 0.0,
        size=float(np.sqrt(beyond)),
        rows=n,
    )


def predicted(sample: Sample, changes: list[Change]) -> Floats:
    """(changes, n, outputs)"""
    said = sample.predict(changes)
    if said.ndim == 2:
        return said[:, :, None]
    return said[:, :, list(outputs_of(sample)[1])]


def _surface(said: Floats, weights: Floats, shape: tuple[int, int]) -> Floats:
    """(outputs, p, q): the mean over rows."""
    mean: Floats = np.einsum("cno,n->oc", said, weights)
    return mean.reshape(len(mean), *shape)


def _parted(surface: Floats, at_x: Floats, at_y: Floats) -> tuple[float, float]:
    """Variance of what is left without the means of rows and columns, and of all; sums of outputs.

    Two columns whose effects only add up leave nothing.
    """
    of_x = np.einsum("oij,j->oi", surface, at_y)
    of_y = np.einsum("oij,i->oj", surface, at_x)
    mean = np.einsum("oi,i->o", of_x, at_x)[:, None, None]
    rest = surface - of_x[:, :, None] - of_y[:, None, :] + mean
    where = at_x[:, None] * at_y[None, :]
    return float(((rest**2) * where).sum()), float((((surface - mean) ** 2) * where).sum())


def _accumulated(sample: Sample, axis: Axis, said: Floats) -> Floats:
    """(outputs, points): accumulated local effects, mean 0 over the data.

    `said` (points, n, outputs) has the predictions of all rows at each point.
    """
    steps = steps_of(sample, axis)
    change = said[steps.step + 1, steps.rows] - said[steps.step, steps.rows]
    weight = sample.weights[steps.rows]
    count = len(axis.points) - 1
    mass = np.bincount(steps.step, weights=weight, minlength=count)
    total = [np.bincount(steps.step, weights=c * weight, minlength=count) for c in change.T]
    means = np.array(total) / np.where(mass > 0, mass, 1)
    found = np.concatenate([np.zeros((len(means), 1)), np.cumsum(means, axis=1)], axis=1)
    at = np.array(axis.shares) / max(1e-12, sum(axis.shares))
    return found - (found @ at)[:, None]


def _accumulated_pair(sample: Sample, x: Axis, y: Axis, said: Floats) -> Floats:
    """(outputs, p, q): second-order accumulated local effects, without those of each alone.

    `said` (p * q, n, outputs) has the predictions of all rows at each two points.
    """
    first, second = steps_of(sample, x), steps_of(sample, y)
    rows = np.intersect1d(first.rows, second.rows)
    at_x, at_y = np.full((2, sample.rows), -1, np.int64)
    at_x[first.rows], at_y[second.rows] = first.step, second.step

    def at(up: int, right: int) -> Floats:
        corner = (at_x[rows] + up) * len(y.points) + at_y[rows] + right
        return np.asarray(said[corner, rows])

    change = at(1, 1) - at(1, 0) - at(0, 1) + at(0, 0)
    p, q = len(x.points) - 1, len(y.points) - 1
    cell = at_x[rows] * q + at_y[rows]
    weight = sample.weights[rows]
    mass = np.bincount(cell, weights=weight, minlength=p * q).astype(np.float64).reshape(p, q)
    found = [_pair_of_output(c, weight, cell, mass) for c in change.T]
    return np.array(found)


def _pair_of_output(change: Floats, weight: Floats, cell: Rows, mass: Floats) -> Floats:
    """(p + 1, q + 1) of one output; cells without a row change nothing."""
    p, q = mass.shape
    total = np.bincount(cell, weights=change * weight, minlength=p * q).reshape(p, q)
    means = total / np.where(mass > 0, mass, 1)
    grid = np.zeros((p + 1, q + 1))
    grid[1:, 1:] = means.cumsum(axis=0).cumsum(axis=1)
    grid -= _alone(grid, mass)[:, None] + _alone(grid.T, mass.T)[None, :]
    corners = (grid[1:, 1:] + grid[1:, :-1] + grid[:-1, 1:] + grid[:-1, :-1]) / 4
    return np.asarray(grid - (corners * mass).sum() / max(1e-12, float(mass.sum())))


def _alone(grid: Floats, mass: Floats) -> Floats:
    """(p + 1,): the effect along the first axis alone that is in the accumulated grid."""
    along = grid[1:] - grid[:-1]  # (p, q + 1)
    middle = (along[:, 1:] + along[:, :-1]) / 2
    total = mass.sum(axis=1)
    means = (middle * mass).sum(axis=1) / np.where(total > 0, total, 1)
    return np.concatenate([[0.0], np.cumsum(means)])


def as_lines(values: Floats) -> Lines:
    return tuple(tuple(float(f"{v:.5g}") for v in line) for line in values.tolist())


def _surfaces(values: Floats) -> Surfaces:
    return tuple(as_lines(surface) for surface in values)
