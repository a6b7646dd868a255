"""Differences of models on the same rows: how often they agree, who errs alone, which rows tell.

Plain numbers; knows no runs and no pages.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl_core.words import percent

Floats = NDArray[np.float64]

MOST_DIFFERENT = 20  # rows


@dataclass(frozen=True)
class Agreement:
    """Two models on n rows; by classes the most probable one counts."""

    equal: float | None  # share of rows with the same class; None for values
    correlation: float | None  # of values; None for classes, or where one is constant
    apart: float  # mean distance of the predictions, see `distances`
    only_first: int  # rows on which the first is right, or nearer, and the second is not
    only_second: int  # the other way round
    both_wrong: int  # 0 for values
    both_right: int  # for values: rows on which both are equally far off


def agreement(y: NDArray[Any], first: Floats, second: Floats) -> Agreement:
    """Of predictions (n, classes) or (n,) against y (n,), n > 0."""
    apart = float(distances([first, second]).mean())
    if first.ndim == 1:
        one, two = np.abs(first - y), np.abs(second - y)
        spread = min(float(first.std()), float(second.std()))
        correlation = float(np.corrcoef(first, second)[0, 1]) if spread > 0 else None
        nearer, further = int((one < two).sum()), int((one > two).sum())
        return Agreement(None, correlation, apart, nearer, further, 0, len(y) - nearer - further)
    a, b = first.argmax(axis=1), second.argmax(axis=1)
    return Agreement(
        float((a == b).mean()),
        None,
        apart,
        int(((a == y) & (b != y)).sum()),
        int(((a != y) & (b == y)).sum()),
        int(((a != y) & (b != y)).sum()),
        int(((a == y) & (b == y)).sum()),
    )


def distances(predictions: Sequence[Floats]) -> Floats:
    """The largest distance (n,) between any two of the predictions for a row.

    Between probabilities: the total variation, 0 to 1. Between values: their difference.
    """
    largest = np.zeros(len(predictions[0]))
    for place, one in enumerate(predictions):
        for other in predictions[place + 1 :]:
            apart = np.abs(one - other)
            largest = np.maximum(largest, apart if one.ndim == 1 else 0.5 * apart.sum(axis=1))
    return np.asarray(largest, dtype=np.float64)


def most_different(predictions: Sequence[Floats], most: int = MOST_DIFFERENT) -> NDArray[np.int64]:
    """Places of the rows on which the models differ most, the furthest first; none are equal."""
    apart = distances(predictions)
    order = np.argsort(-apart, kind="stable")[:most]
    return np.asarray(order[apart[order] > 0], dtype=np.int64)


def agreement_sentence(first: str, second: str, found: Agreement, rows: int) -> str:
    """One sentence on two models, by their names."""
    if found.equal is not None:
        return (
            f"{first} and {second} predict the same class for {percent(found.equal)} of the rows. "
            f"{first} alone is right in {found.only_first:,}, {second} alone in "
            f"{found.only_second:,}; both are wrong in {found.both_wrong:,}."
        )
    alike = "" if found.correlation is None else f" correlate by {found.correlation:.3f};"
    return (
        f"{first} and {second}{alike or ' are compared row by row;'} {first} is nearer to the "
        f"actual value in {percent(found.only_first / max(1, rows))} of the rows, {second} in "
        f"{percent(found.only_second / max(1, rows))}."
    )
