"""A multilayer perceptron on tables."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from automl_core.features import Feature
from automl_core.models.nets.autograd_functions import product
from automl_core.models.nets.input_layer import Inputs
from automl_core.models.nets.layers import Dropout, Workspace, rectified
from automl_core.training import FastLayer, Network
from automl_core.types import Config


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
            return rectified(x, gain, self.workspace.of(x.shape))
        x = x.relu()
        return x if gain == 1.0 else nn.functional.dropout(x, 1.0 - 1.0 / gain) / gain


class MLP(Network):
    """Scaled inputs, then layers of linear, ReLU and dropout.

    The learned scale of each input lets training turn columns up or down faster than their
    rows of the first matrix could (RealMLP, Holzmüller et al. 2024, section 3).

    **Shape**

    - Input: `(n, d)`
    - Output: `(n, outputs)`
    """

    def __init__(
        self, inputs: Inputs, outputs: int, width: int, layers: int, dropout: float
    ) -> None:
        super().__init__()
        self.inputs = inputs
        self.scale = nn.Parameter(torch.ones(self.inputs.width))
        self.dropout = Dropout(dropout)
        self.activation = ReLUDropout(self.dropout)
        blocks: list[nn.Module] = []
        for i in range(layers):
            blocks += [
                nn.Linear(self.inputs.width if i == 0 else width, width),
                nn.ReLU(inplace=True),
            ]
            if dropout > 0:
                blocks.append(self.dropout)
        self.blocks = nn.Sequential(*blocks)
        self.head = nn.Linear(width, outputs)

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
                hidden = product(hidden, weight.t(), layer.bias, gain)
                gain, scale = self.dropout.gain(), None
                hidden = self.activation(hidden)
        return product(hidden, self.head.weight.t(), self.head.bias, gain)


def build(config: Config, features: tuple[Feature, ...], outputs: int) -> Network:
    """The network of a configuration: width, layers, dropout, frequencies, sigma."""
    return MLP(
        Inputs(features, int(config["frequencies"]), float(config["sigma"])),
        outputs,
        width=int(config["width"]),
        layers=int(config["layers"]),
        dropout=float(config["dropout"]),
    )
