"""Scenarios: rows that were kept under a name, side by side with what the model says of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa
import streamlit as st

from automl_core.export import ColumnFacts
from pages.components.predict.row_fields import value_words
from pages.components.predict.row_reasons import Explained
from pages.components.predict.row_start import fill
from pages.components.shared import distinct_labels, one_line, session

LONGEST_NAME, MOST = 60, 20
_SCENARIOS = "row_scenarios"


@dataclass(frozen=True, eq=False)
class _Scenario:
    """A row as it was kept."""

    name: str
    asked: Explained
    answer: str  # the prediction, in words


@dataclass(frozen=True, eq=False)
class _Kept:
    """The scenarios of this session, oldest first."""

    scenarios: tuple[_Scenario, ...] = ()


def draw_scenarios(asked: Explained, facts: Mapping[str, ColumnFacts], answer: str) -> None:
    """Keep the row as it is under a name; the table of those kept; `answer` is its prediction."""
    number = len(_of_model(asked.model.id)) + 1
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input(
            "Name", key="row_scenario_name", max_chars=LONGEST_NAME,
            placeholder=f"Scenario {number}",
        )  # fmt: skip
        if st.button("Keep", icon=":material/bookmark_add:", key="row_keep"):
            title = one_line(name, LONGEST_NAME) or f"Scenario {number}"
            _keep(_Scenario(title, asked, answer))
    kept = _of_model(asked.model.id)
    if not kept:
        st.caption("Keep the row as it is now, change something, and compare the two here.")
        return
    with st.container(key="row_kept"):
        st.dataframe(
            _compared(kept, facts),
            key="row_scenarios",
            hide_index=True,
            alt="The scenarios that were kept, with their predictions",
        )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        labels = distinct_labels(range(len(kept)), lambda i: kept[i].name)
        chosen = st.selectbox(
            "Go back to", list(labels), None, labels.__getitem__, key="row_scenario",
            placeholder="A scenario",
        )  # fmt: skip
        if st.button("Fill in", key="row_scenario_fill", disabled=chosen is None):
            _back_to(kept[chosen or 0])
            st.rerun()
        st.button("Forget all", key="row_scenarios_forget", on_click=_forget)
    st.caption("They are kept until this page is closed or loaded again.")


def _of_model(model: str) -> list[_Scenario]:
    kept = session.remembered(_SCENARIOS, _Kept) or _Kept()
    return [scenario for scenario in kept.scenarios if scenario.asked.model.id == model]


def _keep(scenario: _Scenario) -> None:
    """Keep it; one of the same name is replaced."""
    kept = session.remembered(_SCENARIOS, _Kept) or _Kept()
    key = (scenario.asked.model.id, scenario.name)
    others = [s for s in kept.scenarios if (s.asked.model.id, s.name) != key]
    session.remember(_SCENARIOS, _Kept((*others, scenario)[-MOST:]))


def _back_to(scenario: _Scenario) -> None:
    fill(scenario.asked.model.id, scenario.asked.row.cells, f"the scenario “{scenario.name}”")


def _forget() -> None:
    session.remember(_SCENARIOS, None)


def _compared(kept: list[_Scenario], facts: Mapping[str, ColumnFacts]) -> pa.Table:
    """A row a scenario: its prediction, and the columns in which they differ."""
    values = [{cell.column: cell for cell in s.asked.row.cells} for s in kept]
    differ = [n for n in kept[0].asked.row.order if len({v.get(n) for v in values}) > 1]
    table = {"scenario": [s.name for s in kept], "prediction": [s.answer for s in kept]}
    for name in differ:
        words = [value_words(facts[name], v[name]) if name in v else "missing" for v in values]
        table[name if name not in table else f"{name} (column)"] = words
    return pa.table(table)
