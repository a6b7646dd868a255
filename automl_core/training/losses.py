"""Losses of raw network outputs, one number a row; and what the outputs mean.

A binary network has one output, the logit of class 1.
"""

from __future__ import annotations

from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

Kind = Literal["binary", "multiclass", "regression"]


def outputs_of(task: Kind, classes: int) -> int:
    """How many outputs a network needs."""
    return classes if task == "multiclass" else 1


def row_losses(task: Kind, output: Tensor, y: Tensor) -> Tensor:
    """Loss (n,) of outputs (n, outputs): log loss, or squared error of the scaled target.

    `y` is (n,): int64 for multiclass, floating point otherwise.
    """
    if task == "multiclass":
        return F.cross_entropy(output, y, reduction="none")
    if task == "binary":
        return F.binary_cross_entropy_with_logits(output[:, 0], y, reduction="none")
    return (output[:, 0] - y) ** 2


def probabilities(task: Kind, output: Tensor) -> Tensor:
    """Probabilities (n, classes) of outputs of a classifier."""
    if task == "binary":
        output = torch.cat([torch.zeros_like(output), output], dim=1)
    return torch.softmax(output, dim=1)
