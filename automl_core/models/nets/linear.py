"""A linear model: one weight a column."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn

from automl_core.models.nets.base import Architecture, DataInfo
from automl_core.models.nets.input_layer import Inputs
from automl_core.training import Network


@dataclass(frozen=True)
class LinearConfig:
    """A linear model has no settings of its own."""


class Linear(Network):
    """Weighted sums of the columns; starts at 0, where every class is as likely.

    **Shape**

    - Input: `(n, d)`
    - Output: `(n, outputs)`
    """

    def __init__(self, data: DataInfo) -> None:
        super().__init__()
        self.inputs = Inputs(data.features, bags=False)
        self.head = nn.Linear(self.inputs.width, data.outputs)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.head(self.inputs(x))
        return out


def build(config: LinearConfig, data: DataInfo) -> Network:  # noqa: ARG001
    """The linear model of the data."""
    return Linear(data)


ARCHITECTURE = Architecture(LinearConfig, build)
