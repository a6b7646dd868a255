"""Each class of a classifier: how often it is found, how often it is right, what it is taken for.

Numbers and one sentence; the most probable class of a row counts as predicted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from automl_core.words import count

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

GUESS = 10  # rows of a class below which a share of them is a guess
ENOUGH = 30  # rows of a class from which on its share is more than a rough guess
MOST_PAIRS, MOST_ROWS = 10, 20


@dataclass(frozen=True)
class ClassScores:
    """One class against all others."""

    label: str
    rows: int  # that really are of it
    predicted: int  # that are predicted as it
    precision: float | None  # share of the predicted that are right; None: none is predicted
    recall: float | None  # share of its rows that are found; None: it has no row
    f1: float | None  # None: it neither occurs nor is predicted


@dataclass(frozen=True)
class ConfusedPair:
    """One class taken for another."""

    actual: str
    predicted: str
    rows: int
    share: float  # of the rows of the actual class
    examples: tuple[int, ...]  # their places among the n rows, the surest mistakes first


@dataclass(frozen=True)
class ClassTable:
    """All classes in their order, and the pairs most often mixed up, most rows first."""

    classes: tuple[ClassScores, ...]
    pairs: tuple[ConfusedPair, ...]
    sentence: str


def class_table(y: Integers, probabilities: Floats, labels: Sequence[str]) -> ClassTable:
    """Classes y (n,) against the most probable ones of probabilities (n, classes)."""
    size = len(labels)
    predicted = probabilities.argmax(axis=1)
    counts = np.bincount(y * size + predicted, minlength=size * size).reshape(size, size)
    classes = tuple(_scores(counts, c, labels[c]) for c in range(size))
    wrong = counts - np.diag(np.diag(counts))
    order = np.argsort(-wrong, axis=None, kind="stable")[:MOST_PAIRS]
    pairs = []
    for a, p in (divmod(int(place), size) for place in order):
        if wrong[a, p]:
            places = np.flatnonzero((y == a) & (predicted == p))
            surest = places[np.argsort(-probabilities[places, p], kind="stable")[:MOST_ROWS]]
            part = float(wrong[a, p] / counts[a].sum())
            examples = tuple(int(i) for i in surest)
            pairs.append(ConfusedPair(labels[a], labels[p], int(wrong[a, p]), part, examples))
    return ClassTable(classes, tuple(pairs), _sentence(classes))


def few_words(rows: int) -> str:
    """A sentence where all there is are fewer than 10 rows; "" for more."""
    return f"With {count(rows, 'row')} all that is said here is a guess." if rows < GUESS else ""


def rare_words(y: Integers, labels: Sequence[str]) -> str:
    """A sentence on the classes that fewer than 10 of the rows y (n,) are of; "" without any."""
    counts = np.bincount(y, minlength=len(labels))
    few = [c for c in range(len(labels)) if 0 < counts[c] < GUESS]
    if not few:
        return ""
    if len(few) == 1:
        rows = int(counts[few[0]])
        verb = "is" if rows == 1 else "are"
        return f"Only {rows} of them {verb} “{labels[few[0]]}”: what is said of it here is a guess."
    return (
        f"{len(few)} classes have fewer than {GUESS} of them: what is said of these classes here "
        "is a guess."
    )


def _scores(counts: Integers, place: int, label: str) -> ClassScores:
    right = int(counts[place, place])
    rows, predicted = int(counts[place].sum()), int(counts[:, place].sum())
    return ClassScores(
        label,
        rows,
        predicted,
        right / predicted if predicted else None,
        right / rows if rows else None,
        2 * right / (rows + predicted) if rows + predicted else None,
    )


def _sentence(classes: Sequence[ClassScores]) -> str:
    enough = [c for c in classes if c.recall is not None and c.rows >= ENOUGH]
    few = sum(0 < c.rows < ENOUGH for c in classes)
    none = sum(c.rows == 0 for c in classes)
    words = []
    if enough:
        hardest = min(enough, key=lambda c: c.recall or 0.0)
        words.append(
            f"Hardest to find is “{hardest.label}”: {round(100 * (hardest.recall or 0))} of 100 "
            "of its rows get this class."
        )
    if few:
        verb = "has" if few == 1 else "have"
        words.append(
            f"{count(few, 'class', 'classes')} {verb} fewer than {ENOUGH} rows: too few for more "
            "than a rough guess."
        )
    if none:
        words.append(f"{count(none, 'class', 'classes')} without any of these rows.")
    return " ".join(words)
