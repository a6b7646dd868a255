"""Finds a target that drifts along a column of dates, years or counted periods.

Then rows at random put tomorrow into training, and a score of them promises too much.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from automl_core.table import Finding, FixAction, Severity, name_words, shown, undo
from automl_core.table.checks.sample import CheckSample
from automl_core.words import percent

BLOCKS = 12
EXPLAINED = 0.05  # share of the target's variance between blocks of time, chance taken off
SURE = 5.0  # deviations of that share where there is no drift
LEAST_ROWS = 100
LEAST_PERIODS = 5  # different years or counted periods
YEARS = (1800, 2200)
CYCLES = {
    "year": 0,
    "yr": 0,
    "quarter": 4,
    "month": 12,
    "week": 53,
    "day": 366,
    "period": 4,
    "time": 4,
}
"""Names of counted time, and how many values come round again: month 5 comes every year."""

_COUNTS = frozenset(("index", "idx", "no", "nr", "num", "number", "step"))


def time_order(sample: CheckSample) -> list[Finding]:
    """The column along which the target drifts most; or the one that is used already."""
    chosen = [c for c in sample.schema.columns if c.role in ("time", "group")]
    if chosen:
        return [_done(c.name) for c in chosen if c.role == "time"]
    y = _ranked(sample)
    drifts = []
    for column in sample.features():
        if column.role not in ("datetime", "numeric"):
            continue
        moments = column.role == "datetime"
        if not moments and not _names_time(column.name):
            continue  # of most columns the name says it
        times = sample.typed(column.name).numbers
        assert times is not None
        if moments:
            drifts.append((_drift(times, y, BLOCKS), column.name))
        elif _counts_time(column.name, times):
            drifts.append((_drift(times, y, LEAST_PERIODS), column.name))
    share, name = max(drifts, default=(0.0, ""))
    if not share:
        return []
    message = (
        f"The target changes along {shown(name)} (time explains {percent(share)} of its variance): "
        "validation rows chosen at random have neighbours in time among the training rows."
    )
    fix = "Let the latest rows validate, if what will be predicted lies in the future."
    action = FixAction("role", "Validate by time", (name,), ("time",))
    # A year may say how old a thing is, and not when its row came about.
    severity: Severity = "info" if {*name_words(name)} <= {"year", "yr"} else "warning"
    return [Finding("time_order", (name,), severity, message, fix, "to_review", action)]


def _done(name: str) -> Finding:
    message = f"The latest rows by {shown(name)} validate: models are trained on earlier ones."
    return Finding("time_order", (name,), "info", message, "", "fixed", undo(name))


def _ranked(sample: CheckSample) -> NDArray[np.float64]:
    """(n, k) the target, numbers by their rank so that no tail decides."""
    y = sample.outcome()
    if sample.task != "regression":
        return y
    ranks = np.full(len(y), np.nan)
    known = ~np.isnan(y[:, 0])
    place = np.unique(y[known, 0], return_inverse=True)[1].astype(np.float64)
    ranks[known] = place / max(1.0, place.max(initial=0.0))
    return ranks[:, None]


def _names_time(name: str) -> bool:
    """True if the name says no more than a unit of time."""
    words = {*name_words(name)}
    units = words & {*CYCLES}
    return bool(units) and not words - units - _COUNTS and words != {"time"}  # that: a duration


def _counts_time(name: str, numbers: NDArray[np.float64]) -> bool:
    """True if the numbers run on with the unit of time that their name says."""
    units = {*name_words(name)} & {*CYCLES}
    known = np.unique(numbers[~np.isnan(numbers)])
    if len(known) < LEAST_PERIODS or (known != np.trunc(known)).any():
        return False
    if units <= {"year", "yr"}:
        return bool(YEARS[0] <= known[0] and known[-1] <= YEARS[1])
    runs_on = len(known) >= 0.8 * (known[-1] - known[0] + 1)
    return bool(runs_on and len(known) > max(CYCLES[unit] for unit in units))


def _drift(times: NDArray[np.float64], y: NDArray[np.float64], least: int) -> float:
    """Share of the target's variance between blocks of time; 0 where it may be chance."""
    known = ~np.isnan(times) & ~np.isnan(y).any(axis=1)
    n = int(known.sum())
    if n < LEAST_ROWS or len(np.unique(times[known])) < least:
        return 0.0
    times, y = times[known], y[known]
    place = np.unique(times, return_inverse=True, return_counts=True)
    before = np.cumsum(place[2]) - place[2]
    block = (before[place[1]] * BLOCKS // n).astype(np.int64)
    counts = np.bincount(block, minlength=BLOCKS)
    blocks = int((counts > 0).sum())
    total = ((y - y.mean(axis=0)) ** 2).sum()
    between = 0.0
    for k in range(y.shape[1]):
        means = np.bincount(block, weights=y[:, k], minlength=BLOCKS) / np.maximum(counts, 1)
        between += float((counts * (means - y[:, k].mean()) ** 2).sum())
    if blocks < 3 or not total:
        return 0.0
    share = 1 - (1 - between / total) * (n - 1) / max(1, n - blocks)
    chance = np.sqrt(2 * (blocks - 1)) / n
    return float(share) if share >= max(EXPLAINED, SURE * chance) else 0.0
