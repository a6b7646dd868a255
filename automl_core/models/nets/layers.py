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
    Networks that are stacked must all have a rate, or none of them.

    **Shape**

    - Input: `(n, ...)`
    - Output: the same
    """

    def __init__(self, rate: float, fades: bool = False) -> None:
        super().__init__()
        self.rate, self.fades = rate, fades
        self.now = rate
        self.dropped: Tensor  # of several networks that are stacked, each has its own
        self.register_buffer("dropped", torch.tensor(rate), persistent=False)

    def set_progress(self, progress: float) -> None:
        """Set the rate for that part of the training."""
        self.now = self.rate * flat_cos(progress) if self.fades else self.rate

    def own_numbers(self) -> dict[str, float]:
        """The rate."""
        return {"dropped": self._parts() / 256}

    def forward(self, x: Tensor) -> Tensor:
        if not (self.training and self.rate):
            return x
        if self.vmap_safe:
            kept = torch.rand_like(x, dtype=torch.float32) >= self.dropped
            return x * (kept / (1.0 - self.dropped)).to(x.dtype)
        if x.device.type != "cpu":
            return F.dropout(x, self.now)
        gain = self.gain()
        return x if gain == 1.0 else x * dropout_mask(x, gain).mul_(gain)

    def gain(self) -> float:
        """The factor of the elements that are kept, where the caller drops them; 1: it does not.

        It does not either where networks are stacked: `forward` drops by the rate of each.
        """
        if self.vmap_safe:
            return 1.0
        return 256 / (256 - (self._parts() if self.training else 0))

    def _parts(self) -> int:
        """The rate in 256ths."""
        return min(255, round(256 * self.now))


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
        if self.vmap_safe:
            dropped: Tensor = self.dropout(out)
            return dropped
        return out if gain == 1.0 else F.dropout(out, 1.0 - 1.0 / gain) / gain
