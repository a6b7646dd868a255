"""Shares of first places of each model on rows drawn anew, as bars.

Takes the records of evaluation/first_place.py.
"""

from __future__ import annotations

from automl_core.charts.drawing import PERCENT_AXIS, Drawing, escape, percents
from automl_core.charts.theme import BEST, VALID, layout
from automl_core.evaluation import FirstPlace
from automl_core.words import count, percent

ROW, EDGE = 28, 90  # pixels of a row, and of the axis with its title


def draw_first_place(found: FirstPlace) -> Drawing:
    """A bar a model, the best score on top, as long as its share of first places."""
    models = found.models
    bars = {
        "type": "bar",
        "orientation": "h",
        "x": percents(model.first for model in models),
        "y": list(range(len(models))),
        "text": [percent(model.first) for model in models],
        "textposition": "outside",
        "cliponaxis": False,
        "marker": {"color": [BEST, *[VALID] * (len(models) - 1)]},
        "customdata": [
            [escape(model.name, 60), f"{model.low:.0f} to {model.high:.0f}"] for model in models
        ],
        "hovertemplate": "<b>%{customdata[0]}</b>: first in %{text} of the draws<br>"
        "rank %{customdata[1]} in 95 % of them<extra></extra>",
    }
    draws = count(found.draws, "draw")
    shape = layout(f"First in so much of {draws}", height=EDGE + ROW * max(2, len(models)))
    shape["margin"] |= {"t": 8, "r": 56}
    shape["xaxis"] |= {"range": [0, 100], "showgrid": True} | PERCENT_AXIS
    shape["yaxis"] |= {
        "tickvals": list(range(len(models))),
        "ticktext": [escape(model.name, 26) + " " for model in models],
        "range": [len(models) - 0.5, -0.5],
        "showgrid": False,
    }
    words = "; ".join(f"{escape(m.name)}: {percent(m.first)}" for m in models[:6])
    return Drawing((bars,), shape, f"{escape(found.sentence, 400)} First places: {words}.")
