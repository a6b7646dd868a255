"""The rank of each model in every fold, or training, and its mean: how firm the order is.

Takes the records of evaluation/rank_stability.py.
"""

from __future__ import annotations

from automl_core.charts.drawing import Drawing, escape, rounded
from automl_core.charts.theme import BEST, VALID, faded, layout
from automl_core.evaluation import RankStability
from automl_core.words import count

ROW, EDGE = 30, 90  # pixels of a row, and of the axis with its title


def draw_fold_ranks(found: RankStability) -> Drawing:
    """A row a model, the best on top: a pale dot a fold, a full one at the mean rank."""
    models = found.models
    folds = {
        "type": "scatter",
        "mode": "markers",
        "name": f"a {found.noun}",
        "x": [rounded(rank) for model in models for rank in model.ranks],
        "y": [place for place, model in enumerate(models) for _ in model.ranks],
        "marker": {"color": faded(VALID, 0.45), "size": 9},
        "customdata": [
            [escape(model.name, 60), fold + 1] for model in models for fold in found.folds
        ],
        "hovertemplate": f"<b>%{{customdata[0]}}</b>, {found.noun} %{{customdata[1]}}<br>"
        "rank %{x}<extra></extra>",
    }
    means = {
        "type": "scatter",
        "mode": "markers",
        "name": f"mean of the {found.noun}s",
        "x": [rounded(model.mean) for model in models],
        "y": list(range(len(models))),
        "marker": {"color": BEST, "size": 11, "symbol": "diamond"},
        "customdata": [[escape(model.name, 60)] for model in models],
        "hovertemplate": "<b>%{customdata[0]}</b><br>mean rank %{x:.3~g}<extra></extra>",
    }
    shape = layout(
        f"Rank in a {found.noun}, 1 is the best", height=EDGE + ROW * max(2, len(models))
    )
    shape["xaxis"] |= {"showgrid": True, "range": [0.5, len(models) + 0.5], "dtick": 1}
    shape["yaxis"] |= {
        "tickvals": list(range(len(models))),
        "ticktext": [escape(model.name, 26) + " " for model in models],
        "range": [len(models) - 0.5, -0.5],
        "showgrid": False,
    }
    words = "; ".join(f"{escape(m.name)}: {m.mean:.3g}" for m in models[:6])
    alt = f"Ranks of models in {count(len(found.folds), found.noun)}; mean ranks: {words}."
    return Drawing((folds, means), shape, alt)
