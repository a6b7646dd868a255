"""The first layer of networks on tables: codes become small learned vectors, numbers pass.

Numbers may get a small vector each as well, of waves of learned frequencies: networks learn
steps and bumps of a single column far sooner from these.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from automl_core.features.layout import Feature

SMALLEST, LARGEST = 4, 12
"""Length of a category's vector."""

MOST_WAVES = 200
"""Numbers that get waves, at most: the words of a text column are better off without."""


def vector_length(codes: int) -> int:
    """Half as long as there are codes, between 4 and 12."""
    return max(SMALLEST, min(LARGEST, (codes + 1) // 2))


class Waves(nn.Module):
    """cos(2 pi (w x) + b) of every number, then a small linear map of its own.

    The periodic embedding "PBLD" of RealMLP (Holzmüller et al. 2024, section 3; after
    Gorishniy et al. 2022) without its copy of x, which passes beside it.

    **Shape**

    - Input: `(n, columns)`
    - Output: `(n, columns * VECTOR)`
    """

    VECTOR = 3

    def __init__(self, columns: int, frequencies: int, sigma: float) -> None:
        super().__init__()
        self.frequency = nn.Parameter(sigma * torch.randn(columns, frequencies))
        self.phase = nn.Parameter(math.pi * (2 * torch.rand(columns, frequencies) - 1))
        scale = 1 / math.sqrt(frequencies)
        self.weight = nn.Parameter(scale * torch.randn(columns, frequencies, self.VECTOR))
        self.bias = nn.Parameter(torch.zeros(columns, self.VECTOR))

    def forward(self, x: Tensor) -> Tensor:
        waves = torch.cos(2 * math.pi * x[:, :, None] * self.frequency + self.phase)
        return (torch.einsum("ncf,cfv->ncv", waves, self.weight) + self.bias).flatten(1)


class Inputs(nn.Module):
    """Encoded matrix to features of a network.

    **Shape**

    - Input: `(n, d)` floating point; code columns hold whole numbers
    - Output: `(n, width)`: numbers, their waves, vectors of codes
    """

    def __init__(
        self, features: tuple[Feature, ...], frequencies: int = 0, sigma: float = 1.0
    ) -> None:
        """`frequencies` 0, or more numbers than `MOST_WAVES`: numbers only pass."""
        super().__init__()
        self.numbers = [i for i, f in enumerate(features) if f.kind == "number"]
        self.codes = [(i, f.codes) for i, f in enumerate(features) if f.kind == "code"]
        self.tables = nn.ModuleList(
            nn.Embedding(codes, vector_length(codes)) for _, codes in self.codes
        )
        columns = len(self.numbers)
        self.waves: Waves | None = None
        if frequencies and 0 < columns <= MOST_WAVES:
            self.waves = Waves(columns, frequencies, sigma)
        self.width = columns * (1 + (Waves.VECTOR if self.waves else 0))
        self.width += sum(vector_length(codes) for _, codes in self.codes)
        for table in self.tables:
            assert isinstance(table, nn.Embedding)
            nn.init.normal_(table.weight, std=0.3)

    def forward(self, x: Tensor) -> Tensor:
        numbers = x[:, self.numbers] if self.codes else x
        parts = [numbers]
        if self.waves is not None:
            parts.append(self.waves(numbers))
        for (column, codes), table in zip(self.codes, self.tables, strict=True):
            # a code that was never seen would be a row outside the table
            parts.append(table(x[:, column].long().clamp(0, codes - 1)))
        return torch.cat(parts, dim=1) if len(parts) > 1 else numbers
