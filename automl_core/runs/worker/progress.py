"""What a fit tells while it runs: its epochs, in batches; and whether it goes on.

Runs in a worker; knows the pipe, nothing of models.
"""

from __future__ import annotations

import time

import numpy as np

from automl_core.metrics import loss_of
from automl_core.models import Epoch
from automl_core.runs.executor import FoldTask
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
        names = (
            "epoch", "progress", "train_loss", "valid_loss", "valid_score", "learning_rate",
            "seconds",
        )  # fmt: skip
        columns = {n: [_plain(getattr(e, n)) for e in self._epochs] for n in names}
        self._link.send("epochs", {"trial": self._job.trial, "fold": self._job.fold, **columns})
        self._epochs, self._sent = [], time.monotonic()


def _plain(value: float | int | None) -> float | int | None:
    if value is None or isinstance(value, int):
        return value
    return float(value) if np.isfinite(value) else None
