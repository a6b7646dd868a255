"""A run learns from memory that runs out, and from a library that does not load."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest
from catboost import CatBoostError
from lightgbm.basic import LightGBMError

from automl_core.models import model_spec
from automl_core.runs.coordinator import training_phase
from automl_core.runs.coordinator.coordinator import conduct
from automl_core.runs.executor import ExecutorStatus, Message, TaskFailed, TrainTask, WorkerLost
from automl_core.runs.record import Budget, RunFolder, RunOptions, RunState, TrainRequest, Trial
from automl_core.runs.schedule.failures import repeats_failure
from automl_core.runs.worker.failure import fail_reason
from automl_core.types import FailReason, Origin, RunStatus, TrialStatus
from tests.runs.inline import InlineExecutor
from tests.runs.tables import small_run


class Short(InlineExecutor):
    """Trainings of some families fail, always for the same reason."""

    def __init__(self, families: tuple[str, ...], reason: FailReason) -> None:
        super().__init__()
        self._families, self._reason = families, reason

    def poll(self, timeout: float) -> list[Message]:
        if self._waiting and isinstance(self._waiting[0][1], TrainTask):
            number, work, _ = self._waiting[0]
            assert isinstance(work, TrainTask)
            if work.jobs[0].family in self._families:
                self._waiting.popleft()
                return [Message(number, TaskFailed("It failed.", self._reason))]
        return super().poll(timeout)


def _conduct(
    root: Path, executor: InlineExecutor, families: tuple[str, ...], workers: int
) -> RunState:
    options = RunOptions(Budget(seconds=6), families=families, folds=2, features="plain")
    folder = RunFolder(root / "runs" / "run-a")
    folder.create(*small_run(root, options.budget, TrainRequest("answer", options)))
    return conduct(folder, executor, root, time.monotonic(), workers)


def _failures(state: RunState, family: str) -> int:
    trials = [t for t in state.trials.values() if t.family == family]
    return sum(t.status == TrialStatus.FAILED for t in trials)


def test_a_family_for_which_memory_runs_out_fails_twice_at_most(workspace: Path) -> None:
    executor = Short(("lightgbm",), FailReason.MEMORY)
    state = _conduct(workspace, executor, ("lightgbm", "knn"), workers=1)
    assert _failures(state, "lightgbm") <= 2
    assert state.finished is not None and state.finished.best is not None


def test_fewer_workers_go_on_where_memory_ran_out(workspace: Path) -> None:
    executor = Short(("lightgbm",), FailReason.MEMORY)
    state = _conduct(workspace, executor, ("lightgbm", "knn"), workers=4)
    notes = [note.message for _, note in state.notes]
    assert "Memory ran out: 2 of 4 workers go on." in notes
    assert executor.resized == 1  # the executor's own number, which the next run has again
    assert _failures(state, "lightgbm") <= 4  # those that were out together, and one more


def test_a_baseline_for_which_memory_ran_out_does_not_end_the_run(workspace: Path) -> None:
    executor = Short(("constant",), FailReason.MEMORY)
    state = _conduct(workspace, executor, ("knn",), workers=1)
    assert state.status == RunStatus.FINISHED
    assert "knn" in [t.family for t in state.trials.values() if t.usable]
    assert _failures(state, "constant") == 2  # it is tried once more
    assert state.finished is not None and state.finished.best is not None


class Small(InlineExecutor):
    """A machine with little memory."""

    def status(self) -> ExecutorStatus:
        return replace(super().status(), free_bytes=200 * 10**6)


def test_a_run_is_planned_by_the_memory_there_is_and_says_so(workspace: Path) -> None:
    state = _conduct(workspace, Small(), ("knn", "catboost", "lightgbm"), workers=4)
    notes = [note.message for _, note in state.notes]
    assert any(words.startswith("1 of 4 workers goes on") for words in notes)
    assert any("CatBoost is left out: it would need about" in words for words in notes)
    assert {t.family for t in state.trials.values()} == {"constant", "knn", "lightgbm"}


class NearlyFull(InlineExecutor):
    """Memory runs short whenever LightGBM trains, which it does until it is cancelled."""

    def _is_boosting(self) -> bool:
        works = (work for _, work, _ in self._waiting if isinstance(work, TrainTask))
        return any(work.jobs[0].family == "lightgbm" for work in works)

    def poll(self, timeout: float) -> list[Message]:
        if not self._is_boosting():
            return super().poll(timeout)
        number, *_ = self._waiting[0]
        if number not in [task for task, _ in self.cancelled]:
            time.sleep(min(timeout, 0.02))
            return []
        self._waiting.popleft()
        return [Message(number, WorkerLost("The worker did not stop in time."))]

    def status(self) -> ExecutorStatus:
        return replace(super().status(), short_of_memory=self._is_boosting())


def test_the_training_that_began_last_ends_before_memory_is_used_up(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training_phase, "RELIEF_SECONDS", 0.0)
    executor = NearlyFull()
    state = _conduct(workspace, executor, ("lightgbm", "knn"), workers=1)
    ended = [t for t in state.trials.values() if t.family == "lightgbm"]
    assert ended and all(t.fail_reason == FailReason.MEMORY for t in ended)
    assert len(ended) <= 2 and "ended as memory ran short" in ended[0].message
    assert executor.cancelled
    assert state.finished is not None and state.finished.best is not None


def test_a_library_that_does_not_load_is_tried_once_by_all_networks(workspace: Path) -> None:
    executor = Short(("mlp", "resnet", "tabm"), FailReason.LIBRARY)
    state = _conduct(workspace, executor, ("mlp", "resnet", "tabm", "knn"), workers=1)
    assert sum(_failures(state, family) for family in ("mlp", "resnet", "tabm")) == 1
    assert any("library cannot be loaded" in note.message for _, note in state.notes)


def _failed(number: int, family: str, started: float, ended: float, reason: FailReason) -> Trial:
    return Trial(
        number, f"{family}-{number}", family, {}, Origin.SEARCH, started,
        TrialStatus.FAILED, ended=ended, fail_reason=reason,
    )  # fmt: skip


def test_failures_at_the_same_time_count_once() -> None:
    spec = model_spec("lightgbm")
    together = [_failed(n, "lightgbm", 1.0, 5.0 + n, FailReason.MEMORY) for n in range(4)]
    assert repeats_failure(together, spec) == ""
    again = [*together, _failed(5, "lightgbm", 6.0, 7.0, FailReason.MEMORY)]
    assert "memory ran out" in repeats_failure(again, spec)
    assert repeats_failure(again, model_spec("knn")) == ""
    other = [_failed(n, "lightgbm", n, n + 0.5, FailReason.OTHER) for n in range(4)]
    assert repeats_failure(other, spec) == ""


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (MemoryError(), FailReason.MEMORY),
        (OSError(12, "Cannot allocate memory"), FailReason.MEMORY),
        (OSError(2, "No such file"), FailReason.OTHER),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory"), FailReason.MEMORY),
        (RuntimeError("shapes differ"), FailReason.OTHER),
        (LightGBMError("std::bad_alloc"), FailReason.MEMORY),
        (LightGBMError("Check failed: (num_data) > (0)"), FailReason.OTHER),
        (CatBoostError("cxxrt::bad_alloc"), FailReason.MEMORY),
    ],
)
def test_errors_are_told_apart(error: Exception, reason: FailReason) -> None:
    import torch  # noqa: F401

    assert fail_reason(error) == reason
