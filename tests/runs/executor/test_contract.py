"""What every executor promises the coordinator, tested with each of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import psutil
import pytest

from automl_core.runs.executor import has_ray
from automl_core.runs.executor import process as processes
from automl_core.runs.executor.base import Executor, ExecutorClosedError
from automl_core.runs.executor.cluster import ClusterExecutor
from automl_core.runs.executor.local import LocalExecutor
from automl_core.runs.executor.protocol import Blobs, pack_rows
from automl_core.runs.executor.results import (
    EpochsReported,
    FoldFitted,
    Message,
    Result,
    TaskDone,
    TaskFailed,
    WorkerLost,
)
from automl_core.runs.executor.tasks import DataLink, FoldTask, TrainTask, Work
from automl_core.runs.record import Budget
from automl_core.runs.setup import prepare_run_data
from automl_core.types import Config, StopReason
from tests.ray_nodes import ray_nodes
from tests.runs.inline import InlineExecutor
from tests.runs.tables import small_run

SECONDS = 90.0  # that a task of a test may take, workers' start included
ENDS = (TaskDone, TaskFailed, WorkerLost)
ENDLESS: Config = {"max_iterations": 10**6, "learning_rate": 1e-5, "patience": 10**6}


@dataclass(frozen=True)
class Given:
    """An executor of one worker, and a table that it can train on."""

    executor: Executor
    link: DataLink
    another: Callable[[], Executor]  # without workers
    processes: Callable[[], list[psutil.Process]]  # of its workers; none where it has none

    def training(self, rows: int = 60, config: Config | None = None) -> tuple[Work, Blobs]:
        """One fold of LightGBM that validates the last `rows` rows, and its blobs."""
        chosen = {"max_iterations": 20} if config is None else config
        job = FoldTask(trial=1, fold=2, family="lightgbm", config=chosen, seed=0)
        every = np.arange(6, 240)  # the row without a target comes before
        blobs = {"train.0": pack_rows(every[:-rows]), "valid.0": pack_rows(every[-rows:])}
        return TrainTask(self.link, (job,), None, "cpu"), blobs

    def unknown(self) -> tuple[Work, Blobs]:
        """A task that fails: no such table is stored."""
        training, blobs = self.training()
        assert isinstance(training, TrainTask)
        return replace(training, data=replace(self.link, table="0" * 32)), blobs


def _workers_below(pid: int) -> list[psutil.Process]:
    found = []
    for process in psutil.Process(pid).children(recursive=True):
        try:
            if "automl_core.runs.worker.main" in process.cmdline():
                found.append(process)
        except psutil.Error:
            continue  # it has just ended
    return found


RAY = pytest.param("ray", marks=pytest.mark.skipif(not has_ray(), reason="Ray is not installed"))


@pytest.fixture(scope="module", params=["inline", "local", RAY])
def given(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Given]:
    root = tmp_path_factory.mktemp("contract")
    spec, schema = small_run(root, Budget(trials=1))
    link = prepare_run_data(spec, schema, root, 1).link
    if request.param == "inline":
        yield Given(InlineExecutor(), link, InlineExecutor, list)
        return
    log = root / "workers.log"
    if request.param == "ray":
        with ray_nodes(2) as nodes:
            remote = ClusterExecutor(nodes.address, log)
            assert remote.start(1) == 1, remote.status().broken
            head = nodes.processes[0].pid
            yield Given(
                remote,
                link,
                lambda: ClusterExecutor(nodes.address, log),
                lambda: _workers_below(head),
            )
            remote.close()
        return
    others = {p.pid for p in _workers_below(psutil.Process().pid)}
    executor = LocalExecutor(1, log)
    yield Given(
        executor,
        link,
        lambda: LocalExecutor(0, log),
        lambda: [p for p in _workers_below(psutil.Process().pid) if p.pid not in others],
    )
    executor.close()


def messages(
    executor: Executor, tasks: set[int], each: Callable[[Message], None] = lambda _: None
) -> list[Message]:
    """All messages until these tasks have ended, and those of a moment after."""
    until, found, left = time.monotonic() + SECONDS, list[Message](), set(tasks)
    after = 3
    while left or after:
        assert time.monotonic() < until, f"{left} did not end; so far: {found}"
        after -= not left
        for message in executor.poll(0.05):
            found.append(message)
            each(message)
            if isinstance(message.result, ENDS):
                left.discard(message.task)
    return found


def results(found: list[Message], task: int) -> list[Result]:
    """The results of one task, which has ended once, with the last of them."""
    own = [m.result for m in found if m.task == task]
    assert [isinstance(r, ENDS) for r in own] == [False] * (len(own) - 1) + [True]
    return own


def test_results_of_a_training_come_in_their_order_and_end_once(given: Given) -> None:
    executor = given.executor
    task = executor.submit(*given.training())
    *reports, fitted, end = results(messages(executor, {task}), task)
    assert end == TaskDone()
    assert isinstance(fitted, FoldFitted)
    assert (fitted.trial, fitted.fold, fitted.prediction.shape) == (1, 2, (60, 2))
    assert fitted.files and fitted.size_bytes > 0
    assert fitted.device == "cpu"
    assert reports
    epochs = [e for r in reports if isinstance(r, EpochsReported) for e in r.epoch]
    assert epochs == sorted(set(epochs)) and epochs[-1] == 20


def test_a_task_that_fails_says_why_in_words_and_the_next_one_is_done(given: Given) -> None:
    executor = given.executor
    failing, training = executor.submit(*given.unknown()), executor.submit(*given.training())
    found = messages(executor, {failing, training})
    (failed,) = results(found, failing)
    assert isinstance(failed, TaskFailed)
    assert "no longer stored" in failed.message and "Traceback" not in failed.message
    assert results(found, training)[-1] == TaskDone()


def test_tasks_have_numbers_of_their_own_and_each_gets_its_own_rows(given: Given) -> None:
    executor = given.executor
    tasks = {executor.submit(*given.training(rows)): rows for rows in (30, 40, 50)}
    assert len(tasks) == 3
    found = messages(executor, set(tasks))
    for task, rows in tasks.items():
        (fitted,) = (r for r in results(found, task) if isinstance(r, FoldFitted))
        assert len(fitted.prediction) == rows


def test_a_task_that_has_not_started_can_be_cancelled(given: Given) -> None:
    executor = given.executor
    first, second = executor.submit(*given.training()), executor.submit(*given.training())
    executor.cancel(second, StopReason.STOPPED)
    found = messages(executor, {first, second})
    assert results(found, first)[-1] == TaskDone()
    (lost,) = results(found, second)
    assert isinstance(lost, WorkerLost)


def test_a_task_that_is_cancelled_sends_what_it_has(given: Given) -> None:
    executor = _with_processes(given)
    task = executor.submit(*given.training(config=ENDLESS))

    def cancel(message: Message) -> None:
        if isinstance(message.result, EpochsReported):
            executor.cancel(task, StopReason.STOPPED)

    *_, fitted, end = results(messages(executor, {task}, cancel), task)
    assert isinstance(fitted, FoldFitted)
    assert fitted.reason == StopReason.STOPPED
    assert end == TaskDone()
    executor.cancel(task, StopReason.STOPPED)  # it has ended: nothing follows
    task = executor.submit(*given.training())
    assert {m.task for m in messages(executor, {task})} == {task}


def test_the_task_of_a_worker_that_dies_is_lost_and_another_worker_goes_on(
    given: Given, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "ended_for_memory", lambda: 0)  # of workers of this machine
    executor = _with_processes(given)
    lost, next_one = executor.submit(*given.training(config=ENDLESS)), 0

    def kill(message: Message) -> None:
        nonlocal next_one
        if isinstance(message.result, EpochsReported) and not next_one:
            next_one = executor.submit(*given.training())
            for worker in given.processes():
                worker.kill()

    found = messages(executor, {lost}, kill)
    end = results(found, lost)[-1]
    assert isinstance(end, WorkerLost) and end.died and "killed" in end.message
    assert results(found + messages(executor, {next_one}), next_one)[-1] == TaskDone()
    assert executor.status().broken == ""


def test_it_has_as_many_workers_as_asked_for_and_says_what_they_do(given: Given) -> None:
    executor = _with_processes(given)
    executor.resize(2)
    poll_until(executor, lambda: executor.status().ready == 2)
    status = executor.status()
    assert (status.count, status.busy, status.broken, status.device) == (2, 0, "", "cpu")
    assert status.memory_bytes > 10 * 2**20 and status.free_bytes and not status.short_of_memory
    tasks = {executor.submit(*given.training(config=ENDLESS)) for _ in range(2)}
    poll_until(executor, lambda: set(executor.status().still) == tasks)
    assert executor.status().busy == 2
    executor.resize(1)  # a worker ends when it has nothing to do
    assert executor.status().busy == 2
    for task in tasks:
        executor.cancel(task, StopReason.STOPPED)
    messages(executor, tasks)
    assert replace(executor.status(), still={}).count == 1


def test_nothing_can_be_polled_after_close(given: Given) -> None:
    closed = given.another()
    closed.submit(*given.unknown())
    closed.close()
    with pytest.raises(ExecutorClosedError):
        closed.poll(0.0)


def test_an_interruption_without_a_task_is_over_at_once(given: Given) -> None:
    ending = given.another()
    ending.interrupt()
    with pytest.raises(ExecutorClosedError):
        ending.poll(0.0)
    ending.close()


def _with_processes(given: Given) -> Executor:
    """The executor; for what cannot be seen without workers beside the test."""
    if isinstance(given.executor, InlineExecutor):
        pytest.skip("one thread: nothing can come while a task is done")
    return given.executor


def poll_until(executor: Executor, holds: Callable[[], bool]) -> None:
    until = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < until
        executor.poll(0.05)
