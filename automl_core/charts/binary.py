"""Figures of a model for two classes, from records of numbers: what it finds, and what it says.

Knows nothing of how the numbers were made.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from automl_core.charts import theme
from automl_core.charts.drawing import PERCENT_AXIS, Drawing, Trace, escape, percents, rounded, thin
from automl_core.evaluation import (
    CumulativeGain,
    Decision,
    PrecisionRecall,
    Reliability,
    ScoreHistogram,
)
from automl_core.words import percent

HEIGHT = 320
LAST_TICK = 24  # pixels at the right for its text
ENDS = (0.0, 100.0)  # of an axis in percent


def draw_precision_recall(curve: PrecisionRecall) -> Drawing:
    """One line, and the precision of flagging at random."""
    name = escape(curve.label)
    line = _line(
        percents(curve.recall), percents(curve.precision), f"average precision {curve.average:.3f}"
    )
    if len(curve.recall) == 1:  # a model that says the same of every row
        line |= {"mode": "markers", "marker": {"size": 10, "color": theme.VALID}}
    line["customdata"] = [rounded(value) for value in curve.threshold]
    line["hovertemplate"] = (
        f"finds %{{x:.1f}} % of {name}<br>%{{y:.1f}} % of the flagged rows are right<br>"
        "from a probability of %{customdata} on<extra></extra>"
    )
    return Drawing(
        (line, _baseline(ENDS, percents((curve.base, curve.base)))),
        _shares(f"Recall: share of “{name}” that is found", "Precision"),
        f"Precision and recall. {curve.sentence}",
    )


def draw_gain(gain: CumulativeGain) -> Drawing:
    """Share found by share of rows flagged; a perfect ranking and one at random beside it."""
    name = escape(gain.label)
    line = _line(percents(gain.share), percents(gain.found), "model")
    line["hovertemplate"] = (
        f"%{{x:.1f}} % of the rows hold<br>%{{y:.1f}} % of {name}<extra></extra>"
    )
    perfect = _line(percents((0.0, gain.base, 1.0)), percents((0.0, 1.0, 1.0)), "perfect")
    perfect |= {"line": {"color": theme.BEST, "dash": "dash", "width": 1.5}, "hoverinfo": "skip"}
    return Drawing(
        (line, perfect, _baseline(ENDS, ENDS)),
        _shares("Share of rows flagged, most probable first", f"Share of “{name}” found"),
        f"Cumulative gain. {gain.sentence}",
    )


def draw_lift(gain: CumulativeGain) -> Drawing:
    """Draw lift, the class's share among flagged rows over its share of all, by rows flagged."""
    name = escape(gain.label)
    line = _line(
        percents(gain.share[1:]), gain.lift[1:], "model"
    )  # nothing is flagged at a share of 0
    line["hovertemplate"] = (
        f"%{{x:.1f}} % of the rows hold<br>%{{y:.2f}} times as many {name} as at random"
        "<extra></extra>"
    )
    shape = _shares("Share of rows flagged, most probable first", "Lift: times as many as random")
    shape["yaxis"] = theme.axis("Lift: times as many as random") | {"rangemode": "tozero"}
    return Drawing((line, _baseline(ENDS, (1.0, 1.0))), shape, f"Lift. {gain.lift_sentence}")


def draw_reliability(bins: Reliability) -> Drawing:
    """A point a bin with its interval, and the line on which probabilities mean what they say."""
    name = escape(bins.label)
    points = _line(percents(bins.predicted), percents(bins.actual), "model, 95 % interval")
    points |= {
        "mode": "lines+markers",
        "marker": {"size": 8, "color": theme.VALID},
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": percents(h - a for h, a in zip(bins.high, bins.actual, strict=True)),
            "arrayminus": percents(a - v for a, v in zip(bins.actual, bins.low, strict=True)),
            "thickness": 1.5,
            "width": 4,
        },
        "customdata": [
            f"{percent(low)} to {percent(high)}, {number:,} rows"
            for low, high, number in zip(bins.low, bins.high, bins.rows, strict=True)
        ],
        "hovertemplate": (
            f"predicted %{{x:.1f}} %<br>%{{y:.1f}} % are {name}<br>"
            "95 % interval %{customdata}<extra></extra>"
        ),
    }
    return Drawing(
        (points, _baseline(ENDS, ENDS, "as predicted")),
        _shares(f"Predicted probability of “{name}”", f"Share that is “{name}”"),
        f"Calibration. {bins.sentence}",
    )


def draw_score_histogram(histogram: ScoreHistogram) -> Drawing:
    """Bars of both classes over each other, each as shares of its class."""
    width = histogram.edges[1] - histogram.edges[0]
    middles = percents(edge + width / 2 for edge in histogram.edges[:-1])
    colours = (theme.GREY, theme.VALID)
    names = [escape(label) for label in histogram.labels]
    traces = tuple(
        {
            "type": "bar",
            "name": name,
            "x": middles,
            "y": percents(shares),
            "width": rounded(100 * width),
            "marker": {"color": colour, "opacity": 0.6},
            "hovertemplate": (
                f"probability about %{{x:.0f}} %<br>%{{y:.1f}} % of {name}<extra></extra>"
            ),
        }
        for name, shares, colour in zip(names, histogram.shares, colours, strict=True)
    )
    shape = theme.layout(f"Predicted probability of “{names[1]}”", "Share of the class", HEIGHT)
    shape |= {"barmode": "overlay", "bargap": 0}
    shape["margin"]["r"] = LAST_TICK
    shape["xaxis"] |= {"range": [0, 100]} | PERCENT_AXIS
    shape["yaxis"] |= PERCENT_AXIS
    return Drawing(traces, shape, f"Probabilities by class. {histogram.sentence}")


def draw_decision(decision: Decision) -> Drawing:
    """Gain per 1,000 rows by share of rows flagged, as it is and smooth; the best marked."""
    keep = thin(len(decision.shares))
    shares = percents(decision.shares[i] for i in keep)
    line = _gain_line(shares, [decision.smooth[i] for i in keep], "smooth")
    seen = _gain_line(shares, [decision.gains[i] for i in keep], "on these rows")
    seen["line"] = {"color": theme.GREY, "width": 1.5}
    gain = decision.gain
    best = {
        "type": "scatter",
        "mode": "markers",
        "name": "expected, 95 % interval",
        "x": percents([decision.share]),
        "y": [rounded(gain.value)],
        "marker": {"size": 10, "color": theme.BEST},
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": [rounded(gain.high - gain.value)],
            "arrayminus": [rounded(gain.value - gain.low)],
            "thickness": 2,
            "width": 6,
        },
        "hovertemplate": "%{x:.1f} % flagged<br>%{y:,.4g} per 1,000 rows expected<extra></extra>",
    }
    shape = theme.layout("Share of rows flagged, most probable first", "Gain per 1,000 rows")
    shape["margin"]["r"] = LAST_TICK
    shape["xaxis"] |= {"range": [-1, 101]} | PERCENT_AXIS
    return Drawing((seen, line, best), shape, f"Gain by share of rows flagged. {decision.sentence}")


def _gain_line(shares: Sequence[float], gains: Sequence[float], name: str) -> Trace:
    hover = f"%{{x:.1f}} % flagged<br>%{{y:,.4g}} per 1,000 rows, {name}<extra></extra>"
    return _line(shares, gains, name) | {"hovertemplate": hover}


def _line(x: Sequence[float], y: Sequence[float], name: str) -> Trace:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": [rounded(value) for value in x],
        "y": [rounded(value) for value in y],
        "line": {"color": theme.VALID, "width": 2.5},
    }


def _baseline(x: Sequence[float], y: Sequence[float], name: str = "random") -> Trace:
    line = {"color": theme.BASELINE, "dash": theme.BASELINE_DASH, "width": 1.5}
    return _line(x, y, name) | {"line": line, "hoverinfo": "skip"}


def _shares(x_title: str, y_title: str) -> dict[str, Any]:
    """A layout whose axes go from 0 to 100 %."""
    shape = theme.layout(x_title, y_title, HEIGHT)
    shape["margin"]["r"] = LAST_TICK
    shape["xaxis"] |= {"range": [-1, 101]} | PERCENT_AXIS
    shape["yaxis"] |= {"range": [-1, 103]} | PERCENT_AXIS
    return shape
