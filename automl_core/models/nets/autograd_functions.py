"""Hand-made derivatives: functions that train faster on a CPU than autograd's own steps.

Each does in few passes over memory what takes several otherwise: it computes its derivatives in
the forward pass, overwrites what is not needed any more, and uses the same memory in each step.
Activations and dropout masks cost networks of this size as much as their matrix products do.
tests/models/nets/test_autograd_functions.py holds each against finite differences and against
the formula in standard operations, which layers use outside of training on a CPU.

Milliseconds of a training step with the function and with that formula (median of 360 steps each
in turn; CPU time of one thread, AMD EPYC with AVX2; 40 numbers, batch 256, default settings):

| function              | network, task       | with  | without | longer without |
|-----------------------|---------------------|-------|---------|----------------|
| relu_dropout          | mlp, binary         |  5.58 |    5.80 |            4 % |
| parametric_activation | realmlp, binary     | 11.11 |   11.46 |            3 % |
| parametric_activation | realmlp, regression | 13.96 |   17.33 |           24 % |
| periodic_embedding    | realmlp, binary     | 11.42 |   11.85 |            4 % |
| periodic_embedding    | mlp, binary         |  4.98 |    5.08 |            2 % |
| member_relu_dropout   | tabm, binary        | 59.83 |   63.39 |            6 % |

Functions that overwrite tensors they have saved can be differentiated once only.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor

Activation = Literal["mish", "selu"]
Work = tuple[Tensor, Tensor, Tensor]

# Of SELU (Klambauer et al. 2017): its slope on the right, and its limit on the left.
_SLOPE, _LIMIT = 1.0507009873554805, 1.7580993408473766
# On the CPU, also where the module is first imported while a network is built without memory.
_ONE, _TWO, _AT_LIMIT = (torch.tensor(value, device="cpu") for value in (1.0, 2.0, _LIMIT))


class Workspace:
    """Memory for the intermediate results of one kind of layer, the same for all of a network."""

    def __init__(self) -> None:
        self._tensors: dict[tuple[int, ...], Work] = {}

    def of(self, shape: tuple[int, ...]) -> Work:
        """Two float32 tensors of the shape and int64 words for random bytes, of any content."""
        if shape not in self._tensors:
            one, other = torch.empty(shape), torch.empty(shape)
            self._tensors[shape] = (one, other, random_words(one.numel()))
        return self._tensors[shape]


def dropout_mask(like: Tensor, gain: float, out: Tensor | None = None) -> Tensor:
    """A mask of `like`'s shape: 0 where dropped, otherwise 1; the share of ones is 1 / gain.

    A random byte decides an element, so that a random number serves eight of them.
    """
    mask = torch.empty_like(like) if out is None else out
    return _random_bytes(mask, random_words(like.numel())).gt_(_bound(gain))


def random_words(count: int) -> Tensor:
    """Memory, int64, for `count` random bytes."""
    return torch.empty(math.ceil(count / 8), dtype=torch.int64)


def relu_dropout(x: Tensor, gain: float, work: Work) -> Tensor:
    """ReLU and dropout of x (n, width) float32, which is overwritten.

    Dropped elements become 0; the others are not yet multiplied by `gain`, which the next product
    can do at no cost. `gain` 1: nothing is dropped. `work` is of x's shape.
    """
    out: Tensor = _ReLUDropout.apply(x, gain, work)  # type: ignore[no-untyped-call]
    return out


def parametric_activation(
    x: Tensor, bend: Tensor, gain: float, kind: Activation, work: Work
) -> Tensor:
    """x + bend (act(x) - x) and dropout of x (n, width) float32, which is overwritten.

    `bend` is (width,). Dropout is that of `relu_dropout`.
    """
    out: Tensor = _ParametricActivation.apply(x, bend, gain, kind, work)  # type: ignore[no-untyped-call]
    return out


def periodic_embedding(
    turns: Tensor, frequency: Tensor, phase: Tensor, weight: Tensor, bias: Tensor, work: Work
) -> Tensor:
    """A linear map of cos(turns frequency + phase), for each of c columns: (c, length, n).

    `turns` is (c, 1, n) and gets no derivative, `frequency` and `phase` are (c, f), `weight` is
    (c, f, length), `bias` (c, length), `work` of the shape (c, f, n).
    """
    parts = (turns, frequency, phase, weight, bias, work)
    out: Tensor = _PeriodicEmbedding.apply(*parts)  # type: ignore[no-untyped-call]
    return out


def column_map(waves: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """(c, f, n), (c, f, length), (c, length) -> (c, length, n): a linear map for each column."""
    return torch.baddbmm(bias[:, :, None], weight.transpose(1, 2), waves)


def member_relu_dropout(hidden: Tensor, mask: Tensor, gain: float) -> Tensor:
    """ReLU of hidden (members * n, width), times a mask (n, width) of 0 and `gain`.

    In float32 or bfloat16, in which the derivative may differ from autograd's by its rounding.
    """
    out: Tensor = _MemberReLUDropout.apply(hidden, mask, gain)  # type: ignore[no-untyped-call]
    return out


class _ReLUDropout(torch.autograd.Function):
    """The derivative is 1 where something is left."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, gain: float, work: Work) -> Tensor:
        if gain != 1.0:
            _cut(x, _random_bytes(work[0], work[2]), _bound(gain), out=x)
        x.relu_()
        ctx.mark_dirty(x)
        ctx.save_for_backward(x)
        return x

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None, None]:
        left = ctx.saved_tensors[0]
        _cut(grads[0], left, 0.0, out=left)
        return left, None, None


class _ParametricActivation(torch.autograd.Function):
    """Saves the slope and x - act(x) instead of x. Both activations are 0 at 0, so that elements
    are dropped before them."""

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, bend: Tensor, gain: float, kind: Activation, work: Work
    ) -> Tensor:
        if gain != 1.0:
            chances = _random_bytes(work[0], work[2])
            _cut(x, chances, _bound(gain), out=x)
        less, slope = _PARTS[kind](x, bend, work[1])
        x.addcmul_(less, bend, value=-1.0)
        if gain != 1.0:
            _cut(slope, chances, _bound(gain), out=slope)
        ctx.mark_dirty(x)
        ctx.save_for_backward(slope, less)
        return x

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, Tensor, None, None, None]:
        slope, less = ctx.saved_tensors
        by_bend = torch.mul(grads[0], less, out=less).sum(dim=0).neg_()
        return torch.mul(grads[0], slope, out=slope), by_bend, None, None, None


class _PeriodicEmbedding(torch.autograd.Function):
    """Saves cosines and sines; both are made at once, in the same memory in each step."""

    @staticmethod
    def forward(
        ctx: Any,
        turns: Tensor,
        frequency: Tensor,
        phase: Tensor,
        weight: Tensor,
        bias: Tensor,
        work: Work,
    ) -> Tensor:
        angles, waves, _ = work
        turns = turns.contiguous()
        torch.mul(turns, frequency[:, :, None], out=angles).add_(phase[:, :, None])
        _by_numpy(np.cos, angles, out=waves)
        ctx.save_for_backward(turns, _by_numpy(np.sin, angles, out=angles), waves, weight)
        return column_map(waves, weight, bias)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[None, Tensor, Tensor, Tensor, Tensor, None]:
        turns, sines, waves, weight = ctx.saved_tensors
        down = grads[0].contiguous()
        by_weight = torch.bmm(waves, down.transpose(1, 2))
        inner = sines.mul_(torch.bmm(weight, down, out=waves))
        by_phase = inner.sum(dim=2).neg_()
        by_frequency = inner.mul_(turns).sum(dim=2).neg_()
        return None, by_frequency, by_phase, by_weight, down.sum(dim=2), None


class _MemberReLUDropout(torch.autograd.Function):
    """The derivative is the gain where something is left."""

    @staticmethod
    def forward(ctx: Any, hidden: Tensor, mask: Tensor, gain: float) -> Tensor:
        out = hidden.relu()
        out.view(-1, *mask.shape).mul_(mask)
        ctx.save_for_backward(out)
        ctx.gain = gain
        return out

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None, None]:
        left = torch.ops.aten.threshold_backward(grads[0], ctx.saved_tensors[0], 0)
        return left.mul_(ctx.gain), None, None


def _mish(x: Tensor, bend: Tensor, work: Tensor) -> tuple[Tensor, Tensor]:
    """x - mish(x) (Misra 2019), and the slope of the parametric activation, by one exponential.

    With v = 1 + exp(x) and d = 2 / (1 + v^2): tanh(softplus(x)) = 1 - d, and d's derivative is
    d (v d + d - 2). `work` comes to hold d.
    """
    v = torch.clamp(x, max=20.0)  # beyond, d is 0 in float32
    _by_numpy(np.exp, v, out=v).add_(1.0)
    d = torch.addcmul(_ONE, v, v, out=work)
    torch.div(_TWO, d, out=d)
    less = x * d
    torch.addcmul(d, v, d, out=v)
    torch.addcmul(d, less, v, out=v).sub_(less, alpha=2.0)  # the derivative of `less`
    return less, torch.addcmul(_ONE, v, bend, value=-1.0, out=v)


def _selu(x: Tensor, bend: Tensor, work: Tensor) -> tuple[Tensor, Tensor]:
    """x - selu(x), and the slope of the parametric activation.

    On the left both follow from the distance to the limit, which is 0 on the right.
    """
    left = torch.clamp(x, max=0.0, out=work)
    room = _by_numpy(np.exp, left, out=torch.empty_like(left))
    torch.add(_AT_LIMIT, room, alpha=-_LIMIT, out=room)
    less = torch.add(room, left, alpha=_SLOPE).sub_(x, alpha=_SLOPE - 1.0)
    torch.threshold_(room, 0.0, _LIMIT - _SLOPE)
    return less, torch.addcmul(1.0 + bend * (_LIMIT - 1.0), room, bend, value=-1.0, out=room)


_PARTS: dict[Activation, Callable[[Tensor, Tensor, Tensor], tuple[Tensor, Tensor]]] = {
    "mish": _mish,
    "selu": _selu,
}


def _random_bytes(out: Tensor, words: Tensor) -> Tensor:
    """Random whole numbers from 0 to 255 in `out`, eight of them by each of `words`."""
    octets = words.random_(-(2**63), None).view(torch.uint8)  # all 64 bits are random
    return out.copy_(octets[: out.numel()].view(out.shape))


def _bound(gain: float) -> float:
    """Elements whose random byte is larger are kept."""
    return 255.5 - round(256 / gain)


def _cut(x: Tensor, by: Tensor, bound: float, out: Tensor) -> None:
    """x where `by` is larger than the bound, 0 elsewhere: in one pass."""
    torch.ops.aten.threshold_backward.grad_input(x, by, bound, grad_input=out)


def _by_numpy(function: np.ufunc, x: Tensor, out: Tensor) -> Tensor:
    """numpy's function of x in the memory of `out`: faster than torch's where vectors are wide."""
    with np.errstate(all="ignore"):  # the loop checks losses for numbers that are not finite
        function(x.numpy(), out=out.numpy())
    return out
