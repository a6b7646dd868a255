"""Hand-made derivatives against finite differences, and against standard operations."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from automl_core.models.nets.autograd_functions import (
    Activation,
    Work,
    column_map,
    dropout_mask,
    member_relu_dropout,
    parametric_activation,
    periodic_embedding,
    random_words,
    relu_dropout,
)

GAINS = pytest.mark.parametrize("gain", [1.0, 256 / 192])
SHAPE = (5, 4)


def numbers(*shape: int) -> Tensor:
    return torch.randn(shape, dtype=torch.float64, requires_grad=True)


def work(*shape: int) -> Work:
    one, other = (torch.empty(shape, dtype=torch.float64) for _ in range(2))
    return one, other, random_words(one.numel())


def derivatives_are_right(function: Callable[..., Tensor], *inputs: Tensor) -> bool:
    """gradcheck of a function that overwrites inputs and saved tensors, and draws masks.

    gradcheck differentiates one result several times; here each time stands on a forward pass of
    its own, on copies, with the same masks.
    """

    class Repeated(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, *inputs: Tensor) -> Tensor:
            ctx.save_for_backward(*inputs)
            torch.manual_seed(3)
            return function(*(x.clone() for x in inputs)).clone()

        @staticmethod
        def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, ...]:
            leaves = [x.detach().requires_grad_() for x in ctx.saved_tensors]
            torch.manual_seed(3)
            with torch.enable_grad():
                out = function(*(x.clone() for x in leaves))
            return torch.autograd.grad(out, leaves, grads[0])

    return torch.autograd.gradcheck(Repeated.apply, inputs)


@GAINS
def test_relu_dropout(gain: float) -> None:
    torch.manual_seed(0)
    x = numbers(*SHAPE)
    assert derivatives_are_right(lambda x: relu_dropout(x, gain, work(*SHAPE)), x)
    torch.manual_seed(3)
    out = relu_dropout(x.clone(), gain, work(*SHAPE))
    torch.manual_seed(3)
    mask = torch.ones(SHAPE) if gain == 1.0 else dropout_mask(x, gain)
    assert torch.equal(out, x.relu() * mask)


@GAINS
@pytest.mark.parametrize("kind", ["mish", "selu"])
def test_parametric_activation(kind: Activation, gain: float) -> None:
    torch.manual_seed(0)
    x, bend = numbers(*SHAPE), numbers(SHAPE[1])

    def function(x: Tensor, bend: Tensor) -> Tensor:
        return parametric_activation(x, bend, gain, kind, work(*SHAPE))

    assert derivatives_are_right(function, x, bend)
    torch.manual_seed(3)
    out = function(x.clone(), bend)
    torch.manual_seed(3)
    mask = torch.ones(SHAPE) if gain == 1.0 else dropout_mask(x, gain)
    expected = torch.lerp(x, F.mish(x) if kind == "mish" else F.selu(x), bend) * mask
    torch.testing.assert_close(out, expected, rtol=1e-6, atol=1e-7)


def test_periodic_embedding() -> None:
    torch.manual_seed(0)
    columns, frequencies, length, rows = 3, 4, 2, 5
    turns = torch.randn(columns, 1, rows, dtype=torch.float64)
    parts = (
        numbers(columns, frequencies), numbers(columns, frequencies),
        numbers(columns, frequencies, length), numbers(columns, length),
    )  # fmt: skip

    def function(*parts: Tensor) -> Tensor:
        return periodic_embedding(turns, *parts, work(columns, frequencies, rows))  # type: ignore[call-arg]

    assert derivatives_are_right(function, *parts)
    frequency, phase, weight, bias = parts
    angles = turns * frequency[:, :, None] + phase[:, :, None]
    torch.testing.assert_close(function(*parts), column_map(angles.cos(), weight, bias))


def test_member_relu_dropout() -> None:
    torch.manual_seed(0)
    mask = 2.0 * torch.tensor([[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]], dtype=torch.float64)
    assert derivatives_are_right(lambda x: member_relu_dropout(x, mask, 2.0), numbers(6, 3))


@pytest.mark.parametrize("type_", [torch.float32, torch.bfloat16])
def test_member_relu_dropout_is_the_formula_in_short_numbers(type_: torch.dtype) -> None:
    torch.manual_seed(0)
    gain, members = 256 / 230, 3
    x, down = torch.randn(members * 50, 8).to(type_), torch.randn(members * 50, 8).to(type_)
    mask = dropout_mask(x[:50], gain).mul_(gain)
    ours, theirs = x.clone().requires_grad_(), x.clone().requires_grad_()
    out = member_relu_dropout(ours * 1.0, mask, gain)
    expected = (theirs.relu().view(members, 50, 8) * mask).flatten(0, 1)
    assert torch.equal(out, expected)
    out.backward(down)
    expected.backward(down)
    assert ours.grad is not None and theirs.grad is not None
    rounding = torch.finfo(type_).eps
    torch.testing.assert_close(ours.grad, theirs.grad, rtol=2 * rounding, atol=0.0)


def test_constants_hold_numbers_wherever_the_module_is_first_imported() -> None:
    spec = importlib.util.find_spec("automl_core.models.nets.autograd_functions")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with torch.device("meta"):  # as when a stored network is the first that a worker has
        spec.loader.exec_module(module)
    assert [t.item() for t in (module._ONE, module._TWO)] == [1.0, 2.0]
    assert module._AT_LIMIT.device.type == "cpu"
