"""A linear model: one weight a column."""

from __future__ import annotations

from torch import Tensor, nn

from automl_core.features import Feature
from automl_core.models.nets.input_layer import Inputs
from automl_core.training import Network
from automl_core.types import Config


class Linear(Network):
    """Weighted sums of the columns; starts at 0, where every class is as likely.

    **Shape**

    - Input: `(n, d)`
    - Output: `(n, outputs)`
    """

    def __init__(self, features: tuple[Feature, ...], outputs: int) -> None:
        super().__init__()
        self.inputs = Inputs(features, bags=False)
        self.head = nn.Linear(self.inputs.width, outputs)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.head(self.inputs(x))
        return out


def build(config: Config, features: tuple[Feature, ...], outputs: int) -> Network:
    """The network of a configuration; a linear model has no settings of its own."""
    assert config
    return Linear(features, outputs)
