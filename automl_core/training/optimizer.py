"""The optimiser and its schedules.

Learning rate and weight decay are functions of progress, not of steps: a fit whose time runs
out sooner than its steps anneals all the same.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import nn

from automl_core.training.network import ParameterGroup

Schedule = Literal["cosine", "coslog4", "constant"]
DecaySchedule = Literal["constant", "flat_cos"]

WARM_UP = 0.05
"""Share of the training over which the learning rate rises from nothing ("cosine" only)."""


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
        return base * 0.5 * (1.0 - math.cos(2.0 * math.pi * wave(progress)))
    rise = min(1.0, (progress + 1e-3) / WARM_UP)
    return base * rise * 0.5 * (1.0 + math.cos(math.pi * progress))


def wave(progress: float) -> float:
    """Which of the waves of "coslog4" it is in: 0 to 4, whole numbers at their ends."""
    return math.log2(1.0 + 15.0 * min(1.0, max(0.0, progress)))


def flat_cos(progress: float) -> float:
    """1 over the first half, then half a cosine down to 0."""
    progress = min(1.0, max(0.0, progress))
    return 0.5 * (1.0 + math.cos(math.pi * (max(1.0, 2.0 * progress) - 1.0)))


@dataclass(frozen=True, eq=False)
class _Kept:
    """A group's tensors, gathered once for all steps."""

    params: list[nn.Parameter]
    averages: list[torch.Tensor]
    squares: list[torch.Tensor]
    count: torch.Tensor  # of steps, the same of all, so that one addition is enough

    def moving(self) -> tuple[list[Any], list[Any], list[Any], list[Any]]:
        """Parameters, their gradients and averages; without those that have no gradient."""
        grads = [p.grad for p in self.params]
        if all(grad is not None for grad in grads):
            return self.params, grads, self.averages, self.squares
        rows = zip(self.params, grads, self.averages, self.squares, strict=True)
        moved = [row for row in rows if row[1] is not None]
        params, found, averages, squares = ([row[i] for row in moved] for i in range(4))
        return params, found, averages, squares


class _AdamW(torch.optim.AdamW):
    """PyTorch's, without its housekeeping before each step, which takes longer than the step."""

    _kept: tuple[_Kept, ...] = ()
    _kept_of: Any = None  # the state that they were gathered from: to restore it replaces it

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """Move the parameters that have a gradient."""
        if self._kept_of is not self.state and not self._gather():
            super().step(closure)  # the first step, or a GPU's
            return
        for group, kept in zip(self.param_groups, self._kept, strict=True):
            params, grads, averages, squares = kept.moving()
            kept.count.add_(1.0)
            torch._fused_adamw_(
                params,
                grads,
                averages,
                squares,
                [],
                [kept.count] * len(params),
                lr=group["lr"],
                beta1=group["betas"][0],
                beta2=group["betas"][1],
                weight_decay=group["weight_decay"],
                eps=group["eps"],
                amsgrad=False,
                maximize=False,
            )

    def _gather(self) -> bool:
        """Whether all parameters lie on the processor and have been moved before."""
        parts = [group["params"] for group in self.param_groups]
        if not all(p.device.type == "cpu" and p in self.state for part in parts for p in part):
            return False
        gathered = []
        for part in parts:
            states = [self.state[p] for p in part]
            for state in states:
                state["step"] = states[0]["step"]
            averages, squares = ([s[key] for s in states] for key in ("exp_avg", "exp_avg_sq"))
            gathered.append(_Kept(part, averages, squares, states[0]["step"]))
        self._kept, self._kept_of = tuple(gathered), self.state
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
    """Learning rate and weight decay, times each group's own factors."""
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
