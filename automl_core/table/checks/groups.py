"""Rows that belong together: several of one person, machine or place, alike in what they say.

A column names such groups where pairs of its rows agree in other columns and in the target,
far beyond what pairs of any rows do. With rows at random, a model then knows the groups that
it is judged on. In a sample of a long table few rows have another of their group beside them:
then whole groups are looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from automl_core.table import Codes, Column, Finding, FixAction, listed, shown, undo
from automl_core.table.checks.sample import CheckSample

FEWEST, LARGEST = 12, 100.0  # groups; rows a group on average
LEAST_PAIRS, MOST_PAIRS = 80, 20_000
SURE_PAIRS = 2_000  # in a sample; with fewer of them whole groups are looked at
SAME, ANYWHERE = 0.9, 0.5  # share of pairs that agree in a column: in a group, in any rows
SHARED = 2  # columns that are the same within groups
ALIKE = 0.1  # correlation of the target within groups
SURE = 2.5  # deviations of it by chance; two columns that are the same say most of it already
ALIKE_ALONE = (0.9, 0.75)  # of a group on its own, and with one column that is the same
SMALL, MANY = 30.0, 30  # then: rows a group on average at most, groups at least
ORDERED = 0.5  # of that correlation, between neighbours: a scale, whose values name no groups
MOST_COLUMNS = 150


@dataclass(frozen=True)
class _Grouping:
    name: str
    groups: int
    shared: tuple[str, ...]
    alike: float


@dataclass(frozen=True, eq=False)
class _Paired:
    """Pairs of rows with the same value of a column."""

    sample: CheckSample
    y: NDArray[np.float64]  # (n, k) the target in the sample
    left: NDArray[np.int64]  # (pairs,) rows of the sample
    right: NDArray[np.int64]

    @cached_property
    def alike(self) -> float:
        return _correlation(self.y, self.left, self.right)

    @property
    def are_alike(self) -> bool:
        pairs = len(self.left)
        return pairs >= LEAST_PAIRS and self.alike >= max(ALIKE, SURE / np.sqrt(pairs))


def row_groups(sample: CheckSample) -> list[Finding]:
    """The column whose rows belong together most; or the one that is used already."""
    chosen = [c for c in sample.schema.columns if c.role in ("time", "group")]
    if chosen:
        return [_done(c.name) for c in chosen if c.role == "group"]
    found = [g for c in _candidates(sample) if (g := _grouping(sample, c)) is not None]
    if not found:
        return []
    best = max(found, key=lambda g: (len(g.shared), g.groups))
    agree = f"agree in {listed(best.shared, 3)} and " if best.shared else ""
    message = (
        f"Rows with the same {shown(best.name)} ({best.groups:,} groups) {agree}"
        f"are alike in the target (correlation {best.alike:.2f}): with rows at random, models "
        "are scored on groups that they were trained on."
    )
    fix = "Keep each group on one side of every split, if new rows will come from new groups."
    action = FixAction("role", "Keep groups together", (best.name,), ("group",))
    return [Finding("groups", (best.name,), "warning", message, fix, "to_review", action)]


def _done(name: str) -> Finding:
    message = f"Rows with the same {shown(name)} are kept on one side of every split."
    return Finding("groups", (name,), "info", message, "", "fixed", undo(name))


def _candidates(sample: CheckSample) -> list[Column]:
    rows = sample.schema.rows
    columns = [c for c in sample.features() if c.role in ("category", "text", "numeric")]
    wanted = [c for c in columns if c.distinct >= FEWEST and c.distinct <= rows / 2]
    wanted = [c for c in wanted if rows / c.distinct <= LARGEST]
    whole = (c for c in wanted if c.role != "numeric" or _whole(sample, c))
    return list(islice(whole, 40))


def _whole(sample: CheckSample, column: Column) -> bool:
    numbers = sample.typed(column.name).numbers
    assert numbers is not None
    known = numbers[~np.isnan(numbers)]
    return bool((known == np.trunc(known)).all())


def _grouping(sample: CheckSample, column: Column) -> _Grouping | None:
    if not sample.once("groups alike", column, lambda: _paired(sample, column).are_alike):
        return None  # what most columns come to: whole groups of a long table are looked for once
    paired = _paired(sample, column)
    sample, y, left, right = paired.sample, paired.y, paired.left, paired.right
    alike = paired.alike
    rng = np.random.default_rng(0)
    any_left, any_right = rng.permutation(left), rng.permutation(right)
    shared = []
    for other in sample.features()[:MOST_COLUMNS]:
        if other.name == column.name or other.distinct < 2:
            continue
        cells = sample.codes(other.name)
        if _agree(cells, any_left, any_right) > ANYWHERE:
            continue
        same = _agree(cells, left, right) >= SAME
        if same and other.distinct < 0.98 * column.distinct:
            shared.append(other.name)
    if len(shared) < SHARED and not _alike_alone(sample, column, y, (alike, len(shared))):
        return None
    return _Grouping(column.name, column.distinct, tuple(shared), alike)


def _paired(sample: CheckSample, column: Column) -> _Paired:
    """Pairs in the sample; where these are few, in rows that are picked by whole groups."""
    found = _pairs_of(sample, column)
    if sample.sampled and len(found.left) < SURE_PAIRS:
        return _pairs_of(sample.with_whole_groups(column.name), column)
    return found


def _pairs_of(sample: CheckSample, column: Column) -> _Paired:
    y = sample.outcome()
    return _Paired(sample, y, *_pairs(sample.codes(column.name), ~np.isnan(y[:, 0])))


def _alike_alone(
    sample: CheckSample, column: Column, y: NDArray[np.float64], found: tuple[float, int]
) -> bool:
    """True if the target alone shows small groups; `found` is how alike, and the columns shared."""
    alike, shared = found
    small = sample.schema.rows <= SMALL * column.distinct and column.distinct >= MANY
    if not small or alike < ALIKE_ALONE[shared]:
        return False
    if column.role != "numeric":
        return True
    numbers = sample.typed(column.name).numbers
    assert numbers is not None
    known = np.flatnonzero(~np.isnan(numbers) & ~np.isnan(y[:, 0]))
    order = known[np.random.default_rng(0).permutation(len(known))]
    order = order[np.argsort(numbers[order], kind="stable")]
    next_one = np.flatnonzero(numbers[order][1:] != numbers[order][:-1])
    return _correlation(y, order[next_one], order[next_one + 1]) < ORDERED * alike


def _pairs(codes: Codes, known: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs of rows of one group, each row beside another of its group."""
    rng = np.random.default_rng(0)
    rows = rng.permutation(np.flatnonzero(known & (codes >= 0)))
    rows = rows[np.argsort(codes[rows], kind="stable")]
    same = np.flatnonzero(codes[rows][1:] == codes[rows][:-1])
    if len(same) > MOST_PAIRS:
        same = rng.permutation(same)[:MOST_PAIRS]
    return rows[same], rows[same + 1]


def _agree(cells: Codes, left: NDArray[np.int64], right: NDArray[np.int64]) -> float:
    return float((cells[left] == cells[right]).mean())


def _correlation(
    y: NDArray[np.float64], left: NDArray[np.int64], right: NDArray[np.int64]
) -> float:
    """Correlation of the target between the rows of a pair (intraclass, Fisher 1925)."""
    both = np.concatenate([left, right])
    middle = y[both].mean(axis=0)
    spread = ((y[both] - middle) ** 2).mean()
    return float(((y[left] - middle) * (y[right] - middle)).mean() / spread) if spread else 0.0
