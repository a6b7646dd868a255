"""The error that a model is to be expected to make in a row, by where the row lies.

A small regression tree of the errors on rows that the model had not seen: over the columns, and
over the prediction itself. With it, the error that a changed mix of rows explains can be told from
the error that only another relation of columns and target does (Kitagawa 1955; Oaxaca 1973).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from automl_core.table import TypedColumn

PREDICTION = "prediction"
"""The kind of the column that is no column: the value, or the largest probability of a class."""

DEEPEST, LEAST_ROWS, PARTS = 4, 40, 25  # a leaf has a part of the rows at least
CUTS, MOST_WORDS = 16, 30  # places where a column may be cut, words that are told apart
SURE = 4.0  # standard errors that two parts differ by, at least

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class LossNode:
    """A part of the rows, and how it is cut in two; a leaf is not cut."""

    share: float  # of the training rows
    loss: float  # their mean error
    column: str = ""
    kind: str = ""  # of the column's parse rule, or PREDICTION
    at: float = 0.0  # numbers up to it go low
    words: tuple[str, ...] = ()  # words that go low; none: the column has numbers
    low: int = 0  # numbers of the two parts' nodes; 0: there are none
    high: int = 0


@dataclass(frozen=True)
class ExpectedLoss:
    """The errors of a model on rows that it had not seen."""

    measure: str  # an ErrorMeasure
    mean: float
    spread: float  # standard deviation
    rows: int
    nodes: tuple[LossNode, ...]  # the root first
    metric: str = ""  # the run's own, for people
    score: float | None = None  # by it, on the same rows

    def leaf_of(self, columns: Mapping[tuple[str, str], TypedColumn]) -> NDArray[np.int64]:
        """(n,) the node in which each row ends; columns by name and kind, as compared."""
        rows = len(next(iter(columns.values())))
        place = np.zeros(rows, np.int64)
        for number, node in enumerate(self.nodes):
            here = np.flatnonzero(place == number)
            if not node.low or not len(here):
                continue
            low = goes_low(node, columns[node.column, node.kind].take(here))
            place[here] = np.where(low, node.low, node.high)
        return place


def goes_low(node: LossNode, cells: TypedColumn) -> NDArray[np.bool_]:
    """(n,) which of the cells go to the lower part; those without a value never do."""
    if cells.numbers is not None:
        low = cells.numbers <= node.at
    else:
        assert cells.codes is not None
        known = set(node.words)
        low = np.array([*(word in known for word in cells.words), False])[cells.codes]
    return np.asarray(low & ~cells.gaps, dtype=np.bool_)


def learn_loss(
    losses: Floats, columns: Mapping[tuple[str, str], TypedColumn]
) -> tuple[LossNode, ...]:
    """The tree of errors (n,) over columns as compared, n cells each; the root alone for few."""
    nodes: list[LossNode] = []
    least = max(LEAST_ROWS, len(losses) // PARTS)
    waiting = [(np.arange(len(losses)), 0)]
    numbers = 1
    while waiting:
        rows, depth = waiting.pop(0)
        node = LossNode(len(rows) / len(losses), float(losses[rows].mean()))
        cut = _best_cut(losses, columns, rows, least) if depth < DEEPEST else None
        if cut is not None:
            low = goes_low(cut, columns[cut.column, cut.kind].take(rows))
            node = LossNode(
                node.share, node.loss, cut.column, cut.kind, cut.at, cut.words, numbers, numbers + 1
            )  # fmt: skip
            waiting += [(rows[low], depth + 1), (rows[~low], depth + 1)]
            numbers += 2
        nodes.append(node)
    return tuple(nodes)


def _best_cut(
    losses: Floats, columns: Mapping[tuple[str, str], TypedColumn], rows: NDArray[np.int64],
    least: int,
) -> LossNode | None:  # fmt: skip
    """The cut between whose parts the errors differ most; None where none is sure."""
    if len(rows) < 2 * least:
        return None
    best, most, y = None, 0.0, losses[rows]
    for (name, kind), column in columns.items():
        for cut in _cuts(name, kind, column.take(rows), y):
            low = goes_low(cut, column.take(rows))
            count = int(low.sum())
            if not least <= count <= len(rows) - least:
                continue
            gain, sure = _difference(y[low], y[~low])
            if sure >= SURE and gain > most:
                best, most = cut, gain
    return best


def _difference(one: Floats, other: Floats) -> tuple[float, float]:
    """By how much less the errors spread within two parts, and how sure it is that these differ."""
    apart = float(one.mean() - other.mean())
    gain = apart**2 * len(one) * len(other) / (len(one) + len(other))
    error = float(np.sqrt(one.var() / len(one) + other.var() / len(other)))
    return gain, abs(apart) / error if error > 0 else (np.inf if apart else 0.0)


def _cuts(name: str, kind: str, cells: TypedColumn, losses: Floats) -> Sequence[LossNode]:
    """The cuts of a column that are tried, for the rows of a node."""
    gaps = cells.gaps
    if gaps.all():
        return ()
    if cells.numbers is not None:
        known = cells.numbers[~gaps]
        places = np.unique(np.quantile(known, np.arange(1, CUTS) / CUTS, method="inverted_cdf"))
        cuts = [LossNode(0.0, 0.0, name, kind, float(p)) for p in places if p < known.max()]
        if gaps.any():
            # Rows without a value alone against all others, and with the larger numbers else.
            cuts.append(LossNode(0.0, 0.0, name, kind, float(known.max())))
        return cuts
    assert cells.codes is not None
    codes, kept = cells.codes[~gaps], losses[~gaps]
    counts = np.bincount(codes, minlength=len(cells.words))
    sums = np.bincount(codes, kept, minlength=len(cells.words))
    common = [i for i in np.argsort(-counts, kind="stable")[:MOST_WORDS].tolist() if counts[i]]
    order = sorted(common, key=lambda i: sums[i] / counts[i])
    ends = range(1, len(order) + (len(common) < len(np.flatnonzero(counts)) or bool(gaps.any())))
    return [
        LossNode(0.0, 0.0, name, kind, words=tuple(cells.words[i] for i in order[:end]))
        for end in ends
    ]
