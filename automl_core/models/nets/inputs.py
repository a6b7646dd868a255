"""The first layer of networks on tables: numbers pass, codes become small learned vectors."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from automl_core.features.layout import Feature

SMALLEST, LARGEST = 4, 12
"""Length of a category's vector."""


def vector_length(codes: int) -> int:
    """Half as long as there are codes, between 4 and 12."""
    return max(SMALLEST, min(LARGEST, (codes + 1) // 2))


class Inputs(nn.Module):
    """Encoded matrix to features of a network.

    **Shape**

    - Input: `(n, d)` floating point; code columns hold whole numbers
    - Output: `(n, width)`, numbers first
    """

    def __init__(self, features: tuple[Feature, ...]) -> None:
        super().__init__()
        self.numbers = [i for i, f in enumerate(features) if f.kind == "number"]
        self.codes = [(i, f.codes) for i, f in enumerate(features) if f.kind == "code"]
        self.tables = nn.ModuleList(
            nn.Embedding(codes, vector_length(codes)) for _, codes in self.codes
        )
        self.width = len(self.numbers) + sum(vector_length(codes) for _, codes in self.codes)
        for table in self.tables:
            assert isinstance(table, nn.Embedding)
            nn.init.normal_(table.weight, std=0.3)

    def forward(self, x: Tensor) -> Tensor:
        if not self.codes:
            return x
        parts = [x[:, self.numbers]]
        for (column, codes), table in zip(self.codes, self.tables, strict=True):
            # a code that was never seen would be a row outside the table
            parts.append(table(x[:, column].long().clamp(0, codes - 1)))
        return torch.cat(parts, dim=1)
