"""Weights in files of the first versions, brought to the present names and order.

Each column of codes had an embedding table of its own then. Now columns whose vectors are of one
length share a table, and their vectors stand side by side in the output of `Inputs`.
"""

from __future__ import annotations

import torch
from torch import Tensor

AFTER_INPUTS = {
    "linear": ("net.head.weight",),
    "mlp": ("net.scale", "net.blocks.0.weight"),
    "resnet": ("net.first.weight",),
}
"""Parameters whose last dimension is the output of `Inputs`, by family."""


def migrate_weights(weights: dict[str, Tensor], family: str) -> dict[str, Tensor]:
    """The weights by their present names, in the present order; those that have it come back.

    Raises KeyError where a weight is missing.
    """
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
