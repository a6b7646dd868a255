"""Numbers as waves of learned frequencies, each with a small linear map of its own.

In training on a processor their cosines and sines are the most memory that a step touches. So
both are made at once, rows lie side by side throughout, and the memory is the same in each step.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from automl_core.models.nets.layers import Work, Workspace, in_place
from automl_core.training import FastLayer


class PeriodicEmbedding(FastLayer):
    """cos(2 pi (w x) + b) of every number, then a small linear map of its own.

    The periodic embedding "PBLD" of RealMLP (Holzmüller et al. 2024, section 3; after
    Gorishniy et al. 2022) without its copy of x, which passes beside it. `sigma` is the middle
    of the frequencies' scales, which go from a tenth to ten times of it.

    **Shape**

    - Input: `(n, columns)`
    - Output: `(n, columns * VECTOR)`
    """

    VECTOR = 3

    def __init__(self, columns: int, frequencies: int, sigma: float) -> None:
        super().__init__()
        # NOTE[DIFF] the paper draws all at one scale: what is best for a table lies anywhere
        # between the ends of this, and costs much where it is missed
        scales = sigma * torch.logspace(-1, 1, frequencies)
        self.frequency = nn.Parameter(scales * torch.randn(columns, frequencies))
        self.phase = nn.Parameter(math.pi * (2 * torch.rand(columns, frequencies) - 1))
        scale = 1 / math.sqrt(frequencies)
        self.weight = nn.Parameter(scale * torch.randn(columns, frequencies, self.VECTOR))
        self.bias = nn.Parameter(torch.zeros(columns, self.VECTOR))
        self.workspace = Workspace()

    def forward(self, x: Tensor) -> Tensor:
        # a column's rows together; angles are large and must be exact, so no product makes them
        turns = (2 * math.pi * x).t()[:, None]
        if self.by_hand(x) and not x.requires_grad:
            parts = (self.frequency, self.phase, self.weight, self.bias)
            shape = (*self.frequency.shape, len(x))
            out: Tensor = _Waved.apply(turns, *parts, self.workspace.of(shape))  # type: ignore[no-untyped-call]
        else:
            angles = torch.addcmul(self.phase[:, :, None], turns, self.frequency[:, :, None])
            out = _mapped(angles.cos(), self.weight, self.bias)
        return out.flatten(0, 1).t()


class _Waved(torch.autograd.Function):
    """What Waves computes in training: turns (c, 1, n) to outputs (c, VECTOR, n)."""

    @staticmethod
    def forward(
        ctx: Any,
        turns: Tensor,
        frequency: Tensor,
        phase: Tensor,
        weight: Tensor,
        bias: Tensor,
        work: Work,
    ) -> Tensor:
        angles, waves, _ = work
        turns = turns.contiguous()
        torch.mul(turns, frequency[:, :, None], out=angles).add_(phase[:, :, None])
        in_place(np.cos, angles, out=waves)
        ctx.save_for_backward(turns, in_place(np.sin, angles), waves, weight)
        return _mapped(waves, weight, bias)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[None, Tensor, Tensor, Tensor, Tensor, None]:
        turns, sines, waves, weight = ctx.saved_tensors  # overwritten: there is one way back only
        down = grads[0].contiguous()
        by_weight = torch.bmm(waves, down.transpose(1, 2))
        inner = sines.mul_(torch.bmm(weight, down, out=waves))
        by_phase = inner.sum(dim=2).neg_()
        by_frequency = inner.mul_(turns).sum(dim=2).neg_()
        return None, by_frequency, by_phase, by_weight, down.sum(dim=2), None


def _mapped(waves: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """(c, f, n), (c, f, VECTOR), (c, VECTOR) -> (c, VECTOR, n)."""
    return torch.baddbmm(bias[:, :, None], weight.transpose(1, 2), waves)
