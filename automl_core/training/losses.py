"""Losses of raw network outputs, one number a row, and predictions from outputs.

A binary network has one output, the logit of class 1.
"""

from __future__ import annotations

from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

Kind = Literal["binary", "multiclass", "regression"]


def outputs_of(task: Kind, classes: int) -> int:
    """Outputs of a network for the task: the classes, or 1."""
    return classes if task == "multiclass" else 1


def row_losses(task: Kind, output: Tensor, y: Tensor, smoothing: float | Tensor = 0.0) -> Tensor:
    """Loss (n,) of outputs (n, outputs): log loss, or squared error of the scaled target.

    Outputs (n, k, outputs) are those of k predictors: each has its own loss, and theirs is
    averaged (TabM, Gorishniy et al. 2025). `y` is (n,): int64 for multiclass, floating point
    otherwise; probabilities are (n,) of class 1, or (n, classes) floating point for multiclass.
    `smoothing` is the share of a label that is spread evenly over all classes (Szegedy et al.
    2016), of all rows or, where `y` is no probabilities, of each (n,).
    """
    if output.ndim == 3:
        k = output.shape[1]
        spread = smoothing.repeat_interleave(k) if isinstance(smoothing, Tensor) else smoothing
        flat = row_losses(task, output.flatten(0, 1), y.repeat_interleave(k, dim=0), spread)
        return flat.view(-1, k).mean(dim=1)
    if task == "multiclass":
        if isinstance(smoothing, Tensor):
            logs = torch.log_softmax(output, dim=1)
            right = logs.gather(1, y[:, None])[:, 0]
            return -(1.0 - smoothing) * right - smoothing * logs.mean(dim=1)
        return F.cross_entropy(output, y, reduction="none", label_smoothing=smoothing)
    if task == "binary":
        if isinstance(smoothing, Tensor) or smoothing:
            y = y * (1.0 - smoothing) + 0.5 * smoothing
        return F.binary_cross_entropy_with_logits(output[:, 0], y, reduction="none")
    return (output[:, 0] - y) ** 2


def probabilities(task: Kind, output: Tensor) -> Tensor:
    """Probabilities (n, classes) of outputs of a classifier, averaged over k predictors."""
    if task == "binary":
        output = torch.cat([torch.zeros_like(output), output], dim=-1)
    shares = torch.softmax(output, dim=-1)
    return shares.mean(dim=1) if shares.ndim == 3 else shares


def values(output: Tensor) -> Tensor:
    """Values (n,) of outputs of a regression, averaged over k predictors."""
    return output[..., 0].mean(dim=1) if output.ndim == 3 else output[:, 0]
