"""Predict, one row by hand: usual values, a prediction at once, and what is new is said."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from automl_core.errors import ModelError
from automl_core.export.bundle import write_bundle
from automl_core.export.cells import Cell
from automl_core.export.predictor import predictor_files
from automl_core.export.typical_values import facts_of_table
from automl_core.runs.bundle import bundle_of
from automl_core.runs.record.reader import RunReader
from automl_core.types import Task
from pages.components.predict import row_more, single_row
from pages.components.predict.single_row import new_words
from tests import small
from tests.finished_run import make_run
from tests.pages.conftest import FakeManager, Open
from tests.pages.test_predict import texts, upload

PAGE, RUN = "pages/predict.py", "run-a"


def open_form(open_page: Open, workspace: Path, task: Task = "binary") -> AppTest:
    make_run(workspace, RUN, task)
    page = open_page(PAGE, run=RUN)
    page.session_state["predict_how"] = "One row"
    return page.run()


def field(page: AppTest, kind: str, name: str) -> Any:
    """The only field of this kind for this column."""
    (found,) = [part for part in page.get(kind) if str(part.key).endswith(f"_{name}")]
    return found


def bars(page: AppTest) -> list[str]:
    return [bar.proto.text for bar in page.get("progress")]


def test_usual_values_are_filled_in_and_predicted_at_once(
    workspace: Path, open_page: Open, fake_manager: FakeManager
) -> None:
    page = open_form(open_page, workspace)
    assert not page.exception and not page.error and not page.warning
    assert field(page, "number_input", "age").value == 56
    assert field(page, "selectbox", "city").value == "Oslo"
    assert isinstance(field(page, "date_input", "since").value, dt.date)
    assert "most important first" in texts(page)
    assert [cell.column for cell in fake_manager.rows[-1]][:3] == ["age", "city", "income"]
    usual = bars(page)
    assert len(usual) == 2 and all(" %" in text for text in usual)
    page = field(page, "number_input", "age").set_value(20).run()
    assert bars(page) != usual
    assert not page.exception and not page.warning
    page = page.button(key="row_reset").click().run()
    assert bars(page) == usual


def test_of_very_many_columns_a_page_of_fields_is_drawn_and_the_others_keep_their_values(
    workspace: Path, open_page: Open, fake_manager: FakeManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module, name in ((single_row, "SHOWN"), (row_more, "MOST"), (row_more, "PAGE")):
        monkeypatch.setattr(module, name, 2)
    page = open_form(open_page, workspace)
    usual = fake_manager.rows[-1]
    assert len(usual) > 4 and not page.exception
    page.text_input(key="row_more_search").input("INCOME").run()
    assert "1 column of" in texts(page) and "keep the values that they have" in texts(page)
    field(page, "number_input", "income").set_value(20_000.0).run()
    page.text_input(key="row_more_search").input("vip").run()
    assert not [part for part in page.number_input if str(part.key).endswith("_income")]
    changed = {cell.column: cell for cell in fake_manager.rows[-1]}
    assert changed.pop("income").number == 20_000.0
    assert changed == {cell.column: cell for cell in usual if cell.column != "income"}
    page.text_input(key="row_more_search").input("").run()
    assert field(page, "number_input", "income").value == 20_000.0


def test_what_the_columns_never_had_is_said_and_scored(
    workspace: Path, open_page: Open, fake_manager: FakeManager
) -> None:
    page = open_form(open_page, workspace, "regression")
    page = field(page, "number_input", "age").set_value(300).run()
    said = " ".join(part.value for part in page.warning)
    assert "`age` was never 300 in training, but 18 to 89" in said
    assert not page.exception and not bars(page)
    assert fake_manager.rows[-1][0].number == 300.0
    assert "Prediction of `spent`" in texts(page)


def test_new_words_and_dates_are_said_as_they_are_written() -> None:
    columns = small.predictor("binary", "lightgbm").columns
    facts = {fact.name: fact for fact in facts_of_table(columns, small.table())}
    said = new_words(facts["city"], Cell("city", text="<b>Paris</b>"))
    assert said.startswith("`city` never had `<b>Paris</b>` in training.")
    said = new_words(facts["since"], Cell("since", number=0.0))
    assert "`since` was never 1970-01-01 in training, but 2015-" in said
    assert "1e+18 s since 1970" in new_words(facts["since"], Cell("since", number=1e18))


def test_a_model_in_a_file_needs_no_table(open_page: Open, fake_manager: FakeManager) -> None:
    page = open_page(PAGE)
    page.session_state["predict_source"] = "A downloaded model"
    page.session_state["predict_how"] = "One row"
    files = predictor_files(small.predictor("multiclass", "lightgbm"))
    page = upload(page.run(), "predict_bundle", "model.zip", write_bundle(files, {}))
    page = page.run()
    assert not page.exception and not page.error
    assert field(page, "selectbox", "city").value == "Oslo"
    assert len(fake_manager.rows) == 1 and len(bars(page)) == 3


def test_a_model_that_a_run_gave_knows_its_columns(
    workspace: Path, open_page: Open, fake_manager: FakeManager
) -> None:
    folder = make_run(workspace, RUN)
    bundle = bundle_of(folder, RunReader(folder).refresh().trials[1])
    page = open_page(PAGE)
    page.session_state["predict_source"] = "A downloaded model"
    page = upload(page.run(), "predict_bundle", "model.zip", bundle)
    page.session_state["predict_how"] = "One row"
    page = page.run()
    assert not page.exception and not page.error
    assert [cell.column for cell in fake_manager.rows[-1]][:3] == ["age", "city", "income"]
    assert field(page, "text_input", "note").value == ""  # a text may be private
    page = field(page, "number_input", "age").set_value(300).run()
    assert "18 to 89" in page.warning[0].value


def test_a_slow_model_is_waited_for_without_blocking_and_its_error_is_one_sentence(
    workspace: Path, open_page: Open, fake_manager: FakeManager
) -> None:
    fake_manager.slow, fake_manager.job = True, Future()
    page = open_form(open_page, workspace)
    assert not page.exception and not page.error and not bars(page)
    fake_manager.job.set_exception(ModelError("The row could not be scored: it took too long."))
    page = page.run()
    assert not page.exception
    assert ["it took too long" in error.value for error in page.error] == [True]
