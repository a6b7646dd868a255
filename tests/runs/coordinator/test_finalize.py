"""Ends of runs where something is odd, conducted without processes: nothing is left hanging."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from automl_core.errors import ModelError
from automl_core.models import catalog
from automl_core.models.base import FitControl, FitData, FitResult, ModelSpec
from automl_core.runs.coordinator import dispatcher
from automl_core.runs.coordinator.coordinator import conduct
from automl_core.runs.executor.results import Message, TaskDone
from automl_core.runs.record import Budget, RunOptions, RunSpec, TrainRequest
from automl_core.runs.record.commands import hold, send_command
from automl_core.runs.record.folder import RunFolder
from automl_core.runs.record.state import RunState
from automl_core.runs.schedule import limits
from automl_core.splitting.folds import SplitConfig, make_folds
from automl_core.table.schema import Schema
from automl_core.types import Config, RunStatus
from tests.options import changed
from tests.runs.inline import InlineExecutor
from tests.runs.tables import small_run, stored_run


def conduct_inline(
    run: tuple[RunSpec, Schema], root: Path, executor: InlineExecutor, workers: int = 2
) -> RunState:
    folder = RunFolder(root / "runs" / "inline")
    folder.create(*run)
    with hold(folder.path):
        return conduct(folder, executor, root, time.monotonic(), workers)


def test_workers_that_are_ready_after_the_budget_still_leave_a_model(workspace: Path) -> None:
    run = small_run(workspace, Budget(seconds=1))
    state = conduct_inline(run, workspace, InlineExecutor(ready_after=1.3))
    assert state.status == RunStatus.FINISHED
    assert [t.status for t in state.trials.values()] == ["finished"]
    assert state.trials[0].folds == 3  # more folds than workers: all were handed out
    end, score = state.finished, state.trials[0].score
    assert end is not None and end.valid_low is not None and end.valid_high is not None
    assert score is not None and end.valid_low <= score <= end.valid_high  # no test rows


def test_folds_that_came_in_are_a_model_where_a_worker_is_deaf(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "PATIENCE", 0.2)
    run = small_run(workspace, Budget(seconds=1))
    state = conduct_inline(run, workspace, InlineExecutor(answers=2))
    assert state.finished is not None
    assert state.finished.best == 0
    assert state.trials[0].folds == 2
    assert RunFolder(workspace / "runs" / "inline").model_files(0)


def test_a_run_that_is_stopped_before_any_model_says_so(workspace: Path) -> None:
    run = small_run(workspace, Budget(trials=3))
    (workspace / "runs" / "inline").mkdir(parents=True)
    send_command(workspace / "runs" / "inline", "stop")
    state = conduct_inline(run, workspace, InlineExecutor())
    assert (state.status, state.trials) == ("failed", {})
    assert "Stopped by you" in state.reason


def test_a_run_that_fails_leaves_no_task_behind(workspace: Path) -> None:
    spec, schema = small_run(workspace, Budget(trials=3))
    executor = InlineExecutor()
    state = conduct_inline((changed(spec, device="cuda:99"), schema), workspace, executor)
    assert state.status == RunStatus.FAILED
    assert {number for number, _ in executor.cancelled} >= {2}  # the second fold was still out


def test_test_rows_without_weight_have_no_score_and_the_run_a_model(workspace: Path) -> None:
    rows = 60
    cut = SplitConfig(2, test_fraction=0.2)
    folds = make_folds(np.arange(rows) % 2, np.arange(rows), "binary", cut)
    weight = np.ones(rows)
    weight[folds.test] = 0
    table = pa.table({"x": np.sin(np.arange(rows)), "w": weight, "y": np.arange(rows) % 2})
    request = TrainRequest(
        "y", RunOptions(Budget(seconds=1), weight="w", folds=2, test_fraction=0.2)
    )
    run = stored_run(workspace, table, request)
    state = conduct_inline(run, workspace, InlineExecutor(ready_after=1.0))
    assert state.status == RunStatus.FINISHED
    assert state.finished is not None
    assert state.finished.test_score is None
    assert "no score" in state.notes[-1][1].message


def test_test_rows_of_one_class_have_no_area_under_a_curve(workspace: Path) -> None:
    rows = 60
    y = ["n"] * (rows - 2) + ["p"] * 2
    table = pa.table({"x": np.sin(np.arange(rows)), "y": y})
    request = TrainRequest(
        "y", RunOptions(Budget(seconds=1), folds=2, test_fraction=0.1), metric="roc_auc"
    )
    run = stored_run(workspace, table, request)
    state = conduct_inline(run, workspace, InlineExecutor(ready_after=1.0))
    assert state.finished is not None
    assert state.finished.best == 0
    assert state.finished.test_score is None
    assert "one class" in state.notes[-1][1].message


def test_test_rows_that_are_nearly_scored_get_a_moment_more(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatcher, "ROWS_PER_TASK", 5)
    table = pa.table({"x": np.sin(np.arange(60)), "y": ["n", "n", "p"] * 20})
    request = TrainRequest(
        "y", RunOptions(Budget(seconds=2), families=("linear",), test_fraction=0.2)
    )
    run = stored_run(workspace, table, request)
    state = conduct_inline(run, workspace, InlineExecutor(score_seconds=0.55))
    assert state.finished is not None
    assert state.finished.test_score is not None
    assert "kept for the end" not in state.reason


def test_who_stops_does_not_wait_for_test_rows(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stopped(InlineExecutor):
        def poll(self, timeout: float) -> list[Message]:
            messages = super().poll(timeout)
            if any(isinstance(m.result, TaskDone) for m in messages):
                send_command(workspace / "runs" / "inline", "stop")
            return messages

    monkeypatch.setattr(dispatcher, "ROWS_PER_TASK", 5)
    table = pa.table({"x": np.sin(np.arange(60)), "y": ["n", "n", "p"] * 20})
    request = TrainRequest(
        "y", RunOptions(Budget(seconds=600), families=("linear",), test_fraction=0.2)
    )
    run = stored_run(workspace, table, request)
    state = conduct_inline(run, workspace, Stopped(score_seconds=0.7))
    assert state.finished is not None and state.finished.status == "stopped"
    assert state.finished.test_score is None


def test_a_run_says_how_it_validates_and_keeps_groups_together(workspace: Path) -> None:
    groups = np.arange(60) // 5
    table = pa.table({"x": np.sin(np.arange(60)), "g": groups, "y": ["n", "n", "p"] * 20})
    request = TrainRequest("y", RunOptions(Budget(seconds=1), group="g"))
    run = stored_run(workspace, table, request)
    state = conduct_inline(run, workspace, InlineExecutor(ready_after=1.0))
    assert "fold" in state.notes[0][1].message
    assert "'g'" in state.notes[0][1].message
    folds = RunFolder(workspace / "runs" / "inline").folds()
    for train, valid in zip(folds.train, folds.valid, strict=True):
        assert not set(groups[train]) & set(groups[valid])


def test_a_number_of_trials_ends_where_every_family_fails(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fit = catalog.fit

    def fails(entry: ModelSpec, data: FitData, config: Config, control: FitControl) -> FitResult:
        if entry.name == "linear":
            raise ModelError("it cannot be")
        return fit(entry, data, config, control)

    monkeypatch.setattr(catalog, "fit", fails)
    spec, schema = small_run(workspace, Budget(trials=30))
    run = changed(spec, families=("linear",)), schema
    state = conduct_inline(run, workspace, InlineExecutor())
    assert state.status == RunStatus.FINISHED
    assert "fail" in state.reason
    assert len(state.trials) < 31
