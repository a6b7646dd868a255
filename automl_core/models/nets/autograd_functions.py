"""The product of a linear layer, with derivatives made by hand.

Autograd would multiply each derivative with the gain in a pass of its own, and lay out those of
a transposed input in rows, to be copied.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor


def product(x: Tensor, weight: Tensor, bias: Tensor, gain: float = 1.0) -> Tensor:
    """gain x W + b of x (n, inputs), W (inputs, outputs), b (outputs,), to be trained `by_hand`.

    Derivatives take the gain along at no cost, and lie in memory as x and W do.
    """
    out: Tensor = _Product.apply(x, weight, bias, gain)  # type: ignore[no-untyped-call]
    return out


class _Product(torch.autograd.Function):
    """What `product` computes."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor, gain: float) -> Tensor:
        ctx.save_for_backward(x, weight)
        ctx.gain = gain
        return torch.addmm(bias, x, weight, alpha=gain)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, Tensor, Tensor, None]:
        x, weight = ctx.saved_tensors
        down = grads[0]
        by_x = _times(down, weight.t(), ctx.gain, x) if ctx.needs_input_grad[0] else None
        return by_x, _times(x.t(), down, ctx.gain, weight), down.sum(dim=0), None


def _times(left: Tensor, right: Tensor, gain: float, like: Tensor) -> Tensor:
    """gain left right, with rows or columns together as `like` has them."""
    if like.stride(0) == 1 < like.stride(1):
        return _times(right.t(), left.t(), gain, like.t()).t()
    return torch.addmm(left.new_empty(1), left, right, beta=0.0, alpha=gain)
