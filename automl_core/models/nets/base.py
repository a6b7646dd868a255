"""The contract of a network's file: its settings, and how the network is built from them.

Each file in this folder with a network defines `ARCHITECTURE`. What the network then has to do is
the contract of automl_core/training/network.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from automl_core.features import Feature
from automl_core.training import Network, outputs_of
from automl_core.types import Task

C = TypeVar("C")


@dataclass(frozen=True)
class DataInfo:
    """Facts of the training data that a network is built for."""

    task: Task
    classes: int  # 0 for regression
    features: tuple[Feature, ...]  # the columns of the encoded matrix, in order
    rows: int  # training rows; 0 in files of the first versions, which did not note them

    @property
    def outputs(self) -> int:
        """Outputs a row, of each predictor: the classes; 1 for binary tasks and regressions."""
        return outputs_of(self.task, self.classes)


@dataclass(frozen=True)
class Architecture(Generic[C]):
    """A kind of network.

    `config` is a frozen dataclass of the network's settings, whose names are keys of the
    ModelSpec's defaults. `build` makes a network with random first weights; it draws random
    numbers from torch's generator only, and gives parameters of the same names and shapes
    whenever its arguments are equal.
    """

    config: type[C]
    build: Callable[[C, DataInfo], Network]
