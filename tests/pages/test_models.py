"""Models: the leaderboard of a run and one of its models; empty, working and failed states."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from streamlit.testing.v1 import AppTest

from automl_core.export.bundle import open_bundle, read_bundle
from automl_core.runs.bundle import bundle_of
from automl_core.runs.record import events as e
from automl_core.runs.record.commands import hold
from automl_core.runs.record.folder import EnsembleRecord, OutOfFold, RunFolder, save_ensemble
from automl_core.runs.record.log import LogWriter
from automl_core.runs.record.reader import RunReader
from automl_core.types import Origin, StopReason, Task, TrialStatus
from tests import small
from tests.finished_run import ROWS, make_run
from tests.pages.conftest import Open

PAGE, RUN = "pages/models.py", "run-a"
LAYOUT = ("models_result", "model_numbers", "confusion", "models_leaderboard")


def texts(page: AppTest) -> str:
    parts = [*page.markdown, *page.caption, *page.subheader, *page.info, *page.warning, *page.error]
    return "\n".join(part.value for part in parts)


def charts(page: AppTest) -> list[dict[str, Any]]:
    """The charts of the chosen model: not the one of the board."""
    found = [c for c in page.get("plotly_chart") if "models_tradeoff" not in c.proto.id]
    return [json.loads(chart.proto.spec) for chart in found]


def shown(page: AppTest, column: str) -> Any:
    """The first table that has this column."""
    return next(frame.value for frame in page.dataframe if column in frame.value.columns)


def keys_from_top(part: Any) -> Iterator[str | None]:
    yield getattr(part, "key", None)
    for child in getattr(part, "children", {}).values():
        yield from keys_from_top(child)


def choose(page: AppTest, row: int) -> AppTest:
    selection = {"selection": {"rows": [row], "columns": [], "cells": []}}
    page.session_state[f"models_leaderboard_{RUN}"] = selection
    return page.run()


def open_tab(page: AppTest, tab: str) -> AppTest:
    page.session_state["models_tab"] = tab
    return page.run()


def test_without_runs_it_says_so_and_offers_the_way(open_page: Open) -> None:
    page = open_page(PAGE)
    assert not page.exception
    assert "No run has left a model yet" in texts(page)
    assert page.button(key="models_empty").label == "Choose a table"


@pytest.mark.parametrize(
    ("task", "names"),
    [
        ("binary", ["confusion", "roc", "precision_recall", "gain", "lift"]),
        ("multiclass", ["confusion", "roc"]),
        ("regression", ["predicted", "errors", "coverage", "residuals", "error_ranges"]),
    ],
)
def test_the_best_model_is_shown_with_its_charts(
    workspace: Path,
    open_page: Open,
    task: Task,
    names: list[str],
) -> None:
    make_run(workspace, RUN, task)
    page = open_page(PAGE, run=RUN)
    assert not page.exception and not page.error
    assert page.subheader[0].value == "ensemble\\: Weighted ensemble"
    assert page.query_params["model"] == "ensemble"
    assert len(charts(page)) == len(names)
    assert "Models are compared by 2-fold cross-validation" in texts(page)
    assert page.metric[2].label.endswith(" in validation")
    assert "On 240 rows held out of training" in texts(page)
    assert "scored once, at the end: trust that score" in texts(page)
    assert page.dataframe[-1].value["Status"].tolist().count("Recommended") == 1
    assert page.metric[0].label.endswith(" on 40 test rows")
    assert page.get("download_button")[0].proto.label == "Download model"


def test_each_class_and_the_rows_of_a_pair_are_shown(workspace: Path, open_page: Open) -> None:
    folder = make_run(workspace, RUN, "multiclass")
    page = open_page(PAGE, run=RUN, model="linear-2")
    classes = shown(page, "Recall")
    pairs = shown(page, "Of the actual class")
    oof = folder.out_of_fold(2)
    assert classes["Rows"].sum() == classes["Predicted"].sum() == len(oof.rows)
    assert pairs["Rows"].sum() == (oof.prediction.argmax(axis=1) != oof.y).sum()
    page.selectbox(key=f"class_pair_{RUN}").set_value(0).run()
    assert not page.exception and not page.error
    rows = shown(page, "row of the table")
    assert len(rows) == min(20, pairs["Rows"][0])
    assert set(rows["plan"].astype(str)) == {pairs["Actual"][0]}
    table = small.table(ROWS)["age"].to_pylist()
    assert [table[number - 1] for number in rows["row of the table"]] == rows["age"].tolist()


def test_intervals_of_values_say_their_measured_coverage(workspace: Path, open_page: Open) -> None:
    make_run(workspace, RUN, "regression")
    page = open_page(PAGE, run=RUN, model="linear-2")
    assert not page.exception and not page.error
    assert "should hold the actual value in 90 of 100 rows; measured" in texts(page)
    assert "on average where the actual value is" in texts(page)
    coverage, residuals, ranges = charts(page)[2:]
    assert residuals["layout"]["yaxis"]["title"]["text"].startswith("Predicted minus actual")
    assert coverage["layout"]["yaxis"]["title"]["text"] == "Actual values inside, %"
    assert ranges["layout"]["xaxis"]["title"]["text"].startswith("Mean absolute error, in units of")
    alts = [chart.proto.alt for chart in page.get("plotly_chart")]
    assert all(alts) and "lie inside their interval" in alts[2]


def spoil(folder: RunFolder, rows: NDArray[np.bool_]) -> None:
    """Make trial 1 wrong on these rows, right on the others."""
    found = folder.out_of_fold(1)
    sure = np.where(rows, 0.1, 0.9)
    prediction = np.stack([sure, 1 - sure], axis=1)
    prediction[found.y == 1] = prediction[found.y == 1][:, ::-1]
    folder.save_trial(1, folder.model_files(1), replace(found, prediction=prediction))


def test_where_it_errs_finds_the_bad_rows_and_shows_any_column(
    workspace: Path, open_page: Open
) -> None:
    folder = make_run(workspace, RUN)
    city = np.array(small.table(ROWS)["city"].to_pylist())
    spoil(folder, city == "Bergen")
    page = open_tab(open_page(PAGE, run=RUN, model="lightgbm-1"), "Where it errs")
    assert not page.exception and not page.error
    found = shown(page, "Other rows")
    assert (found["Column"][0], found["Values"][0]) == ("city", "Bergen")
    assert found["Rows"][0] == (city == "Bergen").sum()
    assert "Worst is 'city': Bergen" in texts(page).replace("\\", "")
    (chart,) = charts(page)
    coloured = next(t for t in chart["data"] if t["name"] == "among the worst of all columns")
    assert coloured["x"] == [pytest.approx(-np.log(0.1), rel=1e-4)]
    page.session_state[f"slices_measure_{RUN}"] = "Share of wrong rows"
    page.run()
    assert shown(page, "Other rows")["Share of wrong rows"][0] == "100 %"
    page.selectbox(key=f"slices_column_{RUN}").set_value("spent").run()  # the models do not see it
    assert not page.exception and not page.error
    assert len(charts(page)[0]["layout"]["yaxis"]["ticktext"]) == 4


@pytest.mark.parametrize("task", ["multiclass", "regression"])
def test_where_it_errs_claims_nothing_of_errors_that_are_equal(
    workspace: Path, open_page: Open, task: Task
) -> None:
    folder = make_run(workspace, RUN, task)
    found = folder.out_of_fold(1)
    even = found.y + 7.0 if task == "regression" else np.full_like(found.prediction, 1 / 3)
    folder.save_trial(1, folder.model_files(1), replace(found, prediction=even))
    page = open_tab(open_page(PAGE, run=RUN, model="lightgbm-1"), "Where it errs")
    assert not page.exception and not page.error
    assert "is worse than the other rows by more than chance" in texts(page)


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
@pytest.mark.parametrize("rows", [1, 3, 70])
def test_few_unseen_rows_are_words(workspace: Path, open_page: Open, task: Task, rows: int) -> None:
    folder = make_run(workspace, RUN, task, status="stopped")
    found = folder.out_of_fold(1)
    few = OutOfFold(found.rows[:rows], found.y[:rows], found.prediction[:rows])
    folder.save_trial(1, folder.model_files(1), few)
    page = open_page(PAGE, run=RUN, model="lightgbm-1")
    assert not page.exception and not page.error
    page = open_tab(page, "Where it errs")
    assert not page.exception and not page.error
    assert ("too few to compare parts of them" in texts(page)) == (rows < 60)


def test_where_it_errs_says_what_is_gone(workspace: Path, open_page: Open) -> None:
    folder = make_run(workspace, RUN)
    (folder.path / "trials" / "1" / "oof.npz").unlink()
    page = open_tab(open_page(PAGE, run=RUN, model="lightgbm-1"), "Where it errs")
    assert not page.exception
    assert "left no predictions" in page.error[0].value.replace("\\", "")
    for path in (workspace / "tables").glob("*.arrow"):
        path.unlink()
    page = open_tab(open_page(PAGE, run=RUN, model="linear-2"), "Where it errs")
    assert not page.exception
    assert "no longer stored here" in page.error[0].value


def test_a_link_opens_that_model(workspace: Path, open_page: Open) -> None:
    make_run(workspace, RUN)
    page = open_page(PAGE, run=RUN, model="constant-0")
    assert "constant" in page.subheader[0].value
    assert len(page.metric) == 2 + 4  # the run's result, and the model's numbers


def test_the_result_comes_first_then_the_model_and_all_models_last(
    workspace: Path, open_page: Open
) -> None:
    make_run(workspace, RUN)
    page = open_page(PAGE, run=RUN)
    assert [key for key in keys_from_top(page.main) if key in LAYOUT] == list(LAYOUT)
    page = page.button(key="models_try").click().run()
    assert not page.exception
    assert page.selectbox(key=f"predict_model_{RUN}").value == "ensemble"
    assert page.session_state["predict_how"] == "One row"


def test_a_link_to_a_model_that_is_not_there_shows_the_best(
    workspace: Path,
    open_page: Open,
) -> None:
    make_run(workspace, RUN)
    page = open_page(PAGE, run=RUN, model="<script>")
    assert "no model of the name" in texts(page)
    assert page.query_params["model"] == "ensemble"


def test_the_ensemble_shows_its_parts_and_the_importance_of_the_leading_one(
    workspace: Path, open_page: Open
) -> None:
    make_run(workspace, RUN)
    page = open_tab(open_page(PAGE, run=RUN), "What it learned")
    assert not page.exception and not page.error
    assert "Measured for `lightgbm-1` (88 % of the ensemble)" in texts(page)
    assert charts(page)[0]["data"][0]["x"] == [0.2, 0.1, 0.001]
    page = open_tab(page, "How it was built")
    assert not page.exception and not page.error
    (weights,) = charts(page)
    assert [t["x"] for t in weights["data"]] == [[87.5], [12.5]]
    parts = page.dataframe[0].value
    assert parts["Trial"].tolist() == ["lightgbm-1", "linear-2"]
    assert parts["Folds"].tolist() == [2, 2]
    assert "Temperature 0.8" in texts(page) and "Caruana" in texts(page)
    assert "4 fitted models" in texts(page)


def test_what_is_known_of_the_ensemble_follows_its_weights(
    workspace: Path, open_page: Open
) -> None:
    folder = make_run(workspace, RUN, status="running")
    with hold(folder.path):
        first = charts(open_page(PAGE, run=RUN))
        save_ensemble(folder, EnsembleRecord((2,), (1.0,), 1.0))
        log = LogWriter(folder.log_path)
        log.append(e.EnsembleSolved(0.8, (2,), (1.0,), 1.0, 2, 0.004, 45_000), 7.0)
        log.close()
        page = open_page(PAGE, run=RUN)
    assert not page.exception and not page.error
    assert page.query_params["model"] == "ensemble"
    assert charts(page) != first


def test_the_smallest_model_is_offered_and_opens(workspace: Path, open_page: Open) -> None:
    make_run(workspace, RUN)
    page = open_page(PAGE, run=RUN)
    assert "Smallest equivalent" in texts(page) and "Recommended" in texts(page)
    assert "Best single network" not in texts(page)  # a linear model is none
    page = page.button(key="models_offers_open_1").click().run()
    assert not page.exception and not page.error
    assert page.query_params["model"] == "lightgbm-1"
    assert "lightgbm\\-1" in page.subheader[0].value


def test_the_model_that_was_picked_stays_picked_on_other_pages(
    workspace: Path, open_page: Open
) -> None:
    make_run(workspace, RUN)
    page = choose(open_page(PAGE, run=RUN), 1)
    picked = page.query_params["model"]
    assert picked != "ensemble"
    page.switch_page("pages/predict.py")
    del page.query_params["model"]  # links of the navigation name the run only
    page.run()
    assert page.selectbox(key=f"predict_model_{RUN}").value == picked
    page.switch_page(PAGE)
    del page.query_params["model"]
    page.run()
    assert page.query_params["model"] == picked


def test_a_trial_on_another_partition_says_so(workspace: Path, open_page: Open) -> None:
    folder = make_run(workspace, RUN, status="running")
    log = LogWriter(folder.log_path)
    log.append(e.TrialStarted(4, "linear-4", "linear", {}, Origin.REPEAT, 1), 7.0)
    log.append(e.TrialFinished(4, TrialStatus.FINISHED, 0.7, 1.0, 0.1, 10, 2), 8.0)
    log.close()
    page = open_tab(open_page(PAGE, run=RUN, model="linear-4"), "How it was built")
    assert not page.exception
    settings = page.dataframe[0].value
    told = dict(zip(settings["Setting"], settings["Value"], strict=True))
    assert told["origin"].startswith("the same settings on another partition of the rows")
    assert told["validation"] == "2-fold cross-validation, partition 2"


def test_importance_and_how_it_was_built(workspace: Path, open_page: Open) -> None:
    make_run(workspace, RUN)
    page = open_tab(open_page(PAGE, run=RUN, model="lightgbm-1"), "What it learned")
    assert not page.exception and not page.error
    (bars,) = charts(page)
    assert bars["data"][0]["x"] == [0.2, 0.1, 0.001]
    page = open_tab(page, "How it was built")
    assert not page.exception and not page.error
    (learning,) = charts(page)
    assert [t["name"] for t in learning["data"]] == ["training", "validation"] * 3
    settings = page.dataframe[0].value
    assert dict(zip(settings["Setting"], settings["Value"], strict=True))["max iterations"] == "20"


def test_a_failed_trial_says_why_and_its_text_is_no_markup(
    workspace: Path,
    open_page: Open,
) -> None:
    make_run(workspace, RUN)
    page = choose(open_page(PAGE, run=RUN), 4)
    assert not page.exception
    assert "The loss was \\<b\\>not" in page.error[0].value
    assert "models_download" not in [button.key for button in page.get("download_button")]


def test_a_run_that_goes_on_shows_what_it_has(workspace: Path, open_page: Open) -> None:
    make_run(workspace, RUN, status="running")
    page = open_page(PAGE, run=RUN)
    assert not page.exception and not page.error
    assert "ensemble" in page.subheader[0].value
    assert "Best single network" not in texts(page)  # known when it has ended


def test_damage_of_one_model_costs_that_model_only(
    workspace: Path,
    open_page: Open,
) -> None:
    folder = make_run(workspace, RUN)
    (folder.path / "trials" / "1" / "oof.npz").write_bytes(b"PK rubbish")
    page = choose(open_page(PAGE, run=RUN), 1)
    assert not page.exception
    assert "predictions for unseen rows" in page.error[0].value
    page = choose(page, 2)
    assert not page.error and len(charts(page)) == 5


def test_a_damaged_run_is_one_sentence(workspace: Path, open_page: Open) -> None:
    make_run(workspace, RUN)
    make_run(workspace, "run-b")
    (workspace / "runs" / "run-b" / "spec.json").write_text("{")
    page = open_page(PAGE, run="run-b")
    assert not page.exception
    assert len(page.error) == 1 and "damaged" in page.error[0].value
    # the list of the other runs stays
    assert page.selectbox(key="models_run").options[0].startswith("customers.csv")


@pytest.mark.parametrize("second", ["cuda:0", "cpu"])
def test_the_board_says_what_trained_a_model_where_it_was_not_one_device(
    workspace: Path, open_page: Open, second: str
) -> None:
    folder = make_run(workspace, RUN)
    log = LogWriter(folder.log_path)
    for trial, device in ((1, "cpu"), (2, second)):
        log.append(e.FoldFinished(trial, 0, 0.9, StopReason.EARLY, 1.0, device), 9.0)
    log.close()
    page = open_page(PAGE, run=RUN)
    board = next(f for f in page.dataframe if "Trained on" in f.value.columns)
    assert ("Trained on" in list(board.proto.column_order)) == (second != "cpu")
    trained_on = board.value.set_index("Model")["Trained on"]
    assert trained_on["linear-2"] == {"cpu": "CPU", "cuda:0": "GPU 0"}[second]


def test_of_runs_that_look_alike_the_one_that_was_asked_for_stays_open(
    workspace: Path, open_page: Open
) -> None:
    """The browser answers with a label: both runs had the same."""
    for run in (RUN, "run-b"):
        make_run(workspace, run)
    for run, other in ((RUN, "run-b"), ("run-b", RUN)):
        page = open_page(PAGE, run=run)
        picker = page.selectbox(key="models_run")
        assert picker.value == run
        assert len(set(picker.options)) == 2
        page.run()
        assert page.selectbox(key="models_run").value == run
        page.selectbox(key="models_run").set_value(other).run()
        assert page.selectbox(key="models_run").value == other


def test_an_unknown_run_is_one_sentence(workspace: Path, open_page: Open) -> None:
    make_run(workspace, RUN)
    page = open_page(PAGE, run="nowhere")
    assert not page.exception
    assert len(page.error) == 1 and "no run" in page.error[0].value


def test_the_address_opens_no_folder_that_is_not_listed(
    open_page: Open,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_run(tmp_path / "elsewhere", RUN)
    folder = str(tmp_path / "elsewhere" / "runs" / RUN)
    monkeypatch.setenv("TORCHLIGHT_DATA_FOLDERS", str(tmp_path / "listed"))
    page = open_page(PAGE, run=folder)
    assert "may not be opened" in page.error[0].value
    monkeypatch.setenv("TORCHLIGHT_DATA_FOLDERS", str(tmp_path / "elsewhere"))
    page = open_page(PAGE, run=folder)
    assert not page.error and "ensemble" in page.subheader[0].value


def test_the_bundle_has_the_model_and_says_what_it_is(workspace: Path, tmp_path: Path) -> None:
    folder = make_run(workspace, RUN)
    models = RunReader(folder).refresh().models
    for trial, name in ((1, "lightgbm-1"), (e.ENSEMBLE, "ensemble")):
        path = tmp_path / "model.zip"
        path.write_bytes(bundle_of(folder, models[trial]))
        assert zipfile.is_zipfile(path)
        packed = read_bundle(path)
        assert packed.pop("selftest.json") and packed.pop("reference.json")
        assert packed == folder.model_files(trial)
        info = open_bundle(path)[1].info
        assert (info["model"], info["target"]) == (name, "churned")
