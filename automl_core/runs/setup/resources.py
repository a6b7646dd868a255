"""The resources of a run: rows, folds, workers; and the families that suit them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from automl_core.models import ModelSpec, suits
from automl_core.runs.executor import DevicePlacement
from automl_core.runs.setup.run_data import RunData
from automl_core.types import Task


@dataclass(frozen=True)
class Resources:
    """Rows, columns, folds, workers and hardware of a run."""

    rows: int  # to train and validate
    columns: int
    classes: int  # 0 for regression
    folds: int  # that every trial is trained on
    repeats: int  # partitions
    placement: DevicePlacement  # which workers train what
    accelerator: bool  # a GPU trains the networks
    log_target: bool = False  # the logarithm of the target is worth a try
    too_large: tuple[str, ...] = ()  # families whose training would not fit into the memory


def resources_of(
    setting: RunData, task: Task, placement: DevicePlacement, too_large: tuple[str, ...] = ()
) -> Resources:
    """The resources of a run on this table with these workers."""
    folds = setting.folds
    y = setting.truth.y[np.concatenate([folds.train[0], folds.valid[0]])]
    return Resources(
        rows=len(folds.train[0]) + len(folds.valid[0]),
        columns=len(setting.link.columns),
        classes=0 if task == "regression" else len(setting.link.coder.labels),
        folds=setting.first,
        repeats=folds.repeats,
        placement=placement,
        accelerator=placement.gpus > 0,
        log_target=task == "regression" and suits(y),
        too_large=too_large,
    )


def offered(model_spec: ModelSpec, ground: Resources) -> bool:
    """True where the family is for tables of this size, on this hardware, in this memory."""
    if model_spec.name in ground.too_large:
        return False
    if model_spec.most_rows is not None and ground.rows > model_spec.most_rows:
        return False
    if model_spec.most_classes is not None and ground.classes > model_spec.most_classes:
        return False
    if model_spec.most_cells is None or ground.accelerator:
        return True
    return ground.rows * ground.columns <= model_spec.most_cells
