"""Schedules, groups of parameters, losses of several predictors, rounded products."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from automl_core.training import precision
from automl_core.training.losses import (
    Kind,
    outputs_of,
    probabilities,
    row_losses,
    values,
)
from automl_core.training.network import Network, ParameterGroup
from automl_core.training.optimizer import (
    clip_gradient,
    cycle,
    flat_cos,
    learning_rate,
    make_optimizer,
    set_rates,
)
from automl_core.training.schedule_length import batch_size, epoch_count


def test_four_cycles() -> None:
    for end in (0.0, 1 / 15, 3 / 15, 7 / 15, 1.0):
        assert learning_rate(1.0, end, "coslog4") == pytest.approx(0.0, abs=1e-9)
        assert cycle(end) == pytest.approx(round(cycle(end)), abs=1e-9)
    crest = (2**3.5 - 1) / 15
    assert learning_rate(0.3, crest, "coslog4") == pytest.approx(0.3)
    assert learning_rate(0.3, 1.7, "coslog4") == pytest.approx(0.0, abs=1e-9)
    assert learning_rate(0.3, 0.6, "constant") == 0.3


def test_flat_then_a_cosine() -> None:
    assert flat_cos(0.0) == flat_cos(0.3) == flat_cos(0.5) == 1.0
    assert flat_cos(0.75) == pytest.approx(0.5)
    assert flat_cos(1.0) == pytest.approx(0.0) == flat_cos(3.0)


class Grouped(Network):
    """A net with a group of its own rate."""

    def __init__(self) -> None:
        super().__init__()
        self.quick, self.slow = nn.Parameter(torch.ones(3)), nn.Parameter(torch.ones(2, 2))

    def parameter_groups(self) -> list[ParameterGroup]:
        return [
            ParameterGroup([self.quick], rate_factor=10.0, decay=False),
            ParameterGroup([self.slow]),
            ParameterGroup([]),
        ]


def test_groups_have_their_own_rates() -> None:
    net = Grouped()
    optimizer = make_optimizer(net.parameter_groups(), beta2=0.9)
    set_rates(optimizer, 0.01, 0.5)
    (net.quick.sum() + net.slow.sum()).backward()
    optimizer.step()
    assert torch.allclose(net.quick, torch.tensor(0.9), atol=1e-4)
    assert torch.allclose(net.slow, torch.tensor(1 - 0.01 - 0.005), atol=1e-4)


def test_steps_are_those_of_torch_also_without_some_gradients_and_after_a_restore() -> None:
    ours, theirs = Grouped(), Grouped()
    optimizer = make_optimizer(ours.parameter_groups(), beta2=0.9)
    groups = [{"params": group["params"]} for group in optimizer.param_groups]
    for group, params in zip(groups, ([theirs.quick], [theirs.slow]), strict=True):
        group["params"] = params
    expected = torch.optim.AdamW(groups, betas=(0.9, 0.9), fused=True)
    for step in range(8):
        for group, other in zip(optimizer.param_groups, expected.param_groups, strict=True):
            group["lr"] = other["lr"] = 0.1 / (1 + step)
            group["weight_decay"] = other["weight_decay"] = 0.3
        for net, chosen in ((ours, optimizer), (theirs, expected)):
            chosen.zero_grad(set_to_none=True)
            loss = (net.quick**3).sum()
            (loss if step % 3 == 2 else loss + (net.slow**2).sum()).backward()
            chosen.step()
        if step == 4:
            optimizer.load_state_dict(optimizer.state_dict())
        assert torch.equal(ours.quick, theirs.quick) and torch.equal(ours.slow, theirs.slow)


@pytest.mark.parametrize("most", [1e-3, 1e3])
def test_gradients_are_clipped(most: float) -> None:
    parameters = [nn.Parameter(torch.ones(4)), nn.Parameter(torch.ones(2, 2))]
    (3.0 * (parameters[0].sum() + parameters[1].sum())).backward()
    clip_gradient(parameters, most)
    norm = torch.cat([p.grad.flatten() for p in parameters if p.grad is not None]).norm()
    assert float(norm) == pytest.approx(min(most, 3.0 * 8**0.5), rel=1e-3)


def test_several_predictors_have_a_loss_each() -> None:
    torch.manual_seed(0)
    wide, y = torch.randn(6, 4, 3), torch.arange(6) % 3
    expected = torch.stack([row_losses("multiclass", wide[:, k], y) for k in range(4)]).mean(0)
    assert torch.allclose(row_losses("multiclass", wide, y), expected)
    shares = torch.stack([torch.softmax(wide[:, k], 1) for k in range(4)]).mean(0)
    assert torch.allclose(probabilities("multiclass", wide), shares)
    one = wide[:, :, :1]
    for task in ("binary", "regression"):
        target = (y > 0).float()
        expected = torch.stack([row_losses(task, one[:, k], target) for k in range(4)]).mean(0)
        assert torch.allclose(row_losses(task, one, target), expected)
    assert torch.allclose(values(one), one[:, :, 0].mean(dim=1))
    assert probabilities("binary", one).shape == (6, 2)


def test_smoothed_labels() -> None:
    output = torch.tensor([[2.0], [-1.0]])
    y, wide = torch.tensor([1.0, 0.0]), torch.cat([torch.zeros(2, 1), output], dim=1)
    expected = row_losses("multiclass", wide, y.long(), smoothing=0.1)
    assert torch.allclose(row_losses("binary", output, y, smoothing=0.1), expected)


def test_a_recipe_may_want_more_steps_and_larger_batches() -> None:
    assert batch_size(0, 1_000) < batch_size(0, 1_000, smallest=256) == 256
    assert batch_size(0, 100, smallest=256) == 100 and batch_size(8, 100, smallest=256) == 8
    assert epoch_count(0, 1_000, 100, steps=500) == 50
    assert epoch_count(0, 1_000, 100, steps=50_000, most=300) == 300


def test_rounding_is_switched_back() -> None:
    product = torch.backends.mkldnn.matmul  # type: ignore[attr-defined]
    before = product.fp32_precision
    with pytest.raises(RuntimeError), precision.bf16_matmul(True):
        assert product.fp32_precision == "bf16"
        raise RuntimeError
    assert product.fp32_precision == before
    with precision.bf16_matmul(False):
        assert product.fp32_precision == before


def test_small_products_are_not_rounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"amx_bf16": True})
    small, large = nn.Linear(8, 8), nn.Linear(512, 512)
    both = nn.Sequential(large, nn.Embedding(100_000, 8))
    cpu = torch.device("cpu")
    assert not precision.worth_rounding(small, 256, cpu)
    assert precision.worth_rounding(both, 256, cpu)
    assert not precision.worth_rounding(large, 256, torch.device("mps"))
    monkeypatch.setattr(torch.cpu, "get_capabilities", dict)
    assert not precision.worth_rounding(large, 256, cpu)


def _loss(net: nn.Linear, noisy: bool) -> Callable[[], Tensor]:
    x, calls = torch.ones(4, 2), iter(range(10))
    return lambda: net(x).sum() * (1.0 + 0.5 * next(calls) if noisy else 1.0)


def test_a_gradient_that_changes_decides_against_it() -> None:
    net = nn.Linear(2, 1)
    assert precision.gradient_survives(net.parameters(), _loss(net, noisy=False))
    assert not precision.gradient_survives(net.parameters(), _loss(net, noisy=True))
    assert all(p.grad is None for p in net.parameters())


@pytest.mark.parametrize("task", ["binary", "multiclass"])
def test_probabilities_as_targets_are_the_average_over_labels(task: Kind) -> None:
    torch.manual_seed(0)
    outputs = torch.randn(6, 4, outputs_of(task, 3))
    shares = torch.softmax(torch.randn(6, 2 if task == "binary" else 3), dim=1)
    for output in (outputs, outputs[:, 0]):
        each = [
            share * row_losses(task, output, torch.full((6,), float(k) if task == "binary" else k))
            for k, share in enumerate(shares.T)
        ]
        soft = row_losses(task, output, shares[:, 1] if task == "binary" else shares)
        assert torch.allclose(soft, torch.stack(each).sum(0), atol=1e-6)
