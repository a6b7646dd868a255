"""All model families, one ModelSpec each, and fitting and loading by family.

Imports neither torch nor scikit-learn until a model is fitted or loaded. A new family is one
file and one spec, here or in models/tree_specs.py.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable

from automl_core.errors import ModelError, SpecError, did_you_mean
from automl_core.features import Encoding
from automl_core.models.base import (
    Choice,
    FitControl,
    FitData,
    FitResult,
    MemoryNeed,
    Model,
    ModelSpec,
    Range,
    StackedFit,
)
from automl_core.models.log_target import fit_log, from_logs, split_config, to_logs, with_log
from automl_core.models.tree_specs import RETIRED_SPECS, TREE_SPECS
from automl_core.types import Config, Files

# Networks want centred numbers and no holes; trees (models/tree_specs.py) do without.
_EMBEDDED = Encoding(
    category="code",
    missing="fill",
    numeric="robust",
    text_words=1000,
    rows_a_term=20,
    text_themes=32,
    turned_places=True,
)
_NETWORK_MEMORY = MemoryNeed(360, 0.05, 26)
_ONE_HOT = Encoding(category="onehot", missing="fill", numeric="robust", text_words=3000)

# A 0 is chosen by the table: epochs and batch in training/schedule_length.py.
# What every network knows:
_NETWORK: Config = {"epochs": 0, "batch": 0, "patience": 16, "weight_decay": 0.1}
_WAVES: Config = {"frequencies": 8, "sigma": 3.0}  # periodic embedding (nets/input_layer.py)

CATALOG: tuple[ModelSpec, ...] = (
    ModelSpec(
        name="constant",
        title="Baseline",
        kind="baseline",
        module="automl_core.models.constant",
        summary="Always answers with the training mean or the share of each class.",
        encoding=Encoding(category="code", missing="fill", numeric="plain", columns=False),
    ),
    *TREE_SPECS,
    ModelSpec(
        name="linear",
        title="Linear model",
        kind="network",
        module="automl_core.models.nets.linear",
        summary="A weighted sum of all columns; quick, and a fair bar for the rest.",
        encoding=_ONE_HOT,
        memory=MemoryNeed(335, 0.05, 22),
        row_power=0.4,
        interruptible=True,
        hidden_layers=False,
        defaults=_NETWORK | {"learning_rate": 0.02, "weight_decay": 1e-3},
        space=(
            Range("learning_rate", 1e-3, 0.1, log=True),
            Range("weight_decay", 1e-4, 1.0, log=True),
            Range("epochs", 10, 60, log=True, integer=True),
            Choice("batch", (128, 256, 512)),
        ),
    ),
    ModelSpec(
        name="realmlp",
        title="RealMLP",
        kind="network",
        module="automl_core.models.nets.realmlp",
        summary="A deep network with a recipe made for tables, trained in four rising and "
        "falling waves.",
        encoding=_EMBEDDED,
        memory=_NETWORK_MEMORY,
        row_power=0.6,
        defaults={
            "epochs": 0, "steps": 2000, "most_epochs": 128, "batch": 0, "smallest_batch": 256,
            "patience": 1,
            "learning_rate": 0.04, "weight_decay": 0.02, "beta2": 0.95, "clip": 0.0,
            "schedule": "coslog4", "decay_schedule": "flat_cos", "label_smoothing": 0.1,
            "width": 256, "layers": 3, "dropout": 0.15,
            "frequencies": 16, "sigma": 3.0, "scale_rate": 6.0,
        },
        space=(
            Range("learning_rate", 0.015, 0.15, log=True),
            Range("weight_decay", 1e-3, 0.05, log=True),
            Choice("width", (128, 192, 256, 384)),
            Range("layers", 2, 4, integer=True),
            Range("dropout", 0.0, 0.5),
            Range("sigma", 0.3, 20.0, log=True),
            Range("scale_rate", 2.0, 10.0, log=True),
        ),
        portfolio=(
            {"dropout": 0.35, "weight_decay": 0.05},
            {"sigma": 10.0, "layers": 2, "learning_rate": 0.025},
        ),
    ),
    ModelSpec(
        name="tabm",
        title="TabM",
        kind="network",
        module="automl_core.models.nets.tabm",
        summary="Many networks in one that share nearly all weights; their answers are averaged.",
        encoding=_EMBEDDED,
        memory=MemoryNeed(450, 0.05, 30),
        row_power=0.9,
        defaults=_NETWORK
        | {
            "learning_rate": 0.02,
            "members": 0, "width": 256, "blocks": 2, "dropout": 0.1, "bins": 64, "vector": 16,
            "steps": 2000,
        },
        space=(
            Range("learning_rate", 4e-3, 4e-2, log=True),
            Range("weight_decay", 1e-3, 0.5, log=True),
            Choice("members", (8, 12, 16, 24)),
            Choice("width", (128, 192, 256, 384)),
            Range("blocks", 1, 3, integer=True),
            Choice("dropout", (0.0, 0.1, 0.2, 0.3, 0.5)),
            Range("bins", 8, 96, log=True, integer=True),
            Choice("vector", (8, 16, 24)),
            Choice("steps", (1000, 2000, 3000)),
        ),
        on_accelerator={"members": 32},  # the paper's
    ),
    ModelSpec(
        name="mlp",
        title="MLP with embeddings",
        kind="network",
        module="automl_core.models.nets.mlp",
        summary="A plain deep network; categories become small learned vectors.",
        lightest=True,
        encoding=_EMBEDDED,
        memory=_NETWORK_MEMORY,
        row_power=0.5,
        defaults=_NETWORK | _WAVES
        | {
            "learning_rate": 6e-3, "clip": 0.0, "rounding": True,
            "width": 128, "layers": 3, "dropout": 0.1,
        },
        space=(
            Range("learning_rate", 1e-3, 2e-2, log=True),
            Range("weight_decay", 0.01, 1.0, log=True),
            Choice("width", (96, 128, 192, 256)),
            Range("layers", 2, 4, integer=True),
            Choice("dropout", (0.0, 0.1, 0.2, 0.3, 0.5)),
            Range("sigma", 0.3, 20.0, log=True),
            Range("epochs", 12, 80, log=True, integer=True),
            Choice("batch", (128, 256, 512)),
        ),
    ),
    ModelSpec(
        name="resnet",
        title="Residual network",
        kind="network",
        module="automl_core.models.nets.resnet",
        summary="An MLP whose blocks add corrections to what came before, as in ResNet.",
        encoding=_EMBEDDED,
        memory=_NETWORK_MEMORY,
        row_power=0.5,
        defaults=_NETWORK | _WAVES
        | {
            "learning_rate": 2e-3, "clip": 0.0, "rounding": True,
            "width": 128, "blocks": 2, "expansion": 2.0, "dropout": 0.2,
        },
        space=(
            Range("learning_rate", 5e-4, 1e-2, log=True),
            Range("weight_decay", 0.01, 1.0, log=True),
            Choice("width", (96, 128, 192)),
            Range("blocks", 1, 4, integer=True),
            Choice("expansion", (1.0, 2.0, 3.0)),
            Choice("dropout", (0.0, 0.1, 0.2, 0.3, 0.5)),
            Range("sigma", 0.3, 20.0, log=True),
            Range("epochs", 12, 80, log=True, integer=True),
        ),
    ),
    ModelSpec(
        name="ft_transformer",
        title="FT-Transformer",
        kind="network",
        module="automl_core.models.nets.ft_transformer",
        summary="A transformer in which the columns of a row attend to each other.",
        encoding=_EMBEDDED,
        memory=MemoryNeed(400, 1, 50),
        defaults=_NETWORK
        | {
            "learning_rate": 1e-3, "weight_decay": 1e-2,
            "width": 64, "layers": 2, "expansion": 1.5, "dropout": 0.1, "bins": 16,
        },
        space=(
            Range("learning_rate", 2e-4, 4e-3, log=True),
            Range("weight_decay", 1e-4, 0.3, log=True),
            Choice("width", (32, 64, 96)),
            Range("layers", 1, 3, integer=True),
            Choice("expansion", (1.0, 1.5, 2.0)),
            Choice("dropout", (0.0, 0.1, 0.2, 0.3)),
            Range("bins", 4, 64, log=True, integer=True),
        ),
        most_cells=100_000,
    ),
)  # fmt: skip


def model_spec(name: str) -> ModelSpec:
    """The spec of the family, retired ones included; SpecError with the closest name otherwise."""
    for entry in (*CATALOG, *RETIRED_SPECS):
        if entry.name == name:
            return entry
    names = [entry.name for entry in CATALOG]
    raise SpecError(f"There is no model family {name!r}.", did_you_mean(name, names))


def fit(entry: ModelSpec, data: FitData, config: Config, control: FitControl) -> FitResult:
    """Fit one model of the family on one fold.

    Missing settings are the spec's defaults. Raises SpecError for a setting that the spec does
    not know, ModelError where no usable model came out.
    """
    config, log, factor = split_config(config)
    full = _complete(entry, config)
    if log:
        return fit_log(lambda d, c: _fit(entry, d, full, c), data, control, factor)
    return _fit(entry, data, full, control)


def fit_stacked(
    entry: ModelSpec,
    fits: list[StackedFit],
    places: int,
    ended: Callable[[int, FitResult | ModelError], None],
) -> bool:
    """Fit a network several times as one, `places` of them at once; otherwise as `fit` of each.

    Their configurations are of one architecture. `ended` is told the number of each fit that has
    ended, and its result. False where these fits have to be made one by one.
    """
    from automl_core.models import stacked_fits

    parts = [split_config(fit.config) for fit in fits]
    logs: dict[int, FitData] = {}  # by id of the data
    stacked = []
    for fit, (config, log, _) in zip(fits, parts, strict=True):
        data, control = fit.data, fit.control
        if log:
            in_logs, control = to_logs(data, control)
            data = logs.setdefault(id(data), in_logs)
        stacked.append(StackedFit(data, _complete(entry, config), control, fit.begin))

    def in_units(number: int, result: FitResult | ModelError) -> None:
        _, log, factor = parts[number]
        if log and isinstance(result, FitResult):
            result = from_logs(fits[number].data, result, factor)
        ended(number, result)

    return stacked_fits.fit_stacked(entry, stacked, places, in_units)


def _complete(entry: ModelSpec, config: Config) -> Config:
    """The configuration with the spec's defaults; SpecError for an unknown setting."""
    known = set(entry.defaults) | {part.name for part in entry.space}
    for name in config:
        if name not in known:
            raise SpecError(f"{entry.name} has no setting {name!r}.", did_you_mean(name, known))
    return entry.defaults | config


def _fit(entry: ModelSpec, data: FitData, config: Config, control: FitControl) -> FitResult:
    if entry.kind == "network":
        from automl_core.models.network import fit_network

        return fit_network(entry, data, config, control)
    module = importlib.import_module(entry.module)
    result = module.fit(data, config, control)
    assert isinstance(result, FitResult)
    return result


def load(family: str, files: Files) -> Model:
    """The model that `Model.files` of this family wrote; ModelError where it is damaged."""
    try:
        entry = model_spec(family)
    except SpecError as error:
        raise ModelError(
            f"The model file is of the family {family!r}, which is not known here.",
            "It may come from a newer version of Torchlight.",
        ) from error
    return with_log(files, lambda rest: _load(entry, rest))


def _load(entry: ModelSpec, files: Files) -> Model:
    if entry.kind == "network":
        from automl_core.models.network import load_network

        return load_network(entry, files)
    model = importlib.import_module(entry.module).load(files)
    assert isinstance(model, Model)
    return model
