"""AdamW of stacked networks: each with its own rates, decay and count of steps."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor
from torch.optim.adamw import adamw

from automl_core.training.stacked_weights import Stack, Weights, along, copy_equal

BETA1, EPS = 0.9, 1e-8  # as in optimizer.py


class _Slices(NamedTuple):
    """One network's part of a group: views of the stacks, one of each a parameter."""

    params: list[Tensor]
    averages: list[Tensor]  # of gradients
    squares: list[Tensor]  # averages of squared gradients
    steps: list[Tensor]  # steps taken, a scalar each


class StackedAdamW:
    """AdamW (Loshchilov & Hutter 2019) of the parameters of a Stack.

    On a processor each network's part is updated by torch's own function in one pass over memory,
    exactly as it would be alone. Elsewhere starting a computation costs more than its passes: all
    networks are updated at once, by numbers of their own.
    """

    def __init__(self, stack: Stack, beta2: float) -> None:
        self._stack, self._beta2 = stack, beta2
        self._averages = {name: torch.zeros_like(p) for name, p in stack.weights.items()}
        self._squares = {name: torch.zeros_like(p) for name, p in stack.weights.items()}
        # in the order in which an optimiser of one network numbers its parameters
        self._names = [name for group in stack.groups for name in group.names]
        self._steps = torch.zeros(len(self._names), len(stack))  # (parameters, networks)
        self._slices: list[list[_Slices]] = []  # by group and place; empty: to be listed
        self._by_network = next(iter(stack.weights.values())).device.type == "cpu"

    @torch.no_grad()
    def step(self, rates: list[float], decays: list[float]) -> None:
        """Update all parameters that have a gradient; learning rate and decay are by place."""
        if self._by_network:
            self._update_each(rates, decays)
        else:
            self._update_all(rates, decays)

    def _update_each(self, rates: list[float], decays: list[float]) -> None:
        stack = self._stack
        self._slices = self._slices or self._list_slices()
        for number, group in enumerate(stack.groups):
            grads = [stack.weights[name].grad for name in group.names]
            moved = [i for i, grad in enumerate(grads) if grad is not None]
            parts = [grad.unbind() for grad in grads if grad is not None]
            for place, slices in enumerate(self._slices[number]):
                params, averages, squares, steps = ([part[i] for i in moved] for part in slices)
                adamw(
                    params,
                    [part[place] for part in parts],
                    averages,
                    squares,
                    [],
                    steps,
                    fused=True,
                    amsgrad=False,
                    beta1=BETA1,
                    beta2=self._beta2,
                    lr=rates[place] * stack.factors[place][number],
                    weight_decay=decays[place] * group.decay,
                    eps=EPS,
                    maximize=False,
                )

    def _list_slices(self) -> list[list[_Slices]]:
        stack, numbers = self._stack, {name: i for i, name in enumerate(self._names)}

        def slices(names: tuple[str, ...], place: int) -> _Slices:
            return _Slices(
                [stack.weights[name].detach()[place] for name in names],
                [self._averages[name][place] for name in names],
                [self._squares[name][place] for name in names],
                [self._steps[numbers[name], place] for name in names],
            )

        places = range(len(stack))
        return [[slices(group.names, place) for place in places] for group in stack.groups]

    def _update_all(self, rates: list[float], decays: list[float]) -> None:
        """The formula for all networks at once (Kingma & Ba 2015, section 3, with decay apart)."""
        stack, beta2 = self._stack, self._beta2
        self._steps += 1
        counts = self._steps[0].tolist()
        for number, group in enumerate(stack.groups):
            names = [name for name in group.names if stack.weights[name].grad is not None]
            if not names:
                continue
            own = [rate * f[number] for rate, f in zip(rates, stack.factors, strict=True)]
            numbers = torch.tensor(
                [
                    [rate / (1 - BETA1**n) for rate, n in zip(own, counts, strict=True)],
                    [1 / math.sqrt(1 - beta2**n) for n in counts],
                    [1 - rate * decay for rate, decay in zip(own, decays, strict=True)],
                ],
                dtype=stack.weights[names[0]].dtype,
            )
            size, spread, left = numbers.to(stack.weights[names[0]].device)
            for name in names:
                parameter, average = stack.weights[name], self._averages[name]
                gradient, square = parameter.grad, self._squares[name]
                assert gradient is not None
                average.lerp_(gradient, 1 - BETA1)
                square.mul_(beta2).addcmul_(gradient, gradient, value=1 - beta2)
                if group.decay:
                    parameter.mul_(along(left, parameter))
                root = square.sqrt().mul_(along(spread, square)).add_(EPS)
                parameter.addcdiv_(average * along(size, average), root, value=-1.0)

    def forget(self, place: int) -> None:
        """Begin anew for the network in this place."""
        for tensor in (*self._averages.values(), *self._squares.values()):
            tensor[place] = 0.0
        self._steps[:, place] = 0.0

    def keep(self, places: list[int]) -> None:
        """Leave out all networks but these, as the Stack has done."""
        self._averages = {name: tensor[places] for name, tensor in self._averages.items()}
        self._squares = {name: tensor[places] for name, tensor in self._squares.items()}
        self._steps = self._steps[:, places].contiguous()
        self._slices = []

    def tensors(self, place: int) -> Weights:
        """What the optimiser of one network remembers, by the names of `optimizer_tensors`."""
        found = {}
        for i, name in enumerate(self._names):
            found[f"optimizer.{i}.step"] = self._steps[i, place]
            found[f"optimizer.{i}.exp_avg"] = self._averages[name][place]
            found[f"optimizer.{i}.exp_avg_sq"] = self._squares[name][place]
        return found

    def restore(self, place: int, tensors: Weights) -> None:
        """Take what `tensors` returned; a parameter that was never moved has none."""
        self.forget(place)
        for i, name in enumerate(self._names):
            if f"optimizer.{i}.step" not in tensors:
                continue
            self._steps[i, place] = float(tensors[f"optimizer.{i}.step"])
            for key, stored in (("exp_avg", self._averages), ("exp_avg_sq", self._squares)):
                copy_equal(tensors[f"optimizer.{i}.{key}"], stored[name][place])
