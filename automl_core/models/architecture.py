"""The architecture of a configuration: networks of the same one can be trained as one."""

from __future__ import annotations

from automl_core.models.base import ModelSpec
from automl_core.models.log_target import FACTOR, SETTING
from automl_core.types import Config, Value

OWN = frozenset(
    {
        "learning_rate", "weight_decay", "label_smoothing", "patience", "epochs", "steps",
        "most_epochs", "dropout", "sigma", "scale_rate", SETTING, FACTOR,
    }
)  # fmt: skip
"""Settings that each of several networks that are trained as one has for itself."""


def architecture_of(entry: ModelSpec, config: Config) -> dict[str, Value]:
    """The settings that all configurations of one architecture share.

    Whether there is dropout is one of them, how much is not.
    """
    full = entry.defaults | config
    shared = {name: value for name, value in full.items() if name not in OWN}
    if "dropout" in full:
        shared["dropout"] = full["dropout"] != 0.0
    return shared
