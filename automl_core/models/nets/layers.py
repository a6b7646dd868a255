"""Layers that networks share: dropout, and activations that learn how bent they are.

On a processor, activations and dropout masks cost a network of this size as much as its matrix
products do: each pass over 256 KB is time. So both are made of few plain passes here: a mask is
of random bytes instead of one random number an element, and an activation works out its
derivative on the way forward, together with its dropout, in memory that is used again. And
exponentials and waves are numpy's, whose vectors are wider than PyTorch's: a third of the time.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from automl_core.training import FastLayer, flat_cos

Activation = Literal["mish", "selu"]
Work = tuple[Tensor, Tensor, Tensor]

# Of SELU (Klambauer et al. 2017): its slope on the right, and its limit on the left.
_SLOPE, _LIMIT = 1.0507009873554805, 1.7580993408473766
_ONE, _TWO, _AT_LIMIT = torch.ones(()), torch.tensor(2.0), torch.tensor(_LIMIT)


class Dropout(FastLayer):
    """Dropout (Srivastava et al. 2014); with `fades`, less and less in the second half.

    On a processor the rate is rounded to 1/256: a byte of the generator decides an element.

    **Shape**

    - Input: `(n, ...)`
    - Output: the same
    """

    def __init__(self, rate: float, fades: bool = False) -> None:
        super().__init__()
        self.rate, self.fades = rate, fades
        self.now = rate

    def set_progress(self, progress: float) -> None:
        """Set the rate for that part of the training."""
        self.now = self.rate * flat_cos(progress) if self.fades else self.rate

    def forward(self, x: Tensor) -> Tensor:
        if self.vmap_safe or x.device.type != "cpu":
            return F.dropout(x, self.now, self.training)
        gain = self.gain()
        return x if gain == 1.0 else x * kept(x, gain).mul_(gain)

    def gain(self) -> float:
        """What the elements that are kept are multiplied with; 1: nothing is dropped."""
        dropped = round(256 * self.now) if self.training else 0
        return 256 / (256 - min(255, dropped))


def kept(like: Tensor, gain: float, out: Tensor | None = None) -> Tensor:
    """A mask of `like`'s shape: 0 where dropped, otherwise 1; the share of ones is 1 / gain."""
    mask = torch.empty_like(like) if out is None else out
    return randoms(mask, _words(like.numel())).gt_(_bound(gain))


def randoms(out: Tensor, words: Tensor) -> Tensor:
    """Random whole numbers from 0 to 255 in `out`, by `words` of int64: one for eight of them."""
    octets = words.random_(-(2**63), None).view(torch.uint8)  # all 64 bits are random
    return out.copy_(octets[: out.numel()].view(out.shape))


def _words(count: int) -> Tensor:
    return torch.empty(math.ceil(count / 8), dtype=torch.int64)


def cut(x: Tensor, by: Tensor, bound: float, out: Tensor) -> None:
    """x where `by` is larger than the bound, 0 elsewhere: in one pass."""
    torch.ops.aten.threshold_backward.grad_input(x, by, bound, grad_input=out)


def _bound(gain: float) -> float:
    """Random numbers that are larger are kept."""
    return 255.5 - round(256 / gain)


def in_place(function: np.ufunc, x: Tensor, out: Tensor | None = None) -> Tensor:
    """numpy's function of x on the processor, in x's own memory or that of `out`."""
    out = x if out is None else out
    with np.errstate(all="ignore"):  # a loss that is no number is the loop's to see
        function(x.numpy(), out=out.numpy())
    return out


class Workspace:
    """Memory for what an activation needs on its way: the same for all layers of a net."""

    def __init__(self) -> None:
        self._tensors: dict[tuple[int, ...], Work] = {}

    def of(self, shape: tuple[int, ...]) -> Work:
        """Two tensors of that shape, and words for `randoms`: on the processor, of any content."""
        if shape not in self._tensors:
            one, other = torch.empty(shape), torch.empty(shape)
            self._tensors[shape] = (one, other, _words(one.numel()))
        return self._tensors[shape]


def rectified(x: Tensor, gain: float, work: Work) -> Tensor:
    """ReLU, then dropout that leaves its gain to the next product; x is overwritten."""
    out: Tensor = _Rectified.apply(x, gain, work)  # type: ignore[no-untyped-call]
    return out


class _Rectified(torch.autograd.Function):
    """What `rectified` computes: where something is left, it came from there."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, gain: float, work: Work) -> Tensor:
        if gain != 1.0:
            cut(x, randoms(work[0], work[2]), _bound(gain), out=x)
        x.relu_()
        ctx.mark_dirty(x)
        ctx.save_for_backward(x)
        return x

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None, None]:
        left = ctx.saved_tensors[0]  # overwritten: there is one way back only
        cut(grads[0], left, 0.0, out=left)
        return left, None, None


class ParametricActivation(FastLayer):
    """x + bend (act(x) - x) with a learned bend a column, then dropout.

    The parametric activation of RealMLP (Holzmüller et al. 2024, section 3); 1 is the plain
    activation, 0 none. In training it overwrites its input, and what is kept is not yet
    multiplied with the dropout's gain: the next layer's product does that at no cost.

    **Shape**

    - Input: `(n, width)`
    - Output: `(n, width)`
    """

    def __init__(
        self, kind: Activation, width: int, dropout: Dropout, workspace: Workspace
    ) -> None:
        super().__init__()
        self.kind: Activation = kind
        self.bend = nn.Parameter(torch.ones(width))
        self.dropout, self.workspace = dropout, workspace

    def forward(self, x: Tensor) -> Tensor:
        gain = self.dropout.gain()
        if self.by_hand(x):
            work = self.workspace.of(x.shape)
            out: Tensor = _Bent.apply(x, self.bend, gain, self.kind, work)  # type: ignore[no-untyped-call]
            return out
        plain = F.mish(x) if self.kind == "mish" else F.selu(x)
        bent = torch.lerp(x, plain, self.bend.to(x.dtype))  # shorter in mixed precision
        return bent if gain == 1.0 else F.dropout(bent, 1.0 - 1.0 / gain) / gain


class _Bent(torch.autograd.Function):
    """What Bend computes in training; its derivatives are saved instead of its input.

    Dropping happens before the activation, which is 0 at 0.
    """

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, bend: Tensor, gain: float, kind: Activation, work: Work
    ) -> Tensor:
        if gain != 1.0:
            chances = randoms(work[0], work[2])
            cut(x, chances, _bound(gain), out=x)
        less, slope = _BEND[kind](x, bend, work[1])
        x.addcmul_(less, bend, value=-1.0)
        if gain != 1.0:
            cut(slope, chances, _bound(gain), out=slope)
        ctx.mark_dirty(x)
        ctx.save_for_backward(slope, less)
        return x

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, Tensor, None, None, None]:
        slope, less = ctx.saved_tensors  # overwritten: there is one way back only
        bends = torch.mul(grads[0], less, out=less).sum(dim=0).neg_()
        return torch.mul(grads[0], slope, out=slope), bends, None, None, None


def _mish(x: Tensor, bend: Tensor, work: Tensor) -> tuple[Tensor, Tensor]:
    """x - mish(x) (Misra 2019), and the slope of the bent activation, from one exponential.

    With v = 1 + exp(x) and d = 2 / (1 + v^2): tanh(softplus(x)) = 1 - d, and d's derivative is
    d (v d + d - 2). `work` comes to hold d.
    """
    v = in_place(np.exp, torch.clamp(x, max=20.0)).add_(1.0)  # beyond, d is 0 in float32
    d = torch.addcmul(_ONE, v, v, out=work)
    torch.div(_TWO, d, out=d)
    less = x * d
    torch.addcmul(d, v, d, out=v)
    torch.addcmul(d, less, v, out=v).sub_(less, alpha=2.0)  # the derivative of `less`
    return less, torch.addcmul(_ONE, v, bend, value=-1.0, out=v)


def _selu(x: Tensor, bend: Tensor, work: Tensor) -> tuple[Tensor, Tensor]:
    """x - selu(x), and the slope of the bent activation.

    On the left both follow from what is left to the limit, which is 0 on the right.
    """
    left = torch.clamp(x, max=0.0, out=work)
    room = in_place(np.exp, left, torch.empty_like(left))
    torch.add(_AT_LIMIT, room, alpha=-_LIMIT, out=room)
    less = torch.add(room, left, alpha=_SLOPE).sub_(x, alpha=_SLOPE - 1.0)
    torch.threshold_(room, 0.0, _LIMIT - _SLOPE)
    return less, torch.addcmul(1.0 + bend * (_LIMIT - 1.0), room, bend, value=-1.0, out=room)


_BEND: dict[Activation, Callable[[Tensor, Tensor, Tensor], tuple[Tensor, Tensor]]] = {
    "mish": _mish,
    "selu": _selu,
}
