"""Layers that networks share: dropout, and an activation with a learned strength a column."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from automl_core.models.nets.autograd_functions import (
    Activation,
    Workspace,
    dropout_mask,
    parametric_activation,
)
from automl_core.training import FastLayer, flat_cos


class Dropout(FastLayer):
    """Dropout (Srivastava et al. 2014); with `fades`, less and less in the second half.

    On a processor the rate is rounded to 1/256: a byte of the generator decides an element.

    **Shape**

    - Input: `(n, ...)`
    - Output: the same
    """

    def __init__(self, rate: float, fades: bool = False) -> None:
        super().__init__()
        self.rate, self.fades = rate, fades
        self.now = rate

    def set_progress(self, progress: float) -> None:
        """Set the rate for that part of the training."""
        self.now = self.rate * flat_cos(progress) if self.fades else self.rate

    def forward(self, x: Tensor) -> Tensor:
        if self.vmap_safe or x.device.type != "cpu":
            return F.dropout(x, self.now, self.training)
        gain = self.gain()
        return x if gain == 1.0 else x * dropout_mask(x, gain).mul_(gain)

    def gain(self) -> float:
        """The factor of the elements that are kept; 1: nothing is dropped."""
        dropped = round(256 * self.now) if self.training else 0
        return 256 / (256 - min(255, dropped))


class ParametricActivation(FastLayer):
    """x + bend (act(x) - x) with a learned bend a column, then dropout.

    The parametric activation of RealMLP (Holzmüller et al. 2024, section 3); 1 is the plain
    activation, 0 none. In training it overwrites its input, and what is kept is not yet
    multiplied with the dropout's gain: the next layer's product does that at no cost.

    **Shape**

    - Input: `(n, width)`
    - Output: `(n, width)`
    """

    def __init__(
        self, kind: Activation, width: int, dropout: Dropout, workspace: Workspace
    ) -> None:
        super().__init__()
        self.kind: Activation = kind
        self.bend = nn.Parameter(torch.ones(width))
        self.dropout, self.workspace = dropout, workspace

    def forward(self, x: Tensor) -> Tensor:
        gain = self.dropout.gain()
        if self.by_hand(x):
            work = self.workspace.of(x.shape)
            return parametric_activation(x, self.bend, gain, self.kind, work)
        full = F.mish(x) if self.kind == "mish" else F.selu(x)
        out = torch.lerp(x, full, self.bend.to(x.dtype))  # shorter in mixed precision
        return out if gain == 1.0 else F.dropout(out, 1.0 - 1.0 / gain) / gain
