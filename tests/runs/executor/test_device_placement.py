"""Networks go to GPUs, everything else to processors; without a GPU nothing is different."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from automl_core.features.target import TargetCoder
from automl_core.runs.executor import local
from automl_core.runs.executor.base import ExecutorStatus
from automl_core.runs.executor.device_placement import (
    DevicePlacement,
    device_kind,
    may_run,
    on_device,
    place_devices,
)
from automl_core.runs.executor.local import LocalExecutor
from automl_core.runs.executor.pool import Inbox
from automl_core.runs.executor.protocol import Blobs, Frame
from automl_core.runs.executor.results import TaskDone, WorkerLost, WorkerReady, result_frame
from automl_core.runs.executor.tasks import (
    Cancel,
    DataLink,
    FoldTask,
    ImportanceTask,
    PredictTask,
    ProbeTask,
    RefitTask,
    TrainTask,
    Work,
    read_request,
)
from automl_core.runs.record import Budget, RunOptions, TrainRequest
from automl_core.runs.record.commands import send_command
from automl_core.runs.worker import fit
from automl_core.types import Origin, RunStatus, TrialStatus
from tests.options import changed
from tests.runs.coordinator.test_finalize import conduct_inline
from tests.runs.inline import InlineExecutor
from tests.runs.tables import small_run

CODER = TargetCoder("binary", ("n", "y"), "string", "y")
LINK = DataLink("", "", (), "y", CODER, None, False, "binary", "roc_auc")
TABLE = PredictTask("", "")


def training(family: str, device: str = "auto") -> TrainTask:
    return TrainTask(LINK, (FoldTask(1, 0, family, {}, 0),), None, device)


NET, TREES = training("mlp"), training("lightgbm")


def test_the_kind_of_device_that_each_task_needs() -> None:
    probe, refit = (
        ProbeTask(LINK, "tabm", {}, 1.0, "auto"),
        RefitTask(LINK, NET.jobs[0], 1.0, "mps"),
    )
    assert [device_kind(work) for work in (NET, probe, refit)] == ["gpu"] * 3
    importance = ImportanceTask(LINK, 1, 0, 0, 1, 1.0)
    assert [device_kind(work) for work in (TREES, importance)] == ["cpu"] * 2
    assert device_kind(training("mlp", "cpu")) == "cpu"
    assert device_kind(TABLE) == "any"


def test_the_tasks_that_a_worker_may_take() -> None:
    both = {"cuda:0", "cuda:1", "cpu"}
    assert may_run(NET, "cuda:1", both) and not may_run(NET, "cpu", both)
    assert may_run(TREES, "cpu", both) and not may_run(TREES, "cuda:0", both)
    assert may_run(TABLE, "cpu", both) and may_run(TABLE, "cuda:0", both)
    assert may_run(NET, "cpu", {"cpu"}) and may_run(TREES, "cuda:0", {"cuda:0"})
    second = training("mlp", "cuda:1")
    assert may_run(second, "cuda:1", both) and not may_run(second, "cuda:0", both)
    assert may_run(training("mlp", "cuda"), "cuda:0", both)
    assert on_device(NET, "cuda:1") == training("mlp", "cuda:1")
    assert on_device(NET, "cpu") == training("mlp", "cpu")
    assert on_device(training("mlp", "cpu"), "cuda:0") == training("mlp", "cpu")
    assert on_device(second, "") is second


def test_where_all_workers_of_one_kind_are_busy_the_others_are_free() -> None:
    placement = DevicePlacement(workers=4, gpus=1)
    takes = placement.free_families([NET])
    assert takes is not None
    assert takes("lightgbm") and not takes("mlp")
    takes = placement.free_families([TREES] * 3)
    assert takes is not None
    assert takes("mlp") and not takes("lightgbm")
    assert placement.free_families([TREES] * 3 + [NET]) is None
    assert (placement.workers_for("mlp"), placement.workers_for("lightgbm")) == (1, 3)
    assert placement.joins_folds("tabm") and not placement.joins_folds("catboost")


@pytest.mark.parametrize("placement", [DevicePlacement(2), DevicePlacement(2, 1, ordered=True)])
def test_where_workers_are_alike_any_of_them_takes_any_family(placement: DevicePlacement) -> None:
    for family in ("mlp", "lightgbm"):
        takes = placement.free_families([NET])
        assert takes is not None
        assert takes(family)
    assert placement.free_families([NET, NET]) is None


def test_a_run_has_the_devices_that_it_asks_for() -> None:
    assert place_devices("cpu", 8, 2, False) == DevicePlacement(8)
    assert place_devices("auto", 8, 2, False) == DevicePlacement(8, 2)
    assert place_devices("cuda:1", 8, 2, False) == DevicePlacement(8, 1)
    assert place_devices("auto", 2, 8, False) == DevicePlacement(2, 1)
    assert place_devices("auto", 1, 1, False) == DevicePlacement(1, 1)
    assert not DevicePlacement(1, 1).is_split


class Worker:
    """Stands for a worker process: the test says when it is ready; keeps the tasks it is sent."""

    made: list[Worker]

    def __init__(self, inbox: Inbox, log: Path, device: str) -> None:
        self.inbox, self.log, self.wanted = inbox, log, device
        self.pid, self.ready, self.device = 1, False, ""
        self.node = ""
        self.task: int | None = None
        self.cancelled_at: float | None = None
        self.exit_words, self.was_killed = "died", False
        self.is_placed = self.is_blameless = self.stood_still = False
        self.got: list[Work] = []
        Worker.made.append(self)

    def say(self, gpus: list[str]) -> None:
        self._answer(0, WorkerReady("cuda:0", "T", tuple(gpus)))

    def done(self) -> None:
        assert self.task is not None
        self._answer(self.task, TaskDone())

    def _answer(self, task: int, result: TaskDone | WorkerReady) -> None:
        self.inbox.put((self, result_frame(task, result)))  # type: ignore[arg-type]

    def die(self) -> None:
        self.inbox.put((self, None))  # type: ignore[arg-type]

    def send(self, frame: Frame) -> bool:
        request = read_request(frame)[1]
        assert not isinstance(request, Cancel)
        self.got.append(request)
        return True

    def end(self) -> None:
        pass


@pytest.fixture
def four(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LocalExecutor:
    """An executor of four workers, none of them ready."""
    Worker.made = []
    monkeypatch.setattr(local, "WorkerProcess", Worker)
    return LocalExecutor(4, tmp_path / "log")


def test_each_gpu_has_one_worker_and_networks_are_theirs(four: LocalExecutor) -> None:
    for worker in Worker.made:
        worker.say(["cuda:0", "cuda:1"])
    four.poll(0.0)
    assert [w.device for w in Worker.made] == ["cuda:0", "cuda:1", "cpu", "cpu"]
    assert four.status().gpus == 2
    for work in (TREES, NET, NET, NET, TREES, TREES):
        four.submit(work, {})
    got = [w.got for w in Worker.made]
    assert got[:2] == [[training("mlp", "cuda:0")], [training("mlp", "cuda:1")]]
    assert got[2] == got[3] == [training("lightgbm", "cpu")]
    Worker.made[1].done()  # the third network is next there, not the trees that wait
    four.poll(0.0)
    assert Worker.made[1].got[1:] == [training("mlp", "cuda:1")]
    Worker.made[1].done()
    four.poll(0.0)
    assert len(Worker.made[1].got) == 2  # idle, although trees wait


def test_the_worker_that_replaces_one_with_a_gpu_gets_the_gpu(four: LocalExecutor) -> None:
    for worker in Worker.made:
        worker.say(["cuda:0"])
    four.poll(0.0)
    four.submit(NET, {})
    Worker.made[0].die()
    assert [type(m.result) for m in four.poll(0.0)] == [WorkerLost]
    four.submit(NET, {})
    assert [len(w.got) for w in Worker.made] == [1, 0, 0, 0, 0]  # it waits for the new one
    Worker.made[4].say(["cuda:0"])
    four.poll(0.0)
    assert Worker.made[4].got == [training("mlp", "cuda:0")]


def test_without_gpus_tasks_stay_in_order_and_as_they_are(four: LocalExecutor) -> None:
    for worker in Worker.made:
        worker.say([])
    four.poll(0.0)
    for work in (NET, TREES, training("mlp", "cuda:7"), TABLE):
        four.submit(work, {})
    assert [w.got for w in Worker.made] == [[NET], [TREES], [training("mlp", "cuda:7")], [TABLE]]
    assert four.status().gpus == 0


def test_one_worker_alone_does_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Worker.made = []
    monkeypatch.setattr(local, "WorkerProcess", Worker)
    one = LocalExecutor(1, tmp_path / "log")
    Worker.made[0].say(["mps"])
    one.poll(0.0)
    one.submit(TREES, {})
    Worker.made[0].done()
    one.submit(NET, {})
    one.poll(0.0)
    assert [device_kind(work) for work in Worker.made[0].got] == ["cpu", "gpu"]


class OneGpu(InlineExecutor):
    """Four workers, one of them with a GPU."""

    def __init__(self, stop: Path | None = None) -> None:
        """`stop` is the folder of a run to stop after a few tasks."""
        super().__init__()
        self.tasks: list[TrainTask] = []
        self._stop = stop

    def submit(self, work: Work, blobs: Blobs) -> int:
        if isinstance(work, TrainTask):
            self.tasks.append(work)
            if self._stop is not None and len(self.tasks) == 6:
                send_command(self._stop, "stop")
        return super().submit(work, blobs)

    def status(self) -> ExecutorStatus:
        return replace(super().status(), count=4, ready=4, gpus=1)


def _jobs(executor: OneGpu) -> set[tuple[str, int]]:
    return {(task.jobs[0].family, len(task.jobs)) for task in executor.tasks}


def test_a_run_with_a_gpu_trains_the_folds_of_a_network_as_one(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fit, "is_accelerator", lambda _: True)
    request = TrainRequest("answer", RunOptions(Budget(trials=3), folds=3))
    spec, schema = small_run(workspace, request.options.budget, request)
    spec = changed(spec, families=("linear", "extra_trees"))
    executor = OneGpu()
    state = conduct_inline((spec, schema), workspace, executor, workers=4)
    assert state.status == RunStatus.FINISHED, state.reason
    assert _jobs(executor) == {("constant", 1), ("linear", 3), ("extra_trees", 1)}
    (trial,) = (t for t in state.trials.values() if t.family == "linear")
    assert trial.status == TrialStatus.FINISHED
    assert trial.score is not None
    assert set(trial.fold_scores) == set(trial.curves) == {0, 1, 2}


def test_under_a_clock_each_kind_of_worker_gets_its_own_families(workspace: Path) -> None:
    request = TrainRequest("answer", RunOptions(Budget(seconds=14), folds=3))
    spec, schema = small_run(workspace, request.options.budget, request)
    spec = changed(spec, families=("linear", "extra_trees"))
    executor = OneGpu(stop=workspace / "runs" / "inline")
    state = conduct_inline((spec, schema), workspace, executor, workers=4)
    assert state.finished is not None
    # the processors are busy with the baseline; the first network does not wait for the trees
    assert [t.jobs[0].family for t in executor.tasks[:4]].count("linear") == 1
    assert _jobs(executor) <= {("constant", 1), ("linear", 3), ("extra_trees", 1)}


def test_a_network_that_is_pruned_on_its_first_fold_ends_whole(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fit, "is_accelerator", lambda _: True)
    monkeypatch.setattr("automl_core.runs.schedule.policy.prune_rule", lambda *_: ((0.01, -1e9),))
    spec, schema = small_run(workspace, Budget(trials=2))
    spec = changed(spec, families=("linear",))
    executor = OneGpu()
    state = conduct_inline((spec, schema), workspace, executor, workers=4)
    searched = [t for t in state.trials.values() if t.origin == Origin.SEARCH]
    assert searched
    assert {t.status for t in searched} == {"pruned"}
    rules = [[bool(job.prune) for job in task.jobs] for task in executor.tasks[-1:]]
    assert rules[0][0] and not any(rules[0][1:])
