"""Train, the form before Start: target, task, problems, what is started, what is prefilled."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from streamlit.testing.v1 import AppTest

from automl_core.table.decision import Decision
from automl_core.table.reading.settings import GUESSED
from automl_core.table.store import TableInfo, load_info, put_table, save_info
from pages.components.shared import table_facts
from pages.components.train import form_state, start_fields
from tests.pages.conftest import FakeManager, Open
from tests.pages.test_train import texts

PAGE = "pages/train.py"


def store(root: Path, rows: int = 80, **more: list[Any]) -> str:
    columns = {
        "age": [20 + i * 7 % 50 for i in range(rows)],
        "city": [["Oslo", "Rome", "Bonn"][i % 3] for i in range(rows)],
        "left": ["yes" if (i * 7) % 11 < 3 else "no" for i in range(rows)],
        "price": [float(x) for x in np.random.default_rng(0).normal(100, 20, rows).round(2)],
    }
    stored = put_table(pa.table(columns | more), root)
    save_info(TableInfo(stored, "people.csv", rows, len(columns) + len(more), {}), root)
    return stored


def pick(page: AppTest, target: str) -> AppTest:
    return page.selectbox(key="train_target").set_value(target).run()


def test_without_a_table_the_page_asks_for_one(open_page: Open) -> None:
    page = open_page(PAGE)
    assert not page.exception
    assert "There is no table yet" in texts(page)
    assert page.button(key="train_empty").label == "Choose a table"


def test_a_target_shows_its_task_with_the_reason_and_the_positive_class(
    workspace: Path, open_page: Open
) -> None:
    page = open_page(PAGE, table=store(workspace))
    assert not page.get("plotly_chart")
    page = pick(page, "left")
    assert not page.exception
    assert len(page.get("plotly_chart")) == 1
    assert page.session_state["train_task"] == "binary"
    assert page.selectbox(key="train_metric").value == "roc_auc"
    assert page.selectbox(key="train_positive").value == "yes"
    assert "Two values" in texts(page)
    assert "**1 min**" in texts(page) and "**2 workers**" in texts(page)


def test_another_target_brings_its_own_task_and_metric(workspace: Path, open_page: Open) -> None:
    page = pick(open_page(PAGE, table=store(workspace)), "left")
    page = pick(page, "price")
    assert page.session_state["train_task"] == "regression"
    assert page.selectbox(key="train_metric").value == "rmse"
    assert "train_positive" not in [box.key for box in page.selectbox]


def test_a_long_table_says_who_learns_from_which_rows(
    workspace: Path, open_page: Open, fake_manager: FakeManager
) -> None:
    page = pick(open_page(PAGE, table=store(workspace, 300)), "left")
    assert "are drawn" not in texts(page)
    page.number_input(key="train_most_rows").set_value(120).run()
    assert "**120** of its rows are drawn" in texts(page)
    assert "Networks see other rows" in texts(page)
    page.selectbox(key="train_group").set_value("city").run()
    assert "are drawn" in texts(page) and "Networks see" not in texts(page)
    page.button(key="train_start").click().run()
    spec = fake_manager.started[0]
    assert spec.rows_words == "120 of 300 rows"


def test_limits_and_columns_of_the_validation_reach_the_run(
    workspace: Path, open_page: Open, fake_manager: FakeManager
) -> None:
    page = pick(open_page(PAGE, table=store(workspace)), "left")
    assert page.number_input(key="train_max_predict_ms").value is None
    assert "Timed runs are not reproducible" in texts(page)
    page.number_input(key="train_max_predict_ms").set_value(0.5)
    page.number_input(key="train_max_size_mb").set_value(20.0)
    page.selectbox(key="train_features").set_value("plain")
    page.selectbox(key="train_group").set_value("city").run()
    assert not page.exception and not page.error
    assert "at most **0.5 ms a row and 20 MB**" in texts(page)
    assert "rows of the same `city` kept together" in texts(page)
    assert "from 2 columns" in texts(page)
    page.button(key="train_start").click().run()
    (started,) = fake_manager.started
    assert (started.options.max_predict_ms, started.options.max_size_mb) == (0.5, 20.0)
    assert (started.options.group, started.options.time) == ("city", None)
    assert started.options.features == "plain"


def test_a_test_table_of_its_own_reaches_the_run(
    workspace: Path, open_page: Open, fake_manager: FakeManager
) -> None:
    page = pick(open_page(PAGE, table=store(workspace)), "left")
    page.session_state["train_test"] = -2.0
    page.run()
    assert page.button(key="train_start").disabled
    assert "Upload the test table under Advanced first" in texts(page)
    later = load_info(store(workspace, rows=40), workspace)
    page.session_state["_train_test_table"] = replace(later, name="later.csv")
    page.run()
    assert "then tested once on `later.csv`" in texts(page)
    page.button(key="train_start").click().run()
    assert not page.exception and not page.error
    (started,) = fake_manager.started
    assert started.test is not None and (started.test.name, started.test.rows) == ("later.csv", 40)
    assert started.options.test_fraction == -1.0


def test_a_doubtful_reading_of_a_test_table_is_asked_and_a_click_reads_again(
    workspace: Path, open_page: Open
) -> None:
    page = pick(open_page(PAGE, table=store(workspace)), "left")
    page.session_state["train_test"] = -2.0
    page.run()
    cells = b"age,left\n" + b"31,yes\n45,no\n" * 4
    page.file_uploader(key="test_table_0").upload("later.csv", cells, "text/csv").run()
    taken = page.session_state["_train_test_table"]
    assert taken.rows == 8
    doubt = Decision("header", "yes", "Only words.", "no")
    page.session_state["_train_test_table"] = replace(taken, decisions=(doubt,))
    page.run()
    assert "Is the first row a header?" in texts(page)
    page.button(key="test_doubt_header_False").click().run()
    assert not page.exception
    assert page.session_state["_train_test_table"].rows == 9
    assert not [b for b in page.button if str(b.key).startswith("test_doubt_")]


def test_a_guessed_encoding_is_said_before_start(workspace: Path, open_page: Open) -> None:
    stored = store(workspace)
    words = {"encoding": "Windows-1252", "encoding is": GUESSED}
    save_info(replace(load_info(stored, workspace), settings=words), workspace)
    page = pick(open_page(PAGE, table=stored), "left")
    assert "which is a guess" in texts(page)
    assert not page.button(key="train_start").disabled


@pytest.mark.parametrize("rows_with_yes", [(3, 50), tuple(range(3, 400, 30))])
def test_a_class_is_counted_in_all_rows_where_others_are_looked_at_in_part(
    rows_with_yes: tuple[int, ...],
    workspace: Path,
    open_page: Open,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(table_facts, "LONG", 50)
    monkeypatch.setattr(table_facts, "LOOK", 40)
    rare = ["yes" if i in rows_with_yes else "no" for i in range(400)]
    page = pick(open_page(PAGE, table=store(workspace, 400, rare=rare)), "rare")
    assert not page.exception and not page.error
    assert "single row" not in texts(page)
    assert not page.button(key="train_start").disabled


def test_without_limits_none_are_asked_for(
    workspace: Path, open_page: Open, fake_manager: FakeManager
) -> None:
    page = pick(open_page(PAGE, table=store(workspace)), "left")
    page.button(key="train_start").click().run()
    (started,) = fake_manager.started
    assert (started.options.max_predict_ms, started.options.max_size_mb) == (None, None)
    assert (started.options.group, started.options.time) == (None, None)


def test_a_number_of_trials_can_be_repeated_and_the_form_says_so(
    workspace: Path, open_page: Open
) -> None:
    page = pick(open_page(PAGE, table=store(workspace)), "left")
    page.session_state["train_budget"] = "Number of trials"
    assert "give the same leaderboard" in texts(page.run())


def test_the_form_offers_no_budget_beyond_the_limit_of_the_server(
    workspace: Path, open_page: Open, fake_manager: FakeManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCHLIGHT_MAX_BUDGET_SECONDS", "120")
    page = pick(open_page(PAGE, table=store(workspace)), "left")
    assert start_fields.budget_choices() == ["30 s", "1 min", "Other time"]
    assert "A run takes 2 min at most here" in texts(page)
    page.session_state["train_budget"] = "Other time"
    page = page.run()
    assert page.number_input(key="train_minutes").value == 2
    page.button(key="train_start").click().run()
    assert fake_manager.started[0].options.budget.seconds == 120


def test_start_writes_the_run_into_the_address_and_shows_it(
    workspace: Path, open_page: Open, fake_manager: FakeManager
) -> None:
    page = pick(open_page(PAGE, table=store(workspace)), "left")
    page.session_state["train_budget"] = "5 min"
    page.session_state["train_class_weight"] = "balanced"
    page.multiselect(key="train_families").set_value(["mlp"])
    page.multiselect(key="train_drop").set_value(["city"]).run()
    page = page.button(key="train_start").click().run()
    assert not page.exception and not page.error
    (started,) = fake_manager.started
    assert (started.target, started.task, started.positive) == ("left", "binary", "yes")
    assert (started.options.budget.seconds, started.options.class_weight) == (300.0, "balanced")
    assert (started.options.families, started.options.drop) == (("mlp",), ("city",))
    assert page.query_params["run"] == "run-1"
    assert "train_start" not in [button.key for button in page.button]
    assert "Predicting `left` in `people.csv`" in texts(page)


def test_a_token_is_good_for_one_start(
    workspace: Path, open_page: Open, fake_manager: FakeManager
) -> None:
    page = pick(open_page(PAGE, table=store(workspace)), "left")
    page.session_state[form_state._TOKEN] = "used up by the first click"
    page.button(key="train_start").click().run()
    assert fake_manager.started == []


@pytest.mark.parametrize("cells", [["same"] * 80, [None] * 80])
def test_a_target_that_cannot_be_learned_is_refused(
    workspace: Path, open_page: Open, cells: list[Any]
) -> None:
    table = store(workspace, bad=pa.array(cells, pa.string()).to_pylist() or cells)
    page = pick(open_page(PAGE, table=table), "bad")
    assert not page.exception
    assert len(page.error) == 1
    assert "train_start" not in [button.key for button in page.button]


def test_each_leak_is_left_out_by_the_button_beside_it(workspace: Path, open_page: Open) -> None:
    gone = [2 if (i * 7) % 11 < 3 else 1 for i in range(80)]
    page = pick(open_page(PAGE, table=store(workspace, gone=gone, paid=gone[::1])), "left")
    assert len(leaving_out(page)) == 2
    page = leaving_out(page)[1].click().run()
    assert not page.exception
    assert page.multiselect(key="train_drop").value == ["paid"]  # and not the one above it
    assert len(leaving_out(page)) == 1
    page = leaving_out(page)[0].click().run()
    assert sorted(page.multiselect(key="train_drop").value) == ["gone", "paid"]
    assert "Before you start" not in texts(page)


def test_start_waits_for_an_answer_to_each_suspected_leak(
    workspace: Path, open_page: Open, fake_manager: FakeManager
) -> None:
    gone = [2 if (i * 7) % 11 < 3 else 1 for i in range(80)]
    page = pick(open_page(PAGE, table=store(workspace, gone=gone, paid=gone[::1])), "left")
    assert page.button(key="train_start").disabled
    assert "`gone` may give `left` away" in texts(page)
    page = page.button(key="train_leak_in_0").click().run()
    assert page.button(key="train_start").disabled and "`gone` may give" not in texts(page)
    page = page.button(key="train_leak_out_0").click().run()
    assert not page.button(key="train_start").disabled
    page.button(key="train_start").click().run()
    assert fake_manager.started[0].options.drop == ("paid",)


def again(table: str) -> None:
    import streamlit as st

    from automl_core.files import workspace
    from automl_core.table.store import load_info
    from pages.components.shared import session
    from pages.components.train import form_request, target_form
    from tests.fake_run import spec
    from tests.options import changed

    info = load_info(table, workspace())
    session.set_table(info)
    schema = session.current_schema()
    assert schema is not None
    if "filled" not in st.session_state:
        st.session_state["filled"] = True
        earlier = changed(spec(table_hash=table, target="left"), drop=("paid",))
        form_request.prefill(earlier, schema)
    target_form.draw_form(info, schema)


def test_a_run_again_asks_no_answered_leak_again(
    workspace: Path, fake_manager: FakeManager
) -> None:
    gone = [2 if (i * 7) % 11 < 3 else 1 for i in range(80)]
    table = store(workspace, gone=gone, paid=gone[::1])
    page = AppTest.from_function(again, kwargs={"table": table}).run(timeout=30)
    assert not page.exception
    asked = [str(b.key) for b in page.button if str(b.key).startswith("train_leak_")]
    assert not asked and not page.button(key="train_start").disabled
    page.button(key="train_start").click().run()
    assert fake_manager.started[0].options.drop == ("paid",)


def leaving_out(page: AppTest) -> list[Any]:
    return [button for button in page.button if button.label == "Leave out"]


def test_what_can_be_mended_is_mended_here(workspace: Path, open_page: Open) -> None:
    town = [["Oslo", "oslo", "Rome", "Bonn"][i % 4] for i in range(80)]
    page = pick(open_page(PAGE, table=store(workspace, town=town)), "left")
    assert "several spellings" in texts(page)
    (merge,) = [button for button in page.button if button.label == "Merge spellings"]
    page = merge.click().run()
    assert not page.exception
    assert "several spellings" not in texts(page)


def test_a_setting_that_a_check_proposes_is_set_by_its_button(
    workspace: Path, open_page: Open
) -> None:
    rare = ["a" if i % 40 == 0 else "b" for i in range(400)]
    page = pick(open_page(PAGE, table=store(workspace, 400, rare=rare)), "rare")
    (balance,) = [button for button in page.button if button.label == "Balance the classes"]
    page = balance.click().run()
    assert not page.exception
    assert page.session_state["train_class_weight"] == "balanced"
    assert "Balance the classes" not in [button.label for button in page.button]


def test_rows_without_a_target_are_counted(workspace: Path, open_page: Open) -> None:
    holes = [None if i < 5 else ["a", "b"][i % 2] for i in range(80)]
    page = pick(open_page(PAGE, table=store(workspace, holes=holes)), "holes")
    assert "5 rows without a value" in texts(page)


def test_a_target_with_markup_in_its_name_is_just_a_name(workspace: Path, open_page: Open) -> None:
    name = "<b>:red[x]</b> `y`"
    page = pick(open_page(PAGE, table=store(workspace, **{name: ["p", "q"] * 40})), name)
    assert not page.exception and not page.error
    assert "`` <b>:red[x]</b> `y` ``" in texts(page)


def prefilled(table: str) -> None:
    import streamlit as st

    from automl_core.files import workspace
    from automl_core.table.store import load_info
    from pages.components.shared import session
    from pages.components.train import form_request, target_form
    from tests.fake_run import spec
    from tests.options import changed

    if "filled" not in st.session_state:
        st.session_state["filled"] = True
        session.set_table(load_info(table, workspace()))
        earlier = spec(seconds=90.0, table_hash=table, target="left")
        form_request.prefill(changed(earlier, device="cuda:1", folds=4, class_weight="balanced"))
    info, schema = session.current_table(), session.current_schema()
    assert info is not None and schema is not None
    target_form.draw_form(info, schema)


def test_an_earlier_run_fills_the_form_as_far_as_it_fits(
    workspace: Path, fake_manager: FakeManager
) -> None:
    page = AppTest.from_function(prefilled, kwargs={"table": store(workspace)}).run(timeout=30)
    assert not page.exception
    assert page.selectbox(key="train_target").value == "left"
    assert page.session_state["train_task"] == "binary"
    assert page.session_state["train_budget"] == "Other time"
    assert page.number_input(key="train_minutes").value == 1.5
    assert page.selectbox(key="train_positive").value == "yes"  # ">50K" is none of its labels
    page.button(key="train_start").click().run()
    (started,) = fake_manager.started
    assert started.options.budget.seconds == 90.0
    assert started.options.device == "cuda:1"  # which has a field only where a run asked for one
    assert (started.options.folds, started.options.class_weight) == (4, "balanced")
