"""A multilayer perceptron on tables."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from automl_core.models.nets.autograd_functions import Workspace, relu_dropout
from automl_core.models.nets.base import Architecture, DataInfo
from automl_core.models.nets.input_layer import Inputs
from automl_core.models.nets.layers import Dropout
from automl_core.training import FastLayer, Network


@dataclass(frozen=True)
class MLPConfig:
    """Settings of the network."""

    width: int  # units of a hidden layer, >= 1
    layers: int  # hidden layers, >= 1
    dropout: float  # share of units, 0 to 1
    frequencies: int  # of the periodic embedding of each number; 0: none
    sigma: float  # middle of the frequencies' scales, > 0


class ReLUDropout(FastLayer):
    """ReLU, then dropout that leaves its gain to the next product; x may be overwritten.

    **Shape**

    - Input and output: `(n, width)`
    """

    def __init__(self, dropout: Dropout) -> None:
        super().__init__()
        self.dropout, self.workspace = dropout, Workspace()

    def forward(self, x: Tensor) -> Tensor:
        gain = self.dropout.gain()
        if self.by_hand(x):
            return relu_dropout(x, gain, self.workspace.of(x.shape))
        x = x.relu()
        if self.vmap_safe:
            dropped: Tensor = self.dropout(x)
            return dropped
        return x if gain == 1.0 else nn.functional.dropout(x, 1.0 - 1.0 / gain) / gain


class MLP(Network):
    """Scaled inputs, then layers of linear, ReLU and dropout.

    The learned scale of each input lets training turn columns up or down faster than their
    rows of the first matrix could (RealMLP, Holzmüller et al. 2024, section 3).

    **Shape**

    - Input: `(n, d)`
    - Output: `(n, outputs)`
    """

    def __init__(self, config: MLPConfig, data: DataInfo) -> None:
        super().__init__()
        self.inputs = Inputs(data.features, config.frequencies, config.sigma)
        self.scale = nn.Parameter(torch.ones(self.inputs.width))
        self.dropout = Dropout(config.dropout)
        self.activation = ReLUDropout(self.dropout)
        blocks: list[nn.Module] = []
        for i in range(config.layers):
            before = self.inputs.width if i == 0 else config.width
            blocks += [nn.Linear(before, config.width), nn.ReLU(inplace=True)]
            if config.dropout > 0:
                blocks.append(self.dropout)
        self.blocks = nn.Sequential(*blocks)
        self.head = nn.Linear(config.width, data.outputs)

    def forward(self, x: Tensor) -> Tensor:
        if self.activation.by_hand(x):
            return self._trained(x)
        out: Tensor = self.head(self.blocks(self.inputs(x) * self.scale))
        return out

    def _trained(self, x: Tensor) -> Tensor:
        """The same in fewer passes."""
        hidden, gain = self.inputs(x), 1.0
        scale: Tensor | None = self.scale
        for layer in self.blocks:
            if isinstance(layer, nn.Linear):
                weight = layer.weight if scale is None else layer.weight * scale
                hidden = torch.addmm(layer.bias, hidden, weight.t(), alpha=gain)
                gain, scale = self.dropout.gain(), None
                hidden = self.activation(hidden)
        return torch.addmm(self.head.bias, hidden, self.head.weight.t(), alpha=gain)


ARCHITECTURE = Architecture(MLPConfig, MLP)
