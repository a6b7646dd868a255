"""Drift by column: whether a file's values are spread as those of the training rows were.

A column has moved where chance can hardly explain the difference (tests corrected for their number
by Holm's method) and the difference is large enough to matter: so that neither few rows nor many
alarm on nothing. Values and names come from files: show them as plain text only.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from automl_core.evaluation import plain_number
from automl_core.scoring.column_reference import ColumnReference
from automl_core.scoring.compared_column import compared
from automl_core.scoring.training_rows import TrainingRows
from automl_core.table import TypedColumn, TypedTable, shown
from automl_core.words import percent

MOST_CHECKED = 20_000  # rows of a file that are looked at
LEVEL = 0.01  # of all tests together
LEAST_ROWS = 30  # of the file, below which nothing is said
MOVED, FAR = 0.1, 0.25  # the largest difference of the shares from which on a column has moved
MOST_MISSING = 0.05  # the difference of the shares of missing cells that matters
LEAST_EXPECTED = 5.0  # rows that a word should have, to count on its own in a test

Floats = NDArray[np.float64]
What = Literal["values", "missing"]


@dataclass(frozen=True)
class ColumnDrift:
    """One comparison of a column."""

    column: str
    what: What
    effect: float  # largest difference of shares, 0 to 1
    chance: float  # probability of such a difference by chance, corrected for all comparisons
    words: str  # what differs

    @property
    def moved(self) -> bool:
        """The difference is no chance, and large enough to matter."""
        least = MOVED if self.what == "values" else MOST_MISSING
        return self.chance < LEVEL and self.effect >= least


@dataclass(frozen=True)
class Drift:
    """All columns of a file against the training rows; those that moved come first."""

    columns: tuple[ColumnDrift, ...]
    rows: int  # of the file, that were compared

    @property
    def moved(self) -> tuple[ColumnDrift, ...]:
        """What has moved, the most first."""
        return tuple(column for column in self.columns if column.moved)

    @property
    def verdict(self) -> str:
        """The whole in one sentence."""
        if self.rows < LEAST_ROWS:
            return f"{self.rows} rows are too few to be compared with the training rows."
        names = list(dict.fromkeys(column.column for column in self.moved))
        every = len({column.column for column in self.columns})
        if not names:
            return f"None of the {every} columns has moved away from the training rows."
        far = max(column.effect for column in self.moved) >= FAR
        listed = ", ".join(shown(name) for name in names[:5]) + (" ..." if len(names) > 5 else "")
        much = "far" if far else "a little"
        have = "has" if len(names) == 1 else "have"
        return f"{len(names)} of {every} columns {have} moved {much} from training: {listed}."


def drift(typed: TypedTable, training: TrainingRows) -> Drift:
    """The columns of a file's rows, or of a sample of them, against the training rows."""
    if typed.rows < LEAST_ROWS:
        return Drift((), typed.rows)
    found: list[ColumnDrift] = []
    for column in training.columns:
        if column.name in typed.columns:
            cells = compared(typed.columns[column.name], column.kind)
            found += _compare(cells, column, training.rows)
    corrected = _corrected(found)
    order = sorted(corrected, key=lambda c: (not c.moved, -c.effect))
    return Drift(tuple(order), typed.rows)


def _corrected(found: Sequence[ColumnDrift]) -> list[ColumnDrift]:
    """The same with chances corrected for their number (Holm 1979)."""
    highest, corrected = 0.0, []
    for place, one in enumerate(sorted(found, key=lambda c: c.chance)):
        highest = max(highest, min(1.0, one.chance * (len(found) - place)))
        corrected.append(replace(one, chance=highest))
    return corrected


def _compare(cells: TypedColumn, reference: ColumnReference, rows: int) -> list[ColumnDrift]:
    gaps = cells.gaps
    missing = float(gaps.mean())
    effect = abs(missing - reference.missing)
    chance = _two_shares(missing, len(gaps), reference.missing, rows)
    words = (
        f"{shown(reference.name)} is missing in {percent(missing)} of the rows, in training in "
        f"{percent(reference.missing)}."
    )
    found = [ColumnDrift(reference.name, "missing", effect, chance, words)]
    there, before = int((~gaps).sum()), round(rows * (1 - reference.missing))
    if there < LEAST_ROWS or before < LEAST_ROWS:
        return found
    values = cells.take(np.flatnonzero(~gaps))
    if values.numbers is not None:
        found.append(_numbers(values.numbers, reference, before))
    else:
        found.append(_words(values, reference, before))
    return found


def distance(numbers: Floats, points: Floats) -> float:
    """The largest difference between the distributions of numbers and of the quantiles kept."""
    own = np.sort(numbers)
    grid = np.unique(np.concatenate([own, points]))
    shares = np.searchsorted(own, grid, side="right") / len(own)
    before = np.searchsorted(points, grid, side="right") / len(points)
    return float(np.abs(shares - before).max())


def _numbers(numbers: Floats, reference: ColumnReference, before: int) -> ColumnDrift:
    points = np.array(reference.points)
    grain = 1.0 / len(points) if len(points) < before else 0.0  # quantiles blur by as much
    effect = max(0.0, distance(numbers, points) - grain)
    root = math.sqrt(len(numbers) * before / (len(numbers) + before))
    chance = _kolmogorov((root + 0.12 + 0.11 / root) * effect)
    return ColumnDrift(
        reference.name, "values", effect, chance, _number_words(numbers, points, reference)
    )


def _number_words(numbers: Floats, points: Floats, reference: ColumnReference) -> str:
    name, kind = shown(reference.name), reference.kind
    now, then = float(np.median(numbers)), float(points[len(points) // 2])
    low, high = np.quantile(numbers, (0.1, 0.9))
    wide, spread = (
        float(high - low),
        float(points[-1 - len(points) // 10] - points[len(points) // 10]),
    )
    both = f"{_shown(now, kind)} in the middle, in training {_shown(then, kind)}"
    if abs(now - then) > 0.1 * spread or not spread:
        way = {"datetime": ("later", "earlier"), "text": ("longer", "shorter")}
        more, less = way.get(kind, ("higher", "lower"))
        if kind == "list":
            more, less = way["text"]
        return f"{name} is {more if now > then else less} than in training: {both}."
    width = "wider" if wide > spread else "more closely"
    ends = f"{_shown(float(low), kind)} to {_shown(float(high), kind)} in 80 of 100 rows"
    return f"{name} is spread {width} than in training: {ends}."


def _shown(number: float, kind: str) -> str:
    if kind == "datetime" and abs(number) < 1e11:
        return (dt.datetime(1970, 1, 1) + dt.timedelta(seconds=number)).date().isoformat()
    if kind in ("text", "list"):
        return f"{number:.0f} characters"
    return plain_number(number)


def _words(cells: TypedColumn, reference: ColumnReference, before: int) -> ColumnDrift:
    """A test of the shares of the words kept, and of all others together."""
    assert cells.codes is not None
    place = {word: i for i, word in enumerate(reference.words)}
    numbers = np.array([place.get(word, len(place)) for word in cells.words], np.int64)
    counts = np.bincount(numbers[cells.codes], minlength=len(place) + 1).astype(np.float64)
    shares = counts / counts.sum()
    known = np.array([*reference.shares, reference.rest])
    change = shares - known
    chance = _chi_square(counts, known * before)
    most = int(np.argmax(np.abs(change)))
    if most < len(place):
        what = f"{shown(reference.words[most])} is {percent(shares[most])} of the rows"
    else:
        what = f"other values than the usual ones are {percent(shares[most])} of the rows"
    words = f"{shown(reference.name)}: {what}, in training {percent(known[most])}."
    effect = float(np.abs(change).sum() / 2)
    return ColumnDrift(reference.name, "values", effect, chance, words)


def _chi_square(one: Floats, other: Floats) -> float:
    """The probability that two counts of the same words (k,) differ so much by chance.

    Words that are too rare to count on their own are one.
    """
    total = one.sum() + other.sum()
    least = min(one.sum(), other.sum()) / total
    rare = (one + other) * least < LEAST_EXPECTED
    table = np.stack([one, other])
    table = np.concatenate([table[:, ~rare], table[:, rare].sum(axis=1, keepdims=True)], axis=1)
    table = table[:, table.sum(axis=0) > 0]
    free = table.shape[1] - 1
    if free < 1:
        return 1.0
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0) / total
    statistic = float(((table - expected) ** 2 / expected).sum())
    # Wilson and Hilferty (1931): the cube root is nearly normal
    spread = 2.0 / (9.0 * free)
    normal = ((statistic / free) ** (1 / 3) - (1 - spread)) / math.sqrt(spread)
    return _above(normal)


def _two_shares(one: float, rows: int, other: float, before: int) -> float:
    """The probability that two shares differ so much by chance, both ways."""
    common = (one * rows + other * before) / (rows + before)
    error = math.sqrt(common * (1 - common) * (1 / rows + 1 / before))
    return 2 * _above(abs(one - other) / error) if error > 0 else 1.0


def _above(normal: float) -> float:
    """The probability that a standard normal number is larger."""
    return 0.5 * math.erfc(normal / math.sqrt(2))


def _kolmogorov(value: float) -> float:
    """The probability that two samples are so far apart by chance (Kolmogorov 1933)."""
    if value < 0.2:
        return 1.0
    terms = [(-1) ** (k - 1) * math.exp(-2 * (k * value) ** 2) for k in range(1, 101)]
    return min(1.0, max(0.0, 2 * math.fsum(terms)))
