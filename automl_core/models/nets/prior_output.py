"""A network on top of the best constant."""

from __future__ import annotations

import torch
from torch import Tensor

from automl_core.training import Network, ParameterGroup


class WithPrior(Network):
    """The network's outputs on top of those of the best constant: logits of the classes' shares.

    The network then need not learn first which classes are rare, or not there at all. Hooks are
    passed on to the network.

    **Shape**

    - Input: `(n, d)`
    - Output: `(n, outputs)`, or `(n, k, outputs)` of k predictors
    """

    def __init__(self, net: Network, prior: Tensor) -> None:
        super().__init__()
        self.net = net
        self.prior: Tensor
        self.register_buffer("prior", prior)  # (outputs,)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.net(x) + self.prior
        return out

    def fit_to(self, x: Tensor) -> None:
        """Prepare the network for the training matrix x (n, d)."""
        with torch.no_grad():
            self.net.fit_to(x)

    def set_progress(self, progress: float) -> None:
        """Pass on the share of the training that is done."""
        self.net.set_progress(progress)

    def parameter_groups(self) -> list[ParameterGroup]:
        """Those of the network: `prior` is no parameter."""
        return self.net.parameter_groups()
