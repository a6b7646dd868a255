"""A run whose leading models are trained on further parts of the rows, from start to end."""

from __future__ import annotations

import shutil
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from automl_core.export import split_members
from automl_core.export.predictor import load_predictor
from automl_core.metrics import bootstrap_interval
from automl_core.runs.coordinator import live_ensemble
from automl_core.runs.coordinator.coordinator import conduct
from automl_core.runs.executor.results import TaskFailed, WorkerLost
from automl_core.runs.record import (
    Budget,
    RunOptions,
    RunReader,
    TrainRequest,
    best_trial,
    build_leaderboard,
    trial_files,
)
from automl_core.runs.record import events as e
from automl_core.runs.record.commands import hold, send_command
from automl_core.runs.record.folder import RunFolder
from automl_core.runs.record.resumption import load_fits
from automl_core.runs.record.state import RunState
from automl_core.runs.schedule import limits
from automl_core.runs.setup import run_data
from automl_core.runs.setup.validation import ValidationPlan
from automl_core.types import CommandName
from tests.runs.inline import InlineExecutor, LosingExecutor, StoppingExecutor
from tests.runs.tables import small_run

PARTS, FITS = 4, 16
FAMILIES = ("lightgbm", "extra_trees", "knn")  # they need no probe, which this executor leaves out


def _plan(*_arguments: object) -> ValidationPlan:
    return ValidationPlan(PARTS, 1, 239, first=1, cause="by the test")


@pytest.fixture(scope="module")
def raced(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a run in which a race has begun as soon as there were two models."""
    root = tmp_path_factory.mktemp("raced")
    folder = RunFolder(root / "runs" / "raced")
    options = RunOptions(Budget(seconds=60.0), families=FAMILIES, columns="all")
    folder.create(*small_run(root, options.budget, TrainRequest("answer", options)))
    with pytest.MonkeyPatch.context() as patch:
        _race_at_once(patch)
        _conduct(folder, root)
    return root


def _race_at_once(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(run_data, "planned", _plan)
    patch.setattr(limits, "RACE_CLOSE_FROM", 0.0)
    patch.setattr(limits, "RACE_FEWEST", 2)
    patch.setattr(live_ensemble, "LEADING", 2)
    patch.setattr(live_ensemble, "CLOSE", 0.0)


def _conduct(
    folder: RunFolder, root: Path, more: float | None = None, runner: InlineExecutor | None = None
) -> RunState:
    with hold(folder.path):
        executor = runner or StoppingExecutor(folder.path, FITS)
        return conduct(folder, executor, root, time.monotonic(), 2, more)


@pytest.fixture
def folder(raced: Path, workspace: Path) -> RunFolder:
    """The same run, for one test."""
    shutil.copytree(raced, workspace, dirs_exist_ok=True)
    return RunFolder(workspace / "runs" / "raced")


def _extended(state: RunState) -> list[int]:
    return [t.number for t in state.trials.values() if t.folds > 1]


def test_models_that_lead_become_averages_of_several_fits(folder: RunFolder) -> None:
    state, folds = RunReader(folder).refresh(), folder.folds()
    assert state.started is not None
    assert (state.started.folds, state.started.parts) == (1, PARTS)
    assert len(_extended(state)) >= 2
    for number in _extended(state):
        trial, oof = state.trials[number], folder.out_of_fold(number)
        assert len(split_members(trial_files(folder, number))) == trial.folds
        assert load_predictor(folder.model_files(number))
        rows = np.concatenate(folds.valid[: trial.folds])
        assert np.array_equal(np.sort(oof.rows), np.sort(rows))
        assert [f.fold for f in load_fits(folder, number)] == list(range(trial.folds))
        assert sorted(trial.fold_scores) == list(range(trial.folds))
        assert trial.extending is None


def test_scores_are_compared_on_the_rows_that_all_have_predicted(folder: RunFolder) -> None:
    state = RunReader(folder).refresh()
    spec = folder.spec()
    for number in _extended(state):
        trial = state.trials[number]
        assert trial.score == pytest.approx(trial.fold_scores[0])
    board = build_leaderboard(state, spec.metric)
    assert all(row.rank is not None for row in board if row.usable)


def test_the_ensemble_predicts_rows_that_all_of_its_members_have(folder: RunFolder) -> None:
    state = RunReader(folder).refresh()
    assert state.ensemble is not None
    oof = folder.out_of_fold(e.ENSEMBLE)
    fewest = min(state.trials[n].folds for n in state.ensemble.trials)
    assert len(oof.rows) == sum(len(rows) for rows in folder.folds().valid[:fewest])


def test_the_interval_of_a_run_without_test_rows_is_of_the_rows_of_its_score(
    folder: RunFolder,
) -> None:
    end = RunReader(folder).refresh().finished
    assert end is not None and end.best is not None and end.test_score is None
    oof, compared = folder.out_of_fold(end.best), folder.folds().valid[0]
    kept = np.isin(oof.rows, compared)
    low, high = bootstrap_interval(folder.spec().metric, oof.y[kept], oof.prediction[kept])
    assert len(compared) < len(oof.rows)
    assert (end.valid_low, end.valid_high) == pytest.approx((low, high))


def test_a_run_that_goes_on_keeps_its_parts_and_its_race(
    workspace: Path, folder: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = RunReader(folder).refresh()
    _race_at_once(monkeypatch)
    # as the machine would be planned for now: what the run began with counts
    monkeypatch.setattr(run_data, "planned", lambda *a: replace(_plan(*a), first=0))
    state = _conduct(folder, workspace, more=40.0)
    known = {n: before.trials[n].folds for n in _extended(before)}
    assert all(state.trials[n].folds >= folds for n, folds in known.items())
    assert sum(t.folds for t in state.trials.values()) > sum(
        t.folds for t in before.trials.values()
    )
    new = [t for n, t in state.trials.items() if n not in before.trials and t.usable]
    assert all(t.folds < PARTS or t.number in _extended(state) for t in new)


def test_a_trial_whose_model_is_damaged_has_failed_and_the_run_goes_on(
    workspace: Path, folder: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = RunReader(folder).refresh()
    best = best_trial(before, folder.spec().metric)
    assert best is not None
    member = next((folder.path / "trials" / str(best.number) / "model").rglob("*.json"))
    member.write_bytes(b"{}")
    _race_at_once(monkeypatch)
    state = _conduct(folder, workspace, more=40.0)
    assert state.status == "stopped" and state.finished is not None
    assert state.trials[best.number].status == "failed"
    assert "is damaged" in state.trials[best.number].message
    assert state.ensemble is not None and best.number not in state.ensemble.trials
    assert state.finished.best != best.number


@pytest.mark.parametrize(
    "failure",
    [TaskFailed("The disk was full."), WorkerLost("The worker ended."), None],
    ids=["failed", "lost", "damaged"],
)
def test_a_trial_whose_further_fold_fails_stays_as_it_is_and_the_run_goes_on(
    workspace: Path,
    folder: RunFolder,
    monkeypatch: pytest.MonkeyPatch,
    failure: TaskFailed | WorkerLost | None,
) -> None:
    before = RunReader(folder).refresh()
    _race_at_once(monkeypatch)
    executor = LosingExecutor(folder.path, FITS // 2, failure)
    state = _conduct(folder, workspace, 40.0, executor)
    assert state.status == "stopped"  # not failed
    assert state.finished is not None and state.finished.best is not None
    assert executor.lost is not None
    trial, was = state.trials[executor.lost], before.trials.get(executor.lost)
    folds = 1 if was is None else was.folds
    assert (trial.status, trial.folds, trial.extending) == ("finished", folds, None)
    assert trial.score == pytest.approx(trial.fold_scores[0])
    why = failure.message if failure else f"trials/{trial.number}/oof.npz of the run"
    words = f"{trial.name} stays as trained on {folds} of the parts: {why}"
    assert any(note.message.startswith(words) for _, note in state.notes)
    others = [t.folds for n, t in state.trials.items() if n != trial.number]
    assert sum(others) > sum(t.folds for n, t in before.trials.items() if n != trial.number)


def test_a_model_gets_the_further_parts_that_a_person_asks_for(
    workspace: Path, folder: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_data, "planned", _plan)  # and no race
    behind = [t for t in RunReader(folder).refresh().trials.values() if t.folds == 1]
    trial = next(t for t in behind if t.usable and t.origin.explores)
    send_command(folder.path, CommandName.MORE_FOLDS, str(trial.number))
    state = _conduct(folder, workspace, more=60.0)
    assert state.trials[trial.number].folds == PARTS
    assert len(split_members(trial_files(folder, trial.number))) == PARTS
