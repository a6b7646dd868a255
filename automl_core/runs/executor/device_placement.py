"""Which workers train what where there are GPUs: networks there, everything else on processors.

Knows tasks and families, nothing of processes. Without a GPU there is one lane, and all is as
if this file were not there.
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

Lane = Literal["gpu", "cpu", "any"]

FamilyFilter = Callable[[str], bool]
"""Whether a family's fit may be handed out now."""


def is_accelerator(device: str) -> bool:
    """Whether the device is a GPU: "cuda:0", "mps"."""
    return device.startswith(("cuda", "mps"))


def is_network(family: str) -> bool:
    """Whether a GPU is of use to this family."""
    return model_spec(family).kind == "network"


def any_family(family: str) -> bool:  # noqa: ARG001
    """Takes all."""
    return True


def no_family(family: str) -> bool:  # noqa: ARG001
    """Takes none."""
    return False


def lane_of(work: Work) -> Lane:
    """Where a task belongs, if there is a GPU."""
    match work:
        case TrainTask():
            return _lane(work.jobs[0].family, work.device)
        case RefitTask():
            return _lane(work.job.family, work.device)
        case ProbeTask():
            return _lane(work.family, work.device)
        case ImportanceTask() | SelectTask() | EmbedTask():
            return "cpu"
    return "any"  # rows to score: a run is over, or a page waits


def _lane(family: str, device: str) -> Lane:
    return "gpu" if is_network(family) and device != "cpu" else "cpu"


def suits(work: Work, device: str, devices: set[str]) -> bool:
    """Whether a worker with `device` takes this task, where the workers have `devices`.

    What belongs to devices that nobody has is for anybody.
    """
    lane = lane_of(work)
    if lane == "any":
        return True
    wanted = {d for d in devices if is_accelerator(d) == (lane == "gpu")}
    if isinstance(work, TrainTask | RefitTask | ProbeTask) and lane == "gpu":
        wanted = {d for d in wanted if _means(work.device, d)}
    return device in wanted or not wanted


def placed(work: Work, device: str) -> Work:
    """The task as a worker with `device` is to do it."""
    if not isinstance(work, TrainTask | RefitTask | ProbeTask) or not device:
        return work
    return replace(work, device=device) if _means(work.device, device) else work


def _means(wanted: str, device: str) -> bool:
    """Whether what is asked to train on "auto", "cuda", "cuda:1" or "mps" may use this device."""
    return wanted in ("auto", device, device.partition(":")[0])


@dataclass(frozen=True)
class DevicePlacement:
    """Who works for a run."""

    workers: int
    gpus: int = 0  # workers that have a GPU each
    ordered: bool = False  # trials start in one order, whoever is free

    @property
    def apart(self) -> bool:
        """Whether there are workers of both kinds, so that a lane can be full by itself."""
        return 0 < self.gpus < self.workers

    def of(self, family: str) -> int:
        """How many workers share this family's fits."""
        if not self.apart:
            return self.workers
        return self.gpus if is_network(family) else self.workers - self.gpus

    def together(self, family: str) -> bool:
        """Whether all folds of a trial of this family are one task."""
        return self.gpus > 0 and is_network(family)

    def free(self, out: Iterable[Work]) -> FamilyFilter | None:
        """Which families have a free worker while these tasks are out; None: no worker is free."""
        lanes = [lane_of(work) for work in out]
        if not self.apart or self.ordered:
            return any_family if len(lanes) < self.workers else None
        on_gpus = lanes.count("gpu")
        gpu, cpu = on_gpus < self.gpus, len(lanes) - on_gpus < self.workers - self.gpus
        if gpu and cpu:
            return any_family
        if gpu:
            return is_network
        return (lambda family: not is_network(family)) if cpu else None


def place_devices(device: str, workers: int, gpus: int, ordered: bool) -> DevicePlacement:
    """The lanes of a run that asks for a device, with so many workers, of which `gpus` have one."""
    if device == "cpu":
        gpus = 0
    elif ":" in device or device == "mps":
        gpus = min(gpus, 1)
    return DevicePlacement(workers, min(gpus, max(1, workers - 1)), ordered)
