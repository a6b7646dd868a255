"""The baseline that looks at no column: class shares, or the mean.

What every other model is measured against.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from automl_core.errors import ModelError
from automl_core.files import dump_json
from automl_core.models.base import Array, FitControl, FitData, FitResult
from automl_core.models.class_priors import class_shares, mean_and_scale
from automl_core.models.metric_tracker import MetricTracker
from automl_core.models.model_files import read_json
from automl_core.records import to_plain
from automl_core.types import Config, Files, StopReason

MODEL_FILE = "constant.json"


@dataclass(frozen=True)
class ConstantModel:
    """The same answer for every row."""

    values: tuple[float, ...]  # probability of each class, or one value
    classes: int  # 0 for regression

    def predict(self, x: Array) -> NDArray[np.float64]:
        """Probabilities (n, classes), or values (n,)."""
        answer = np.asarray(self.values, dtype=np.float64)
        if self.classes == 0:
            return np.full(len(x), answer[0])
        return np.tile(answer, (len(x), 1))

    def files(self) -> Files:
        """One JSON file."""
        return {MODEL_FILE: dump_json(to_plain(self))}


def fit(data: FitData, config: Config, control: FitControl) -> FitResult:
    """The shares of the classes, or the mean of the target; `config` has no settings."""
    assert not config
    watch = MetricTracker(data)
    if data.task == "regression":
        model = ConstantModel((mean_and_scale(data)[0],), 0)
    else:
        model = ConstantModel(tuple(map(float, class_shares(data))), data.classes)
    valid = model.predict(data.x_valid)
    losses = watch.train_loss(model.predict(data.x)), watch.valid_loss(valid)
    control.report(watch.epoch(1, 1.0, losses, watch.valid_score(valid), None))
    return FitResult(model, StopReason.COMPLETED, 1)


def load(files: Files) -> ConstantModel:
    """The model from its file; ModelError where it is damaged."""
    model = read_json(files, MODEL_FILE, ConstantModel)
    if len(model.values) != max(1, model.classes):
        raise ModelError(f"The model's file {MODEL_FILE!r} is damaged.")
    return model
