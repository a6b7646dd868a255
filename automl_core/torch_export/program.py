"""The average of trained networks as one program of torch.export."""

from __future__ import annotations

import copy
import io
from collections.abc import Sequence
from itertools import chain

import torch
from torch import Tensor, nn
from torch.func import functional_call

from automl_core.torch_export.trained_network import TrainedNetwork


class InDouble(nn.Module):
    """A network that computes in float64, with weights stored in float32: so they were trained.

    **Shape**

    - Input: `(n, d)` float32
    - Output: that of the network
    """

    def __init__(self, net: nn.Module) -> None:
        """`net` is copied."""
        super().__init__()
        self.net = copy.deepcopy(net).float()

    def forward(self, x: Tensor) -> Tensor:
        stored = chain(self.net.named_parameters(), self.net.named_buffers())
        weights = {name: t.double() if t.is_floating_point() else t for name, t in stored}
        out: Tensor = functional_call(self.net, weights, (x.double(),))
        return out


class Average(nn.Module):
    """The weighted average of networks, then the temperature that calibrates it.

    **Shape**

    - Input: a list of matrices `(n, d)` float32, one for each encoder
    - Output: probabilities `(n, classes)`, or values `(n,)`, float64
    """

    def __init__(
        self,
        networks: Sequence[TrainedNetwork],
        matrices: Sequence[int],
        weights: Sequence[float],
        temperature: float,
    ) -> None:
        """`matrices`: which one each network reads."""
        super().__init__()
        self.networks = nn.ModuleList(
            TrainedNetwork(InDouble(one.net), one.record, one.log) for one in networks
        )
        self.matrices, self.weights = tuple(matrices), tuple(weights)
        self.temperature = temperature

    def forward(self, matrices: list[Tensor]) -> Tensor:
        parts = [
            weight * network(matrices[number])
            for network, number, weight in zip(
                self.networks, self.matrices, self.weights, strict=True
            )
        ]
        average = torch.stack(parts).sum(dim=0)
        if self.temperature == 1.0:
            return average
        powers = average ** (1.0 / self.temperature)
        return powers / powers.sum(dim=1, keepdim=True)


def program_bytes(average: Average, widths: Sequence[int]) -> bytes:
    """A .pt2 file, which torch.export.load reads; `widths` are the columns of each matrix."""
    rows = torch.export.Dim("rows", min=0)
    example = [torch.zeros(4, width) for width in widths]
    shapes = ([{0: rows} for _ in widths],)
    with torch.no_grad():
        program = torch.export.export(average, (example,), dynamic_shapes=shapes)
    program.example_inputs = None  # they would be the only pickle in the file
    buffer = io.BytesIO()
    torch.export.save(program, buffer)
    return buffer.getvalue()
