"""Numbers as cosines of learned frequencies, each column with a small linear map of its own."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from automl_core.models.nets.autograd_functions import Workspace, column_map, periodic_embedding
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
            out = periodic_embedding(turns, *parts, self.workspace.of(shape))
        else:
            angles = torch.addcmul(self.phase[:, :, None], turns, self.frequency[:, :, None])
            out = column_map(angles.cos(), self.weight, self.bias)
        return out.flatten(0, 1).t()
