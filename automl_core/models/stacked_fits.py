"""Fits of one family that are trained as one batched network: folds, seeds and configurations.

training/batched.py is the loop. What comes out is one ordinary NetworkModel a fit, as soon as it
has ended. Where fits cannot be stacked the caller makes them one after the other.
"""

from __future__ import annotations

import gc
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import replace

import torch

from automl_core.errors import ModelError
from automl_core.features import Feature
from automl_core.models.base import FitData, FitResult, ModelSpec, StackedFit
from automl_core.models.network import (
    NetworkModel,
    first_network,
    loop_control,
    loop_settings,
    own_randomness,
    training_rows,
)
from automl_core.models.network_config import TrainingConfig, read_config
from automl_core.models.network_record import NetworkRecord
from automl_core.training import (
    BatchedLoop,
    LoopState,
    MemberEnd,
    MemberTraining,
    TrainingRows,
    batch_size,
)

MOST_UNLIKE = 1.1
"""Rows of the largest fold, as a share of those of the smallest: beyond, their batches differ."""

Ended = Callable[[int, FitResult | ModelError], None]
"""Told the number of a fit that has ended, and its result or what went wrong."""

logger = logging.getLogger(__name__)


def fit_stacked(model_spec: ModelSpec, fits: list[StackedFit], places: int, ended: Ended) -> bool:
    """Train the family's network for all fits, `places` of them at once; configs are complete.

    Whenever one ends, the next that waits takes its place. Each has its own clock and
    interruption; the device is the first one's. False, and a line in the log, where these fits
    cannot be trained as one and nothing was reported yet.
    """
    features = shared_features([fit.data.features for fit in fits])
    endless = any(fit.data.further is not None for fit in fits)  # each would read rows of its own
    if features is None or endless or not _batches_agree(fits):
        logger.info("%s: the fits are too unlike to be trained as one", model_spec.name)
        return False
    stack = _Stack(model_spec, _alike(fits, features), ended)
    try:
        stack.run(places)
        return True
    except RuntimeError as error:
        if stack.has_reported:
            raise
        logger.info("%s: its fits are made one by one: %s", model_spec.name, error)
    del stack
    gc.collect()  # where memory ran out: the stacks
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    return False


class _Stack:
    """The fits of one call, from the first to the last."""

    def __init__(self, model_spec: ModelSpec, fits: list[StackedFit], ended: Ended) -> None:
        self._model_spec, self._fits, self._ended = model_spec, fits, ended
        self._device = torch.device(fits[0].control.device)
        self._waiting = deque(range(len(fits)))
        self._begun: dict[int, tuple[int, NetworkRecord]] = {}  # by id of the training
        self._rows: dict[int, TrainingRows] = {}  # by id of the data
        self._loop: BatchedLoop | None = None

    @property
    def has_reported(self) -> bool:
        return self._loop is not None and self._loop.has_reported

    def run(self, places: int) -> None:
        with own_randomness(self._fits[0].control):
            first = [t for _ in range(places) if (t := self._next()) is not None]
            if not first:
                return
            self._loop = BatchedLoop(first, self._next)
            self._loop.run(self._end)

    def _next(self) -> MemberTraining | None:
        """The next training that waits, before its first step; None: none does."""
        while self._waiting:
            number = self._waiting.popleft()
            if self._fits[number].begin():
                return self._training(number)
        return None

    def _training(self, number: int) -> MemberTraining:
        fit = self._fits[number]
        data, control = fit.data, fit.control
        with own_randomness(control):
            net, record = first_network(self._model_spec, data, fit.config)
        settings = loop_settings(net, data, fit.config, control)
        if id(data) not in self._rows:
            self._rows[id(data)] = training_rows(record, data, self._device)
        training = MemberTraining(
            net.to(self._device),
            self._rows[id(data)],
            settings,
            lambda outputs: loop_control(record, data, control, outputs),
            self._saved(fit),
        )
        self._begun[id(training)] = number, record
        return training

    def _saved(self, fit: StackedFit) -> LoopState | None:
        """The state in which an interrupted fit was kept."""
        keeper = fit.control.keeper
        if keeper is None or not keeper.saved:
            return None
        try:
            return LoopState.from_bytes(keeper.saved)
        except ModelError as error:
            logger.info("%s is trained from its beginning: %s", self._model_spec.name, error)
            return None

    def _end(self, end: MemberEnd) -> None:
        number, record = self._begun.pop(id(end.training))
        if end.error is not None:
            self._ended(number, end.error)
            return
        model = NetworkModel(record, end.training.net.cpu())
        self._ended(number, FitResult(model, end.reason, end.epochs))


def shared_features(folds: list[tuple[Feature, ...]]) -> tuple[Feature, ...] | None:
    """The columns with as many codes as the fold with most has; None where columns differ."""
    first = folds[0]
    if any([f.kind for f in other] != [f.kind for f in first] for other in folds):
        return None
    return tuple(
        replace(columns[0], codes=max(c.codes for c in columns))
        for columns in zip(*folds, strict=True)
    )


def _alike(fits: list[StackedFit], features: tuple[Feature, ...]) -> list[StackedFit]:
    """The fits with these columns; those of the same data share it still."""
    known: dict[int, FitData] = {}
    for fit in fits:
        if id(fit.data) not in known:
            known[id(fit.data)] = replace(fit.data, features=features)
    return [replace(fit, data=known[id(fit.data)]) for fit in fits]


def _batches_agree(fits: list[StackedFit]) -> bool:
    """True where one size of a batch is what each asks for, or nearly, by its number of rows."""
    configs = [read_config(TrainingConfig, fit.config) for fit in fits]
    counts = [len(fit.data.y) for fit in fits]
    sizes = {
        batch_size(config.batch, rows, config.smallest_batch)
        for config, rows in zip(configs, counts, strict=True)
    }
    asked = {(config.batch, config.smallest_batch) for config in configs}
    alike = len(asked) == 1 and max(counts) <= MOST_UNLIKE * min(counts)
    return len(sizes) == 1 or alike
