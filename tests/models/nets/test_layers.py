"""Layers that networks share do what their plain versions do."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.func import functional_call, vmap

from automl_core.features.feature_layout import Feature
from automl_core.models.nets.autograd_functions import Activation, Workspace, dropout_mask
from automl_core.models.nets.input_layer import BAG, Inputs, OneHot, Vectors
from automl_core.models.nets.layers import (
    Dropout,
    ParametricActivation,
)
from automl_core.models.nets.piecewise_embedding import BAG_TOKENS, Tokens
from automl_core.training.network import vmap_safe

NUMBERS = tuple(Feature(f"x{i}", "", "number") for i in range(3))


def test_dropout_keeps_the_mean_and_fades() -> None:
    torch.manual_seed(0)
    layer, x = Dropout(0.25, fades=True), torch.ones(400, 100)
    out = layer(x)
    assert out.unique().tolist() == pytest.approx([0.0, 256 / 192])
    assert float(out.mean()) == pytest.approx(1.0, abs=0.01)
    layer.set_progress(0.75)
    assert float((layer(x) == 0).float().mean()) == pytest.approx(0.125, abs=0.01)
    layer.set_progress(1.0)
    assert layer(x) is x
    layer.set_progress(0.0)
    assert layer.eval()(x) is x


def test_of_stacked_networks_each_drops_its_own_share() -> None:
    torch.manual_seed(0)
    layer, x, shares = Dropout(0.25), torch.ones(3, 200, 50), torch.tensor([0.125, 0.25, 0.75])
    with vmap_safe(layer):
        assert layer.gain() == 1.0
        out = vmap(
            lambda share, rows: functional_call(layer, {"dropped": share}, (rows,)),
            randomness="different",
        )(shares, x)
    dropped = (out == 0).float().mean(dim=(1, 2))
    assert dropped.tolist() == pytest.approx(shares.tolist(), abs=0.02)
    assert out.mean(dim=(1, 2)).tolist() == pytest.approx([1.0] * 3, abs=0.05)
    assert not torch.equal(out[0] == 0, out[1] == 0)
    layer.set_progress(0.5)
    assert layer.own_numbers() == {"dropped": 0.25}


def test_masks_come_from_the_generator() -> None:
    torch.manual_seed(3)
    first = dropout_mask(torch.ones(7, 5), 2.0)
    assert not torch.equal(first, dropout_mask(torch.ones(7, 5), 2.0))
    torch.manual_seed(3)
    assert torch.equal(first, dropout_mask(torch.ones(7, 5), 2.0, out=torch.empty(7, 5)))


@pytest.mark.parametrize("kind", ["mish", "selu"])
@pytest.mark.parametrize("rate", [0.0, 0.25])
def test_bend_and_its_gradients(kind: Activation, rate: float) -> None:
    torch.manual_seed(0)
    layer = ParametricActivation(kind, 6, Dropout(rate), Workspace())
    nn.init.uniform_(layer.bend, 0.5, 1.5)
    x, down = 3.0 * torch.randn(50, 6), torch.randn(50, 6)
    gain = layer.dropout.gain()
    torch.manual_seed(1)
    mask = dropout_mask(x, gain) if rate else torch.ones_like(x)
    results = []
    for plain in (True, False):
        leaf = x.clone().requires_grad_()
        layer.zero_grad()
        torch.manual_seed(1)
        if plain:
            act = F.mish(leaf) if kind == "mish" else F.selu(leaf)
            out = mask * torch.lerp(leaf, act, layer.bend)
        else:
            out = layer(leaf * 1.0)
        out.backward(down)
        assert leaf.grad is not None and layer.bend.grad is not None
        results.append((out.detach().clone(), leaf.grad, layer.bend.grad.clone()))
    for expected, got in zip(*results, strict=True):
        assert torch.allclose(expected, got, atol=1e-5)
    layer.eval()
    act = F.mish(x) if kind == "mish" else F.selu(x)
    assert torch.allclose(layer(x.clone()), torch.lerp(x, act, layer.bend))


def test_codes_find_their_own_vectors() -> None:
    layer = Vectors([(1, 3), (2, 4)], 2)
    x = torch.tensor([[9.0, 0.0, 3.0], [9.0, 2.0, 0.0], [9.0, 77.0, -5.0]])
    weight = layer.table.weight
    expected = torch.stack([weight[[0, 6]], weight[[2, 3]], weight[[2, 3]]]).flatten(1)
    assert torch.equal(layer(x), expected)
    hot = OneHot([(1, 3), (2, 4)])(x)
    assert hot.sum(dim=1).tolist() == [2.0, 2.0, 2.0]
    assert hot.argmax(dim=1).tolist() == [0, 2, 2] and hot.shape == (3, 7)


def test_inputs_pass_numbers_and_code_what_is_code() -> None:
    features = (*NUMBERS, Feature("c", "", "code", 5), Feature("d", "", "code", 40))
    x = torch.cat([torch.randn(6, 3), torch.randint(5, (6, 1)), torch.randint(40, (6, 1))], 1)
    for one_hot, width in ((0, 3 + 4 + 12), (11, 3 + 5 + 12)):
        inputs = Inputs(features, one_hot=one_hot)
        assert inputs(x).shape == (6, inputs.width) == (6, width)
        assert torch.equal(inputs(x)[:, :3], x[:, :3])
    assert Inputs(NUMBERS)(x[:, :3]) is not None
    waves = Inputs(NUMBERS, frequencies=4)
    assert waves(x[:, :3]).shape == (6, waves.width) == (6, 12)
    assert waves(x[:0, :3]).shape == (0, 12)


def test_terms_of_each_text_are_one_learned_vector() -> None:
    torch.manual_seed(0)
    terms = tuple(Feature(f"{s}: t{i}", s, "term") for s in ("note", "title") for i in range(4))
    features = (*terms, *NUMBERS)
    inputs, x = Inputs(features, frequencies=4), torch.rand(6, 11)
    assert inputs(x).shape == (6, inputs.width) == (6, 12 + 2 * BAG)
    assert torch.equal(inputs(x)[:, :3], x[:, 8:])  # terms are no numbers, and get no waves
    silent = x.clone()
    silent[:, 4:8] = 0
    assert torch.equal(inputs(silent)[:, 12 : 12 + BAG], inputs(x)[:, 12 : 12 + BAG])
    assert (inputs(silent)[:, -BAG:] == 0).all()
    assert Inputs(features, bags=False).width == 11


def test_tokens_of_terms() -> None:
    terms = tuple(Feature(f"t{i}", "note", "term") for i in range(5))
    tokens = Tokens((*NUMBERS, *terms, Feature("c", "", "code", 4)), bins=4, length=8)
    x = torch.cat([torch.rand(6, 8), torch.randint(4, (6, 1))], 1)
    assert tokens(x).shape == (tokens.count, 6, 8) == (3 + BAG_TOKENS + 1, 6, 8)


def test_gradients_of_waves() -> None:
    waves = Inputs(NUMBERS, frequencies=4, sigma=1.0).double()
    assert waves.waves is not None
    x = torch.randn(5, 3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(waves, (x,))
    layer, plain = waves.waves, torch.randn(5, 3, dtype=torch.float64)
    layer(plain).sum().backward()
    step, got = 1e-6, layer.frequency.grad
    assert got is not None
    for place in ((0, 0), (2, 3)):
        with torch.no_grad():
            before = layer(plain).sum()
            layer.frequency[place] += step
            slope = (layer(plain).sum() - before) / step
        assert float(slope) == pytest.approx(float(got[place]), abs=1e-3)
