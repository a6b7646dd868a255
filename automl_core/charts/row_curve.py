"""Scores by how many rows train, and the power law through them up to twice the rows.

Takes the records of evaluation/row_curve.py.
"""

from __future__ import annotations

from automl_core.charts.drawing import Drawing, Trace, rounded
from automl_core.charts.theme import BASELINE, BASELINE_DASH, BEST, VALID, faded, layout
from automl_core.evaluation import RowForecast
from automl_core.metrics import METRICS


def draw_row_curve(found: RowForecast, height: int = 320) -> Drawing:
    """Points as measured, the law as a line, its 80 % band; a dotted line at the rows there are."""
    at = [rounded(rows) for rows in found.at]
    band: Trace = {
        "type": "scatter",
        "mode": "lines",
        "name": "80 % band",
        "x": [*at, *at[::-1]],
        "y": [rounded(v) for v in (*found.high, *found.low[::-1])],
        "fill": "toself",
        "fillcolor": faded(VALID, 0.2),
        "line": {"width": 0},
        "hoverinfo": "skip",
    }
    line: Trace = {
        "type": "scatter",
        "mode": "lines",
        "name": "power law",
        "x": at,
        "y": [rounded(v) for v in found.middle],
        "line": {"color": VALID, "width": 2},
        "hovertemplate": "%{x:,.0f} rows<br>%{y:.4~g}<extra></extra>",
    }
    points: Trace = {
        "type": "scatter",
        "mode": "markers",
        "name": "measured",
        "x": list(found.rows),
        "y": [rounded(v) for v in found.measured],
        "marker": {"color": BEST, "size": 9},
        "hovertemplate": "%{x:,.0f} rows<br>%{y:.4~g}, measured<extra></extra>",
    }
    metric = METRICS[found.metric]
    better = "higher" if metric.higher_is_better else "lower"
    shape = layout("Rows that train, log scale", f"{metric.title}, {better} is better", height)
    shape["xaxis"] |= {"type": "log", "dtick": "D2", "tickformat": ",~g"}
    now = rounded(found.at[-1] / 2)
    ends = {"type": "line", "x0": now, "x1": now, "y0": 0, "y1": 1, "yref": "paper"}
    dotted = {"color": BASELINE, "dash": BASELINE_DASH, "width": 1.5}
    shape |= {"shapes": [{**ends, "line": dotted}]}
    return Drawing((band, line, points), shape, f"Learning curve over rows. {found.sentence}")
