"""Fits of one task that are trained as one: whose place is taken, and who is left out."""

from __future__ import annotations

from typing import Any

import pytest

from automl_core.models import Epoch
from automl_core.runs.executor import FoldTask, TrainTask
from automl_core.runs.worker import stacked_jobs, time_limit
from automl_core.runs.worker.stacked_jobs import StackedJobs
from automl_core.types import StopReason
from tests.runs.executor.test_device_placement import LINK

EPOCH = Epoch(3, 0.5, 1.0, 1.0, 0.5, 0.1, 1.0)


class _Connection:
    """A worker's end of a pipe that nobody reads."""

    def __init__(self) -> None:
        self.sent: list[object] = []

    def cancelled(self) -> StopReason | None:
        return None

    def send(self, result: object) -> None:
        self.sent.append(result)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [0.0]
    for module in (stacked_jobs, time_limit):
        monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    return now


def made(trials: int, folds: int = 1, seconds: float | None = 100.0) -> StackedJobs:
    jobs = tuple(
        FoldTask(trial, fold, "mlp", {}, 0, ((0.4, -9.0),) if not trial else ())
        for trial in range(trials)
        for fold in range(folds)
    )
    connection: Any = _Connection()
    return StackedJobs(TrainTask(LINK, jobs, seconds, "cpu", 2), {}, connection, "cpu")


def test_one_that_could_not_come_far_is_not_begun(clock: list[float]) -> None:
    first, second, late = made(3).jobs
    assert first.begin() and second.begin()
    clock[0] = 40.0
    second.control().report(EPOCH)  # half of it took 40 s
    assert late.begin()
    clock[0] = 70.0
    assert second.natural_seconds() == pytest.approx(140.0)
    other = made(2)
    assert other.jobs[0].begin()
    clock[0] = 140.0
    other.jobs[1].control().report(EPOCH)
    other.jobs[0].control().report(EPOCH)
    assert not other.jobs[1].begin()  # 30 s are left of the 140 that it would take


def test_of_a_trial_that_has_begun_no_fold_is_left_out(clock: list[float]) -> None:
    stack = made(2, folds=2)
    assert stack.jobs[0].begin() and stack.jobs[2].begin()
    clock[0] = 95.0
    stack.jobs[0].control().report(EPOCH)
    stack.jobs[2].control().report(EPOCH)
    assert stack.jobs[3].begin()


def test_all_folds_of_a_trial_end_with_one_and_the_time_is_shared(clock: list[float]) -> None:
    stack = made(2, folds=2)
    for one in stack.jobs[:3]:
        one.begin()
    clock[0] = 9.0
    rule = stack.jobs[0].control().report(EPOCH)  # worse than the rule of its trial
    assert rule == StopReason.PRUNED
    assert stack.jobs[1].control().interrupted() == StopReason.PRUNED
    assert stack.jobs[2].control().interrupted() is None
    stack.jobs[0].end()
    assert stack.jobs[0].seconds == pytest.approx(3.0)
    stack.give_up(1)
    assert stack.jobs[2].control().interrupted() == StopReason.PRUNED
    assert not stack.jobs[3].begin()


def test_each_has_the_time_that_is_left_when_it_begins(clock: list[float]) -> None:
    one, other = made(2).jobs
    one.begin()
    clock[0] = 50.0
    other.begin()
    clock[0] = 75.0
    assert one.control().elapsed() == pytest.approx(0.75)
    assert other.control().elapsed() == pytest.approx(0.5)
    clock[0] = 101.0
    assert other.control().interrupted() == StopReason.TIME
