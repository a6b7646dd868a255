"""The record in a network's file: all that is needed besides the weights. Knows no torch.

Such a file may come from anybody, so its sizes are checked before a network is built.
"""

from __future__ import annotations

from dataclasses import dataclass

from automl_core.errors import ModelError
from automl_core.features import Feature
from automl_core.types import Config, Task

RECORD_FILE, WEIGHTS_FILE = "network.json", "network.safetensors"

MOST = 100_000
"""Largest number in a configuration: none of the spaces comes near."""

DEPTHS = ("layers", "blocks")
"""Settings that are counts of layers."""


@dataclass(frozen=True)
class NetworkRecord:
    """Facts from which the network is built again and its outputs are read."""

    family: str  # ModelSpec.name
    task: Task
    classes: int  # 0 for regression
    columns: tuple[int, ...]  # of the matrix, see `column_numbers`
    config: Config  # the complete configuration of the trial
    mean: float  # of the target over the training rows, weighted, in its own units
    scale: float  # its standard deviation there
    low: float  # smallest and largest target in training: predictions stay between
    high: float
    rows: int = 0  # training rows; 0: the file does not say


def column_numbers(features: tuple[Feature, ...]) -> tuple[int, ...]:
    """One number for each column: 0 a number, c > 0 a category of c codes, -k a term of text k."""
    texts = list(dict.fromkeys(f.source for f in features if f.kind == "term"))
    return tuple(
        -1 - texts.index(f.source) if f.kind == "term" else f.codes if f.kind == "code" else 0
        for f in features
    )


def column_feature(number: int) -> Feature:
    """The feature, without its name, of one of `column_numbers`."""
    if number < 0:
        return Feature("", str(-number), "term")
    return Feature("", "", "code", number) if number else Feature("", "", "number")


def check_size(record: NetworkRecord, tensors: int) -> None:
    """Raise ModelError for a record of sizes that no network trained here has.

    A file may say anything: a network built from it must neither fill the memory nor take long.
    `tensors` is the number of weight tensors that came with it: every layer has at least one.
    """
    for name, value in record.config.items():
        most = tensors if name in DEPTHS else MOST
        if not isinstance(value, str) and not abs(value) <= most:
            raise ModelError(f"The network's {name!r} is {value}: at most {most} can be.")
        if isinstance(value, str) and (name in DEPTHS or value.strip("+-_ ").isdecimal()):
            raise ModelError(f"The network's {name!r} is a text.")
