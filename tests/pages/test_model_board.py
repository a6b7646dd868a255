"""The board of Models: any metric, columns, intervals and badges, a chart to choose from."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from streamlit.testing.v1 import AppTest

from automl_core.export import load_predictor, predictions_table
from automl_core.metrics import metrics_for
from automl_core.runs import BoardComparison, add_outside, outside_task
from automl_core.runs.record import (
    EnsembleRecord,
    OutOfFold,
    RunFolder,
    load_outside,
    save_ensemble,
)
from automl_core.runs.record import events as e
from automl_core.runs.record.commands import hold
from automl_core.runs.record.log import LogWriter
from automl_core.table import open_table
from automl_core.types import Origin, Task, TrialStatus
from pages.components.models import board_job
from pages.components.models.board import clicked
from tests.finished_run import ROWS, make_run
from tests.pages.conftest import FakeManager, Open
from tests.pages.test_models import PAGE, RUN, charts, choose, shown, texts
from tests.runs.test_outside import TEST, with_folds


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(board_job, "WAIT", 60.0)
    yield


def board(page: AppTest) -> Any:
    return shown(page, "Badges")


def test_it_has_intervals_ties_and_badges(workspace: Path, open_page: Open) -> None:
    make_run(workspace, RUN)
    page = open_page(PAGE, run=RUN)
    assert not page.exception and not page.error
    table = board(page)
    assert table["Model"][0] == "ensemble" or table["Model"][1] == "ensemble"
    badges = dict(zip(table["Model"], table["Badges"], strict=True))
    assert "Recommended" in badges["ensemble"] and "Tied" in badges["ensemble"]
    assert sum("Best" in mine for mine in badges.values()) == 1
    assert len(badges["constant-0"]) == 0 and len(badges["mlp-3"]) == 0
    behind = dict(zip(table["Model"], table["Behind"], strict=True))
    assert behind["ensemble"] == "reference" and behind["constant-0"].startswith("+")
    intervals = dict(zip(table["Model"], table["Interval"], strict=True))
    assert " to " in intervals["linear-2"]
    curves = dict(zip(table["Model"], table["Curve"], strict=True))
    assert len(curves["lightgbm-1"]) == 12
    assert "4 models compared on the same 240 rows" in texts(page)


def test_another_metric_sorts_by_it(workspace: Path, open_page: Open) -> None:
    make_run(workspace, RUN)
    page = open_page(PAGE, run=RUN)
    page.selectbox(key=f"board_metric_{RUN}").set_value("log_loss").run()
    assert not page.exception and not page.error
    table = board(page)
    scores = table["Score"].dropna().tolist()
    assert scores == sorted(scores) and len(scores) == 4
    assert table["Behind"][0] == "reference" and "Best" in table["Badges"][0]
    assert table["Rank"].dropna().tolist() == [1, 2, 3, 4]
    assert page.query_params["model"] == "ensemble"  # what was chosen stays
    assert "In the order of" not in texts(page)  # the rule of the run's own metric


def test_a_row_that_was_chosen_stays_chosen_in_another_order(
    workspace: Path, open_page: Open
) -> None:
    folder = make_run(workspace, RUN, status="running")
    with hold(folder.path):
        page = choose(open_page(PAGE, run=RUN), 1)
        picked = page.query_params["model"]
        log = LogWriter(folder.log_path)
        log.append(e.TrialStarted(4, "linear-4", "linear", {}, Origin.SEARCH), 7.0)
        log.append(e.TrialFinished(4, TrialStatus.FINISHED, 0.999, 1.0, 0.1, 10, 2), 8.0)
        log.close()
        page.run()
    assert not page.exception
    assert board(page)["Model"][0] == "linear-4"
    assert page.query_params["model"] == picked


def test_the_chart_of_costs_follows_the_choice(workspace: Path, open_page: Open) -> None:
    make_run(workspace, RUN)
    page = open_page(PAGE, run=RUN)
    (chart,) = [c for c in page.get("plotly_chart") if "models_tradeoff" in c.proto.id]
    assert "lie on the front" in chart.proto.alt and "ms a row" in chart.proto.alt
    page.segmented_control(key=f"board_cost_{RUN}").set_value("Size").run()
    assert not page.exception and len(charts(page)) == 5
    (chart,) = [c for c in page.get("plotly_chart") if "models_tradeoff" in c.proto.id]
    assert "size of the stored model" in chart.proto.alt


def test_a_click_on_a_point_names_its_model() -> None:
    names = {2: "linear-2"}
    assert clicked([{"customdata": [2, "x"]}], names) == "linear-2"
    assert clicked([], names) is None
    assert clicked([{"customdata": [7, "x"]}], names) is None
    assert clicked([{"x": 1.0}], names) is None  # the ring, or the front


def test_without_predictions_the_list_stays(workspace: Path, open_page: Open) -> None:
    folder = make_run(workspace, RUN)
    for path in (folder.path / "trials").rglob("oof.npz"):
        path.unlink()
    page = open_page(PAGE, run=RUN)
    assert not page.exception
    assert len(board(page)) == 5
    assert "Intervals and ties are not known" in texts(page).replace("\\", "")
    page.selectbox(key=f"board_metric_{RUN}").set_value("accuracy").run()
    assert not page.exception
    assert "have no Accuracy" in texts(page)


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_models_side_by_side(workspace: Path, open_page: Open, task: Task) -> None:
    make_run(workspace, RUN, task)
    page = open_page(PAGE, run=RUN)
    picker = page.multiselect(key=f"compare_{RUN}")
    assert not any("constant" in option for option in picker.options)
    picker.set_value([-1, 1, 2]).run()
    assert not page.exception and not page.error
    tables = [frame.value for frame in page.dataframe]
    scores = next(t for t in tables if {"Metric", "Model"} <= set(t.columns))
    assert len(scores) == 3 * len(metrics_for(task))
    assert scores["Model"][:3].tolist() == ["ensemble", "lightgbm-1", "linear-2"]
    assert scores["Behind"][0] == "–" and " to " in scores["Behind"][1]
    rows = shown(page, "row of the table")
    assert {"ensemble", "lightgbm-1", "linear-2"} <= set(rows.columns) and len(rows) == 20
    words = texts(page).replace("\\", "")
    expected = "correlate by" if task == "regression" else "predict the same class for"
    assert f"ensemble and linear-2 {expected}" in words
    assert "On 240 rows that all of them have predicted" in words


def test_models_without_common_rows_are_words(workspace: Path, open_page: Open) -> None:
    folder = make_run(workspace, RUN)
    save_ensemble(folder, EnsembleRecord((2,), (1.0,), 1.0))
    found = folder.out_of_fold(1)
    folder.save_trial(1, folder.model_files(1), replace(found, rows=found.rows + 1_000))
    page = open_page(PAGE, run=RUN, model="linear-2")
    page.multiselect(key=f"compare_{RUN}").set_value([1, 2]).run()
    assert not page.exception and not page.error
    assert "predicted no rows in common" in texts(page)
    (folder.path / "trials" / "1" / "oof.npz").unlink()
    page.multiselect(key=f"compare_{RUN}").set_value([2, 1]).run()
    assert not page.exception
    assert "left no predictions" in texts(page)


def add_theirs(workspace: Path, task: Task = "binary") -> RunFolder:
    folder = with_folds(workspace, task)
    own = folder.out_of_fold(2)
    labels = outside_task(folder, workspace).coder.names
    values = dict(zip(labels, own.prediction.T, strict=True))
    columns = {f"probability_{label}": value for label, value in values.items()}
    given = pa.table({"torchlight_row": own.rows + 1} | columns)
    add_outside(folder, workspace, "held-out", given, ("<b>Theirs", "theirs.csv"))
    return folder


def test_a_model_from_outside_joins_the_board(workspace: Path, open_page: Open) -> None:
    folder = add_theirs(workspace)
    page = open_page(PAGE, run=RUN)
    assert not page.exception and not page.error
    table = board(page)
    place = table["Model"].tolist().index("outside-1")
    assert table["Status"][place] == "From outside" and table["Score"][place] > 0.5
    assert " to " in table["Behind"][place]
    page = open_page(PAGE, run=RUN, model="outside-1")
    assert not page.exception and not page.error
    assert "\\<b\\>Theirs" in page.subheader[0].value
    assert "ensemble and outside-1 predict the same class" in texts(page).replace("\\", "")
    page.multiselect(key=f"compare_{RUN}").set_value([-2, 2]).run()
    assert not page.exception and not page.error
    page.button(key=f"outside_remove_{RUN}_outside-1").click().run()
    assert not page.exception
    assert "outside-1" not in board(page)["Model"].tolist()
    assert not load_outside(folder)


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ("yes", "on 40 test rows"),
        ("maybe", "None of the predictions is a class of this run"),
    ],
)
def test_predictions_are_taken_on_the_page(
    workspace: Path, open_page: Open, cells: str, words: str
) -> None:
    with_folds(workspace)
    page = open_page(PAGE, run=RUN)
    lines = "prediction\n" + "\n".join([cells] * TEST)
    page.text_input(key=f"outside_name_{RUN}").set_value("A *system*")
    page.file_uploader(key="outside_file_0").upload("theirs.csv", lines.encode(), "text/csv").run()
    assert not page.exception
    said = texts(page).replace("\\", "")
    assert words in said
    assert ("A *system*" in said) == (cells == "yes")


def test_the_runs_model_predicts_the_test_rows_for_a_comparison(
    workspace: Path, open_page: Open, fake_manager: FakeManager
) -> None:
    folder = with_folds(workspace)
    given = pa.table({"prediction": ["yes", "no"] * (TEST // 2)})
    add_outside(folder, workspace, "test", given, ("Theirs", "theirs.csv"))
    page = open_page(PAGE, run=RUN)
    assert "outside-1" not in board(page)["Model"].tolist()  # other rows than those of the board
    page.toggle(key=f"outside_beside_{RUN}_outside-1").set_value(True).run()
    assert "predicts the test rows" in texts(page)
    ((files, table),) = fake_manager.asked
    predicted = predictions_table(load_predictor(files), open_table(table, workspace))
    fake_manager.job.set_result(predicted)
    page.run()
    assert not page.exception and not page.error
    words = texts(page).replace("\\", "")
    assert f"On {TEST} rows that all of them have predicted" in words
    assert "ensemble and outside-1 predict the same class" in words
    own = folder.out_of_fold(load_outside(folder)[1].number)
    assert own.rows.tolist() == list(range(ROWS - TEST, ROWS))
    assert own.prediction[:, 1] == pytest.approx(predicted["probability_yes"].to_numpy())


def test_rows_of_one_class_have_no_curve_and_no_ranking(workspace: Path, open_page: Open) -> None:
    folder = make_run(workspace, RUN)
    for trial in (1, 2):
        found = folder.out_of_fold(trial)
        same = found.y == 1
        part = OutOfFold(found.rows[same], found.y[same], found.prediction[same])
        folder.save_trial(trial, folder.model_files(trial), part)
    page = open_page(PAGE, run=RUN)
    page.multiselect(key=f"compare_{RUN}").set_value([1, 2]).run()
    assert not page.exception and not page.error
    assert "the rows are all of one class" in texts(page)
    tables = [frame.value for frame in page.dataframe]
    scores = next(t for t in tables if {"Metric", "Model"} <= set(t.columns))
    assert "Log loss" in scores["Metric"].tolist()
    assert "Area under the ROC curve" not in scores["Metric"].tolist()


def test_the_list_is_there_while_the_models_are_compared(
    workspace: Path, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_run(workspace, RUN)
    job: Future[BoardComparison | None] = Future()
    monkeypatch.setattr(board_job, "WAIT", 0.0)
    monkeypatch.setattr(board_job, "_asked", lambda *_: job)
    page = open_page(PAGE, run=RUN)
    assert not page.exception and not page.error
    assert "Comparing the models on the same rows" in texts(page)
    assert board(page)["Interval"].isna().all() and len(board(page)) == 5
    page.selectbox(key=f"board_metric_{RUN}").set_value("accuracy").run()
    assert "have no Accuracy" not in texts(page)
    job.set_exception(ValueError("a bug"))  # it is logged, and the page goes on
    page.run()
    assert not page.exception
    assert "have no Accuracy" in texts(page)
