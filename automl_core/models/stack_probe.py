"""Measures whether networks are trained sooner as one than one after the other, here and now."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median

import torch

from automl_core.models.base import FitControl, FitData, ModelSpec
from automl_core.models.network import (
    first_network,
    loop_control,
    loop_settings,
    own_randomness,
    prepare,
    training_rows,
)
from automl_core.training import BatchedLoop, MemberTraining
from automl_core.types import Config

ROUNDS, STEPS = 3, 4
SLOWEST = 0.8  # seconds of a step of all, one after the other: such are never kept waiting by calls


def stacking_gain(
    model_spec: ModelSpec, data: FitData, config: Config, control: FitControl, members: int
) -> float:
    """How many times as many rows `members` networks see a second when they are trained as one.

    0 where they cannot be, or where one step takes so long that nothing can be gained.
    """
    if data.further is not None:
        return 0.0
    full = model_spec.defaults | config
    with own_randomness(control):
        loop, _ = prepare(model_spec, data, full, control)
        loop.net.train()
        device = loop.rows.x.device
        loop.step()
        if members * min(step_seconds(loop.step, device) for _ in range(STEPS)) > SLOWEST:
            return 0.0
        try:
            stack = stack_of(model_spec, data, full, control, members)
            with stack.in_training():
                stack.step()
                return _gain(loop.step, stack.step, members, device)
        except RuntimeError:  # a layer that cannot be stacked; memory
            return 0.0


def _gain(
    alone: Callable[[], None], together: Callable[[], None], members: int, device: torch.device
) -> float:
    """The median of some rounds, in turn, so that what else the machine does slows both."""
    ratios = []
    for _ in range(ROUNDS):
        one = min(step_seconds(alone, device) for _ in range(STEPS))
        ratios.append(members * one / min(step_seconds(together, device) for _ in range(STEPS)))
    return median(ratios)


def stack_of(
    model_spec: ModelSpec, data: FitData, config: Config, control: FitControl, members: int
) -> BatchedLoop:
    """A training of so many equal networks as one; `config` is complete."""
    device, trainings = torch.device(control.device), []
    net, record = first_network(model_spec, data, config)
    rows = training_rows(record, data, device)
    for _ in range(members):
        settings = loop_settings(net, data, config, control)
        trainings.append(
            MemberTraining(
                net.to(device),
                rows,
                settings,
                lambda outputs: loop_control(record, data, control, outputs),
            )
        )
    return BatchedLoop(trainings, lambda: None)


def step_seconds(work: Callable[[], None], device: torch.device) -> float:
    """Seconds of one call, until the device has done it.

    Of a processor its own time counts: what else the machine does would lengthen long calls more
    often than short ones.
    """
    clock = time.process_time if device.type == "cpu" else time.perf_counter
    _wait(device)
    began = clock()
    work()
    _wait(device)
    return clock() - began


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
