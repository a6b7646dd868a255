"""The typed configuration of a network and of its training, from a trial's plain configuration.

A trial's configuration is a flat dict of numbers and texts: so it is searched, written to disk and
shown. It is read here and nowhere else. Every network has a dataclass of its own settings beside
it (automl_core/models/nets); those of the training are the same for all.
"""

from __future__ import annotations

from dataclasses import MISSING, dataclass, fields
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from automl_core.training import MOST_EPOCHS, STEPS_WANTED, DecaySchedule, Schedule
from automl_core.types import Config

C = TypeVar("C")


@dataclass(frozen=True)
class TrainingConfig:
    """Settings of a network's training; ModelSpec.defaults give those without a default here."""

    epochs: int  # passes over the rows, >= 1; 0: by the number of rows
    batch: int  # rows of a step, >= 1; 0: by the number of rows
    learning_rate: float  # highest rate of the schedule, > 0
    weight_decay: float  # of AdamW, as a share of the learning rate, >= 0
    patience: int  # epochs (of "coslog4": cycles) without a better one before the end; 0: no end
    schedule: Schedule = "cosine"  # of the learning rate
    decay_schedule: DecaySchedule = "constant"  # of the weight decay
    beta2: float = 0.999  # of AdamW, 0 to 1: memory of squared gradients
    label_smoothing: float = 0.0  # share of a label that is spread over all classes, 0 to 1
    clip: float = 1.0  # largest norm of the gradient; 0: no limit
    steps: int = STEPS_WANTED  # aimed at where `epochs` is 0
    most_epochs: int = MOST_EPOCHS  # where `epochs` is 0
    smallest_batch: int = 1  # rows, where `batch` is 0
    rounding: bool = False  # matrix products may round their inputs to bfloat16


def read_config(kind: type[C], config: Config) -> C:
    """The dataclass `kind` from the settings of its names; other settings are not its own.

    Numbers are converted to the type of their field. Raises KeyError where a setting without a
    default is missing, ValueError or TypeError where one is not of its field's type.
    """
    hints = get_type_hints(kind)
    found: dict[str, Any] = {}
    for setting in fields(kind):  # type: ignore[arg-type]
        if setting.name in config or setting.default is MISSING:
            found[setting.name] = _converted(hints[setting.name], config[setting.name])
    return kind(**found)


def _converted(kind: Any, value: Any) -> Any:
    if get_origin(kind) is None:
        return kind(value)  # int, float or bool
    if value not in get_args(kind):
        raise ValueError(f"{value!r} is none of {get_args(kind)}")
    return value
