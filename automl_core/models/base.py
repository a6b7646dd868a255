"""The contract of models: specification, fit, prediction, files.

A Model sees only the encoded float32 matrix; it knows nothing of columns, files or runs.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from automl_core.features import Encoding, Feature
from automl_core.types import Config, Files, StopReason, Task, Value

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Epoch:
    """One step of learning that is worth a point on a curve (an epoch; a batch of trees)."""

    epoch: int  # from 1
    progress: float  # (0, 1], share of the planned training
    train_loss: float | None
    valid_loss: float | None
    valid_score: float | None  # the run's metric on the validation rows, natural sign
    learning_rate: float | None
    seconds: float  # since this fit began


@dataclass(frozen=True, eq=False)
class RowBlock:
    """Some training rows, encoded as those of a fold."""

    x: Array  # (n, d)
    y: NDArray[np.float64] | NDArray[np.int64]  # (n,), or soft targets (n, classes)
    weight: NDArray[np.float64] | None  # (n,) on the scale of the fold's


class FurtherRows(Protocol):
    """Training rows beside those of a fold, of a table that is too long to be held in memory."""

    def read(self, block: int, rows: int, seed: int) -> RowBlock:
        """At most `rows` rows, shuffled; the same for the same block (from 0 on) and seed.

        The blocks of one seed go over all rows, and then over all again in another order.
        """
        ...


@dataclass(frozen=True, eq=False)
class FitData:
    """One fold, encoded. `y` is float64 (regression, raw units) or int64 class numbers."""

    task: Task
    classes: int  # number of classes; 0 for regression
    features: tuple[Feature, ...]  # d columns
    x: Array  # (n, d)
    y: NDArray[np.float64] | NDArray[np.int64]  # (n,)
    weight: NDArray[np.float64] | None  # (n,) mean 1, class weighting included; None: all equal
    x_valid: Array  # (m, d)
    y_valid: NDArray[np.float64] | NDArray[np.int64]  # (m,)
    weight_valid: NDArray[np.float64] | None  # (m,)
    metric: str
    further: FurtherRows | None = None  # for models that take rows batch by batch
    soft: NDArray[np.float64] | None = None  # (n, classes) what networks learn instead of `y`


class Keeper(Protocol):
    """Keeps the state of a training, so that it can go on in another process."""

    @property
    def saved(self) -> bytes:
        """What an interrupted fit of the same data and configuration gave last; b"": nothing."""
        ...

    def is_due(self) -> bool:
        """True where it is time to keep the state once more; cheap enough for every step."""
        ...

    def keep(self, write: Callable[[], bytes]) -> None:
        """Keep what `write` gives; it is called in another thread, and must not change the fit."""
        ...


@dataclass(frozen=True, eq=False)
class FitControl:
    """The connection of a fit to its surroundings while it runs."""

    report: Callable[[Epoch], StopReason | None]  # call after every epoch; obey what it returns
    interrupted: Callable[[], StopReason | None]  # call every step; cheap; checks stop and clock
    elapsed: Callable[[], float]  # share of the time limit that is used, 0 where there is none
    seed: int
    device: str = "cpu"
    keeper: Keeper | None = None  # None: nobody keeps the state of the training


@dataclass(frozen=True, eq=False)
class StackedFit:
    """One of several fits that are trained as one: what `fit` would be given alone."""

    data: FitData  # the same object where fits share it
    config: Config
    control: FitControl
    begin: Callable[[], bool] = lambda: True  # asked when a place is free; False: it is left out


@runtime_checkable
class Model(Protocol):
    """A fitted model of one fold."""

    def predict(self, x: Array) -> NDArray[np.float64]:
        """Probabilities (n, classes) that sum to 1, or values (n,) in the target's units."""
        ...

    def files(self) -> Files:
        """All that `load` of its module needs, without pickle."""
        ...


@dataclass(frozen=True, eq=False)
class FitResult:
    """A fitted model and why its fit ended."""

    model: Model
    reason: StopReason
    epochs: int  # epochs done, or trees grown
    early_stopped: Config | None = None  # found on validation rows: a fit with it needs none


@dataclass(frozen=True)
class Range:
    """A number to search, low..high: on a logarithmic scale, or integers only, where said."""

    name: str
    low: float
    high: float
    log: bool = False
    integer: bool = False


@dataclass(frozen=True)
class Choice:
    """One of a few values to search."""

    name: str
    options: tuple[Value, ...]


@dataclass(frozen=True)
class MemoryNeed:
    """The memory that a worker holds while it trains a family, as measured.

    tests/benchmarks/family_memory.py holds it against what is measured anew.
    """

    start: float = 200.0  # MB, with the libraries of the family
    column: float = 0.05  # MB for each column of the table
    cell: float = 30.0  # bytes for each cell: rows times columns
    most: float = math.inf  # MB for all columns together, where the family keeps to a bound

    def bytes_for(self, rows: int, columns: int) -> int:
        """The estimate for a table of so many rows and columns."""
        of_columns = min(self.most, self.column * columns)
        return round(1e6 * (self.start + of_columns) + self.cell * rows * columns)


@dataclass(frozen=True, eq=False)
class ModelSpec:
    """All that the rest of the system knows of a family.

    `module` is imported only where the family is fitted or loaded. A network's module has an
    `ARCHITECTURE` (models/nets/base.py); any other module has
    `fit(data, config, control) -> FitResult` and `load(files) -> Model`.

    A network's configuration holds the settings of its architecture and those of its training
    (models/network_config.py), both by the names of their fields.
    """

    name: str  # in files and flags: "mlp"
    title: str  # for people: "MLP with embeddings"
    kind: Literal["network", "trees", "neighbours", "baseline"]
    module: str
    summary: str  # one sentence
    encoding: Encoding
    defaults: Config = field(default_factory=dict)
    space: tuple[Range | Choice, ...] = ()
    portfolio: tuple[Config, ...] = ()  # tried after the defaults; each only what differs
    refit_on_all: bool = False  # one fit on all rows serves as well as the average over folds
    interruptible: bool = False  # a fit that the clock cuts short is a fair model all the same
    on_accelerator: Config = field(default_factory=dict)  # defaults that differ where a GPU trains
    most_rows: int | None = None  # a table of more rows is not tried with the family
    most_cells: int | None = None  # rows times columns: the same, unless there is a GPU
    most_classes: int | None = None  # a round of more could not be stopped in time
    hidden_layers: bool = True  # of a network; without them it is a linear model
    lightest: bool = False  # the network to train where there is no time for a heavier one
    memory: MemoryNeed = field(default_factory=MemoryNeed)
    row_power: float = 1.0  # a fit's seconds grow as this power of its rows (docs/planning.md)

    @property
    def is_deep(self) -> bool:
        """True for networks with hidden layers."""
        return self.kind == "network" and self.hidden_layers
