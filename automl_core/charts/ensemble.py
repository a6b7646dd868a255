"""The members of an ensemble: a bar a trial, as long as its weight.

Knows nothing about how the weights are found.
"""

from __future__ import annotations

from dataclasses import dataclass

from automl_core.charts.drawing import Drawing, Trace, escape, number, rounded
from automl_core.charts.names import family_title
from automl_core.charts.theme import family_colour, layout
from automl_core.runs.record import RunState
from automl_core.words import percent

ROW = 30  # pixels a bar takes


@dataclass(frozen=True)
class EnsemblePart:
    """One trial of the ensemble."""

    trial: int
    name: str
    family: str
    weight: float  # its share of the average, 0..1
    score: float | None  # its own, on all out-of-fold rows, natural sign
    folds: int  # fitted models that it brings along
    predict_ms_per_row: float | None
    size_bytes: int | None


def ensemble_parts(state: RunState) -> tuple[EnsemblePart, ...]:
    """The ensemble's trials, heaviest first, apart from those that a damaged log lost.

    () where there is no ensemble.
    """
    if state.ensemble is None:
        return ()
    parts = []
    for trial, weight in zip(state.ensemble.trials, state.ensemble.weights, strict=True):
        if (t := state.trials.get(trial)) is None:
            continue
        parts.append(
            EnsemblePart(
                t.number, t.name, t.family, weight, t.score, t.folds, t.predict_ms_per_row,
                t.size_bytes,
            )
        )  # fmt: skip
    return tuple(sorted(parts, key=lambda p: (-p.weight, p.trial)))


def draw_parts(parts: tuple[EnsemblePart, ...]) -> Drawing:
    """Bars by position, not by name; colour is the family, as on every chart."""
    families = dict.fromkeys(part.family for part in parts)
    traces = [_bars(parts, family) for family in families]
    places = list(range(len(parts)))
    shape = layout("Weight in the average, %", height=80 + ROW * max(2, len(parts)))
    shape |= {"showlegend": len(families) > 1, "bargap": 0.35, "barmode": "overlay"}
    if len(families) < 2:
        shape["margin"]["t"] = 8
    shape["xaxis"] |= {"showgrid": True, "rangemode": "tozero"}
    shape["yaxis"] |= {
        "tickvals": places,
        "ticktext": [escape(part.name, 26) + " " for part in parts],
        "range": [len(places) - 0.5, -0.5],  # heaviest on top
        "showgrid": False,
    }
    words = ", ".join(f"{escape(p.name)} {percent(p.weight)}" for p in parts[:5])
    return Drawing(tuple(traces), shape, f"Weights of {len(parts)} trials in the ensemble: {words}")


def _bars(parts: tuple[EnsemblePart, ...], family: str) -> Trace:
    mine = [(place, part) for place, part in enumerate(parts) if part.family == family]
    return {
        "type": "bar",
        "orientation": "h",
        "uid": f"weights-{family}",
        "name": escape(family_title(family)),
        "x": [rounded(100 * part.weight) for _, part in mine],
        "y": [place for place, _ in mine],
        "text": [percent(part.weight) for _, part in mine],
        "textposition": "outside",
        "cliponaxis": False,
        "customdata": [
            [escape(part.name, 60), "–" if part.score is None else number(part.score)]
            for _, part in mine
        ],
        "marker": {"color": family_colour(family), "opacity": 0.9},
        "hovertemplate": "<b>%{customdata[0]}</b><br>%{x:.1f} % of the average, "
        "own score %{customdata[1]}<extra></extra>",
    }
