"""The quality of a model in one word: its score beside the baseline's, by rules that are stated.

What is judged is the share of the baseline's loss that the model removes: 0 for a model that is no
better, 1 for one without error. Errors in units of the target count squared, so that the share is
comparable to R² for every metric of a regression. What a model finds is said in the table's words,
too. Knows numbers and labels only: no models, runs or pages.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from automl_core.evaluation.number_words import plain_number
from automl_core.metrics import METRICS, better
from automl_core.words import percent

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


class Grade(StrEnum):
    """The verdicts, best first; the words that people read."""

    EXCELLENT = "excellent"
    USEFUL = "useful"
    WEAK = "weak"
    GUESSING = "no better than guessing"


# Shares of the baseline's loss from which a model is useful, and excellent. The metrics run on
# different scales: an area of 0.90 under the ROC curve often goes with a log loss that is halved.
_BANDS = {
    "roc_auc": (0.4, 0.8),  # areas of 0.70 and 0.90
    "log_loss": (0.15, 0.5),
    "accuracy": (0.2, 0.7),
    "balanced_accuracy": (0.2, 0.7),
    "f1": (0.2, 0.7),
    "rmse": (0.3, 0.8),
    "mae": (0.3, 0.8),
    "r2": (0.3, 0.8),
}
LEAST = 0.01  # of the baseline's loss; less is no gain where there is no interval to tell
NEAR_PERFECT = 0.98  # of the baseline's loss; more is rare without a leak
_SQUARED = ("rmse", "mae")


@dataclass(frozen=True)
class Measured:
    """A score in its metric's natural sign, with its 95 % interval where there is one."""

    score: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Verdict:
    """A grade for a score, with the gain over the baseline and its meaning in words."""

    grade: Grade
    removed: float  # share of the baseline's loss, at most 1; below 0: worse than the baseline
    gain: str  # against the baseline, in percent and words
    meaning: str  # of the score, one sentence
    advice: str  # what to do next, one or two sentences


def judge(metric: str, measured: Measured, baseline: float) -> Verdict:
    """The verdict on a score; `baseline` is that of the constant on the same rows."""
    removed = loss_removed(metric, measured.score, baseline)
    useful, excellent = _BANDS[metric]
    if _is_guessing(metric, measured, baseline, removed):
        grade = Grade.GUESSING
    elif removed >= excellent:
        grade = Grade.EXCELLENT
    else:
        grade = Grade.USEFUL if removed >= useful else Grade.WEAK
    return Verdict(
        grade,
        removed,
        gain_words(metric, measured.score, baseline),
        _meaning(metric, measured.score, baseline),
        _advice(grade, removed),
    )


def words_of_classes(
    target: str,
    labels: Sequence[str],
    y: Integers,
    probabilities: Floats,
    weight: Floats | None = None,
) -> str:
    """A sentence on what a classifier finds, with its labels; "" where the rows are of one class.

    `y` (n,) are places in `labels`, `probabilities` (n, classes) of rows that it had not seen. Of
    two classes: the rows of the second that are among as many as there are, most probable first.
    """
    counts = np.ones(len(y)) if weight is None else weight
    whole = counts.sum()
    shares = np.bincount(y, counts, minlength=len(labels)) / max(whole, 1e-12)
    if not len(y) or shares.max() >= 1:
        return ""
    if len(labels) > 2:
        right = counts[probabilities.argmax(axis=1) == y].sum() / whole
        return (
            f"Of 100 rows it names the right one of {len(labels)} classes for {_of_100(right)}; "
            f"always “{labels[int(shares.argmax())]}” is right for {_of_100(shares.max())}."
        )
    order = np.argsort(-probabilities[:, 1], kind="stable")
    named = np.cumsum(counts[order]) <= shares[1] * whole + 1e-9
    found = counts[order][named & (y[order] == 1)].sum() / (shares[1] * whole)
    return (
        f"Of 100 rows with {target} = {labels[1]} it finds {_of_100(found)} when it names as many "
        f"as there are; at random it would find {_of_100(shares[1])}."
    )


def words_of_values(y: Floats, predicted: Floats, weight: Floats | None = None) -> str:
    """A sentence on the mean absolute error beside the values; "" without rows. All (n,)."""
    if not len(y):
        return ""
    off = float(np.average(np.abs(predicted - y), weights=weight))
    low, high = np.quantile(y, (0.05, 0.95))
    return (
        f"It is off by {plain_number(off)} on average, where nine of ten values go from "
        f"{plain_number(float(low))} to {plain_number(float(high))}."
    )


def loss_removed(metric: str, score: float, baseline: float) -> float:
    """The share of the baseline's loss that a model with this score removes, at most 1."""
    perfect = 1.0 if METRICS[metric].higher_is_better else 0.0
    most = abs(perfect - baseline)
    if most < 1e-12:  # there is nothing to remove
        return 0.0
    left = abs(perfect - score) / most
    return 1.0 - (left**2 if metric in _SQUARED else left)


def relative_gain(metric: str, score: float, baseline: float) -> float | None:
    """By which part of the baseline's score a score is better; below 0: worse.

    For R², whose baseline is about 0, the difference itself. None where the baseline is 0.
    """
    gain = score - baseline if METRICS[metric].higher_is_better else baseline - score
    if metric != "r2":
        if baseline <= 0:
            return None
        gain /= baseline
    return 0.0 if abs(gain) < 1e-6 else gain


def gain_words(metric: str, score: float, baseline: float) -> str:
    """A score beside the baseline's: "81 % lower than baseline"."""
    gain = relative_gain(metric, score, baseline)
    if metric == "r2" or gain is None:
        return f"baseline {plain_number(baseline)}"
    if gain == 0:
        return "equal to baseline"
    higher = METRICS[metric].higher_is_better == (gain > 0)
    return f"{percent(abs(gain))} {'higher' if higher else 'lower'} than baseline"


def grade_rules(metric: str) -> str:
    """The rules of the verdict for a metric, for people; one paragraph."""
    useful, excellent = _BANDS[metric]
    share = "the baseline's loss that the model removes"
    at = f"from {percent(useful)} on, excellent from {percent(excellent)}"
    if metric == "roc_auc":
        at = f"from an area of {0.5 + useful / 2:.2f} on, excellent from {0.5 + excellent / 2:.2f}"
        share = "the way from the baseline (0.5) to a perfect area of 1"
    elif metric == "r2":
        share = "the variation that the model explains"
    elif metric in _SQUARED:
        share = "the baseline's squared error that the model removes, as R² counts"
    return (
        f"The verdict looks at the share of {share}: useful {at}, weak below. No better than "
        "guessing: the 95 % interval holds the baseline's score; without an interval, less than "
        "1 % is removed. The baseline gives every row the same answer."
    )


def _is_guessing(metric: str, measured: Measured, baseline: float, removed: float) -> bool:
    ends = [v for v in (measured.low, measured.high) if v is not None]
    if not ends:
        return not removed >= LEAST
    return not all(better(metric, end, baseline) for end in (*ends, measured.score))


def _of_100(share: float) -> str:
    whole = round(100 * share)
    if whole == 100 and share < 1:
        return "more than 99"
    return "fewer than 1" if whole == 0 and share > 0 else str(whole)


def _meaning(metric: str, score: float, baseline: float) -> str:
    of_100, other = _of_100(score), _of_100(baseline)
    removed = percent(max(0.0, loss_removed(metric, score, baseline)))
    shown, before = plain_number(score), plain_number(baseline)
    match metric:
        case "roc_auc":
            return (
                f"Take a row of one class and a row of another: in {of_100} of 100 cases the "
                "model tells which is which; guessing does in 50."
            )
        case "accuracy":
            return f"{of_100} of 100 rows are predicted right; the baseline gets {other}."
        case "balanced_accuracy":
            return (
                f"Of the rows of each class, on average, {of_100} of 100 are predicted right; the "
                f"baseline gets {other}."
            )
        case "log_loss":
            return f"The probabilities remove {removed} of the uncertainty about the class."
        case "mae":
            return f"On average a prediction is off by {shown}; the baseline is by {before}."
        case "rmse":
            return (
                f"The model explains {removed} of the variation: a typical error is {shown}, the "
                f"baseline's {before}."
            )
        case "r2":
            return f"The model explains {removed} of the variation."
        case _:
            return "F1 is 1 where no row of a class is missed and none is claimed wrongly."


def _advice(grade: Grade, removed: float) -> str:
    if removed >= NEAR_PERFECT:
        return (
            "So good a score is often a leak. Look whether the most important column is known "
            "before the answer is."
        )
    match grade:
        case Grade.EXCELLENT | Grade.USEFUL:
            return "Score new rows with it, or look at what it learned and where it errs."
        case Grade.WEAK:
            return (
                "Most of the target is not explained by these columns. More rows or columns that "
                "say more help most, then a longer budget."
            )
        case _:
            return (
                "On these rows the columns do not tell the target. Check that it is the right one, "
                "and bring columns that have to do with it."
            )
