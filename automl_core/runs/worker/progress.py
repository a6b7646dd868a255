"""What a fit tells while it runs: its epochs, in batches; and whether it goes on.

Runs in a worker; knows the pipe, nothing of models.
"""

from __future__ import annotations

import math
import time

from automl_core.metrics import loss_of
from automl_core.models import Epoch
from automl_core.runs.executor import EpochsReported, FoldTask
from automl_core.runs.worker.connection import Link
from automl_core.types import StopReason

FLUSH_SECONDS = 0.25  # epochs travel at most four times a second


class ProgressReporter:
    """Sends epochs in batches and decides, epoch by epoch, whether the fit goes on."""

    def __init__(self, job: FoldTask, metric: str, link: Link) -> None:
        self._job, self._metric, self._link = job, metric, link
        self._epochs: list[Epoch] = []
        self._sent = 0.0
        self._best = float("inf")
        self.pruned = False

    def report(self, epoch: Epoch) -> StopReason | None:
        """Take one epoch; PRUNED where the fit is worse than its peers were by now."""
        self._epochs.append(epoch)
        if time.monotonic() - self._sent > FLUSH_SECONDS:
            self.flush()
        if epoch.valid_score is None:
            return None
        self._best = min(self._best, loss_of(self._metric, epoch.valid_score))
        for progress, worst in self._job.prune:
            if epoch.progress >= progress and self._best > worst:
                self.pruned = True
                return StopReason.PRUNED
        return None

    def flush(self) -> None:
        """Send what has gathered."""
        if not self._epochs:
            return
        epochs = self._epochs
        result = EpochsReported(
            trial=self._job.trial,
            fold=self._job.fold,
            epoch=tuple(e.epoch for e in epochs),
            progress=tuple(float(e.progress) for e in epochs),
            train_loss=tuple(_finite(e.train_loss) for e in epochs),
            valid_loss=tuple(_finite(e.valid_loss) for e in epochs),
            valid_score=tuple(_finite(e.valid_score) for e in epochs),
            learning_rate=tuple(_finite(e.learning_rate) for e in epochs),
            seconds=tuple(float(e.seconds) for e in epochs),
        )
        self._link.send(result)
        self._epochs, self._sent = [], time.monotonic()


def _finite(value: float | None) -> float | None:
    """The number as JSON can carry it; None where it is infinite or not a number."""
    return float(value) if value is not None and math.isfinite(value) else None
