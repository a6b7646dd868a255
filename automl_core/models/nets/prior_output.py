"""A network on top of the best constant."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from automl_core.training import ParameterGroup, parameter_groups


class WithPrior(nn.Module):
    """The network's outputs on top of those of the best constant: logits of the classes' shares.

    The network then need not learn first which classes are rare, or not there at all. What the
    network has of the hooks named in models/base.py is called through this.

    **Shape**

    - Input: `(n, d)`
    - Output: `(n, outputs)`, or `(n, k, outputs)` of k predictors
    """

    def __init__(self, net: nn.Module, prior: Tensor) -> None:
        super().__init__()
        self.net = net
        self.prior: Tensor
        self.register_buffer("prior", prior)  # (outputs,)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.net(x) + self.prior
        return out

    def fit_to(self, x: Tensor) -> None:
        """Let the network look at the training matrix (n, d) before training."""
        hook = getattr(self.net, "fit_to", None)
        if hook is not None:
            with torch.no_grad():
                hook(x)

    def at(self, progress: float) -> None:
        """Tell the network how far the training is, from 0 to 1."""
        hook = getattr(self.net, "at", None)
        if hook is not None:
            hook(progress)

    def parameter_groups(self) -> list[ParameterGroup]:
        """The network's."""
        return parameter_groups(self.net)
