"""The folds of one configuration of a network, trained as one batched network.

For accelerators; training/batched.py is the loop. What comes out is one ordinary NetworkModel a
fold. Where folds cannot be stacked the caller trains them one after the other, as on a CPU.
"""

from __future__ import annotations

import gc
import logging
from dataclasses import replace

import torch

from automl_core.errors import ModelError
from automl_core.features import Feature
from automl_core.models.base import FitControl, FitData, FitResult, ModelSpec
from automl_core.models.network import (
    NetworkModel,
    first_network,
    loop_control,
    loop_settings,
    own_randomness,
    training_rows,
)
from automl_core.training import BatchedLoop, StackedState, has_reported
from automl_core.types import Config

MOST_UNLIKE = 1.1
"""Rows of the largest fold, as a share of those of the smallest: beyond, too many are left out."""

logger = logging.getLogger(__name__)


def fit_folds(
    model_spec: ModelSpec, data: list[FitData], config: Config, controls: list[FitControl]
) -> list[FitResult] | None:
    """Train the family's network on all folds at once; `config` is complete.

    Clock and interruption are those of the first control. None, and a line in the log, where
    these folds cannot be trained as one and nothing was reported yet. Raises ModelError where
    the training of a fold diverged twice.
    """
    features = shared_features([d.features for d in data])
    counts = [len(d.y) for d in data]
    if features is None or max(counts) > MOST_UNLIKE * min(counts):
        logger.info("%s: the folds are too unlike to be trained as one", model_spec.name)
        return None
    alike = [replace(d, features=features) for d in data]
    loops: list[BatchedLoop] = []
    try:
        return _fit(model_spec, alike, config, controls, loops)
    except RuntimeError as error:
        if loops and has_reported(loops[0]):
            raise
        logger.info("%s: its folds are trained one by one: %s", model_spec.name, error)
    loops.clear()
    gc.collect()  # where memory ran out: the stacks
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    return None


def _fit(
    model_spec: ModelSpec, data: list[FitData], config: Config, controls: list[FitControl],
    loops: list[BatchedLoop],
) -> list[FitResult]:  # fmt: skip
    """`loops` takes the loop, for whoever has to clear up after it."""
    device = torch.device(controls[0].device)
    started = []
    for fold, control in zip(data, controls, strict=True):
        with own_randomness(control):
            net, record = first_network(model_spec, fold, config)
        settings = loop_settings(net, fold, config, control)
        started.append((net.to(device), record, settings, training_rows(record, fold, device)))
    nets, records, settings_, rows = (list(part) for part in zip(*started, strict=True))
    with own_randomness(controls[0]):
        loop = BatchedLoop(nets, rows, settings_)
        if (keeper := controls[0].keeper) is not None and keeper.saved:
            try:
                loop.restore(StackedState.from_bytes(keeper.saved))
            except ModelError as error:
                logger.info("%s is trained from its beginning: %s", model_spec.name, error)
                loop = BatchedLoop(nets, rows, settings_)
        loops.append(loop)
        loop_controls = [
            loop_control(records[f], data[f], controls[f], loop.network(f))
            for f in range(len(data))
        ]
        reasons = loop.run(loop_controls)
    loop.finish(nets)
    return [
        FitResult(NetworkModel(record, net.cpu()), reason, fold.position.epoch)
        for record, net, reason, fold in zip(records, nets, reasons, loop.folds, strict=True)
    ]


def shared_features(folds: list[tuple[Feature, ...]]) -> tuple[Feature, ...] | None:
    """The columns with as many codes as the fold with most has; None where columns differ."""
    first = folds[0]
    if any([f.kind for f in other] != [f.kind for f in first] for other in folds):
        return None
    return tuple(
        replace(columns[0], codes=max(c.codes for c in columns))
        for columns in zip(*folds, strict=True)
    )
