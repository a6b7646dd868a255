"""The weights of several networks of one shape, stacked by name.

Knows networks and gradients, nothing of rows or schedules.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain

import torch
from torch import Tensor, nn
from torch.func import stack_module_state

from automl_core.training.network import Network

Weights = dict[str, Tensor]


@dataclass(frozen=True)
class StackedGroup:
    """Parameters that are trained alike, by name; how fast, each network says for itself."""

    names: tuple[str, ...]
    decay: bool


class Stack:
    """Parameters and buffers of `nets`, each with a new first dimension: the network's place."""

    def __init__(self, nets: list[Network]) -> None:
        """Raises RuntimeError where the nets are not of one shape."""
        self.groups = _groups(nets[0])
        self.factors = [_rate_factors(net) for net in nets]  # by place, then by group
        self._shapes = _shapes(nets[0])
        for net in nets:
            self._refuse_other_shape(net)
        weights, self.fixed = stack_module_state(list(nets))
        self.weights = {name: nn.Parameter(weight.detach()) for name, weight in weights.items()}
        self._numbers: dict[str, list[float]] = {}  # as they were set last
        self._lasting = [name for name in nets[0].state_dict() if name in self.all()]

    def __len__(self) -> int:
        return len(self.factors)

    def _refuse_other_shape(self, net: Network) -> None:
        if _shapes(net) != self._shapes or _groups(net) != self.groups:
            raise RuntimeError("the networks are not of one shape")

    def all(self) -> Weights:
        """Everything by name, stacked."""
        return {**self.weights, **self.fixed}

    def of(self, place: int) -> Weights:
        """Everything of one network by name: views."""
        return {name: tensor[place] for name, tensor in self.all().items()}

    def copy(self, place: int) -> Weights:
        """What one network's `state_dict` would be now."""
        everything = self.all()
        return {name: everything[name][place].detach().clone() for name in self._lasting}

    @torch.no_grad()
    def put(self, place: int, weights: Weights) -> None:
        """Give one network what `copy` returned; KeyError or RuntimeError where it is another's."""
        everything = self.all()
        for name in self._lasting:
            copy_equal(weights[name], everything[name][place])

    @torch.no_grad()
    def put_net(self, place: int, net: Network) -> None:
        """Put another network into a place; RuntimeError where it is of another shape."""
        self._refuse_other_shape(net)
        everything = self.all()
        for name, tensor in _tensors(net).items():
            copy_equal(tensor, everything[name][place])
        self.factors[place] = _rate_factors(net)
        self._numbers = {}

    @torch.no_grad()
    def keep(self, places: list[int]) -> None:
        """Leave out all networks but these, which move up in their order."""
        self.weights = {k: nn.Parameter(w.detach()[places]) for k, w in self.weights.items()}
        self.fixed = {name: tensor[places] for name, tensor in self.fixed.items()}
        self.factors = [self.factors[place] for place in places]
        self._numbers = {}

    @torch.no_grad()
    def set_numbers(self, numbers: dict[str, list[float]]) -> None:
        """Set buffers of one number a network: name to the numbers, by place."""
        for name, values in numbers.items():
            if self._numbers.get(name) != values:
                self.fixed[name].copy_(torch.tensor(values))
                self._numbers[name] = values

    def forget_gradients(self) -> None:
        """No parameter has a gradient any more."""
        for parameter in self.weights.values():
            parameter.grad = None

    @torch.no_grad()
    def clip_gradients(self, most: list[float]) -> None:
        """Shrink the gradient of each network to a norm of at most its number; 0: as it is."""
        if not any(most):
            return
        gradients = [p.grad for p in self.weights.values() if p.grad is not None]
        norms = torch.stack([torch.linalg.vector_norm(g.flatten(1), dim=1) for g in gradients])
        norm = torch.linalg.vector_norm(norms, dim=0)
        limits = torch.tensor([limit or torch.inf for limit in most], device=norm.device)
        share = (limits / (norm + 1e-6)).clamp(max=1.0)
        for gradient in gradients:
            gradient.mul_(along(share, gradient))


def along(values: Tensor, like: Tensor) -> Tensor:
    """(networks,) -> (networks, 1, ...) of as many dimensions as `like`."""
    return values.view(-1, *[1] * (like.ndim - 1))


def copy_equal(source: Tensor, target: Tensor) -> None:
    """Copy a tensor; RuntimeError where the other is not of its shape."""
    if source.shape != target.shape:
        raise RuntimeError(f"{tuple(source.shape)} is not {tuple(target.shape)}")
    target.copy_(source)


def _tensors(net: Network) -> Weights:
    return dict(chain(net.named_parameters(), net.named_buffers()))


def _shapes(net: Network) -> dict[str, torch.Size]:
    return {name: tensor.shape for name, tensor in _tensors(net).items()}


def _groups(net: Network) -> tuple[StackedGroup, ...]:
    names = {id(p): name for name, p in net.named_parameters()}
    return tuple(
        StackedGroup(tuple(names[id(p)] for p in group.params), group.decay)
        for group in net.parameter_groups()
        if group.params
    )


def _rate_factors(net: Network) -> tuple[float, ...]:
    return tuple(group.rate_factor for group in net.parameter_groups() if group.params)
