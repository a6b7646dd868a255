"""A Stop is obeyed in every phase of a run. Time is counted here, not waited for."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from automl_core.runs.coordinator.context import RunContext
from automl_core.runs.coordinator.coordinator import conduct
from automl_core.runs.coordinator.finalize import Finalizer
from automl_core.runs.coordinator.live_ensemble import LiveEnsemble, update_ensemble
from automl_core.runs.coordinator.message_handler import MessageHandler
from automl_core.runs.coordinator.startup import start_run
from automl_core.runs.coordinator.trackers import make_trackers
from automl_core.runs.coordinator.training_phase import TrainingPhase
from automl_core.runs.executor import Message, RefitTask, ScoreTask, TrainTask, Work
from automl_core.runs.executor.base import ExecutorStatus
from automl_core.runs.record import Budget, RunOptions, TrainRequest
from automl_core.runs.record.commands import send_command
from automl_core.runs.record.folder import RunFolder
from automl_core.runs.record.run_log import RunLog
from automl_core.runs.record.state import RunState
from tests.runs.inline import InlineExecutor
from tests.runs.tables import small_run, stored_run

POLLS = 20  # without an answer, after which Stop is sent
HEARD_WITHIN = 1.0  # seconds


class Silent(InlineExecutor):
    """Never answers tasks of some kind; each poll meanwhile takes its whole timeout."""

    def __init__(self, folder: Path, is_silent: Callable[[Work], bool], ready: int = 1) -> None:
        super().__init__()
        self._folder, self._is_silent, self._ready = folder, is_silent, ready
        self.seconds = 0.0  # that polls took
        self.silent_polls = 0
        self.stopped_at: float | None = None

    def poll(self, timeout: float) -> list[Message]:
        answered = [e for e in self._waiting if self._ready and not self._is_silent(e[1])]
        if answered:
            self._waiting.remove(answered[0])
            self._waiting.appendleft(answered[0])
            return super().poll(0.0)
        self.seconds += timeout
        if self._waiting or not self._ready:
            self.silent_polls += 1
        if self.silent_polls == POLLS and self.stopped_at is None:
            send_command(self._folder, "stop")
            self.stopped_at = self.seconds
        return []

    def cancel(self, task: int, reason: str) -> None:
        """Whoever is asked to stop is silent, too."""
        self.cancelled.append((task, reason))

    def status(self) -> ExecutorStatus:
        return replace(super().status(), ready=self._ready)


@dataclass(frozen=True)
class Run:
    state: RunState
    heard_after: float  # seconds from the command to its line in the log
    ended_after: float  # seconds from the command to the end


def conduct_silent(
    root: Path, is_silent: Callable[[Work], bool], budget: Budget, ready: int = 1
) -> Run:
    """A run with one holdout and test rows, of which a kind of task is never answered."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=300)
    table = pa.table({"x": x, "y": 3 * x + rng.normal(size=300)})
    options = RunOptions(budget, families=("extra_trees",), folds=1, test_fraction=0.2)
    folder = RunFolder(root / "runs" / "silent")
    folder.create(*stored_run(root, table, TrainRequest("y", options)))
    executor = Silent(folder.path, is_silent, ready)
    log = RunLog(folder.log_path, 0.0)
    heard: list[float] = []
    write = log.write

    def note_command(event: object, durable: bool = False) -> None:
        if type(event).__name__ == "Command":
            heard.append(executor.seconds)
        write(event, durable)  # type: ignore[arg-type]

    log.write = note_command  # type: ignore[method-assign]
    context = start_run(folder, executor, root, log, 1)
    clock = replace(context.budget, began=0.0, now=lambda: executor.seconds)
    context = replace(context, budget=clock)
    trackers = make_trackers(context)
    messages = MessageHandler(context, trackers)
    Finalizer(context, messages, trackers).finish(TrainingPhase(context, messages, trackers).run())
    log.close()
    assert executor.stopped_at is not None, "the phase ended before Stop was sent"
    return Run(log.state, heard[0] - executor.stopped_at, executor.seconds - executor.stopped_at)


def is_trial(work: Work) -> bool:
    return isinstance(work, TrainTask) and work.jobs[0].trial > 0


def test_while_the_first_worker_starts(workspace: Path) -> None:
    run = conduct_silent(workspace, lambda _: True, Budget(seconds=600), ready=0)
    assert run.heard_after <= HEARD_WITHIN
    assert run.ended_after < 2.5
    assert (run.state.status, run.state.trials) == ("failed", {})


def test_while_models_train(workspace: Path) -> None:
    run = conduct_silent(workspace, is_trial, Budget(seconds=600))
    assert run.heard_after <= HEARD_WITHIN
    assert run.ended_after < 2.5
    assert run.state.status == "stopped"


def test_while_the_last_answers_are_collected(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # one poll of the training phase takes more than the budget's half: the rest is collected
    monkeypatch.setattr("automl_core.runs.coordinator.training_phase.POLL_SECONDS", 500.0)
    monkeypatch.setattr("automl_core.runs.schedule.limits.LAST_TASKS_LEAST", 60.0)
    run = conduct_silent(workspace, is_trial, Budget(seconds=600))
    assert run.heard_after <= HEARD_WITHIN
    assert run.ended_after < 2.5  # 24 s without it
    assert run.state.status == "stopped"
    assert run.state.reason.startswith("Stopped by you")


def test_while_the_last_ensemble_is_solved(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = []

    def update(
        context: RunContext, ensemble: LiveEnsemble, last: bool, is_stopped: Callable[[], bool]
    ) -> None:
        heard.append(is_stopped())
        send_command(context.folder.path, "stop")
        heard.append(is_stopped())
        update_ensemble(context, ensemble, last, is_stopped)

    monkeypatch.setattr("automl_core.runs.coordinator.finalize.update_ensemble", update)
    spec, schema = small_run(workspace, Budget(trials=1))
    folder = RunFolder(workspace / "runs" / "solved")
    folder.create(spec, schema)
    state = conduct(folder, InlineExecutor(), workspace, time.monotonic(), 1)
    assert heard == [False, True]
    assert state.status == "stopped" and state.reason.startswith("Stopped by you")


def test_while_the_model_is_fitted_on_all_rows(workspace: Path) -> None:
    run = conduct_silent(workspace, lambda w: isinstance(w, RefitTask), Budget(trials=1))
    assert run.heard_after <= HEARD_WITHIN
    assert run.ended_after < 1.0  # never without it: there is no clock
    assert run.state.status == "stopped"
    assert run.state.finished is not None and run.state.finished.refitted == ()


def test_while_test_rows_are_scored(workspace: Path) -> None:
    run = conduct_silent(workspace, lambda w: isinstance(w, ScoreTask), Budget(trials=1))
    assert run.heard_after <= HEARD_WITHIN
    assert run.ended_after < 1.0  # 60 s without it
    assert run.state.status == "stopped"
    assert run.state.reason.startswith("Stopped by you")
    assert run.state.finished is not None and run.state.finished.test_score is None
