"""The devices that tasks run on: networks on GPUs where there are some, all else on processors.

LocalExecutor asks which worker may take a task; the coordinator and the proposer ask a run's
DevicePlacement which families have a free worker, and how many workers share a family. Without a
GPU any worker takes any task.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Literal

from automl_core.models import model_spec
from automl_core.runs.executor.tasks import (
    EmbedTask,
    ImportanceTask,
    ProbeTask,
    RefitTask,
    SelectTask,
    TrainTask,
    Work,
)

DeviceKind = Literal["gpu", "cpu", "any"]

FamilyFilter = Callable[[str], bool]
"""True for a family whose fits can start now."""


def is_accelerator(device: str) -> bool:
    """True for a GPU: "cuda:0", "mps"."""
    return device.startswith(("cuda", "mps"))


def is_network(family: str) -> bool:
    """True for a family that a GPU trains."""
    return model_spec(family).kind == "network"


def any_family(family: str) -> bool:  # noqa: ARG001
    """The FamilyFilter that lets every family start."""
    return True


def no_family(family: str) -> bool:  # noqa: ARG001
    """The FamilyFilter that lets no family start."""
    return False


def device_kind(work: Work) -> DeviceKind:
    """The kind of device that a task needs where there is a GPU."""
    match work:
        case TrainTask():
            return _kind_of_fit(work.jobs[0].family, work.device)
        case RefitTask():
            return _kind_of_fit(work.job.family, work.device)
        case ProbeTask():
            return _kind_of_fit(work.family, work.device)
        case ImportanceTask() | SelectTask() | EmbedTask():
            return "cpu"
    return "any"  # predictions: they come at the end of a run, or a page waits for them


def _kind_of_fit(family: str, device: str) -> DeviceKind:
    return "gpu" if is_network(family) and device != "cpu" else "cpu"


def may_run(work: Work, device: str, devices: set[str]) -> bool:
    """True where a worker with `device` may take the task; all workers together have `devices`.

    Where no worker has a device of the task's kind, any worker may take it.
    """
    kind = device_kind(work)
    if kind == "any":
        return True
    wanted = {d for d in devices if is_accelerator(d) == (kind == "gpu")}
    if isinstance(work, TrainTask | RefitTask | ProbeTask) and kind == "gpu":
        wanted = {d for d in wanted if _allows(work.device, d)}
    return device in wanted or not wanted


def on_device(work: Work, device: str) -> Work:
    """The task with the worker's own device in place of "auto" or "cuda"."""
    if not isinstance(work, TrainTask | RefitTask | ProbeTask) or not device:
        return work
    return replace(work, device=device) if _allows(work.device, device) else work


def _allows(wanted: str, device: str) -> bool:
    """True where a request for "auto", "cuda", "cuda:1" or "mps" may use this device."""
    return wanted in ("auto", device, device.partition(":")[0])


@dataclass(frozen=True)
class DevicePlacement:
    """The workers of a run, and how many of them have a GPU."""

    workers: int
    gpus: int = 0  # workers that have a GPU each
    ordered: bool = False  # trials start in one order, whichever worker is free

    @property
    def is_split(self) -> bool:
        """True where some workers have a GPU and some have none."""
        return 0 < self.gpus < self.workers

    def workers_for(self, family: str) -> int:
        """The number of workers that share this family's fits."""
        if not self.is_split:
            return self.workers
        return self.gpus if is_network(family) else self.workers - self.gpus

    def joins_folds(self, family: str) -> bool:
        """True where all folds of a trial of this family are one task."""
        return self.gpus > 0 and is_network(family)

    def free_families(self, running: Iterable[Work]) -> FamilyFilter | None:
        """The families that have a free worker beside these tasks; None: no worker is free."""
        kinds = [device_kind(work) for work in running]
        if not self.is_split or self.ordered:
            return any_family if len(kinds) < self.workers else None
        on_gpus = kinds.count("gpu")
        gpu, cpu = on_gpus < self.gpus, len(kinds) - on_gpus < self.workers - self.gpus
        if gpu and cpu:
            return any_family
        if gpu:
            return is_network
        return (lambda family: not is_network(family)) if cpu else None


def place_devices(device: str, workers: int, gpus: int, ordered: bool) -> DevicePlacement:
    """The placement of a run that asks for `device`; `gpus` of its workers have one."""
    if device == "cpu":
        gpus = 0
    elif ":" in device or device == "mps":
        gpus = min(gpus, 1)
    return DevicePlacement(workers, min(gpus, max(1, workers - 1)), ordered)
