"""Lighter models of an ended run: each is what it says, measured, kept, and can be taken away."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import automl_core
from automl_core.cli.main import run_cli
from automl_core.errors import RunError
from automl_core.evaluation import ComparedScore
from automl_core.export import REFERENCE_FILE, load_predictor, read_bundle
from automl_core.metrics import loss_of, score
from automl_core.runs.executor import prediction_service
from automl_core.runs.light_models import (
    FILE,
    LightLimits,
    LightModel,
    LightModels,
    MeasuredCosts,
    best_within,
    find_light_model,
    light_bundle,
    light_files,
    light_words,
    load_light_models,
)
from automl_core.runs.light_search import search_light_models
from automl_core.runs.record import ENSEMBLE, RunFolder, RunReader, best_model, hold
from automl_core.types import Task
from tests import small
from tests.finished_run import ROWS, make_run
from tests.runs.inline import InlineExecutor
from tests.runs.test_more_rows import with_folds

Service = prediction_service.PredictionService
QUICK = {"epochs": 3, "width": 16, "layers": 1}


def _searched(folder: RunFolder, root: Path, service: Service) -> LightModels:
    return search_light_models(folder, root, service).done.result(timeout=60)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A student that learns for a moment, and no versions, which have tests of their own."""
    monkeypatch.setattr("automl_core.runs.light_student.CONFIG", QUICK)
    monkeypatch.setattr("automl_core.runs.light_student.LEAST_TEST_ROWS", 20)
    monkeypatch.setattr("automl_core.runs.light_search.wanted_versions", lambda *_: [])


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_every_model_is_what_it_says(workspace: Path, service: Service, task: Task) -> None:
    folder = with_folds(make_run(workspace, "run", task))
    found = _searched(folder, workspace, service)
    assert found.done and load_light_models(folder, ENSEMBLE) == found
    names = [model.name for model in found.models]
    assert names[0] == "ensemble" and {"lightgbm-1", "student"} <= set(names)
    assert len(set(names)) == len(names) and "constant-0" not in names
    table = small.table(ROWS)
    for model in found.models:
        files = light_files(folder, ENSEMBLE, model)
        assert model.costs.size_bytes == sum(map(len, files.values())) > 0
        assert model.costs.row_ms > 0 and model.costs.ms_per_row > 0
        prediction = load_predictor(files).predict_table(table)
        assert np.isfinite(prediction).all()
        if model.kind == "trial":  # made by models of which the fold is the whole table
            oof = folder.out_of_fold(model.trials[0])
            assert np.allclose(prediction, oof.prediction)
            assert score(found.metric, oof.y, prediction) == pytest.approx(model.compared.score)


@pytest.mark.usefixtures("quick")
def test_the_command_lists_them_and_writes_the_best_within_limits(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(prediction_service, "open_one_worker", lambda *_, **__: InlineExecutor())
    folder = with_folds(make_run(workspace, "run"))
    out = workspace / "light.zip"
    assert run_cli(["light", "run", "--max-mb", "0.05", "--bundle", "--out", str(out)]) == 0
    text = capsys.readouterr().out
    found = load_light_models(folder, ENSEMBLE)
    assert found is not None
    chosen = best_within(found, LightLimits(most_bytes=50_000, onnx=False))
    assert chosen is not None and chosen.costs.size_bytes <= 50_000
    assert f"{chosen.name} written to" in text and light_words(found, chosen) in text
    assert load_predictor(read_bundle(out)).members
    assert run_cli(["light", "run", "--model", "student", "--out", str(out)]) == 0
    assert "student written to" in capsys.readouterr().out
    files = read_bundle(out)
    assert load_predictor(files).name == "student" and REFERENCE_FILE in files
    assert run_cli(["light", "run", "--model", "other"]) == 2
    assert "no light model called 'other'" in capsys.readouterr().err
    assert run_cli(["light", "run", "--max-ms", "1e-9"]) == 2
    assert "No model keeps within these limits." in capsys.readouterr().err


def test_a_run_that_goes_on_or_left_nothing_is_refused(workspace: Path, service: Service) -> None:
    going = make_run(workspace, "going", status="running")
    with hold(going.path), pytest.raises(RunError, match="still going"):
        search_light_models(going, workspace, service)


@pytest.mark.usefixtures("quick")
def test_what_is_damaged_or_of_an_older_model_is_not_shown(
    workspace: Path, service: Service
) -> None:
    folder = with_folds(make_run(workspace, "run"))
    _searched(folder, workspace, service)
    with pytest.raises(RunError, match="no light model called 'other'"):
        find_light_model(folder, ENSEMBLE, "other")
    assert load_light_models(folder, 1) is None  # another model
    (folder.path / FILE).write_text("{}")
    assert load_light_models(folder, ENSEMBLE) is None


@pytest.mark.usefixtures("quick")
def test_a_student_without_files_is_said(workspace: Path, service: Service) -> None:
    folder = with_folds(make_run(workspace, "run"))
    found = _searched(folder, workspace, service)
    for path in (folder.path / "light" / "student").rglob("*"):
        if path.is_file():
            path.unlink()
    final = best_model(RunReader(folder).refresh(), found.metric)
    assert final is not None
    with pytest.raises(RunError, match="is missing"):
        light_bundle(folder, final, find_light_model(folder, ENSEMBLE, "student"))


@pytest.mark.usefixtures("quick")
def test_cancelled_at_once_it_keeps_what_it_has(workspace: Path, service: Service) -> None:
    folder = with_folds(make_run(workspace, "run"))
    job = search_light_models(folder, workspace, service)
    job.cancel()
    found = job.done.result(timeout=60)
    assert not found.done and load_light_models(folder, ENSEMBLE) in (None, found)


def _model(name: str, behind: float, ms: float, size: int, low: float = -1.0) -> LightModel:
    compared = ComparedScore(0.9 - behind, None, None, behind, low, behind + 0.1)
    return LightModel(
        name, "trial", "mlp", (1,), (1.0,), 1.0, compared, MeasuredCosts(ms, ms, size)
    )


def test_the_best_within_limits_and_its_words() -> None:
    models = (
        _model("ensemble", 0.0, 20.0, 10_000_000),
        _model("tied", 0.001, 2.0, 1_000_000),
        _model("worse", 0.02, 1.0, 100_000, low=0.01),
    )
    found = LightModels("v", "roc_auc", 500, models, done=True)
    assert best_within(found, LightLimits()) == models[0]
    assert best_within(found, LightLimits(most_ms=5.0)) == models[1]
    assert best_within(found, LightLimits(most_bytes=100_000)) == models[2]
    assert best_within(found, LightLimits(0.5, 100_000)) is None
    assert light_words(found, models[0]) == "ensemble is the run's own model."
    assert light_words(found, models[1]) == (
        "tied: 1 MB, 10 % of the size of ensemble and 2 ms a row, 10 % of its time. "
        "Its score is 0.0010 worse on 500 rows, which may be chance."
    )
    assert light_words(found, models[2]).endswith("which is more than chance.")
    loss = replace(found, metric="rmse")
    best = best_within(loss, LightLimits())
    assert best is not None and loss_of("rmse", best.compared.score) < loss_of("rmse", 0.9)


@pytest.mark.usefixtures("quick")
def test_in_python_they_are_models_like_others(workspace: Path, service: Service) -> None:
    folder = with_folds(make_run(workspace, "run"))
    found = _searched(folder, workspace, service)
    run = automl_core.open_run(folder.path)
    assert run.lighten() == found  # they are kept: no worker is asked
    predicted = run.light_model("student").predict(small.table(ROWS))
    assert len(predicted) == ROWS and next(iter(predicted)) == "prediction"
    with pytest.raises(RunError, match="no light model"):
        run.light_model("other")
