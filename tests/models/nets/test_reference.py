"""Networks against the packages of the papers' authors: same weights in, same outputs out.

Each test writes a reference network in terms of our parameters, with their values in its place,
and compares outputs and the derivatives by every parameter. Where our network differs on purpose,
the test names the difference and puts ours into the reference. Prediction is compared in float64,
training (where layers compute derivatives by hand) in float32 and without dropout.

The packages are in tests/requirements.txt; pytabkit is not, since it brings a framework of its own.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.func import functional_call

from automl_core.features.feature_layout import Feature
from automl_core.models.nets import tabm
from automl_core.models.nets.autograd_functions import Activation
from automl_core.models.nets.base import DataInfo
from automl_core.models.nets.ft_transformer import HEAD, FTTransformer, TransformerLayer
from automl_core.models.nets.input_layer import Inputs
from automl_core.models.nets.periodic_embedding import PeriodicEmbedding
from automl_core.models.nets.piecewise_embedding import PiecewiseLinear, Tokens, bin_edges
from automl_core.models.nets.realmlp import RealMLP, RealMLPConfig
from automl_core.models.nets.resnet import Block, ResNet
from automl_core.types import Task

Values = dict[str, Tensor]

ROWS, COLUMNS, OUTPUTS, WIDTH = 40, 3, 2, 16
FEATURES = tuple(Feature(name, name, "number") for name in "abc")
MODES = pytest.mark.parametrize("training", [False, True], ids=["predict", "train"])


def _package(name: str) -> Any:
    """The module, or a skip that says which package is missing."""
    return pytest.importorskip(name, reason=f"the reference package of {name} is not installed")


def _same(
    ours: nn.Module, x: Tensor, reference: Callable[[Values, Tensor], Tensor], training: bool
) -> None:
    """Outputs, and derivatives by all parameters, are those of the reference.

    `reference` computes the outputs for x from our parameters by name.
    """
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():  # biases that start at 0 hide mistakes
        for parameter in ours.parameters():
            parameter.add_(0.3 * torch.randn(parameter.shape, generator=generator))
    kind = torch.float32 if training else torch.float64
    ours, x = ours.to(kind).train(training), x.to(kind)
    found = ours(x)
    kept = found.detach().clone()
    direction = torch.randn(found.shape, generator=generator).to(kind)
    values = dict(ours.named_parameters())
    # layers may overwrite what they saved: there is one way back
    slopes = torch.autograd.grad((found * direction).sum(), list(values.values()))
    expected = reference(values, x)
    wanted = torch.autograd.grad((expected * direction).sum(), list(values.values()))
    near = dict(rtol=1e-3, atol=2e-4) if training else dict(rtol=1e-9, atol=1e-10)
    torch.testing.assert_close(kept, expected.detach(), **near)
    for name, slope, by_reference in zip(values, slopes, wanted, strict=True):
        torch.testing.assert_close(slope, by_reference, **near, msg=lambda m, n=name: f"{n}: {m}")


def _part(module: nn.Module, values: Values) -> nn.Module:
    """The module in the precision of the values, for `functional_call`."""
    kind = next(iter(values.values())).dtype
    return module.to(kind)


def _rows(generator: int = 0) -> Tensor:
    return torch.rand(ROWS, COLUMNS, generator=torch.Generator().manual_seed(generator)) * 2 - 1


def _bins(bins: int) -> tuple[Tensor, list[Tensor]]:
    """Training rows (200, COLUMNS), the edges of their bins; the second column has but four."""
    x = torch.rand(200, COLUMNS, generator=torch.Generator().manual_seed(3)) * 4 - 2
    x[:, 1] = torch.round(x[:, 1])
    return x, [torch.tensor(bin_edges(column, bins)) for column in x.T]


def _piecewise(
    package: Any, edges: list[Tensor], values: Values, prefix: str
) -> tuple[Any, Values]:
    """The package's embedding with those edges, and its parameters from ours."""
    length = values[prefix + "bent"].shape[2]
    embedding = package.PiecewiseLinearEmbeddings(edges, length, activation=False, version="B")
    bent = values[prefix + "bent"]
    most = max(len(e) for e in edges) - 1
    rows = []
    for column, part in zip(edges, bent, strict=True):
        used = len(column) - 1  # the package keeps a column's last bin at the very end
        gap = part.new_zeros(most - used, length)
        rows.append(torch.cat([part[: used - 1], gap, part[used - 1 : used]]))
    return embedding, {
        "linear0.weight": values[prefix + "straight"][:, 0],
        "linear0.bias": values[prefix + "bias"][:, 0],
        "linear.weight": torch.stack(rows),
    }


@MODES
def test_piecewise_linear_embedding(training: bool) -> None:
    package = _package("rtdl_num_embeddings")
    x, edges = _bins(6)
    ours = PiecewiseLinear(COLUMNS, 6, 4)
    with torch.no_grad():
        ours.fit_to(x)

    def reference(values: Values, rows: Tensor) -> Tensor:
        embedding, mapped = _piecewise(package, edges, values, "")
        out = functional_call(_part(embedding, values), mapped, (rows,))
        return torch.as_tensor(out).transpose(0, 1)

    _same(ours, _rows(), reference, training)


def test_beyond_the_bins_ours_goes_on_by_the_linear_part_alone() -> None:
    package = _package("rtdl_num_embeddings")
    x, edges = _bins(6)
    ours = PiecewiseLinear(COLUMNS, 6, 4)
    with torch.no_grad():
        ours.fit_to(x)
        nn.init.normal_(ours.bent)
    values = {name: parameter.detach() for name, parameter in ours.named_parameters()}
    embedding, mapped = _piecewise(package, edges, values, "")
    outside = torch.full((1, COLUMNS), 5.0)
    at_edge = torch.stack([e[-1] for e in edges])[None]
    linear = (outside - at_edge).T[:, :, None] * values["straight"]
    torch.testing.assert_close(ours(outside), ours(at_edge) + linear)
    theirs = functional_call(embedding, mapped, (outside,)).transpose(0, 1)
    assert not torch.allclose(ours(outside), theirs, atol=0.1)


@MODES
def test_periodic_embedding(training: bool) -> None:
    # Ours has a cosine with a learned phase; the package a cosine and a sine. By
    # cos(a + b) = cos(a) cos(b) - sin(a) sin(b), ours is the package's with weights that depend
    # on the phase. (It multiplies by 2 pi as ours does; the ReLU at its end is off.)
    package = _package("rtdl_num_embeddings")
    frequencies, length = 5, PeriodicEmbedding.VECTOR

    def reference(values: Values, rows: Tensor) -> Tensor:
        embedding = package.PeriodicEmbeddings(
            COLUMNS, length, n_frequencies=frequencies, activation=False, lite=False
        )
        phase, weight = values["phase"][:, :, None], values["weight"]
        mapped = {
            "periodic.weight": values["frequency"],
            "linear.weight": torch.cat([phase.cos() * weight, -phase.sin() * weight], dim=1),
            "linear.bias": values["bias"],
        }
        return torch.as_tensor(functional_call(_part(embedding, values), mapped, (rows,))).flatten(
            1
        )

    _same(PeriodicEmbedding(COLUMNS, frequencies, 1.0), _rows(), reference, training)


@MODES
def test_tabm_mini(training: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    # Differences: a member has one weight a column, where the paper's start out equal within a
    # column and then part; the first layer has no bias; dropout is off here, as its masks are
    # shared by the members. The trunk is trained in float32 here.
    monkeypatch.setattr(tabm, "working_type", lambda _: torch.float32)
    package, embeddings = _package("tabm"), _package("rtdl_num_embeddings")
    x, edges = _bins(6)
    members, length, blocks = 4, 5, 3
    config = tabm.TabMConfig(members, WIDTH, blocks, dropout=0.0, bins=6, vector=length)
    ours = tabm.TabM(config, DataInfo("multiclass", OUTPUTS, FEATURES, ROWS))
    with torch.no_grad():
        ours.fit_to(x)

    def reference(values: Values, rows: Tensor) -> Tensor:
        embedding, mapped = _piecewise(embeddings, edges, values, "tokens.numbers.")
        net = package.TabM(
            n_num_features=COLUMNS, d_out=OUTPUTS, num_embeddings=embedding,
            arch_type="tabm-mini", k=members, n_blocks=blocks, d_block=WIDTH, dropout=0.0,
            start_scaling_init="normal",
        )  # fmt: skip
        first = values["first"]
        mapped = {f"num_module.{name}": value for name, value in mapped.items()} | {
            "backbone.affine.weight": values["weights"].repeat_interleave(length, dim=1),
            "backbone.blocks.0.0.weight": first.flatten(0, 1).T,
            "backbone.blocks.0.0.bias": first.new_zeros(WIDTH),
            "output.weight": values["head"],
            "output.bias": values["bias"][:, 0],
        }
        for number in range(blocks - 1):
            for name in ("weight", "bias"):
                key = f"backbone.blocks.{number + 1}.0.{name}"
                mapped[key] = values[f"blocks.{number}.{name}"]
        return torch.as_tensor(functional_call(_part(net, values), mapped, (rows,)))

    _same(ours, _rows(), reference, training)


@MODES
def test_resnet_with_layer_norm_in_place_of_batch_norm(training: bool) -> None:
    package = _package("rtdl_revisiting_models")
    count, hidden = 2, 24
    blocks = [Block(WIDTH, hidden, 0.0) for _ in range(count)]
    ours = ResNet(Inputs(FEATURES), OUTPUTS, WIDTH, blocks)

    def reference(values: Values, rows: Tensor) -> Tensor:
        net = package.ResNet(
            d_in=COLUMNS, d_out=OUTPUTS, n_blocks=count, d_block=WIDTH, d_hidden=hidden,
            d_hidden_multiplier=None, dropout1=0.0, dropout2=0.0,
        )  # fmt: skip
        for part in (*net.blocks, net.output):
            part.normalization = nn.LayerNorm(WIDTH)  # the difference
        names = {
            "first": "input_projection",
            "norm": "output.normalization",
            "head": "output.linear",
        }
        for number in range(count):
            for our, their in (
                ("norm", "normalization"),
                ("widen", "linear1"),
                ("narrow", "linear2"),
            ):
                names[f"blocks.{number}.{our}"] = f"blocks.{number}.{their}"
        mapped = {
            f"{their}.{kind}": values[f"{our}.{kind}"]
            for our, their in names.items()
            for kind in ("weight", "bias")
        }
        return torch.as_tensor(functional_call(_part(net, values), mapped, (rows,)))

    _same(ours, _rows(), reference, training)


@MODES
def test_ft_transformer(training: bool) -> None:
    # Differences: numbers become tokens through bins (which test_piecewise_linear_embedding
    # compares), so the reference is the backbone on our tokens; no dropout of attention.
    package = _package("rtdl_revisiting_models")
    length, hidden, count = 2 * HEAD, 20, 2
    x, _ = _bins(6)
    layers = [
        TransformerLayer(length, hidden, 0.0, norm_first=number > 0) for number in range(count)
    ]
    ours = FTTransformer(Tokens(FEATURES, 6, length), layers, OUTPUTS)
    with torch.no_grad():
        ours.fit_to(x)

    def reference(values: Values, rows: Tensor) -> Tensor:
        net = package.FTTransformerBackbone(
            d_out=OUTPUTS, n_blocks=count, d_block=length, attention_n_heads=length // HEAD,
            attention_dropout=0.0, ffn_d_hidden=hidden, ffn_d_hidden_multiplier=None,
            ffn_dropout=0.0, residual_dropout=0.0,
        )  # fmt: skip
        mapped: Values = {}
        for kind in ("weight", "bias"):
            mapped[f"output.normalization.{kind}"] = values[f"norm.{kind}"]
            mapped[f"output.linear.{kind}"] = values[f"head.{kind}"]
            for number in range(count):
                our, their = f"layers.{number}.", f"blocks.{number}."
                key, value = values[f"{our}attention.key_value.{kind}"].chunk(2)
                mapped |= {
                    f"{their}attention.W_q.{kind}": values[f"{our}attention.query.{kind}"],
                    f"{their}attention.W_k.{kind}": key,
                    f"{their}attention.W_v.{kind}": value,
                    f"{their}attention.W_out.{kind}": values[f"{our}attention.out.{kind}"],
                    f"{their}ffn_normalization.{kind}": values[f"{our}norm_hidden.{kind}"],
                    f"{their}ffn.linear1.{kind}": values[f"{our}widen.{kind}"],
                    f"{their}ffn.linear2.{kind}": values[f"{our}narrow.{kind}"],
                }
                if number:
                    mapped[f"{their}attention_normalization.{kind}"] = values[f"{our}norm.{kind}"]
        tokens = ours.tokens(rows).transpose(0, 1)
        tokens = torch.cat([values["gathering"].expand(len(rows), -1, -1), tokens], dim=1)
        return torch.as_tensor(functional_call(_part(net, values), mapped, (tokens,)))

    _same(ours, _rows(), reference, training)


def _layer(kind: Any, variable: Any, x: Tensor, values: Values, *rest: object) -> Tensor:
    """A layer of pytabkit's with these values, on x; `rest` are its other arguments."""
    layer = kind(**{name: variable(v.detach()) for name, v in values.items()}, **dict(rest))  # type: ignore[call-overload]
    return torch.as_tensor(functional_call(layer, values, ({"x_cont": x},))["x_cont"])


@MODES
@pytest.mark.parametrize(("task", "kind"), [("binary", "selu"), ("regression", "mish")])
def test_realmlp(task: Task, kind: Activation, training: bool) -> None:
    # Scaling layer, linear layers in the NTK parametrisation, parametric activations and PBLD
    # embeddings. Differences: the copy of a number stands before the embeddings, not behind each.
    nets = _package("pytabkit.models.nn_models.nn")
    base = _package("pytabkit.models.nn_models.base")
    activations = _package("pytabkit.models.nn_models.activations")
    function = {"selu": nn.functional.selu, "mish": activations.mish}[kind]
    depth, frequencies = 2, 5
    config = RealMLPConfig(WIDTH, depth, 0.0, frequencies, sigma=1.0, scale_rate=1.0)
    ours = RealMLP(config, DataInfo(task, 2, FEATURES, ROWS))

    def linear(values: Values, prefix: str, x: Tensor) -> Tensor:
        weight, bias = values[f"{prefix}.weight"], values[f"{prefix}.bias"]
        factor = ("factor", 1 / math.sqrt(len(weight)))
        x = _layer(base.WeightLayer, base.Variable, x, {"weight": weight}, factor)
        return _layer(base.BiasLayer, base.Variable, x, {"bias": bias})

    def reference(values: Values, rows: Tensor) -> Tensor:
        waves = {name: values[f"inputs.waves.{name}"] for name in ("frequency", "phase")}
        embedded = {
            "weight_1": waves["frequency"][:, None],
            "bias_1": waves["phase"][:, None],
            "weight_2": values["inputs.waves.weight"],
            "bias_2": values["inputs.waves.bias"][:, None],
        }
        rest = (("fitter", None), ("plr_act_name", "linear"))
        kind_of = nets.PLREmbeddingsLayerCosBias
        x = torch.cat([rows, _layer(kind_of, base.Variable, rows, embedded, *rest)], dim=1)
        x = _layer(base.ScaleLayer, base.Variable, x, {"scale": values["scale"][None]})
        for number in range(depth):
            x = linear(values, f"layers.{number}", x)
            bend = {"weight": values[f"bends.{number}.bend"]}
            x = _layer(
                activations.ParametricActivationLayer, base.Variable, x, bend, ("f", function)
            )
        return linear(values, "head", x)

    _same(ours, _rows(), reference, training)
