"""The train task inside a worker: encode the fold, fit, predict its validation rows.

Runs in a worker; knows the catalog and the pipe, no run folder.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from automl_core.export import Member, member_files
from automl_core.models import Epoch, FitControl, FitResult, catalog
from automl_core.runs.executor import (
    Blobs,
    DataLink,
    FoldFitted,
    FoldTask,
    Probed,
    ProbeTask,
    RefitTask,
    Refitted,
    TrainTask,
    is_accelerator,
    unpack_rows,
)
from automl_core.runs.worker import preload
from automl_core.runs.worker.connection import Link
from automl_core.runs.worker.dataset import EncodedFold, FoldCache, typed_of
from automl_core.runs.worker.progress import ProgressReporter
from automl_core.training import pick_device
from automl_core.types import StopReason

TIMED_ROWS = 1000  # rows on which the prediction time is measured

_folds = FoldCache()


def train(task: TrainTask, blobs: Blobs, link: Link) -> None:
    """Fit all jobs of the task within its time.

    The folds of a network are one batched network where an accelerator trains it; all else is
    fitted one after the other.
    """
    preload.for_family(catalog.model_spec(task.jobs[0].family))
    began = time.monotonic()
    network = catalog.model_spec(task.jobs[0].family).kind == "network"
    together = len(task.jobs) > 1 and network and is_accelerator(pick_device(task.device))
    if together and _train_together(task, blobs, link):
        return
    for i in range(len(task.jobs)):
        limit = None
        if task.limit_seconds is not None:
            left = task.limit_seconds - (time.monotonic() - began)
            limit = max(0.1, left / (len(task.jobs) - i))
        _train_job(task, i, limit, blobs, link)


def _train_job(task: TrainTask, number: int, limit: float | None, blobs: Blobs, link: Link) -> None:
    began = time.monotonic()
    job, model_spec = task.jobs[number], catalog.model_spec(task.jobs[number].family)
    fold = _encoded(task, number, blobs)
    encoded = time.monotonic() - began
    reporter = ProgressReporter(job, task.data.metric, link)
    clock = Clock(began, limit, link)
    control = FitControl(
        reporter.report, clock.interrupted, clock.elapsed, job.seed, pick_device(task.device)
    )
    try:
        result = catalog.fit(model_spec, fold.fit, job.config, control)
    finally:
        reporter.flush()  # also those of a fit that failed
    prediction = result.model.predict(fold.fit.x_valid)
    valid = unpack_rows(blobs[f"valid.{number}"])
    done = _Done(fold, valid, result, prediction, time.monotonic() - began, encoded)
    _send_fold(job, done, task.data, link)


def _train_together(task: TrainTask, blobs: Blobs, link: Link) -> bool:
    """Fit the folds of a network at once; False where they have to be fitted one by one."""
    began, count = time.monotonic(), len(task.jobs)
    model_spec = catalog.model_spec(task.jobs[0].family)
    folds = [_encoded(task, number, blobs) for number in range(count)]
    encoded = time.monotonic() - began
    clock = Clock(began, task.limit_seconds, link)
    reporters = [ProgressReporter(job, task.data.metric, link) for job in task.jobs]

    def interrupted() -> StopReason | None:
        # a trial is judged by one of its folds: the others are of no use without it
        pruned = any(reporter.pruned for reporter in reporters)
        return StopReason.PRUNED if pruned else clock.interrupted()

    device = pick_device(task.device)
    controls = [
        FitControl(reporter.report, interrupted, clock.elapsed, job.seed, device)
        for reporter, job in zip(reporters, task.jobs, strict=True)
    ]
    try:
        data = [fold.fit for fold in folds]
        results = catalog.fit_folds(model_spec, data, task.jobs[0].config, controls)
    finally:
        for reporter in reporters:
            reporter.flush()
    if results is None:
        return False
    predictions = [r.model.predict(f.fit.x_valid) for r, f in zip(results, folds, strict=True)]
    seconds = (time.monotonic() - began) / count  # what it took, shared out
    for number, (job, fold) in enumerate(zip(task.jobs, folds, strict=True)):
        valid = unpack_rows(blobs[f"valid.{number}"])
        done = _Done(fold, valid, results[number], predictions[number], seconds, encoded / count)
        _send_fold(job, done, task.data, link)
    return True


def _encoded(task: TrainTask, number: int, blobs: Blobs) -> EncodedFold:
    """The fold of one of the jobs."""
    train_bytes, valid_bytes = blobs[f"train.{number}"], blobs[f"valid.{number}"]
    rows = unpack_rows(train_bytes), unpack_rows(valid_bytes)
    encoding = catalog.model_spec(task.jobs[number].family).encoding
    seen = task.jobs[number].seen
    return _folds.get(task.data, train_bytes, valid_bytes, rows, encoding, seen)


@dataclass(frozen=True, eq=False)
class _Done:
    """A fold that is fitted."""

    fold: EncodedFold
    valid: NDArray[np.int64]  # its rows that validate (m,)
    result: FitResult
    prediction: NDArray[np.float64]  # of these rows
    seconds: float
    encode_seconds: float  # of them


def _send_fold(job: FoldTask, done: _Done, data: DataLink, link: Link) -> None:
    result, member = done.result, Member(job.family, done.fold.encoder, done.result.model)
    files = member_files(member)
    fitted = FoldFitted(
        trial=job.trial,
        fold=job.fold,
        reason=result.reason,
        train_seconds=done.seconds,
        encode_seconds=done.encode_seconds,
        predict_ms_per_row=_predict_ms(member, data, done.valid),
        size_bytes=sum(map(len, files.values())),
        early_stopped=result.early_stopped,
        epochs=result.epochs,
        files=files,
        prediction=done.prediction,
    )
    link.send(fitted)


def refit(task: RefitTask, blobs: Blobs, link: Link) -> None:
    """Fit a trial on all of its rows; nothing is sent where it cannot end in time."""
    job, data, clock = task.job, task.data, Clock(time.monotonic(), task.limit_seconds, link)
    rows, none = unpack_rows(blobs["rows"]), unpack_rows(b"")
    model_spec = catalog.model_spec(job.family)
    fold = _folds.get(data, blobs["rows"], b"", (rows, none), model_spec.encoding, job.seen)
    control = FitControl(
        report=lambda _: clock.interrupted(),
        interrupted=clock.interrupted,
        elapsed=lambda: 0.0,  # of a training that is to end as the first one did, nothing shrinks
        seed=job.seed,
        device=pick_device(task.device),
    )
    result = catalog.fit(model_spec, fold.fit, job.config, control)
    if result.reason != StopReason.COMPLETED:
        return
    member = Member(model_spec.name, fold.encoder, result.model)
    files = member_files(member)
    size = sum(map(len, files.values()))
    link.send(Refitted(_predict_ms(member, data, rows), size, files))


def probe(task: ProbeTask, blobs: Blobs, link: Link) -> None:
    """Train for a moment, and send how many seconds the whole fit would take.

    The encoded fold stays in the cache for the fits to come. A family that has not reported
    anything by the end is given three times as long to do so.
    """
    train_bytes, valid_bytes = blobs["train.0"], blobs["valid.0"]
    rows = unpack_rows(train_bytes), unpack_rows(valid_bytes)
    model_spec = catalog.model_spec(task.family)
    preload.for_family(model_spec)
    fold = _folds.get(task.data, train_bytes, valid_bytes, rows, model_spec.encoding, task.seen)
    pace = Pace(task.seconds)

    def interrupted() -> StopReason | None:
        return link.cancelled() or pace.step()

    def report(epoch: Epoch) -> StopReason | None:
        return link.cancelled() or pace.report(epoch.progress)

    device = pick_device(task.device)
    control = FitControl(report, interrupted, lambda: 0.0, seed=0, device=device)
    catalog.fit(model_spec, fold.fit, task.config, control)
    link.send(Probed(task.family, pace.whole()))


class Pace:
    """How long a fit takes, from its first steps; the very first, which pays for much, apart."""

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


def _predict_ms(member: Member, data: DataLink, valid: np.ndarray) -> float:
    """Milliseconds a row, typed columns to prediction, on up to a thousand rows."""
    rows = valid[:TIMED_ROWS]
    if not len(rows):
        return 0.0
    typed = typed_of(data).take(rows)
    began = time.perf_counter()
    member.predict(typed)
    return 1000 * (time.perf_counter() - began) / len(rows)
