"""Any family fitted to the logarithm of the target, with predictions in the target's units.

For amounts, prices and counts, where errors grow with the value. The mean of exp(z) is more
than exp of the mean of z: predictions are multiplied by one factor that makes up for it, found on
the validation rows (smearing, Duan 1983). An average of fits with and without the logarithm
does better than either on most such targets.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from automl_core.errors import ModelError
from automl_core.files import dump_json
from automl_core.models.again import Again, Bits, remembered
from automl_core.models.base import (
    Array,
    Epoch,
    FitControl,
    FitData,
    FitResult,
    FurtherRows,
    Model,
    RowBlock,
)
from automl_core.models.model_files import read_json
from automl_core.records import to_plain
from automl_core.types import Config, Files, StopReason

SETTING = "log_target"
"""The setting that switches it on; every family accepts it."""

FACTOR = "log_factor"
"""The setting with the factor, where an earlier fit has found it."""

RECORD_FILE = "log_target.json"
LEAST_FACTOR, MOST_FACTOR = 0.8, 1.25
LARGEST_LOG = 700.0  # of what exp is taken


@dataclass(frozen=True)
class LogTargetRecord:
    """y = factor * exp(z) - shift, within low..high."""

    shift: float
    factor: float
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class LogTargetModel:
    """A model of the logarithm, predicting in the target's units."""

    record: LogTargetRecord
    inner: Model

    def predict(self, x: Array) -> NDArray[np.float64]:
        """Values (n,) in the target's units."""
        return self._in_units(self.inner.predict(x))

    def remember(self, x: Array, bits: Bits, room: int) -> Again:
        """See `Remembering`."""
        inner = remembered(self.inner, x, bits, room)
        return lambda rows, x, changed: self._in_units(inner(rows, x, changed))

    def _in_units(self, logs: NDArray[np.float64]) -> NDArray[np.float64]:
        record = self.record
        values = record.factor * _exp(logs) - record.shift
        return np.asarray(np.clip(values, record.low, record.high))

    def files(self) -> Files:
        """The model's own files, and one with the record."""
        return self.inner.files() | {RECORD_FILE: dump_json(to_plain(self.record))}


def suits(y: NDArray[np.float64]) -> bool:
    """True where the logarithm is worth a try: no value is negative, some are far above others."""
    if len(y) == 0 or not y.min() >= 0:
        return False
    middle = float(np.median(y))
    return bool(middle > 0 and y.max() > 2.5 * middle)


def fit_log(
    fit: Callable[[FitData, FitControl], FitResult],
    data: FitData,
    control: FitControl,
    factor: float | None = None,
) -> FitResult:
    """Run `fit` on the logarithm of the target; ModelError where it has none.

    `factor` multiplies predictions; None: it is found on the validation rows. Epochs are
    reported without scores: they are in other units than those of other fits.
    """
    return from_logs(data, fit(*to_logs(data, control)), factor)


def to_logs(data: FitData, control: FitControl) -> tuple[FitData, FitControl]:
    """Data and control of a fit of the logarithm; see `fit_log`."""
    if data.task != "regression" or not data.y.min() >= 0:
        raise ModelError("Only a target without negative values has a logarithm.")
    shift = _shift(data)
    least = 0.5 * (float(data.y.min()) + shift)  # a row that validates may lie below all others
    valid = np.log(np.maximum(data.y_valid + shift, least))
    further = None if data.further is None else _FurtherLogs(data.further, shift, least)
    logs = replace(data, y=np.log(data.y + shift), y_valid=valid, further=further)

    def report(epoch: Epoch) -> StopReason | None:
        return control.report(replace(epoch, valid_score=None))

    return logs, replace(control, report=report)


@dataclass(frozen=True, eq=False)
class _FurtherLogs:
    """Further rows with the logarithm of their target."""

    rows: FurtherRows
    shift: float
    least: float  # of what a logarithm is taken

    def read(self, block: int, rows: int, seed: int) -> RowBlock:
        found = self.rows.read(block, rows, seed)
        return replace(found, y=np.log(np.maximum(found.y + self.shift, self.least)))


def from_logs(data: FitData, result: FitResult, factor: float | None = None) -> FitResult:
    """The result of a fit of `to_logs`, with a model that predicts in the units of `data`."""
    shift = _shift(data)
    if factor is None:
        factor = _factor(data, shift, result.model.predict(data.x_valid))
    record = LogTargetRecord(shift, factor, float(data.y.min()), float(data.y.max()))
    known = result.early_stopped
    early_stopped = None if known is None else known | {FACTOR: factor}
    return replace(result, model=LogTargetModel(record, result.model), early_stopped=early_stopped)


def with_log(files: Files, load: Callable[[Files], Model]) -> Model:
    """The model in `files`, which may be one of the logarithm."""
    if RECORD_FILE not in files:
        return load(files)
    record = read_json(files, RECORD_FILE, LogTargetRecord)
    return LogTargetModel(record, load({n: d for n, d in files.items() if n != RECORD_FILE}))


def split_config(config: Config) -> tuple[Config, bool, float | None]:
    """The family's own settings, whether the logarithm is wanted, and the factor if known."""
    own = {k: v for k, v in config.items() if k not in (SETTING, FACTOR)}
    factor = config.get(FACTOR)
    return own, bool(config.get(SETTING, False)), None if factor is None else float(factor)


def _shift(data: FitData) -> float:
    """The number added to the target so that every value has a logarithm."""
    return 0.0 if data.y.min() > 0 else 1.0


def _factor(data: FitData, shift: float, z: NDArray[np.float64]) -> float:
    weight = np.ones(len(z)) if data.weight_valid is None else data.weight_valid
    predicted = float(weight @ _exp(z))
    wanted = float(weight @ (data.y_valid + shift))
    if not (predicted > 0 and wanted > 0):
        return 1.0
    return min(MOST_FACTOR, max(LEAST_FACTOR, wanted / predicted))


def _exp(z: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.exp(np.clip(z, -LARGEST_LOG, LARGEST_LOG)))
