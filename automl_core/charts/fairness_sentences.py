"""Differences of groups in a sentence, and the numbers of it in words.

Takes the records of evaluation/group_fairness.py.
"""

from __future__ import annotations

import math

from automl_core.charts.drawing import number
from automl_core.evaluation import SMALLEST_SLICE, Fairness, Gap, MeasuredGroups
from automl_core.words import count, percent


def fairness_sentence(found: Fairness) -> str:
    """A sentence on the gaps that are more than chance, the widest first."""
    measured = found.measured
    if not found.compared:
        return f"No two groups have {SMALLEST_SLICE} rows: they cannot be compared."
    differing = [one for one in measured if one.differ]
    if not differing:
        return (
            f"By none of {count(len(measured), 'measure')} does a group differ from the "
            "other rows by more than chance. Small groups can hide a difference: see the intervals."
        )
    titles = ", ".join(one.measure.title for one in differing)
    sentence = f"Groups differ by more than chance in: {titles}."
    widest = next((one for one in differing if one.gap is not None and one.measure.share), None)
    if widest is not None and widest.gap is not None:
        gap = widest.gap
        ends = " to ".join(gap_words(widest, end) for end in gap.difference_ends)
        sentence += (
            f" {widest.measure.title} is {gap_words(widest, gap.difference)} higher for {gap.high} "
            f"than for {gap.low} ({ends})."
        )
    return sentence


GAP_HEADER = (
    "Measure", "All rows", "Highest group", "Lowest group", "Difference", "95 % interval", "Ratio",
    "Beyond chance",
)  # fmt: skip


def gap_rows(found: Fairness, unit: str) -> list[tuple[str, ...]]:
    """The widest gap by each measure, in the columns of GAP_HEADER.

    `unit` is that of the target. Measures in which no two groups have enough rows are left out.
    """
    return [
        (
            f"{one.measure.title} ({unit})" if one.measure.unit == "target" else one.measure.title,
            measure_words(one, one.overall),
            one.gap.high,
            one.gap.low,
            gap_words(one, one.gap.difference),
            " to ".join(gap_words(one, end) for end in one.gap.difference_ends),
            _ratio(one.gap),
            ", ".join(one.differ) or "none",
        )
        for one in found.measured
        if one.gap is not None
    ]


def _ratio(gap: Gap) -> str:
    if gap.ratio is None or gap.ratio_ends is None:
        return "–"
    return f"{gap.ratio:.2f} ({gap.ratio_ends[0]:.2f} to {gap.ratio_ends[1]:.2f})"


def measure_words(one: MeasuredGroups, value: float | None) -> str:
    """A value of a measure: of shares in percent."""
    if value is None or not math.isfinite(value):
        return "–"
    return percent(value) if one.measure.share else number(value)


def gap_words(one: MeasuredGroups, value: float) -> str:
    """A difference: of shares in percentage points, which are no percent of either."""
    return f"{100 * value:.1f} points" if one.measure.share else number(value)
