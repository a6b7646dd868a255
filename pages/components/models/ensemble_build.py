"""The members of a run's ensemble by weight, as a chart and as a table.

Draws from the run's state; reads no file.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from automl_core.charts import EnsemblePart, draw_parts, ensemble_parts, metric_short
from automl_core.models import model_spec
from automl_core.runs.record import RunState
from automl_core.types import Origin
from automl_core.words import megabytes
from pages.components.shared import MOST_MEMBERS, OpenRun, draw_chart, score_digits, text

HOW = (
    "Chosen by greedy selection: one trial after another is added, as often as it helps the "
    "average on rows that none of them was trained on (out-of-fold predictions; Caruana et al. "
    "2004). Its score is cross-validated: the weights never meet the rows that they are judged on. "
    "Where no average beats the best single trial, that trial stands alone."
)


def draw_ensemble(run: OpenRun) -> None:
    """The weights, how they were found, and what each trial brings along."""
    parts, solved = ensemble_parts(run.state), run.state.ensemble
    if solved is None:
        st.caption("This run has no ensemble.")
        return
    with st.container(border=True):
        st.markdown("**What it averages**")
        drawing = draw_parts(parts)
        figure = drawing.figure()
        draw_chart(figure, "ensemble_weights", drawing.alt)
        st.caption(HOW)
    st.markdown(
        f"**{text.count(len(parts), 'trial')} with {solved.members} fitted models** "
        f"(of at most {MOST_MEMBERS}, each fold counts as one)"
    )
    _draw_table(parts, run.spec.metric)
    for line in (*_repeats(run.state, parts), _temperature(run, solved.temperature)):
        st.caption(line)


def _draw_table(parts: Sequence[EnsemblePart], metric: str) -> None:
    column = st.column_config.NumberColumn
    score_format = f"%,.{score_digits(p.score for p in parts)}f"
    with st.container(key="ensemble_parts"):
        st.dataframe(
            {
                "Trial": [text.one_line(p.name) for p in parts],
                "Family": [model_spec(p.family).title for p in parts],
                "Weight": [100 * p.weight for p in parts],
                "Score": [p.score for p in parts],
                "Folds": [p.folds for p in parts],
                "ms/row": [p.predict_ms_per_row for p in parts],
                "Size": [megabytes(p.size_bytes) for p in parts],
            },
            hide_index=True,
            height="content",
            placeholder="–",
            column_config={
                "Weight": column(format="%.1f %%", help="Its share of the average"),
                "Score": column(metric_short(metric), format=score_format, help="Its own, alone"),
                "Folds": column(help="Fitted models that it brings along"),
                "ms/row": column(format="%.3g", help="Milliseconds to predict a row, in batches"),
                "Size": column(format="%g MB"),
            },
            alt=f"The {len(parts)} trials of the ensemble, heaviest first",
        )


def _repeats(state: RunState, parts: Sequence[EnsemblePart]) -> list[str]:
    again = [p for p in parts if state.trials[p.trial].origin == Origin.REPEAT]
    if not again:
        return []
    names = ", ".join(text.code(p.name) for p in again[:5])
    more = f" and {len(again) - 5} more" if len(again) > 5 else ""
    verb = "is" if len(again) == 1 else "are"
    where = "on another partition of the rows, or with another seed"
    return [f"{names}{more} {verb} of the same settings {where}."]


def _temperature(run: OpenRun, temperature: float) -> str:
    if run.spec.task == "regression":
        return "Values are averaged as they are."
    if temperature == 1:
        return "Temperature 1: the averaged probabilities are used as they are."
    softer = "softer, closer to even odds" if temperature > 1 else "sharper"
    return f"Temperature {temperature:.3g}: the averaged probabilities are made {softer}."
