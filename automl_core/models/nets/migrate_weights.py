"""Weights of the first models, whose codes had a table a column, as today's networks read them.

Vectors of one length lie in one table now, and beside each other in what the inputs give.
"""

from __future__ import annotations

import torch
from torch import Tensor

AFTER_INPUTS = {
    "linear": ("net.head.weight",),
    "mlp": ("net.scale", "net.blocks.0.weight"),
    "resnet": ("net.first.weight",),
}
"""What is multiplied with the features of the inputs, in their order."""


def today(weights: dict[str, Tensor], family: str) -> dict[str, Tensor]:
    """The weights under today's names and in today's order; KeyError where some are missing."""
    old = "net.inputs.tables."
    count = sum(name.startswith(old) for name in weights)
    if not count:
        return weights
    found = dict(weights)
    tables = [found.pop(f"{old}{number}.weight") for number in range(count)]
    lengths = [table.shape[-1] for table in tables]
    for place, length in enumerate(sorted(set(lengths))):
        joined = torch.cat([table for table in tables if table.shape[-1] == length])
        found[f"net.inputs.codes.{place}.table.weight"] = joined
    for name in AFTER_INPUTS[family]:
        weight = found[name]
        numbers, *codes = torch.split(weight, [weight.shape[-1] - sum(lengths), *lengths], -1)
        found[name] = torch.cat([numbers, *sorted(codes, key=lambda part: part.shape[-1])], dim=-1)
    return found
