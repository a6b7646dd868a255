"""A residual network on tables."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn

from automl_core.models.nets.base import Architecture, DataInfo
from automl_core.models.nets.input_layer import Inputs
from automl_core.models.nets.layers import Dropout
from automl_core.training import Network


@dataclass(frozen=True)
class ResNetConfig:
    """Settings of the network."""

    width: int  # units between blocks, >= 1
    blocks: int  # residual blocks, >= 1
    expansion: float  # units inside a block, as a multiple of the width, > 0
    dropout: float  # share of a block's units, 0 to 1
    frequencies: int  # of the periodic embedding of each number; 0: none
    sigma: float  # middle of the frequencies' scales, > 0


class Block(nn.Module):
    """Normalise, widen, ReLU, narrow; added to what came in.

    **Shape**

    - Input and output: `(n, width)`
    """

    def __init__(self, width: int, hidden: int, dropout: float) -> None:
        super().__init__()
        # NOTE[DIFF] LayerNorm where the paper has BatchNorm: a row's prediction and training
        # on a single row must not depend on the rest of the batch.
        self.norm = nn.LayerNorm(width)
        self.widen = nn.Linear(width, hidden)
        self.narrow = nn.Linear(hidden, width)
        self.dropout = Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        hidden = self.dropout(nn.functional.relu(self.widen(self.norm(x))))
        out: Tensor = x + self.narrow(hidden)
        return out


class ResNet(Network):
    """Linear, residual blocks, norm, ReLU, head (Gorishniy et al. 2021, section 3.2).

    **Shape**

    - Input: `(n, d)`
    - Output: `(n, outputs)`
    """

    def __init__(self, inputs: Inputs, outputs: int, width: int, blocks: list[Block]) -> None:
        super().__init__()
        self.inputs = inputs
        self.first = nn.Linear(inputs.width, width)
        self.blocks = nn.Sequential(*blocks)
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, outputs)

    def forward(self, x: Tensor) -> Tensor:
        hidden = self.blocks(self.first(self.inputs(x)))
        out: Tensor = self.head(nn.functional.relu(self.norm(hidden)))
        return out


def build(config: ResNetConfig, data: DataInfo) -> Network:
    """The network with random first weights."""
    hidden = max(1, round(config.width * config.expansion))
    blocks = [Block(config.width, hidden, config.dropout) for _ in range(config.blocks)]
    inputs = Inputs(data.features, config.frequencies, config.sigma)
    return ResNet(inputs, data.outputs, config.width, blocks)


ARCHITECTURE = Architecture(ResNetConfig, build)
