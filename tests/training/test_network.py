"""The contract of networks: defaults of the hooks, and fast layers that vmap can stack."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from automl_core.training.network import FastLayer, Network, vmap_safe


class Doubled(FastLayer):
    """Twice its input; the fast way overwrites it."""

    def forward(self, x: Tensor) -> Tensor:
        return x.mul_(2.0) if self.by_hand(x) else 2.0 * x


class Net(Network):
    """A network without hooks of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(3, 2), Doubled())

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.layers(x)
        return out


def test_by_default_matrices_decay_and_every_parameter_is_in_one_group() -> None:
    net = Net()
    decaying, others = net.parameter_groups()
    assert [p.ndim for p in decaying.params] == [2] and decaying.decay
    assert [p.ndim for p in others.params] == [1] and not others.decay


def test_by_default_hooks_change_nothing() -> None:
    net, x = Net().eval(), torch.ones(4, 3)
    before = net(x)
    net.fit_to(x)
    net.set_progress(0.5)
    assert torch.equal(net(x), before)


@pytest.mark.parametrize("type_", [torch.float32, torch.float64])
def test_the_fast_way_is_for_training_in_float32(type_: torch.dtype) -> None:
    layer, x = Doubled(), torch.ones(2, dtype=type_)
    layer(x)
    assert x.tolist() == ([2.0, 2.0] if type_ == torch.float32 else [1.0, 1.0])
    x = torch.ones(2, dtype=type_)
    layer.eval()(x)
    assert x.tolist() == [1.0, 1.0]


def test_inside_vmap_safe_nothing_is_overwritten_and_vmap_runs() -> None:
    net, x = Net(), torch.ones(2)
    layer = net.layers[1]
    with vmap_safe(net):
        assert torch.equal(torch.func.vmap(layer)(x), 2.0 * torch.ones(2))
        assert x.tolist() == [1.0, 1.0]
    assert layer(x).tolist() == [2.0, 2.0]
    with pytest.raises(RuntimeError), vmap_safe(net):
        raise RuntimeError
    assert layer.by_hand(x)
