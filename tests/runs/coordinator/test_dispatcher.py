"""Tasks that hang are ended: soon where their worker stands still, later where it computes."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from automl_core.runs.coordinator import dispatcher as dispatchers
from automl_core.runs.coordinator.dispatcher import Dispatcher
from automl_core.runs.executor import EmbedTask, ExecutorStatus, FoldTask
from automl_core.runs.schedule import limits, policy
from automl_core.types import StopReason
from tests.source import ROOT

DATA: Any = None  # tasks of this test need none
STATUS = ExecutorStatus(1, 1, 1, "cpu", "CPU", 0, "")


class _Executor:
    """Takes tasks, and says for how long their workers have stood still."""

    def __init__(self) -> None:
        self.still: dict[int, float] = {}
        self.cancelled: list[int] = []

    def submit(self, *_: object) -> int:
        return 1

    def cancel(self, task: int, reason: StopReason) -> None:
        assert reason == StopReason.STOPPED
        self.cancelled.append(task)

    def status(self) -> ExecutorStatus:
        return replace(STATUS, still=self.still)


@pytest.mark.parametrize(
    ("limit", "frozen_at", "ended"),
    [
        (10.0, 3.0, 11.0),  # it stood still long before: at once, once its time is over
        (10.0, 10.0, 12.5),
        (10.0, None, 30.0),  # it computes: a library that cannot be interrupted
        (None, 5.0, 65.0),
        (150.0, 5.0, 65.0),  # its time is far from over
        (None, None, None),
    ],
)
def test_a_task_that_hangs_is_ended(
    limit: float | None,
    frozen_at: float | None,
    ended: float | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    executor: Any = _Executor()
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr(dispatchers, "time", SimpleNamespace(monotonic=lambda: clock.now))
    dispatcher = Dispatcher(executor, DATA, "cpu", 1)
    dispatcher.embed(EmbedTask(DATA, "", limit))
    while not executor.cancelled and clock.now < 200.0:
        clock.now = round(clock.now + 0.1, 1)
        frozen = frozen_at is not None and clock.now > frozen_at
        executor.still = {1: clock.now - frozen_at} if frozen and frozen_at is not None else {}
        dispatcher.cancel_hung()
    assert executor.cancelled == ([] if ended is None else [1])
    assert clock.now == pytest.approx(200.0 if ended is None else ended, abs=0.11)


def test_a_frozen_worker_is_noticed_within_five_seconds_of_its_limit_and_of_the_stated_time() -> (
    None
):
    from automl_core.runs.executor.pool import CANCEL_GRACE
    from automl_core.runs.executor.stillness import LOOK_EVERY

    late = max(limits.STILL_AFTER, limits.STILL + LOOK_EVERY)
    assert late + CANCEL_GRACE < 5.0
    text = " ".join((ROOT / "CONTRIBUTING.md").read_text("utf-8").split())
    assert f"no sign of life for {limits.STILL_MOST:g} s" in text


def test_a_trial_is_ended_alone_and_memory_by_all_that_are_trained_as_one() -> None:
    executor: Any = _Executor()
    rows = [np.arange(3)]
    data: Any = SimpleNamespace(folds=SimpleNamespace(train=rows, valid=rows), link=None)
    dispatcher = Dispatcher(executor, data, "cpu", 1)
    jobs = tuple(FoldTask(trial, 0, "mlp", {}, 0, rival=True) for trial in (4, 5))
    dispatcher.train(jobs, None, {}, places=2)
    dispatcher.cancel_trial(4)
    assert not executor.cancelled
    work = dispatcher.youngest_training()
    assert work is not None
    assert (work.jobs, work.places, work.compare_at) == (jobs, 2, policy.PRUNE_AT)
    dispatcher.cancel(work)
    assert executor.cancelled == [1]
    dispatcher.forget(1)
    dispatcher.train(jobs[:1], None, {})
    dispatcher.cancel_trial(4)
    assert executor.cancelled == [1, 1]
