"""The contract between a network and its training: three hooks with defaults, and fast layers.

A network is a torch module. The loops call its `forward` and the hooks of `Network`, nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True, eq=False)
class ParameterGroup:
    """Parameters of a network that are trained alike."""

    params: list[nn.Parameter]
    rate_factor: float = 1.0  # of the learning rate
    decay: bool = True  # whether weight decay applies


class Network(nn.Module):
    """Base class of networks; the hooks' defaults suit a network without wishes of its own.

    `forward` is the only method that is run under `torch.func.vmap`, where several networks of one
    shape are trained at once (training/batched.py): parameters and buffers are arguments then,
    and what vmap cannot stack belongs into a `FastLayer`. The hooks are called outside of it.
    Where networks are stacked, each is asked for its `parameter_groups`, whose rate factors alone
    may differ, and told its own progress. What it changes then and `forward` needs is a number of
    a `FastLayer` (`own_numbers`): other attributes are those of the first network for all.

    **Shape**

    - Input: `(n, d)` float32 in training, float64 in prediction: the encoded matrix, in units of
      the encoding (numbers about centred and scaled, codes whole numbers from 0)
    - Output: `(n, outputs)`, or `(n, k, outputs)` of k predictors, each trained with a loss of its
      own: logits of the classes (binary: of class 1 alone), or the target in units of its
      standard deviation over the training rows, from their mean
    """

    def fit_to(self, x: Tensor) -> None:
        """Prepare for the training matrix x (n, d); called once, on the CPU, without gradients.

        It may set the values of parameters and buffers, but not make new ones: a stored model is
        built again without it. By default nothing is done.
        """

    def set_progress(self, progress: float) -> None:
        """Take note of the share of the training that is done, 0 to 1; called before each step.

        By default nothing is done.
        """

    def parameter_groups(self) -> list[ParameterGroup]:
        """All parameters, each in one group; called once, before the first step.

        By default matrices decay, and vectors (biases, norms) do not.
        """
        parameters = list(self.parameters())
        return [
            ParameterGroup([p for p in parameters if p.ndim >= 2]),
            ParameterGroup([p for p in parameters if p.ndim < 2], decay=False),
        ]


class FastLayer(nn.Module):
    """Base class of layers that have a faster way to compute, which vmap cannot stack.

    Such a way overwrites tensors or has hand-made derivatives. A layer takes it unless
    `vmap_safe` is set, and is made of standard operations otherwise.
    """

    vmap_safe = False

    def own_numbers(self) -> dict[str, float]:
        """Numbers that each of several stacked networks has of its own, by name.

        Each name is that of a buffer of one number, which `forward` uses where `vmap_safe` is
        set. They are asked for after each `set_progress`; by default there are none.
        """
        return {}

    def by_hand(self, x: Tensor) -> bool:
        """True where the layer may overwrite x and compute derivatives by hand.

        That is in training, in float32, on a processor.
        """
        on = self.training and not self.vmap_safe
        return on and x.device.type == "cpu" and x.dtype == torch.float32


@contextmanager
def vmap_safe(net: nn.Module) -> Iterator[None]:
    """Let all layers of `net` use standard operations only while inside."""
    layers = [module for module in net.modules() if isinstance(module, FastLayer)]
    for layer in layers:
        layer.vmap_safe = True
    try:
        yield
    finally:
        for layer in layers:
            layer.vmap_safe = False
