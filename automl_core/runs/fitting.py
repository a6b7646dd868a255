"""The train task inside a worker: encode the fold, fit, predict its validation rows.

Runs in a worker; knows the catalog and the pipe, no run folder.
"""

from __future__ import annotations

import time

import numpy as np

from automl_core.evaluation.metrics import loss_of
from automl_core.export.predictor import Member, member_files
from automl_core.models import catalog
from automl_core.models.base import Epoch, FitControl, StopReason
from automl_core.runs.data import FoldCache, load_data
from automl_core.runs.link import Link
from automl_core.runs.protocol import Blobs, pack_values, unpack_rows
from automl_core.runs.tasks import Job, ProbeTask, TrainTask
from automl_core.training.device import pick_device

FLUSH_SECONDS = 0.25  # epochs travel at most four times a second
TIMED_ROWS = 1000  # rows on which the prediction time is measured

_folds = FoldCache()


class Reporter:
    """Sends epochs in batches and decides, epoch by epoch, whether the fit goes on."""

    def __init__(self, job: Job, metric: str, link: Link) -> None:
        self._job, self._metric, self._link = job, metric, link
        self._epochs: list[Epoch] = []
        self._sent = 0.0
        self._best = float("inf")

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


def train(task: TrainTask, blobs: Blobs, link: Link) -> None:
    """Fit all jobs of the task, one after the other, within its time."""
    began = time.monotonic()
    for i in range(len(task.jobs)):
        limit = None
        if task.limit_seconds is not None:
            left = task.limit_seconds - (time.monotonic() - began)
            limit = max(0.1, left / (len(task.jobs) - i))
        _train_job(task, i, limit, blobs, link)


def _train_job(task: TrainTask, number: int, limit: float | None, blobs: Blobs, link: Link) -> None:
    began = time.monotonic()
    job, data = task.jobs[number], task.data
    train_bytes, valid_bytes = blobs[f"train.{number}"], blobs[f"valid.{number}"]
    rows = unpack_rows(train_bytes), unpack_rows(valid_bytes)
    card = catalog.card(job.family)
    fold = _folds.get(data, train_bytes, valid_bytes, rows, card.encoding, job.columns)
    reporter = Reporter(job, data.metric, link)
    clock = Clock(began, limit, link)
    control = FitControl(
        reporter.report, clock.interrupted, clock.elapsed, job.seed, pick_device(task.device)
    )
    try:
        result = catalog.fit(card, fold.fit, job.config, control)
    finally:
        reporter.flush()  # also those of a fit that failed
    member = Member(card.name, fold.encoder, result.model)
    prediction = result.model.predict(fold.fit.x_valid)
    seconds = time.monotonic() - began
    files = member_files(member)
    plain = {
        "trial": job.trial,
        "fold": job.fold,
        "reason": str(result.reason),
        "train_seconds": seconds,
        "predict_ms_per_row": _predict_ms(member, task, rows[1]),
        "size_bytes": sum(map(len, files.values())),
    }
    members = {f"member/{name}": data for name, data in files.items()}
    link.send("fold", plain, {**members, "prediction": pack_values(prediction)})


def probe(task: ProbeTask, blobs: Blobs, link: Link) -> None:
    """Train for a moment, and send how many seconds the whole fit would take.

    The encoded fold stays in the cache for the fits to come. A family that has not reported
    anything by the end is given three times as long to do so.
    """
    train_bytes, valid_bytes = blobs["train.0"], blobs["valid.0"]
    rows = unpack_rows(train_bytes), unpack_rows(valid_bytes)
    card = catalog.card(task.family)
    fold = _folds.get(task.data, train_bytes, valid_bytes, rows, card.encoding, task.columns)
    pace = Pace(task.seconds)

    def interrupted() -> StopReason | None:
        return link.cancelled() or pace.step()

    def report(epoch: Epoch) -> StopReason | None:
        pace.progress = epoch.progress
        return interrupted()

    device = pick_device(task.device)
    control = FitControl(report, interrupted, lambda: 0.0, seed=0, device=device)
    catalog.fit(card, fold.fit, task.config, control)
    link.send("probed", {"family": task.family, "seconds": pace.whole()})


class Pace:
    """How long a fit takes, from its first steps; the very first, which pays for much, apart."""

    def __init__(self, seconds: float) -> None:
        self._seconds, self._began = seconds, time.monotonic()
        self._second = self._last = self._began  # when the second and the last step began
        self._steps = 0
        self.progress = 0.0

    def step(self) -> StopReason | None:
        """A step is about to begin; TIME once enough is known."""
        self._last = time.monotonic()
        self._steps += 1
        if self._steps <= 2:
            self._second = self._last
        most = self._seconds if self.progress else 3 * self._seconds
        return StopReason.TIME if self._last - self._began > most else None

    def whole(self) -> float:
        """Seconds that the whole fit would take."""
        if not self.progress:
            return 20 * self._seconds
        if self._steps < 3:
            return (time.monotonic() - self._began) / self.progress
        a_step = (self._last - self._second) / (self._steps - 2)
        return (self._second - self._began) + a_step * (self._steps - 1) / self.progress


class Clock:
    """Says when a fit has to end: its time is up, or the parent asked."""

    def __init__(self, began: float, limit: float | None, link: Link) -> None:
        self._began, self._limit, self._link = began, limit, link

    def interrupted(self) -> StopReason | None:
        """Why the fit should stop now, if it should."""
        if (reason := self._link.cancelled()) is not None:
            return reason
        over = self._limit is not None and time.monotonic() - self._began > self._limit
        return StopReason.TIME if over else None

    def elapsed(self) -> float:
        """Share of the limit that is used, 0 where there is none."""
        if self._limit is None:
            return 0.0
        return min(1.0, (time.monotonic() - self._began) / self._limit)


def _predict_ms(member: Member, task: TrainTask, valid: np.ndarray) -> float:
    """Milliseconds a row, typed columns to prediction, on up to a thousand rows."""
    rows = valid[:TIMED_ROWS]
    if not len(rows):
        return 0.0
    typed = load_data(task.data).typed.take(rows)
    began = time.perf_counter()
    member.predict(typed)
    return 1000 * (time.perf_counter() - began) / len(rows)
