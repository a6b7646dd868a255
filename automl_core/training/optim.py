"""The optimiser and its schedule.

The learning rate is a function of progress, not of steps: a fit whose time runs out sooner
than its steps anneals all the same.
"""

from __future__ import annotations

import math

import torch
from torch import nn

WARM_UP = 0.05
"""Share of the training over which the learning rate rises from nothing."""


def learning_rate(base: float, progress: float) -> float:
    """Linear warm-up, then half a cosine down to 0 at progress 1 (Loshchilov & Hutter 2017)."""
    progress = min(1.0, max(0.0, progress))
    rise = min(1.0, (progress + 1e-3) / WARM_UP)
    return base * rise * 0.5 * (1.0 + math.cos(math.pi * progress))


def make_optimizer(net: nn.Module, weight_decay: float) -> torch.optim.AdamW:
    """AdamW (Loshchilov & Hutter 2019); only weight matrices decay, not biases and norms.

    Its learning rate is set before every step.
    """
    parameters = list(net.parameters())
    matrices = [p for p in parameters if p.ndim >= 2]
    others = [p for p in parameters if p.ndim < 2]
    groups = [
        {"params": matrices, "weight_decay": weight_decay},
        {"params": others, "weight_decay": 0.0},
    ]
    fused = all(p.device.type in ("cpu", "cuda") for p in parameters)
    return torch.optim.AdamW([g for g in groups if g["params"]], lr=0.0, fused=fused)


def set_learning_rate(optimizer: torch.optim.Optimizer, value: float) -> None:
    """The same learning rate for every group."""
    for group in optimizer.param_groups:
        group["lr"] = value
