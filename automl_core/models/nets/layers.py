"""Layers that networks share: dropout, and activations that learn how bent they are.

On a processor, activations and dropout masks cost a network of this size as much as its matrix
products do: each pass over 256 KB is time. So both are made of few plain passes here: a mask is
of random bytes instead of one random number an element, and an activation works out its
derivative on the way forward, together with its dropout, in memory that is used again.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from automl_core.training.optim import flat_cos

Activation = Literal["mish", "selu"]
Work = tuple[Tensor, Tensor]

# Of SELU (Klambauer et al. 2017): its slope on the right, and its limit on the left.
_SLOPE, _LIMIT = 1.0507009873554805, 1.7580993408473766


class Dropout(nn.Module):
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

    def at(self, progress: float) -> None:
        """Set the rate for that part of the training."""
        self.now = self.rate * flat_cos(progress) if self.fades else self.rate

    def forward(self, x: Tensor) -> Tensor:
        if x.device.type != "cpu":
            return F.dropout(x, self.now, self.training)
        gain = self.gain()
        return x if gain == 1.0 else x * kept(x, gain).mul_(gain)

    def gain(self) -> float:
        """What the elements that are kept are multiplied with; 1: nothing is dropped."""
        dropped = round(256 * self.now) if self.training else 0
        return 256 / (256 - min(255, dropped))


def kept(like: Tensor, gain: float, out: Tensor | None = None) -> Tensor:
    """A mask of `like`'s shape: 0 where dropped, otherwise 1; the share of ones is 1 / gain."""
    words = torch.empty(math.ceil(like.numel() / 8), dtype=torch.int64)
    octets = words.random_(-(2**63), None).view(torch.uint8)  # all 64 bits are random
    mask = torch.empty_like(like) if out is None else out
    mask.copy_(octets[: like.numel()].view(like.shape))
    return mask.ge_(256 - round(256 / gain))


class Workspace:
    """Memory for what an activation needs on its way: the same for all layers of a net."""

    def __init__(self) -> None:
        self._tensors: dict[torch.Size, Work] = {}

    def like(self, x: Tensor) -> Work:
        """Two tensors of x's shape, of any content."""
        if x.shape not in self._tensors:
            self._tensors[x.shape] = (torch.empty_like(x), torch.empty_like(x))
        return self._tensors[x.shape]


class Bend(nn.Module):
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
        if self.training and x.device.type == "cpu" and x.dtype == torch.float32:
            work = self.workspace.like(x)
            out: Tensor = _Bent.apply(x, self.bend, gain, self.kind, work)  # type: ignore[no-untyped-call]
            return out
        plain = F.mish(x) if self.kind == "mish" else F.selu(x)
        bent = torch.lerp(x, plain, self.bend)
        return bent if gain == 1.0 else F.dropout(bent, 1.0 - 1.0 / gain) / gain


class _Bent(torch.autograd.Function):
    """What Bend computes in training; its derivatives are saved instead of its input.

    Dropping happens before the activation, which is 0 at 0.
    """

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, bend: Tensor, gain: float, kind: Activation, work: Work
    ) -> Tensor:
        mask = None if gain == 1.0 else kept(x, gain, out=work[0])
        if mask is not None:
            x.mul_(mask)
        more, slope = _EXTRA[kind](x, work[1])
        x.addcmul_(more, bend)
        if mask is None:
            slope.mul_(bend).add_(1.0)
        else:
            torch.addcmul(mask, slope.mul_(mask), bend, out=slope)
        ctx.mark_dirty(x)
        ctx.save_for_backward(slope, more)
        return x

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, Tensor, None, None, None]:
        slope, more = ctx.saved_tensors  # overwritten: there is one way back only
        bends = torch.mul(grads[0], more, out=more).sum(dim=0)
        return torch.mul(grads[0], slope, out=slope), bends, None, None, None


def _mish_extra(x: Tensor, work: Tensor) -> tuple[Tensor, Tensor]:
    """mish(x) - x and its derivative (Mish: Misra 2019), from one sigmoid.

    With p = sigmoid(x), q = 1 - p and r = q^2 / (1 + q^2): tanh(softplus(x)) = 1 - 2r, and r's
    derivative is -2 p (r - r^2). `work` comes to hold -2r.
    """
    slope = torch.sigmoid(x)
    torch.sub(1.0, slope, out=work).square_()
    more = work + 1.0
    work.div_(more).mul_(-2.0)
    torch.mul(x, work, out=more)
    slope.mul_(work).addcmul_(slope, work, value=0.5).mul_(x)
    return more, torch.add(work, slope, alpha=-2.0, out=slope)


def _selu_extra(x: Tensor, work: Tensor) -> tuple[Tensor, Tensor]:
    """selu(x) - x and its derivative."""
    slope = torch.clamp(x, max=0.0).exp_().mul_(_LIMIT)
    more = slope - _LIMIT
    more.add_(torch.clamp(x, min=0.0, out=work), alpha=_SLOPE).sub_(x)
    torch.sign(x, out=work).clamp_(min=0.0)
    return more, slope.add_(work, alpha=_SLOPE - _LIMIT).sub_(1.0)


_EXTRA: dict[Activation, Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]] = {
    "mish": _mish_extra,
    "selu": _selu_extra,
}
