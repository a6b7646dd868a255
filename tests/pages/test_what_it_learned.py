"""Models, What it learned: asked for, on its way, and as it is stored."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from automl_core.explain import Explanation, Question, explain
from automl_core.runs import ExplainRequest
from automl_core.runs.record import (
    ENSEMBLE,
    RunFolder,
    StoredExplanation,
    model_version,
    save_explanation,
)
from pages.components.shared import where
from tests.explain.made import sample
from tests.finished_run import make_run
from tests.pages.conftest import FakeManager, Open
from tests.pages.test_models import PAGE, RUN, charts, open_tab, texts

TAB = "What it learned"


@pytest.fixture(scope="module")
def found() -> Explanation:
    made = sample(lambda c: 3 * c["a"] * c["b"] + 2 * (c["word"] == 2), rows=200)
    *_, last = explain(made, Question("rmse"))
    return last


def _store(folder: RunFolder, found: Explanation) -> None:
    version = model_version(folder, ENSEMBLE)
    stored = StoredExplanation(version, False, 200, ("<b>odd</b>",), 0, found)
    save_explanation(folder, ENSEMBLE, stored)


def test_it_is_asked_for_with_a_budget(
    workspace: Path, open_page: Open, fake_manager: FakeManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(where, "has_ray", lambda: True)
    make_run(workspace, RUN)
    page = open_tab(open_page(PAGE, run=RUN), TAB)
    page.selectbox(key="explain_where").set_value("auto")
    page.button(key="explain_start").click().run()
    assert not page.exception and not page.error
    assert fake_manager.explained == [(ENSEMBLE, ExplainRequest(40.0))]
    assert fake_manager.places == ["auto"]


def test_what_is_stored_is_shown(
    workspace: Path, open_page: Open, fake_manager: FakeManager, found: Explanation
) -> None:
    _store(make_run(workspace, RUN), found)
    page: AppTest = open_tab(open_page(PAGE, run=RUN), TAB)
    assert not page.exception and not page.error
    said = texts(page)
    assert "On 200 rows held out of training" in said and "matters most" in said
    assert "`<b>odd</b>`" in said and "shuffled together" in said
    assert "Mean of 3 shuffles of 200 rows;" in said and "More rows" not in said
    kinds = [chart["data"][0]["type"] for chart in charts(page)]
    assert kinds == ["bar", "scatter", "heatmap", "heatmap"]
    assert page.dataframe[0].value["Friedman's H"].is_monotonic_decreasing
    page.selectbox(key="explain_column").select("word").run()
    assert "at word = " in texts(page) or "highest at" in texts(page)
    assert not fake_manager.explained
    first, second = (page.selectbox(key=f"explain_pair_{axis}").value for axis in "xy")
    assert {first, second} == {found.pairs[0].x.column, found.pairs[0].y.column}
    pair = found.pairs[-1]
    page.selectbox(key="explain_pair_x").select(pair.x.column).run()
    page.selectbox(key="explain_pair_y").select(pair.y.column).run()
    assert not page.exception and len(charts(page)) == 4


def test_where_the_time_was_over_more_can_be_asked_for(
    workspace: Path, open_page: Open, fake_manager: FakeManager, found: Explanation
) -> None:
    _store(make_run(workspace, RUN), Explanation(found.importance, found.effects[:1]))
    page = open_tab(open_page(PAGE, run=RUN), TAB)
    assert "The time was over" in texts(page) and "More rows replace these" in texts(page)
    others = [e.axis.column for e in found.effects[1:]]
    page.selectbox(key="explain_column").select(others[0]).run()
    page.button(key="explain_more").click().run()
    assert fake_manager.explained == [(ENSEMBLE, ExplainRequest(columns=(others[0],)))]
