"""Versions of light models: each has its own score, of rows that no part of it saw."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from automl_core.cli.main import run_cli
from automl_core.errors import ModelError, RunError
from automl_core.evaluation import ComparedScore, apply_temperature
from automl_core.export import Predictor, load_predictor, read_bundle
from automl_core.metrics import score
from automl_core.onnx_export import OnnxSession, Precision, rounded_session
from automl_core.runs.executor import prediction_service
from automl_core.runs.light_models import (
    LightLimits,
    LightModel,
    LightModels,
    MeasuredCosts,
    Version,
    best_within,
    light_bundle,
    light_files,
    light_words,
)
from automl_core.runs.light_search import search_light_models
from automl_core.runs.light_versions import WantedVersion, rows_by_fit, wanted_versions
from automl_core.runs.record import (
    ENSEMBLE,
    OutOfFold,
    RunFolder,
    RunReader,
    RunState,
    best_model,
    trial_files,
)
from automl_core.splitting.folds import Folds
from automl_core.table import TypedTable
from automl_core.table.parsing import parse_table
from automl_core.types import Task
from tests import small
from tests.finished_run import MEMBERS, ROWS, WEIGHTS, make_run
from tests.runs.inline import InlineExecutor

Service = prediction_service.PredictionService
NUMBERS = np.arange(ROWS)
FOLDS = (NUMBERS[NUMBERS % 3 == 0], NUMBERS[NUMBERS % 3 == 1])
TEST = NUMBERS[NUMBERS % 3 == 2]


def _run(workspace: Path, task: Task = "binary") -> RunFolder:
    """A run of which each fit has predicted the rows of its fold."""
    folder = make_run(workspace, "run", task, network="tabm")
    rows = np.concatenate(FOLDS)
    train = tuple(np.setdiff1d(NUMBERS, [*fold, *TEST]) for fold in FOLDS)
    folder.save_folds(Folds(train, FOLDS, TEST, 2))
    for trial in MEMBERS:
        known = folder.out_of_fold(trial)
        predictor, typed = _trial(folder, trial)
        said = [
            member.predict(typed.take(fold))
            for member, fold in zip(predictor.members, FOLDS, strict=True)
        ]
        oof = OutOfFold(rows, known.y[rows], np.concatenate(said))
        folder.save_trial(trial, trial_files(folder, trial), oof)
    return folder


def _trial(folder: RunFolder, trial: int) -> tuple[Predictor, TypedTable]:
    predictor = load_predictor(trial_files(folder, trial))
    return predictor, parse_table(small.table(ROWS), predictor.columns)


def _rounded(folder: RunFolder, trial: int, precision: Precision) -> np.ndarray:
    """What the rounded fits of a trial say of their folds."""
    predictor, typed = _trial(folder, trial)
    alone = [
        replace(predictor, members=(member,), weights=(1.0,), temperature=1.0)
        for member in predictor.members
    ]
    return np.concatenate(
        [
            rounded_session(member, precision).predict(typed.take(fold))
            for member, fold in zip(alone, FOLDS, strict=True)
        ]
    )


@pytest.fixture
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    quick = {"epochs": 3, "width": 16, "layers": 1}
    monkeypatch.setattr("automl_core.runs.light_student.CONFIG", quick)
    monkeypatch.setattr("automl_core.runs.light_student.LEAST_TEST_ROWS", 20)


@pytest.mark.usefixtures("_quick")
def test_versions_of_values_are_scored_as_themselves(
    workspace: Path, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("automl_core.runs.light_search.wanted_versions", _only_int8)
    folder = _run(workspace, "regression")
    found = search_light_models(folder, workspace, service).done.result(timeout=180)
    (own,) = [model.compared.score for model in found.models if model.version]
    parts = [_rounded(folder, trial, "int8") for trial in MEMBERS]
    total = sum(w * part for w, part in zip(WEIGHTS, parts, strict=True))
    assert own == pytest.approx(score(found.metric, folder.out_of_fold(MEMBERS[0]).y, total))


@pytest.mark.usefixtures("_quick")
def test_versions_are_scored_as_themselves_and_can_be_taken_away(
    workspace: Path, service: Service
) -> None:
    folder = _run(workspace)
    found = search_light_models(folder, workspace, service).done.result(timeout=180)
    models = {model.name: model for model in found.models}
    sources = {"ensemble", "tabm-2", "student"}
    files = {f"{s}-{form}" for s in sources for form in ("onnx", "float16", "int8")}
    tabms = {"tabm-2-2-members", "tabm-2-1-members"}
    assert {name for name, model in models.items() if model.version} == files | tabms
    oof = folder.out_of_fold(MEMBERS[0])
    for precision in ("float16", "int8"):
        parts = [_rounded(folder, trial, precision) for trial in MEMBERS]
        total = sum(w * part for w, part in zip(WEIGHTS, parts, strict=True))
        total = apply_temperature(np.asarray(total), 0.8)
        own = models[f"ensemble-{precision}"].compared.score
        assert own == pytest.approx(score(found.metric, oof.y, total))
    assert models["ensemble-onnx"].compared == models["ensemble"].compared
    assert models["ensemble-int8"].costs.size_bytes < models["ensemble-onnx"].costs.size_bytes
    final = best_model(RunReader(folder).refresh(), found.metric)
    assert final is not None
    predictor, typed = _trial(folder, MEMBERS[0])
    for name in files:
        with zipfile.ZipFile(io.BytesIO(light_bundle(folder, final, models[name]))) as package:
            assert "score.py" in package.namelist()
            data = package.read("model.onnx")
        assert len(data) == models[name].costs.size_bytes
        said = OnnxSession(data, predictor.columns).predict(typed)
        source = models[name.rpartition("-")[0]]
        expected = load_predictor(light_files(folder, ENSEMBLE, source)).predict(typed)
        assert np.abs(said - expected).max() < 0.05 * np.abs(expected).max()
        with pytest.raises(ModelError, match="a file for ONNX Runtime"):
            light_files(folder, ENSEMBLE, models[name])
    fewer = load_predictor(light_files(folder, ENSEMBLE, models["tabm-2-1-members"]))
    assert fewer.name == "tabm-2-1-members" and len(fewer.members) == 2
    said = np.concatenate(
        [m.predict(typed.take(fold)) for m, fold in zip(fewer.members, FOLDS, strict=True)]
    )
    own = models["tabm-2-1-members"].compared.score
    assert own == pytest.approx(score(found.metric, oof.y, said))
    assert light_bundle(folder, final, models["tabm-2-1-members"])[:2] == b"PK"
    (folder.path / "light" / "onnx" / "student-int8.zip").unlink()
    with pytest.raises(RunError, match="student-int8"):
        light_bundle(folder, final, models["student-int8"])


def _only_int8(folder: RunFolder, state: RunState, found: LightModels) -> list[WantedVersion]:
    return [w for w in wanted_versions(folder, state, found) if w.name == "ensemble-int8"]


@pytest.mark.usefixtures("_quick")
def test_the_command_writes_onnx_files_unless_told_not_to(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(prediction_service, "open_one_worker", lambda *_, **__: InlineExecutor())
    monkeypatch.setattr("automl_core.runs.light_search.wanted_versions", _only_int8)
    _run(workspace)
    out = workspace / "light.zip"
    assert run_cli(["light", "run", "--model", "ensemble-int8", "--out", str(out)]) == 0
    assert "Rounded to int8, so not equal to ensemble" in capsys.readouterr().out
    with zipfile.ZipFile(out) as package:
        assert {"model.onnx", "score.py", "test_model.py"} <= set(package.namelist())
    assert run_cli(["light", "run", "--max-ms", "1000", "--bundle", "--out", str(out)]) == 0
    assert load_predictor(read_bundle(out)).members


def test_rows_of_fits_that_are_not_known_are_refused(workspace: Path) -> None:
    folder = _run(workspace)
    folds = folder.folds()
    parts = rows_by_fit(folder, 1, folds, 2)
    assert [part.tolist() for part in parts] == [fold.tolist() for fold in FOLDS]
    for fits, others in ((3, folds), (2, replace(folds, valid=(TEST, TEST)))):
        with pytest.raises(RunError, match="not known which rows"):
            rows_by_fit(folder, 1, others, fits)


def _model(name: str, score: float, ms: float, size: int, version: Version | None) -> LightModel:
    compared = ComparedScore(score, None, None, 0.9 - score, -1.0, 1.0)
    kind = "final" if name == "ensemble" else "trial" if version is None else "version"
    costs = MeasuredCosts(ms, ms, size)
    return LightModel(name, kind, "mlp", (1,), (1.0,), 1.0, compared, costs, version)  # type: ignore[arg-type]


def test_a_version_is_never_chosen_for_being_better_than_its_source() -> None:
    models = (
        _model("ensemble", 0.9, 20.0, 1000, None),
        _model("mlp-1", 0.89, 5.0, 500, None),
        _model("ensemble-onnx", 0.9, 2.0, 900, Version("ensemble", "onnx", 0, "Equal.")),
        _model("mlp-1-int8", 0.91, 6.0, 600, Version("mlp-1", "int8")),  # flattered, and no lighter
    )
    found = LightModels("v", "roc_auc", 100, models, done=True)
    assert best_within(found, LightLimits()) == models[0]
    assert best_within(found, LightLimits(most_ms=10.0)) == models[2]
    assert best_within(found, LightLimits(most_bytes=700)) == models[1]
    assert best_within(found, LightLimits(most_ms=4.0, onnx=False)) is None
    assert best_within(found, LightLimits(most_ms=10.0, onnx=False)) == models[1]
    words = light_words(found, models[2])
    assert words.endswith("It is a file for ONNX Runtime, with its scorer. Equal.")
