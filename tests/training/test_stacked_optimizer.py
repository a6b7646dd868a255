"""AdamW of stacked networks does to each what torch's AdamW does to it alone, in both its ways."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from automl_core.training.network import Network, ParameterGroup
from automl_core.training.optimizer import make_optimizer, set_rates
from automl_core.training.stacked_optimizer import StackedAdamW
from automl_core.training.stacked_weights import Stack

RATES, DECAYS, BETA2 = [0.1, 0.01, 0.5], [0.0, 0.3, 0.1], 0.95


class Net(Network):
    """A layer, whose bias has a rate of its own, and one that is not used."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        torch.manual_seed(seed)
        self.layer, self.unused = nn.Linear(4, 3), nn.Linear(2, 2)
        self.seed = seed

    def parameter_groups(self) -> list[ParameterGroup]:
        return [
            ParameterGroup([self.layer.weight, *self.unused.parameters()]),
            ParameterGroup([self.layer.bias], 2.0 + self.seed, decay=False),
        ]


def gradient(step: int, net: Net) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(100 * step + net.seed)
    return [torch.randn(p.shape, generator=generator).double() for p in net.layer.parameters()]


def stacked_step(optimizer: StackedAdamW, stack: Stack, nets: list[Net], step: int) -> None:
    for i, name in enumerate(("layer.weight", "layer.bias")):
        stack.weights[name].grad = torch.stack([gradient(step, net)[i] for net in nets])
    optimizer.step([RATES[net.seed] for net in nets], [DECAYS[net.seed] for net in nets])


def lone_step(optimizer: torch.optim.AdamW, net: Net, step: int) -> None:
    for parameter, grad in zip(net.layer.parameters(), gradient(step, net), strict=True):
        parameter.grad = grad
    set_rates(optimizer, RATES[net.seed], DECAYS[net.seed])
    optimizer.step()


@pytest.mark.parametrize("by_network", [True, False])
def test_each_moves_as_alone(by_network: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    nets, lone = [Net(s).double() for s in range(3)], [Net(s).double() for s in range(3)]
    stack = Stack(list(nets))
    optimizer = StackedAdamW(stack, BETA2)
    monkeypatch.setattr(optimizer, "_by_network", by_network)
    alone = [make_optimizer(net.parameter_groups(), BETA2) for net in lone]
    for step in range(3):
        stacked_step(optimizer, stack, nets, step)
        for net, own in zip(lone, alone, strict=True):
            lone_step(own, net, step)
    optimizer.forget(1)
    alone[1] = make_optimizer(lone[1].parameter_groups(), BETA2)
    stack.keep([1, 2])
    optimizer.keep([1, 2])
    kept = {name: tensor.clone() for name, tensor in optimizer.tensors(1).items()}
    optimizer.forget(1)
    optimizer.restore(1, kept)
    for step in range(3, 6):
        stacked_step(optimizer, stack, nets[1:], step)
        for net, own in zip(lone[1:], alone[1:], strict=True):
            lone_step(own, net, step)
    for place, net in enumerate(lone[1:]):
        for name, tensor in net.state_dict().items():
            torch.testing.assert_close(stack.of(place)[name], tensor, rtol=1e-10, atol=1e-12)


def test_a_network_of_another_shape_is_refused() -> None:
    stack = Stack([Net(0), Net(1)])
    other = Net(2)
    other.layer = nn.Linear(4, 1)
    with pytest.raises(RuntimeError, match="one shape"):
        stack.put_net(0, other)
    with pytest.raises(RuntimeError, match="is not"):
        StackedAdamW(stack, BETA2).restore(0, {
            "optimizer.0.step": torch.tensor(1.0), "optimizer.0.exp_avg": torch.zeros(3, 1),
            "optimizer.0.exp_avg_sq": torch.zeros(3, 1),
        })  # fmt: skip
