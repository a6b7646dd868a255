"""The public Python face, as a program would use it."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

import automl_core
from automl_core.errors import ModelError, RunError, SpecError, TableError
from automl_core.export.bundle import open_bundle, write_bundle
from automl_core.export.predictor import predictor_files
from automl_core.runs import manager
from automl_core.runs.record import Budget, RunOptions, TrainRequest
from automl_core.runs.record.commands import take_commands
from automl_core.runs.record.events import RunFinished
from automl_core.runs.record.option_schema import options_of
from automl_core.table.schema import ParseRule
from automl_core.types import Files
from tests import small
from tests.fake_run import make_folder
from tests.finished_run import make_run
from tests.runs.tables import small_table


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A workspace for all tests of this file, and with it one manager with one worker."""
    folder = tmp_path_factory.mktemp("workspace")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TORCHLIGHT_WORKSPACE", str(folder))
        patch.setattr(manager, "default_workers", lambda: 1)
        yield folder
        manager.shutdown_manager()


@pytest.fixture(autouse=True)
def fresh_singletons() -> None:
    """The manager lives on, for the other tests of this file."""


def test_start_follow_leaderboard_model_save_load_predict(workspace: Path) -> None:
    frame = small_table().to_pandas()
    request = TrainRequest("answer", RunOptions(Budget(trials=2), families=("linear",)))
    run = automl_core.start(frame, "answer", request=request)
    events = list(run.follow())
    assert isinstance(events[-1], RunFinished)
    assert {r.family for r in run.leaderboard()} == {"linear", "constant", "ensemble"}
    assert run.wait().status == "finished"

    model = run.model()
    predicted = model.predict_table(frame)
    assert list(predicted) == ["prediction", "probability_no", "probability_yes"]
    assert (predicted["prediction"] == frame["answer"]).mean() > 0.75

    stored = run.explain()
    assert stored.explanation.done and stored.explanation.importance is not None
    assert run.explain() == stored  # kept in the run's folder
    assert {e.axis.column for e in stored.explanation.effects} == {"size", "colour", "other"}

    model.save(workspace / "model.zip")
    again = automl_core.load(workspace / "model.zip").predict_table(frame)
    pd.testing.assert_frame_equal(predicted, again)
    automl_core.load(workspace / "model.zip").save(workspace / "copy.zip")
    assert open_bundle(workspace / "copy.zip")[1].info["model"] == model.name

    opened = automl_core.open_run(run.path)
    assert opened.leaderboard()[0].name == model.name
    with pytest.raises(RunError, match="Did you mean"):
        opened.model("linaer-1")


@pytest.mark.usefixtures("workspace")
def test_a_budget_in_words_wins_over_the_requests() -> None:
    request = TrainRequest("answer", RunOptions(Budget(trials=1)))
    with pytest.raises(SpecError, match="0 s"):
        automl_core.start(small_table(), "answer", budget="0s", request=request)


@pytest.mark.usefixtures("workspace")
def test_a_test_table_is_scored_once() -> None:
    request = TrainRequest("answer", RunOptions(Budget(trials=1), families=("linear",)))
    later = small_table(90, seed=4).to_pandas()
    run = automl_core.start(small_table(), "answer", test=later, request=request)
    end = run.wait().finished
    assert end is not None and end.test_score is not None
    result = run.result()
    assert result is not None and result.on_test and result.verdict is not None
    assert result.measured is not None and result.measured.score == end.test_score
    assert result.verdict.grade in ("useful", "excellent") and result.baseline == 0.5


@pytest.mark.usefixtures("workspace")
def test_a_run_goes_to_the_folder_that_was_asked_for(tmp_path: Path) -> None:
    out = tmp_path / "elsewhere" / "run"
    run = automl_core.start(small_table(), "answer", budget="300s", out=out)
    assert run.path == out
    with pytest.raises(RunError, match="already"):  # also while it is held by the first
        automl_core.start(small_table(), "answer", budget="5s", out=out)
    run.stop()
    assert run.wait().status in ("stopped", "failed")
    with pytest.raises(RunError, match="already"):
        automl_core.start(small_table(), "answer", budget="5s", out=out)


def test_a_run_is_exported_for_other_programs(workspace: Path, tmp_path: Path) -> None:
    make_run(workspace, "run-a")
    run = automl_core.open_run("run-a")
    run.export(tmp_path / "made" / "tables.zip", "csv")
    with zipfile.ZipFile(tmp_path / "made" / "tables.zip") as archive:
        assert sorted(archive.namelist()) == ["curves.csv", "leaderboard.csv"]
    run.export(tmp_path / "model.zip", "bundle", "linear-2")
    assert automl_core.load(tmp_path / "model.zip").name == "linear-1"
    with pytest.raises(SpecError, match="'pytorch'"):
        run.export(tmp_path / "model.zip", "pytorsh")


def test_mistakes_are_told_in_words(workspace: Path) -> None:
    with pytest.raises(SpecError, match="no length of time"):
        automl_core.start(small_table(), "answer", budget="soon")
    with pytest.raises(TableError, match="cannot be read"):
        automl_core.start(workspace / "nothing.csv", "answer")
    with pytest.raises(TableError, match="no table"):
        automl_core.start(pd.DataFrame({"answer": [1, "a", b"x"]}), "answer")
    (workspace / "file").write_text("in the way")
    with pytest.raises(RunError, match="No run can lie"):
        automl_core.start(small_table(), "answer", out=workspace / "file")
    with pytest.raises(RunError):
        automl_core.open_run(workspace / "nothing")
    (workspace / "broken.zip").write_bytes(b"not a zip")
    with pytest.raises(ModelError):
        automl_core.load(workspace / "broken.zip")


def test_a_file_to_be_scored_is_read_as_the_training_rows_were(workspace: Path) -> None:
    trained = small.predictor("binary", "lightgbm")
    columns = tuple(
        replace(c, parse=ParseRule("number", decimal=",", thousands="."))
        if c.name == "income"
        else c
        for c in trained.columns
    )
    files = predictor_files(replace(trained, columns=columns))
    model = automl_core.load(_bundle(workspace / "model.zip", files))
    rows = small.table(20).select(["age", "city", "note"])
    path = workspace / "new.csv"
    for cell, meant in (("45.000", 45_000.0), ("6,69", 6.69), ("2,500", 2.5)):
        lines = [
            ";".join(str(v or "") for v in row.values()) + f";{cell}" for row in rows.to_pylist()
        ]
        path.write_text("\n".join(["age;city;note;income", *lines]) + "\n")
        there = rows.append_column("income", pa.array([meant] * 20))
        with pytest.warns(UserWarning, match="'code' is missing"):
            pd.testing.assert_frame_equal(model.predict(path), model.predict(there))


def _bundle(path: Path, files: Files) -> Path:
    path.write_bytes(write_bundle(files, {}))
    return path


def test_the_documentation_of_start_has_every_option() -> None:
    shown = " ".join((automl_core.start.__doc__ or "").split())
    for option in (*options_of(RunOptions), *options_of(TrainRequest)):
        assert f"{option.name}: {option.explained()} Default: {option.default!r}" in shown
        assert option.values() in shown or not (option.closed or option.within)


def test_a_run_is_steered_by_commands_in_its_inbox(tmp_path: Path) -> None:
    run = automl_core.Run(make_folder(tmp_path, "steered"))
    run.add_time("1m")
    run.leave_out("knn")
    run.take_back("knn")
    run.drop(3)
    run.more_folds(2)
    run.train_again(2, "90s")
    run.pause()
    run.unpause()
    run.stop()
    assert take_commands(run.path) == [
        ("add_time", "60"), ("leave_out", "knn"), ("take_back", "knn"), ("drop", "3"),
        ("more_folds", "2"), ("train_again", '{"trial":2,"seconds":90.0}'),
        ("pause", ""), ("continue", ""), ("stop", ""),
    ]  # fmt: skip
    with pytest.raises(SpecError, match="catboost"):
        run.leave_out("catbost")
