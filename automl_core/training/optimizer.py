"""The optimiser and its schedules.

Learning rate and weight decay are functions of progress, not of steps: they end at 0 also where
time runs out before all steps are done.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.optim.adamw import adamw

from automl_core.training.network import ParameterGroup

Schedule = Literal["cosine", "coslog4", "constant"]
DecaySchedule = Literal["constant", "flat_cos"]

WARM_UP = 0.05
"""Share of the training over which the learning rate rises from 0 ("cosine" only)."""


def learning_rate(base: float, progress: float, schedule: Schedule = "cosine") -> float:
    """The learning rate at a progress of 0 to 1.

    "cosine": linear warm-up, then half a cosine down to 0 (Loshchilov & Hutter 2017).
    "coslog4": four cosines, each twice as long as the one before (RealMLP, Holzmüller et al.
    2024, section 3). "constant": always the same.
    """
    progress = min(1.0, max(0.0, progress))
    if schedule == "constant":
        return base
    if schedule == "coslog4":
        return base * 0.5 * (1.0 - math.cos(2.0 * math.pi * cycle(progress)))
    rise = min(1.0, (progress + 1e-3) / WARM_UP)
    return base * rise * 0.5 * (1.0 + math.cos(math.pi * progress))


def cycle(progress: float) -> float:
    """Cycles of "coslog4" that are done: 0 to 4, with the share of the one that goes on."""
    return math.log2(1.0 + 15.0 * min(1.0, max(0.0, progress)))


def flat_cos(progress: float) -> float:
    """1 over the first half, then half a cosine down to 0."""
    progress = min(1.0, max(0.0, progress))
    return 0.5 * (1.0 + math.cos(math.pi * (max(1.0, 2.0 * progress) - 1.0)))


@dataclass(frozen=True, eq=False)
class _GroupState:
    """The tensors of a parameter group, listed once for all steps: one of each a parameter."""

    params: list[nn.Parameter]
    averages: list[Tensor]  # of gradients
    squares: list[Tensor]  # averages of squared gradients
    steps: list[Tensor]  # steps taken, a scalar each

    def with_gradient(self) -> tuple[list[Any], list[Any], list[Any], list[Any], list[Any]]:
        """Parameters that have a gradient, the gradients, averages, squares and steps."""
        grads = [p.grad for p in self.params]
        lists = (self.params, grads, self.averages, self.squares, self.steps)
        if all(grad is not None for grad in grads):
            return lists
        moved = [row for row in zip(*lists, strict=True) if row[1] is not None]
        params, grads, averages, squares, steps = ([row[i] for row in moved] for i in range(5))
        return params, grads, averages, squares, steps


class _AdamW(torch.optim.AdamW):
    """torch's AdamW, without its search for every parameter's state before each step on a CPU.

    That search takes 1 to 6 % of a step of these networks. The update is torch's own.
    """

    _groups: tuple[_GroupState, ...] = ()
    _groups_of: Any = None  # the state whose tensors `_groups` lists: to restore it replaces it

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """Update the parameters that have a gradient."""
        if self._groups_of is not self.state and not self._list_state():
            super().step(closure)  # the first step, or a GPU's
            return
        for group, state in zip(self.param_groups, self._groups, strict=True):
            params, grads, averages, squares, steps = state.with_gradient()
            adamw(
                params,
                grads,
                averages,
                squares,
                [],
                steps,
                fused=True,
                amsgrad=False,
                beta1=group["betas"][0],
                beta2=group["betas"][1],
                lr=group["lr"],
                weight_decay=group["weight_decay"],
                eps=group["eps"],
                maximize=False,
            )

    def _list_state(self) -> bool:
        """List the state of all groups; False unless all parameters lie on the CPU and have one."""
        parts = [group["params"] for group in self.param_groups]
        if not all(p.device.type == "cpu" and p in self.state for part in parts for p in part):
            return False
        self._groups = tuple(
            _GroupState(
                part,
                *([self.state[p][key] for p in part] for key in ("exp_avg", "exp_avg_sq", "step")),
            )
            for part in parts
        )
        self._groups_of = self.state
        return True


def make_optimizer(groups: list[ParameterGroup], beta2: float = 0.999) -> torch.optim.AdamW:
    """AdamW (Loshchilov & Hutter 2019) of the groups that have parameters.

    `set_rates` gives it its learning rates and weight decays before every step.
    """
    settings: list[dict[str, Any]] = [
        {"params": group.params, "rate_factor": group.rate_factor, "decay": float(group.decay)}
        for group in groups
        if group.params
    ]
    fused = all(p.device.type in ("cpu", "cuda") for group in groups for p in group.params)
    return _AdamW(settings, lr=0.0, betas=(0.9, beta2), weight_decay=0.0, fused=fused)


def set_rates(optimizer: torch.optim.Optimizer, rate: float, decay: float) -> None:
    """Set learning rate and weight decay of each group, times its own factors."""
    for group in optimizer.param_groups:
        group["lr"] = rate * group["rate_factor"]
        group["weight_decay"] = decay * group["decay"]


def clip_gradient(parameters: list[nn.Parameter], most: float) -> None:
    """Shrink the gradient to a norm of at most `most`."""
    gradients = [p.grad for p in parameters if p.grad is not None]
    norm = nn.utils.get_total_norm(gradients)
    # asking a GPU for the norm would make it wait; a processor saves a pass over the gradients
    if norm.device.type != "cpu" or not norm <= most:
        nn.utils.clip_grads_with_norm_(parameters, most, norm)
