"""The decision desk: what outcomes are worth and how many cases can be handled; the best threshold.

A form of numbers, the threshold that earns most by them, and what would be earned without it.
"""

from __future__ import annotations

from dataclasses import asdict

import streamlit as st

from automl_core.charts import draw_decision
from automl_core.evaluation import (
    RESAMPLES,
    Decision,
    Estimate,
    Ranking,
    Worth,
    decide,
    plain_number,
)
from automl_core.export import Threshold
from pages.components.models.kept_threshold import draw_keep_button
from pages.components.shared import draw_chart, text

START = Worth(hit=10.0, alarm=-1.0, miss=0.0)
MOST = 1e12  # of a value: sums of more lose their digits
HOW = (
    "The threshold is the best of the smooth curve: a few rows do not decide. It still looks "
    f"better on these rows than it is. So {RESAMPLES} bootstrap resamples each choose a threshold "
    "of their own, and what it claims there is compared with what it earns on all rows: the "
    "difference is taken off, and its spread gives the 95 % intervals. All of it holds for new "
    "rows that are like these."
)
AT_RANDOM = (
    "Where a way flags more than can be handled, as many of its rows are handled, picked at random."
)


def draw_desk(ranking: Ranking, model: tuple[str, int, str]) -> None:
    """The values, the best threshold in a sentence, its gain and that of the other ways.

    `model`: run, trial and version that the ranking is of.
    """
    worth = _ask_worth(ranking.label)
    capacity = _ask_capacity()
    found = _decision(model, worth, capacity, ranking)
    if isinstance(found, str):
        st.info(text.escape_markdown(found), icon=":material/info:")
        return
    st.markdown(text.escape_markdown(found.sentence))
    if found.threshold is not None and found.share > 0:  # else nothing asks the model
        kept = Threshold(ranking.label, min(1.0, max(0.0, found.threshold)))
        draw_keep_button(*model[:2], kept, "desk_keep")
    chart, table = st.columns([1, 1])
    with chart, st.container(border=True):
        st.markdown("**Gain by share of rows flagged**")
        drawing = draw_decision(found)
        draw_chart(drawing.figure(), "desk_gain", drawing.alt)
    with table:
        _draw_ways(found)
        st.caption(f"{AT_RANDOM} {HOW}" if capacity < 1 else HOW)


def worth_so_far() -> Worth:
    """The values that the desk was told last, or those that it starts with."""
    told = {f: st.session_state.get(f"desk_{f}", v) for f, v in asdict(START).items()}
    return Worth(**told)


def _ask_worth(label: str) -> Worth:
    named = text.escape_markdown(label, 40)
    with st.grid(columns=4, min_column_width=170):
        return Worth(
            hit=_value("True positive", "hit", f"A row of “{named}” that is flagged."),
            alarm=_value("False alarm", "alarm", "Another row that is flagged."),
            miss=_value("Miss", "miss", f"A row of “{named}” that is not flagged."),
            rest=_value("True negative", "rest", "Another row that is not flagged."),
        )


def _value(label: str, field: str, what: str) -> float:
    """A value in the user's own unit; costs are negative."""
    given = st.number_input(
        f"{label} is worth",
        -MOST,
        MOST,
        asdict(START)[field],
        1.0,
        format="%g",
        key=f"desk_{field}",
        persist_state="session",
        help=f"{what} In any unit, the same for all four; a cost is negative.",
    )
    return 0.0 if given is None else float(given)


def _ask_capacity() -> float:
    """The share of the rows that can be handled; 1 without a limit."""
    with st.grid(columns=4, min_column_width=170):
        cases = st.number_input(
            "Cases that can be handled",
            min_value=0,
            value=None,
            placeholder="No limit",
            key="desk_cases",
            persist_state="session",
            help="Rows that can be flagged at most, of as many rows as stand beside it.",
        )
        rows = st.number_input(
            "Of so many rows", min_value=1, value=1000, key="desk_of", persist_state="session"
        )
    return 1.0 if cases is None else min(1.0, float(cases) / float(rows or 1))


@st.cache_data(max_entries=64, show_spinner=False)
def _decision(
    model: tuple[str, int, str], worth: Worth, capacity: float, _ranking: Ranking
) -> Decision | str:
    """Computed once for the same model and values."""
    del model  # only a key: Streamlit does not look at what begins with an underscore
    return decide(_ranking, worth, capacity)


def _draw_ways(found: Decision) -> None:
    """What is earned per 1,000 rows, with intervals, and how far the best threshold is ahead."""
    best = "Flag all" if found.threshold is None else f"Above {found.threshold:g}"
    best = best if found.share > 0 else "Flag none"
    ways: list[tuple[str, Estimate, str]] = [(f"{best} (best)", found.gain, "")]
    ways += [(way.name, way.gain, _with_ends(way.behind)) for way in found.policies]
    st.dataframe(
        {
            "Way": [name for name, _, _ in ways],
            "Gain per 1,000 rows": [plain_number(gain.value) for _, gain, _ in ways],
            "95 % interval": [_ends(gain) for _, gain, _ in ways],
            "Best is ahead by": [ahead for _, _, ahead in ways],
        },
        hide_index=True,
        key="desk_ways",
        alt="Expected gain of the best threshold and of the other ways to decide",
    )


def _ends(estimate: Estimate) -> str:
    return f"{plain_number(estimate.low)} to {plain_number(estimate.high)}"


def _with_ends(estimate: Estimate) -> str:
    """The value and, in brackets, its interval."""
    return f"{plain_number(estimate.value)} ({_ends(estimate)})"
