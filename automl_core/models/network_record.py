"""What a network's file says of it besides its weights. Knows no torch.

Such a file may come from anybody.
"""

from __future__ import annotations

from dataclasses import dataclass

from automl_core.errors import ModelError
from automl_core.types import Config, Task

MOST = 100_000
"""Largest number in a configuration: none of the spaces comes near."""

DEPTHS = ("layers", "blocks")
"""Settings that are counts of layers."""


@dataclass(frozen=True)
class NetworkRecord:
    """What is needed to build the network again and to read its outputs."""

    family: str
    task: Task
    classes: int
    columns: tuple[int, ...]  # of the matrix: 0 a number, else how many codes there are
    config: Config
    mean: float  # of the target in training
    scale: float
    low: float  # smallest and largest target in training: predictions stay between
    high: float
    rows: int = 0  # it was trained on


def check_size(record: NetworkRecord, tensors: int) -> None:
    """Raise ModelError for a record of which no network was ever trained here.

    A file may say anything: what it says must not fill the memory, nor make layers for ever.
    `tensors` is how many weights came with it: every layer has at least one.
    """
    for name, value in record.config.items():
        most = tensors if name in DEPTHS else MOST
        if not isinstance(value, str) and not abs(value) <= most:
            raise ModelError(f"The network's {name!r} is {value}: at most {most} can be.")
        if isinstance(value, str) and (name in DEPTHS or value.strip("+-_ ").isdecimal()):
            raise ModelError(f"The network's {name!r} is a text.")
