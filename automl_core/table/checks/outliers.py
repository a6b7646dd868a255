"""Numbers and dates far from all others, and those that cannot be.

Robust to long tails: a value counts only where a gap parts it from the rest, on the scale of
logarithms too where all numbers are positive.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from automl_core.table import DONE, Column, Finding, FixAction, is_marked, is_text, listed, shown
from automl_core.table.checks.disguised_missing import comes_often, numbers_and_marks
from automl_core.table.checks.found_rows import rows_with
from automl_core.table.checks.odd_values import find_odd_values
from automl_core.table.checks.plausible_ranges import beyond_limits
from automl_core.table.inference import ColumnStats, find_sentinels, stands_alone
from automl_core.table.parsing import parse_column

Numbers = NDArray[np.float64]
FAR, APART = 15.0, 5.0  # spreads from the middle; times as far as the next one
FAR_LOG, APART_LOG = 5.0, 1.8
MOST, MOST_SHARE = 5, 0.005  # rows that may be outliers
WRONG_SHARE = 0.02  # of the rows that may be impossible
CLEAR = 5.0  # spreads that lie between zero and the middle
FAR_DATE = 20.0
_MIN_ROWS = 50


def find_outliers(stats: ColumnStats, column: Column, cells: pa.ChunkedArray) -> Finding | None:
    """The finding about impossible values, or else about values far from all others."""
    if column.role not in ("numeric", "datetime", "time") or len(stats.values) < 8:
        return None
    typed, marked = numbers_and_marks(stats, column.parse)
    apart: list[float] = []
    # the sign of a moment only says on which side of 1970 it is
    if column.parse.kind == "number" and comes_often(stats):
        apart = [s.value for s in find_sentinels(typed, stats.counts)]  # disguised_missing.py
        apart += [odd.value for odd in find_odd_values(typed, stats.counts)]
    known = ~np.isnan(typed) & ~np.isin(typed, apart)
    places = np.flatnonzero(known)
    places = places[np.argsort(typed[places], kind="stable")]  # once; what follows orders them anew
    values, counts = typed[places], stats.counts[places]
    if counts.sum() < _MIN_ROWS or len(values) < 8:
        return None
    if column.parse.kind == "datetime":
        wrong = _other_age(values, counts)
        kind, why = "impossible", "centuries or decades away from all other dates"
    else:
        wrong, why = beyond_limits(column.name, values, counts)
        if not wrong.any():
            wrong, why = _impossible(values, counts)
        kind = "impossible"
        if not wrong.any():
            wrong, kind = _outliers(values, counts), "outliers"
            why = "far away from all others"
    if not wrong.any():
        return None
    at = np.sort(places[wrong])
    done = bool(marked[at].all())
    at = at if done else at[~marked[at]]
    texts = tuple(_written(stats, int(i)) for i in at[:20])
    rows = rows_with(cells, stats.values.take(pa.array(at)))
    found = _finding(kind, column, why, int(stats.counts[at].sum()), (texts, rows))
    return _done(found, texts) if done else found


def _done(finding: Finding, texts: tuple[str, ...]) -> Finding:
    """The finding once all these cells are read as missing."""
    back = FixAction("values", "Undo", finding.columns, texts)
    fix = f"{DONE} read as missing."
    return replace(finding, state="fixed", fix=fix, action=back, applied=True)


def no_dates(stats: ColumnStats, column: Column, cells: pa.ChunkedArray) -> Finding | None:
    """Cells among dates that are none, such as 31/02/2021."""
    if column.parse.kind != "datetime" or not is_text(stats.values.type):
        return None
    typed = parse_column(stats.values, column.name, column.parse).numbers
    assert typed is not None
    gap = pc.or_(pc.is_null(stats.text), is_marked(stats.text, column.parse.missing))
    at = np.flatnonzero(np.isnan(typed) & ~np.asarray(gap.to_numpy(zero_copy_only=False)))
    if not len(at):
        return None
    texts = tuple(_written(stats, int(i)) for i in at[:4])
    rows, count = rows_with(cells, stats.values.take(pa.array(at))), int(stats.counts[at].sum())
    message = (
        f"{shown(column.name)} is {listed(texts, 3)} in {count:,} "
        f"{'row' if count == 1 else 'rows'}: no date that exists."
    )
    fix = "These cells count as missing."
    return Finding("impossible", (column.name,), "info", message, fix, "fixed", None, rows)


def _finding(
    kind: str, column: Column, why: str, count: int, found: tuple[tuple[str, ...], tuple[int, ...]]
) -> Finding:
    name, (texts, rows) = column.name, found
    some = ", ".join(shown(t) for t in texts[:3]) + (" ..." if len(texts) > 3 else "")
    message = f"{shown(name)} is {some} in {count:,} {'row' if count == 1 else 'rows'}: {why}."
    fix = "Read these cells as missing if they are mistakes; models that split are not disturbed."
    action = None
    if column.parse.kind == "number" and len(texts) < 20:
        action = FixAction("missing", "Read as missing", (name,), texts)
    return Finding(kind, (name,), "info", message, fix, "to_review", action, rows)


def _impossible(values: Numbers, counts: NDArray[np.int64]) -> tuple[NDArray[np.bool_], str]:
    """Signs that are wrong, or zeros where nothing comes near zero."""
    none = np.zeros(len(values), np.bool_)
    total, positive = counts.sum(), values > 0
    if counts[positive].sum() < (1 - 2 * WRONG_SHARE) * total:
        return none, ""
    low, middle = _quantiles(values[positive], counts[positive], (0.005, 0.5))
    spread = _spread(values[positive], counts[positive])
    apart = low >= 0.15 * middle and middle >= CLEAR * 0.8 * spread > 0
    if not apart and not stands_alone(values[positive], counts[positive]):
        return none, ""
    negative, zero = values <= -0.1 * middle, values == 0
    near = values.min() >= -3 * values.max()  # beyond that the sign is the least of it
    if near and negative.any() and counts[values < 0].sum() <= WRONG_SHARE * total:
        return negative, "all others are well above zero, so the sign may be wrong"
    nearest = values[positive].min()
    step = float(np.median(np.diff(np.sort(values[positive]))))
    if (
        zero.any()
        and nearest >= max(0.1 * middle, 5 * step)
        and counts[zero].sum() <= 2 * WRONG_SHARE * total
    ):
        return zero, f"all others are {nearest:g} or more, so it may stand for a missing value"
    return none, ""


def _outliers(values: Numbers, counts: NDArray[np.int64]) -> NDArray[np.bool_]:
    found = _parted(values, counts, FAR, APART)
    positive = values > 0
    if (values >= 0).all() and counts[positive].sum() > 0.5 * counts.sum():
        logs = np.zeros(len(values))
        logs[positive] = np.log(values[positive])
        middle = _quantiles(logs[positive], counts[positive], (0.5,))[0]
        far = _parted(np.maximum(logs[positive], middle), counts[positive], FAR_LOG, APART_LOG)
        kept = np.zeros(len(values), np.bool_)
        kept[positive] = far
        found &= kept
    return found


def _other_age(values: Numbers, counts: NDArray[np.int64]) -> NDArray[np.bool_]:
    return _parted(values, counts, FAR_DATE, APART, WRONG_SHARE)


def _parted(
    values: Numbers, counts: NDArray[np.int64], far: float, apart: float, most: float = MOST_SHARE
) -> NDArray[np.bool_]:
    """Values that lie `far` spreads from the middle, and `apart` times as far as the rest."""
    middle = _quantiles(values, counts, (0.5,))[0]
    spread = _spread(values, counts)
    if spread <= 0:
        return np.zeros(len(values), np.bool_)
    distance = np.abs(values - middle) / spread
    order = np.argsort(-distance, kind="stable")
    sorted_distance = distance[order]
    rows = np.cumsum(counts[order])
    allowed = rows <= max(MOST, most * counts.sum())
    gaps = sorted_distance[:-1] >= np.maximum(far, apart * sorted_distance[1:])
    cut = np.flatnonzero(gaps & allowed[:-1])
    found = np.zeros(len(values), np.bool_)
    if len(cut):
        found[order[: cut[-1] + 1]] = True
    return found


def _spread(values: Numbers, counts: NDArray[np.int64]) -> float:
    """The deviation that a normal distribution with these quartiles has; of the upper one where the
    lower is folded away."""
    low, middle, high = _quantiles(values, counts, (0.25, 0.5, 0.75))
    return (high - low) / 1.349 if low < middle else 2 * (high - middle) / 1.349


def _quantiles(
    values: Numbers, counts: NDArray[np.int64], shares: tuple[float, ...]
) -> tuple[float, ...]:
    order = np.argsort(values, kind="stable")  # quick where they are in order
    below = np.cumsum(counts[order])
    at = [int(np.searchsorted(below, s * below[-1])) for s in shares]
    return tuple(float(values[order[min(i, len(order) - 1)]]) for i in at)


def _written(stats: ColumnStats, at: int) -> str:
    """The cell as a mark is written: numbers in their shortest form."""
    if is_text(stats.values.type):
        return str(stats.text[at].as_py())
    cell = stats.values[at].as_py()
    return repr(cell) if isinstance(cell, (int, float)) else str(cell)
