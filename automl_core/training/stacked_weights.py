"""The weights of several networks of one shape, stacked by name.

Knows networks and gradients, nothing of rows or schedules.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.func import stack_module_state

from automl_core.training.network import Network, ParameterGroup

Weights = dict[str, Tensor]


class Stack:
    """Parameters and buffers of `nets`, each with a new first dimension: the number of the network.

    An optimiser that works element by element trains a stacked parameter like any other.
    """

    def __init__(self, nets: list[Network]) -> None:
        """Raises RuntimeError where the nets are not of one shape."""
        weights, self.fixed = stack_module_state(list(nets))
        self.weights = [nn.Parameter(weight.detach()) for weight in weights.values()]
        self.names = list(weights)
        names = {id(p): name for name, p in nets[0].named_parameters()}
        by_name = dict(zip(self.names, self.weights, strict=True))
        self._groups = [
            ParameterGroup([by_name[names[id(p)]] for p in g.params], g.rate_factor, g.decay)
            for g in nets[0].parameter_groups()
        ]

    def parameter_groups(self) -> list[ParameterGroup]:
        """The groups of the first network, of stacked parameters."""
        return self._groups

    def all(self) -> Weights:
        """Everything by name, stacked."""
        return dict(zip(self.names, self.weights, strict=True)) | self.fixed

    def of(self, number: int) -> Weights:
        """Everything of one network by name: views."""
        return {name: tensor[number] for name, tensor in self.all().items()}

    def copy(self, number: int) -> Weights:
        """The parameters of one network by name, as they are now."""
        return {
            name: tensor[number].detach().clone()
            for name, tensor in zip(self.names, self.weights, strict=True)
        }

    def values_now(self) -> list[Tensor]:
        """A copy of all parameters."""
        return [p.detach().clone() for p in self.weights]

    @torch.no_grad()
    def put(self, number: int, weights: Weights) -> None:
        """Give one network other parameters."""
        for name, tensor in zip(self.names, self.weights, strict=True):
            tensor[number] = weights[name]

    @torch.no_grad()
    def put_all(self, weights: Weights) -> None:
        """Give all networks other parameters and buffers: everything by name, stacked.

        Raises KeyError for a name that is missing, RuntimeError for another shape.
        """
        for name, tensor in self.all().items():
            tensor.copy_(weights[name])

    @torch.no_grad()
    def shrink_step(self, before: list[Tensor], factors: Tensor) -> None:
        """Multiply the last step of each network by its factor; `factors` is (networks,)."""
        for now, old in zip(self.weights, before, strict=True):
            # where a factor is 1, `now` is taken as it is: another network's NaN stays away
            share = _along(factors, now)
            now.copy_(torch.where(share == 1.0, now, old + share * (now - old)))

    @torch.no_grad()
    def clip_gradients(self, most: float) -> None:
        """Shrink the gradient of each network to a norm of at most `most`."""
        gradients = [p.grad for p in self.weights if p.grad is not None]
        norms = torch.stack([torch.linalg.vector_norm(g.flatten(1), dim=1) for g in gradients])
        share = (most / (torch.linalg.vector_norm(norms, dim=0) + 1e-6)).clamp(max=1.0)
        for gradient in gradients:
            gradient.mul_(_along(share, gradient))

    @torch.no_grad()
    def forget(self, number: int, optimizer: torch.optim.Optimizer) -> None:
        """Reset the optimiser's averages of one network's gradients."""
        for state in optimizer.state.values():
            for value in state.values():
                if isinstance(value, Tensor) and value.ndim:  # not the count of steps
                    value[number] = 0.0


def _along(values: Tensor, like: Tensor) -> Tensor:
    """(networks,) -> (networks, 1, ...) of as many dimensions as `like`."""
    return values.view(-1, *[1] * (like.ndim - 1))
