"""All model families there are, one card each; what a family needs beyond its card is its file.

Imports neither torch nor scikit-learn until a model is fitted or loaded. A new family is one
file and one card here.
"""

from __future__ import annotations

import importlib

from automl_core.errors import ModelError, SpecError, did_you_mean
from automl_core.features.layout import Encoding
from automl_core.models.base import (
    Card,
    Choice,
    Config,
    Files,
    FitControl,
    FitData,
    FitResult,
    Model,
    Range,
)

# Trees are fitted on plain numbers; networks want centred ones and no holes.
_TREES = Encoding(category="target", missing="nan", numeric="plain", text_words=300)
_EMBEDDED = Encoding(category="code", missing="fill", numeric="robust", text_words=1000)
_ONE_HOT = Encoding(category="onehot", missing="fill", numeric="robust", text_words=3000)

# A 0 is chosen by the table: epochs and batch in training/plan.py, splits in extra_trees.py.
# What every network knows:
_NETWORK: Config = {"epochs": 0, "batch": 0, "patience": 16, "weight_decay": 0.1}
_WAVES: Config = {"frequencies": 8, "sigma": 1.0}  # periodic vectors of numbers (nets/inputs.py)

CATALOG: tuple[Card, ...] = (
    Card(
        name="constant",
        title="Constant",
        kind="baseline",
        module="automl_core.models.constant",
        summary="Always answers with the training mean or the share of each class.",
        encoding=Encoding(category="code", missing="fill", numeric="plain", columns=False),
    ),
    Card(
        name="hist_boosting",
        title="Histogram gradient boosting",
        kind="trees",
        module="automl_core.models.hist_boosting",
        summary="Adds small trees one after another, each correcting those before it.",
        encoding=_TREES,
        defaults={
            "learning_rate": 0.1,
            "max_iterations": 400,
            "max_leaves": 31,
            "min_rows_leaf": 20,
            "l2": 1.0,
            "max_features": 0.7,
            "patience": 30,
        },
        space=(
            Range("learning_rate", 0.02, 0.3, log=True),
            Range("max_leaves", 6, 127, log=True, whole=True),
            Range("min_rows_leaf", 3, 100, log=True, whole=True),
            Range("l2", 0.01, 100.0, log=True),
            Range("max_features", 0.2, 1.0),
        ),
    ),
    Card(
        name="extra_trees",
        title="Extremely randomised trees",
        kind="trees",
        module="automl_core.models.extra_trees",
        summary="Averages many deep trees that were split at random thresholds.",
        encoding=_TREES,
        defaults={"trees": 100, "min_rows_split": 0, "max_features": 0.5, "bootstrap": False},
        space=(
            Choice("trees", (60, 100, 150)),
            Range("min_rows_split", 2, 64, log=True, whole=True),
            Range("max_features", 0.1, 1.0),
            Choice("bootstrap", (False, True)),
        ),
    ),
    Card(
        name="linear",
        title="Linear model",
        kind="network",
        module="automl_core.models.nets.linear",
        summary="A weighted sum of all columns; quick, and a fair bar for the rest.",
        encoding=_ONE_HOT,
        defaults=_NETWORK | {"learning_rate": 0.02, "weight_decay": 1e-3},
        space=(
            Range("learning_rate", 1e-3, 0.1, log=True),
            Range("weight_decay", 1e-4, 1.0, log=True),
            Range("epochs", 10, 60, log=True, whole=True),
            Choice("batch", (128, 256, 512)),
        ),
    ),
    Card(
        name="mlp",
        title="MLP with embeddings",
        kind="network",
        module="automl_core.models.nets.mlp",
        summary="A plain deep network; categories become small learned vectors.",
        encoding=_EMBEDDED,
        defaults=_NETWORK | _WAVES
        | {"learning_rate": 6e-3, "width": 128, "layers": 3, "dropout": 0.1},
        space=(
            Range("learning_rate", 1e-3, 2e-2, log=True),
            Range("weight_decay", 0.01, 1.0, log=True),
            Choice("width", (96, 128, 192, 256)),
            Range("layers", 2, 4, whole=True),
            Choice("dropout", (0.0, 0.1, 0.2, 0.3, 0.5)),
            Range("sigma", 0.1, 5.0, log=True),
            Range("epochs", 12, 80, log=True, whole=True),
            Choice("batch", (128, 256, 512)),
        ),
    ),
    Card(
        name="resnet",
        title="Residual network",
        kind="network",
        module="automl_core.models.nets.resnet",
        summary="An MLP whose blocks add corrections to what came before, as in ResNet.",
        encoding=_EMBEDDED,
        defaults=_NETWORK | _WAVES
        | {"learning_rate": 2e-3, "width": 128, "blocks": 2, "expansion": 2.0, "dropout": 0.2},
        space=(
            Range("learning_rate", 5e-4, 1e-2, log=True),
            Range("weight_decay", 0.01, 1.0, log=True),
            Choice("width", (96, 128, 192)),
            Range("blocks", 1, 4, whole=True),
            Choice("expansion", (1.0, 2.0, 3.0)),
            Choice("dropout", (0.0, 0.1, 0.2, 0.3, 0.5)),
            Range("sigma", 0.1, 5.0, log=True),
            Range("epochs", 12, 80, log=True, whole=True),
        ),
    ),
)  # fmt: skip


def card(name: str) -> Card:
    """The card called `name`; raises SpecError with the closest name otherwise."""
    for entry in CATALOG:
        if entry.name == name:
            return entry
    names = [entry.name for entry in CATALOG]
    raise SpecError(f"There is no model family {name!r}.", did_you_mean(name, names))


def fit(entry: Card, data: FitData, config: Config, control: FitControl) -> FitResult:
    """Fit one model of the family on one fold.

    What `config` leaves out is taken from the card's defaults; a name that the card does not
    know is a SpecError. Raises ModelError where no usable model came out.
    """
    known = set(entry.defaults) | {part.name for part in entry.space}
    for name in config:
        if name not in known:
            raise SpecError(f"{entry.name} has no setting {name!r}.", did_you_mean(name, known))
    full = entry.defaults | config
    if entry.kind == "network":
        from automl_core.models.network import fit_network

        return fit_network(entry, data, full, control)
    module = importlib.import_module(entry.module)
    result = module.fit(data, full, control)
    assert isinstance(result, FitResult)
    return result


def load(card_name: str, files: Files) -> Model:
    """The model that `Model.files` of this family wrote; ModelError where it is damaged."""
    try:
        entry = card(card_name)
    except SpecError as error:
        raise ModelError(
            f"The model file is of the family {card_name!r}, which is not known here.",
            "It may come from a newer version of Torchlight.",
        ) from error
    if entry.kind == "network":
        from automl_core.models.network import load_network

        return load_network(entry, files)
    model = importlib.import_module(entry.module).load(files)
    assert isinstance(model, Model)
    return model
