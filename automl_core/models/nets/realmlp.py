"""RealMLP: a multilayer perceptron with a recipe that suits tables.

Holzmüller, Grinsztajn, Steinwart 2024, "Better by Default: Strong Pre-Tuned MLPs and Boosted
Trees on Tabular Data". The numbers here are those of its RealMLP-TD; schedules and rates that
are no part of the network are in its ModelSpec.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from automl_core.models.nets.autograd_functions import Activation, Workspace
from automl_core.models.nets.base import Architecture, DataInfo
from automl_core.models.nets.input_layer import Inputs
from automl_core.models.nets.layers import Dropout, ParametricActivation
from automl_core.training import Network, ParameterGroup

ONE_HOT = 11
"""Categories of at most 9 values are one-hot; missing and unseen are codes of their own."""

# Of the learning rate, which is that of classification; matrices of a regression take 5 times it.
PERIODIC_RATE, BIAS_RATE, ACTIVATION_RATE = 0.1, 0.1, 0.1
REGRESSION_RATE = 5.0

LOOKED_AT = 2_000
"""Rows that the first weights are fitted to, at most."""


@dataclass(frozen=True)
class RealMLPConfig:
    """Settings of the network."""

    width: int  # units of a hidden layer, >= 1
    layers: int  # hidden layers, >= 1
    dropout: float  # share of units at the start of the training, 0 to 1
    frequencies: int  # of the periodic embedding of each number; 0: none
    sigma: float  # middle of the frequencies' scales, > 0
    scale_rate: float  # of the learning rate, for the inputs' scales, > 0


class Scaled(nn.Module):
    """A linear layer in the NTK parametrisation: x W / sqrt(d) + b with W of unit variance.

    Layers of any width then want the same learning rate (Jacot et al. 2018).

    **Shape**

    - Input: `(n, inputs)`
    - Output: `(n, outputs)`
    """

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.gain = 1.0 / math.sqrt(max(1, inputs))
        self.weight = nn.Parameter(torch.randn(inputs, outputs))
        self.bias = nn.Parameter(torch.zeros(outputs))

    def forward(self, x: Tensor, gain: float = 1.0, scale: Tensor | None = None) -> Tensor:
        """`gain`: what x is yet to be multiplied with; `scale` (inputs,): what its columns are."""
        weight: Tensor = self.weight
        if scale is not None and self.training:  # its derivative is smaller so
            weight = scale[:, None] * weight
        elif scale is not None:  # of few rows it is less to multiply
            x = x * scale
        return torch.addmm(self.bias, x, weight, alpha=self.gain * gain)

    def fit_to(self, x: Tensor) -> None:
        """Scale weights to outputs of unit deviation over rows x (n, inputs), and fit the biases.

        Each bias sets the output to 0 at a random point between five rows' (the "he+5" of
        Steinwart 2019, "A Sober Look at Neural Network Initializations").
        """
        out = self.gain * (x @ self.weight)
        deviation = out.std(dim=0, correction=0)
        deviation = torch.where(deviation > 1e-6, deviation, 1.0)
        self.weight.div_(deviation)
        rows = torch.randint(len(x), (5, out.shape[1]), device=x.device)
        shares = torch.empty(rows.shape, device=x.device).exponential_()
        between = (out.gather(0, rows) * shares).sum(dim=0) / shares.sum(dim=0)
        self.bias.copy_(-between / deviation)


class RealMLP(Network):
    """Inputs, a learned scale for each, layers of linear, parametric activation and dropout.

    **Shape**

    - Input: `(n, d)`
    - Output: `(n, outputs)`
    """

    def __init__(self, config: RealMLPConfig, data: DataInfo) -> None:
        super().__init__()
        inputs = Inputs(data.features, config.frequencies, config.sigma, ONE_HOT)
        widths = [config.width] * config.layers
        self.regression = data.task == "regression"
        self.scale_rate = config.scale_rate
        self.inputs = inputs
        self.scale = nn.Parameter(torch.ones(inputs.width))
        befores = [inputs.width, *widths]
        self.layers = nn.ModuleList(
            Scaled(before, after) for before, after in zip(befores, widths, strict=False)
        )
        dropout = Dropout(config.dropout, fades=True)
        kind: Activation = "mish" if self.regression else "selu"
        work = Workspace()
        self.bends = nn.ModuleList(
            ParametricActivation(kind, width, dropout, work) for width in widths
        )  # named so in model files
        self.dropout = dropout
        self.head = Scaled(befores[-1], data.outputs)

    def forward(self, x: Tensor) -> Tensor:
        hidden, gain = self.inputs(x), 1.0
        scale: Tensor | None = self.scale
        for layer, bend in zip(self.layers, self.bends, strict=True):
            hidden = bend(layer(hidden, gain, scale))
            gain, scale = self.dropout.gain(), None
        out: Tensor = self.head(hidden, gain)
        return out

    def fit_to(self, x: Tensor) -> None:
        """Fit first weights and biases to rows of x (n, d), layer by layer."""
        picked = torch.randperm(len(x), device=x.device)[:LOOKED_AT]
        self.eval()
        hidden = self.inputs(x[picked]) * self.scale
        for layer, bend in zip(self.layers, self.bends, strict=True):
            assert isinstance(layer, Scaled)
            layer.fit_to(hidden)
            hidden = bend(layer(hidden))
        self.head.fit_to(hidden)

    def set_progress(self, progress: float) -> None:
        """Less dropout in the second half."""
        self.dropout.set_progress(progress)

    def parameter_groups(self) -> list[ParameterGroup]:
        """Rates of the paper; biases and activations do not decay."""
        rate = REGRESSION_RATE if self.regression else 1.0
        scaled = [layer for layer in [*self.layers, self.head] if isinstance(layer, Scaled)]
        waves = [] if self.inputs.waves is None else list(self.inputs.waves.parameters())
        return [
            ParameterGroup([layer.weight for layer in scaled], rate),
            ParameterGroup([layer.bias for layer in scaled], rate * BIAS_RATE, decay=False),
            ParameterGroup(list(self.bends.parameters()), rate * ACTIVATION_RATE, decay=False),
            ParameterGroup([self.scale], rate * self.scale_rate, decay=False),
            ParameterGroup(waves, rate * PERIODIC_RATE),
            ParameterGroup(list(self.inputs.codes.parameters()), rate),
            ParameterGroup(list(self.inputs.bags.parameters()), rate),
        ]


ARCHITECTURE = Architecture(RealMLPConfig, RealMLP)
