"""The probe task: train for a moment and estimate from it how long a whole fit takes, or what is
gained where several networks are trained as one.

Called by `main.py`; the coordinator plans trials with the estimate.
"""

from __future__ import annotations

import time

from automl_core.models import Epoch, FitControl, catalog
from automl_core.runs.executor import Blobs, GainProbed, Probed, ProbeTask
from automl_core.runs.worker import preload
from automl_core.runs.worker.connection import Connection
from automl_core.runs.worker.dataset import cached_fold
from automl_core.training import pick_device
from automl_core.types import StopReason


def probe(task: ProbeTask, blobs: Blobs, connection: Connection) -> None:
    """Train for a moment, and send how many seconds a whole fit would take.

    The encoded fold stays in the cache for the fits to come. A family that has not reported any
    progress by the end is given three times as long.
    """
    model_spec = catalog.model_spec(task.family)
    preload.for_family(model_spec)
    train, valid = blobs["train.0"], blobs["valid.0"]
    fold = cached_fold(task.data, train, valid, model_spec.encoding, task.seen)
    device = pick_device(task.device)
    if task.members:
        control = FitControl(lambda _: None, connection.cancelled, lambda: 0.0, 0, device)
        from automl_core.models import stacking_gain  # with all of PyTorch

        gain = stacking_gain(model_spec, fold.fit, task.config, control, task.members)
        connection.send(GainProbed(task.family, gain))
        return
    pace = Pace(task.seconds)

    def interrupted() -> StopReason | None:
        return connection.cancelled() or pace.step()

    def report(epoch: Epoch) -> StopReason | None:
        return connection.cancelled() or pace.report(epoch.progress)

    control = FitControl(report, interrupted, lambda: 0.0, seed=0, device=device)
    catalog.fit(model_spec, fold.fit, task.config, control)
    connection.send(Probed(task.family, pace.whole()))


class Pace:
    """The speed of a fit, from its first steps; the slow first step is counted apart."""

    def __init__(self, seconds: float) -> None:
        self._seconds, self._began = seconds, time.monotonic()
        self._second = self._last = self._began  # when the second and the last step began
        self._steps = 0
        self._progress = 0.0  # as of the last report
        self._reported = 0  # steps until then

    def step(self) -> StopReason | None:
        """A step is about to begin; TIME once enough is known."""
        self._last = time.monotonic()
        self._steps += 1
        if self._steps <= 2:
            self._second = self._last
        return self._over(self._last)

    def report(self, progress: float) -> StopReason | None:
        """The steps so far have come to that progress, from 0 to 1; TIME as for a step."""
        self._progress, self._reported = progress, self._steps
        return self._over(time.monotonic())

    def _over(self, now: float) -> StopReason | None:
        most = self._seconds if self._progress else 3 * self._seconds
        return StopReason.TIME if now - self._began > most else None

    def whole(self) -> float:
        """Seconds that the whole fit would take."""
        if not self._progress:
            return 20 * self._seconds
        if self._steps < 3:
            return (time.monotonic() - self._began) / self._progress
        a_step = (self._last - self._second) / (self._steps - 2)
        steps = max(1, self._reported) / self._progress
        return (self._second - self._began) + a_step * (steps - 1)
