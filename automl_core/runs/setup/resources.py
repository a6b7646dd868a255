"""What a run has to work with, rows, folds and workers; and which families that is enough for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from automl_core.models.base import Card, Task
from automl_core.models.log_target import suits
from automl_core.runs.executor.device_placement import Lanes
from automl_core.runs.setup.run_data import Setting


@dataclass(frozen=True)
class Ground:
    """What a run has to work with."""

    rows: int  # to train and validate
    columns: int
    classes: int  # 0 for regression
    folds: int  # of one partition
    repeats: int  # partitions
    workers: int
    accelerator: bool  # a GPU trains the networks
    log_target: bool = False  # the logarithm of the target is worth a try
    lanes: Lanes | None = None  # who works; None: `workers`, none with a GPU


def ground_of(setting: Setting, task: Task, lanes: Lanes) -> Ground:
    """What a run on this table has, with these workers."""
    folds = setting.folds
    y = setting.truth.y[np.concatenate([folds.train[0], folds.valid[0]])]
    return Ground(
        rows=len(folds.train[0]) + len(folds.valid[0]),
        columns=len(setting.link.columns),
        classes=0 if task == "regression" else len(setting.link.coder.labels),
        folds=folds.k,
        repeats=folds.repeats,
        workers=lanes.workers,
        accelerator=lanes.gpus > 0,
        log_target=task == "regression" and suits(y),
        lanes=lanes,
    )


def offered(card: Card, ground: Ground) -> bool:
    """Whether the family is for tables of this size, on this hardware."""
    if card.most_rows is not None and ground.rows > card.most_rows:
        return False
    if card.most_classes is not None and ground.classes > card.most_classes:
        return False
    if card.most_cells is None or ground.accelerator:
        return True
    return ground.rows * ground.columns <= card.most_cells
