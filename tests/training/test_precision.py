"""Mixed precision: weights stay float32, and a loss that is scaled up trains all the same."""

from __future__ import annotations

import pytest
import torch

from automl_core.models import catalog
from automl_core.models.base import ModelSpec
from automl_core.models.network import prepare
from automl_core.training.loop import Loop, TrainingRows
from automl_core.training.loop_state import LoopState
from automl_core.training.losses import values
from automl_core.training.network import vmap_safe
from automl_core.training.precision import MixedPrecision
from tests.models.tables import Surroundings, table
from tests.training.test_batched import SETTINGS, Net

CPU = torch.device("cpu")
NETWORKS = [model_spec for model_spec in catalog.CATALOG if model_spec.kind == "network"]


def loop(short: torch.dtype | None) -> Loop:
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(100, 3, generator=generator)
    weight = torch.rand(len(x), generator=generator) + 0.5
    made = Loop(Net(0), TrainingRows("regression", x, x[:, 0] - x[:, 1], weight), SETTINGS)
    made.mixed = MixedPrecision(CPU, short)
    return made


def train(made: Loop, steps: int) -> None:
    made.net.train()
    for _ in range(steps):
        made.step()


def error(made: Loop) -> float:
    with torch.inference_mode():
        return float(((values(made.net.eval()(made.rows.x)) - made.rows.y) ** 2).mean())


@pytest.mark.parametrize("short", [torch.bfloat16, torch.float16])
def test_it_learns_in_16_bits_and_keeps_32(short: torch.dtype) -> None:
    mixed, plain = loop(short), loop(None)
    before = error(mixed)
    train(mixed, 40)
    train(plain, 40)
    assert all(p.dtype == torch.float32 for p in mixed.net.parameters())
    assert error(mixed) < 0.5 * before
    assert error(mixed) == pytest.approx(error(plain), rel=0.3)


def test_on_a_processor_there_is_none_of_it() -> None:
    mixed = MixedPrecision(CPU)
    assert mixed.short is None
    x = torch.ones(2, 2)
    with mixed.products():
        assert (x @ x).dtype == torch.float32


@pytest.mark.parametrize("short", [None, torch.float16])
def test_an_interrupted_one_goes_on_the_same(short: torch.dtype | None) -> None:
    whole, first, second = loop(short), loop(short), loop(short)
    train(whole, 20)
    train(first, 9)
    second.restore(LoopState.from_bytes(first.state().to_bytes()))
    train(second, 11)
    for name, tensor in whole.net.state_dict().items():
        assert torch.equal(tensor, second.net.state_dict()[name]), name


def test_a_step_that_overflows_is_left_out() -> None:
    mixed, weight = MixedPrecision(CPU, torch.float16), torch.nn.Parameter(torch.ones(1))
    optimizer = torch.optim.SGD([weight], lr=0.1)
    for size, expected in ((1.0, 0.9), (1e36, 0.9), (1.0, 0.8)):
        optimizer.zero_grad()
        mixed.backward((weight * size).sum())
        mixed.step(optimizer)
        assert weight.item() == pytest.approx(expected)
    assert mixed.state()[0] < MixedPrecision(CPU, torch.float16).state()[0]


@pytest.mark.parametrize("model_spec", NETWORKS, ids=lambda model_spec: model_spec.name)
def test_every_network_learns_in_mixed_precision(model_spec: ModelSpec) -> None:
    small = {"epochs": 20, "batch": 50, "width": 32}
    config = model_spec.defaults | {k: v for k, v in small.items() if k in model_spec.defaults}
    made, _ = prepare(
        model_spec, table("regression", model_spec.encoding), config, Surroundings().control()
    )
    made.mixed = MixedPrecision(CPU, torch.bfloat16)
    with vmap_safe(made.net):  # standard operations, as on a GPU
        before = error(made)
        train(made, 60)
        assert error(made) < 0.8 * before
