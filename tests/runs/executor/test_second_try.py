"""A task whose worker's machine ended is given to another one: less what has arrived."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from automl_core.runs.executor import second_try
from automl_core.runs.executor.results import FoldFitted, Probed, TrainingKept
from automl_core.runs.executor.second_try import SentTask
from automl_core.runs.executor.tasks import FoldTask, TrainTask
from automl_core.types import StopReason
from tests.runs.executor.test_device_placement import LINK, TABLE

JOBS = tuple(FoldTask(7, fold, "mlp", {}, 0) for fold in (2, 3, 4))
BLOBS = {f"{part}.{i}": f"{part}{i}".encode() for i in range(3) for part in ("train", "valid")}


def fitted(fold: int) -> FoldFitted:
    done, empty = StopReason.COMPLETED, np.zeros(0)
    return FoldFitted(7, fold, done, 1.0, 0.0, 0.0, 0, None, 1, {}, empty)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr(second_try.time, "monotonic", lambda: now[0])
    return now


def test_folds_that_arrived_are_not_trained_again_and_the_time_is_what_is_left(
    clock: list[float],
) -> None:
    task = TrainTask(LINK, JOBS, 10.0, "cpu")
    sent = SentTask(1, task, BLOBS)
    assert sent.begin() is task and sent.blobs is BLOBS
    sent.take(fitted(3))
    sent.take(Probed("mlp", 1.0))  # no part of it
    clock[0] += 4.0
    assert sent.begin() == replace(task, jobs=(JOBS[0], JOBS[2]), limit_seconds=6.0)
    assert sent.blobs == {
        "train.0": b"train0", "valid.0": b"valid0", "train.1": b"train2", "valid.1": b"valid2",
    }  # fmt: skip
    clock[0] += 60.0
    assert sent.begin().limit_seconds == second_try.LEAST_SECONDS  # type: ignore[union-attr]
    assert not sent.is_complete
    for fold in (2, 4):
        sent.take(fitted(fold))
    assert sent.is_complete


def test_a_network_goes_on_from_its_last_state_which_knows_its_share_of_the_time(
    clock: list[float],
) -> None:
    sent = SentTask(1, TrainTask(LINK, JOBS, 10.0, "cpu"), BLOBS | {"state.1": b"old"})
    sent.begin()
    sent.take(TrainingKept(7, (2,), {"state": b"first"}))
    sent.take(TrainingKept(7, (2,), {"state": b"second"}))
    clock[0] += 4.0
    assert sent.begin() == TrainTask(LINK, JOBS, 10.0, "cpu")
    assert sent.blobs == BLOBS | {"state.0": b"second", "state.1": b"old"}


def test_trials_that_are_trained_as_one_are_told_apart() -> None:
    jobs = tuple(FoldTask(trial, 2, "mlp", {}, 0) for trial in (7, 8, 9))
    sent = SentTask(1, TrainTask(LINK, jobs, None, "cuda:0"), BLOBS)
    sent.begin()
    sent.take(TrainingKept(8, (2,), {"state": b"of 8"}))
    sent.take(fitted(2))  # of 7
    assert sent.begin() == TrainTask(LINK, jobs[1:], None, "cuda:0")
    assert sent.blobs["state.0"] == b"of 8" and "state.1" not in sent.blobs
    assert sent.blobs["train.1"] == b"train2"


def test_any_other_task_is_done_anew() -> None:
    sent = SentTask(1, TABLE, {"rows": b""})
    assert sent.begin() is TABLE and sent.begin() is TABLE
    assert sent.blobs == {"rows": b""} and not sent.is_complete and sent.tries == 2
