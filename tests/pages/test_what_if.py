"""Predict, what if: why a row is predicted as it is, its neighbours, changes, kept scenarios."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from automl_core.export import predict_row
from automl_core.export.bundle import write_bundle
from automl_core.export.predictor import load_predictor, predictor_files
from automl_core.runs.record.folder import RunFolder
from automl_core.runs.worker import explain_row
from automl_core.types import Task
from pages.components.predict import row_reasons
from tests import small
from tests.pages.conftest import FakeManager, Open
from tests.pages.test_predict import texts, upload
from tests.pages.test_predict_row import PAGE, RUN, bars, field, open_form


def explained(page: AppTest) -> str:
    """The sentence above the chart, which is there."""
    assert not page.exception and not page.error
    assert len(page.get("plotly_chart")) == 1
    (said,) = [m.value for m in page.markdown if "on average it is" in m.value]
    return said.replace("\\", "")


@pytest.mark.parametrize("task", ["binary", "regression"])
def test_contributions_and_neighbours_of_a_row(
    workspace: Path, open_page: Open, monkeypatch: pytest.MonkeyPatch, task: Task
) -> None:
    monkeypatch.setattr(explain_row, "ROUND_SECONDS", 1e6)  # also on a busy machine
    page = open_form(open_page, workspace, task)
    before = explained(page)
    assert "Probability of “yes” is" in before or "spent is" in before
    assert "age = 56" in before
    assert "Compared with 100 rows that the model learned from; Shapley values" in texts(page)
    assert texts(page).count("8 nearest rows that the model learned from") == 1
    assert "learned from that the model" not in texts(page)
    (near,) = [frame.value for frame in page.dataframe]
    assert list(near.columns)[:3] == ["row", "distance", small.TARGETS[task]]
    assert len(near) == 8 and near["distance"].is_monotonic_increasing
    truth = small.table().column(small.TARGETS[task]).to_pylist()
    assert near[small.TARGETS[task]].tolist() == [truth[n - 1] for n in near["row"]]
    page = field(page, "number_input", "age").set_value(20).run()
    assert explained(page) != before and "age = 20" in explained(page)


def test_the_form_starts_from_a_row(workspace: Path, open_page: Open) -> None:
    page = open_form(open_page, workspace)
    page.session_state["row_source"] = "A row it learned from"
    page = page.run()
    (number,) = [n for n in page.number_input if str(n.key).startswith("row_number")]
    number.set_value(8)
    page = page.button(key="row_reset").click().run()
    assert not page.exception
    row = small.table().slice(7, 1).to_pylist()[0]
    assert field(page, "number_input", "age").value == row["age"]
    assert field(page, "selectbox", "city").value == row["city"]
    assert field(page, "text_input", "note").value == row["note"]
    assert "row 8 of the table" in texts(page)
    assert (
        1 in page.dataframe[0].value["row"].tolist() or 8 in page.dataframe[0].value["row"].tolist()
    )
    page.session_state["row_source"] = "Usual values"
    page = page.run().button(key="row_reset").click().run()
    assert field(page, "number_input", "age").value == 56


def test_a_proposed_change_is_tried_and_locked_columns_stay(
    workspace: Path, open_page: Open, fake_manager: FakeManager
) -> None:
    page = open_form(open_page, workspace)
    first = texts(page)
    page = page.multiselect(key="row_locked").set_value(["city"]).run()
    page = page.button(key="row_find").click().run()
    assert not page.exception and not page.error
    asked = fake_manager.changed[-1]
    assert asked.locked == ("city",)
    assert "the smallest changes first" in texts(page) and "→" in texts(page)
    page = page.button(key="row_try_0").click().run()
    assert "started from a proposed change" in texts(page)
    model = load_predictor(RunFolder(workspace / "runs" / RUN).model_files(-1))
    row = fake_manager.rows[-1]
    assert {c.column: c for c in row}["city"] == {c.column: c for c in asked.row.cells}["city"]
    now = predict_row(model, row).column("prediction")[0].as_py()
    assert now != predict_row(model, asked.row.cells).column("prediction")[0].as_py()
    assert texts(page) != first and "the smallest changes first" not in texts(page)


def test_scenarios_are_compared_and_gone_back_to(workspace: Path, open_page: Open) -> None:
    page = open_form(open_page, workspace)
    page = page.button(key="row_keep").click().run()
    page = field(page, "number_input", "age").set_value(21).run()
    page = page.text_input(key="row_scenario_name").set_value("<b>young</b>").run()
    page = page.button(key="row_keep").click().run()
    table = page.dataframe[-1].value
    assert table["scenario"].tolist() == ["Scenario 1", "<b>young</b>"]
    assert table["age"].tolist() == ["56", "21"] and "city" not in table.columns
    assert all("%" in answer for answer in table["prediction"])
    page = page.selectbox(key="row_scenario").set_value(0).run()
    page = page.button(key="row_scenario_fill").click().run()
    assert field(page, "number_input", "age").value == 56
    page = page.button(key="row_scenarios_forget").click().run()
    assert not page.exception and len(page.dataframe) == 1


def test_a_model_in_a_file_is_compared_with_usual_values(open_page: Open) -> None:
    page = open_page(PAGE)
    page.session_state["predict_source"] = "A downloaded model"
    page.session_state["predict_how"] = "One row"
    files = predictor_files(small.predictor("multiclass", "lightgbm"))
    page = upload(page.run(), "predict_bundle", "model.zip", write_bundle(files, {})).run()
    assert "a row of usual values" in texts(page)
    assert "not at hand" in texts(page) and not page.dataframe
    (label,) = [box for box in page.selectbox if str(box.key).startswith("row_label")]
    before = explained(page)
    page = label.set_value((label.value + 1) % 3).run()
    assert explained(page) != before


def test_a_lost_table_is_said_and_the_row_is_scored(workspace: Path, open_page: Open) -> None:
    page = open_form(open_page, workspace)
    for stored in (workspace / "tables").glob("*.arrow"):
        stored.unlink()
    page = field(page, "number_input", "age").set_value(30).run()
    assert not page.exception and len(bars(page)) == 2


def test_asking_ends_where_nothing_better_comes(
    workspace: Path,
    open_page: Open,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("automl_core.explain.contributions.EXACT_PLAYERS", 2)
    monkeypatch.setattr(row_reasons, "MOST_SLICES", 3)
    monkeypatch.setattr(row_reasons, "SLICE", 0.0)
    page = open_form(open_page, workspace)
    assert "sampled Shapley values" in texts(page) and explained(page)
