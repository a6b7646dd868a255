"""The train and refit tasks: encode a fold, fit a model on it, predict the validation rows.

Called by `main.py` with a task and its blobs; every fitted fold is sent as soon as it is there.
"""

from __future__ import annotations

import time
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from automl_core.errors import ModelError, TimeOverError
from automl_core.export import Member, member_files
from automl_core.models import FitControl, FitResult, catalog
from automl_core.runs.executor import (
    Blobs,
    DataLink,
    FoldFitted,
    FoldTask,
    RefitTask,
    Refitted,
    TrainTask,
    is_accelerator,
    is_network,
    unpack_rows,
)
from automl_core.runs.worker import preload
from automl_core.runs.worker.checkpoints import Checkpoint, CheckpointSender, Reached
from automl_core.runs.worker.connection import Connection
from automl_core.runs.worker.dataset import EncodedFold, Rows, cached_fold, typed_rows
from automl_core.runs.worker.progress import ProgressReporter
from automl_core.runs.worker.stacked_jobs import StackedJobs
from automl_core.runs.worker.time_limit import TimeLimit
from automl_core.training import pick_device
from automl_core.types import StopReason

TIMED_ROWS = 1000  # rows on which the prediction time is measured


def train(task: TrainTask, blobs: Blobs, connection: Connection) -> None:
    """Make all fits of the task within its time.

    Those of a network are trained as one batched network on an accelerator, and where the task
    says so; all others are made one after the other.
    """
    model_spec = catalog.model_spec(task.jobs[0].family)
    preload.for_family(model_spec)
    began = time.monotonic()
    device = pick_device(task.device)
    network = len(task.jobs) > 1 and model_spec.kind == "network"
    stacked = network and (task.places > 0 or is_accelerator(device))
    if stacked and _train_stacked(task, blobs, connection):
        return
    for i in range(len(task.jobs)):
        limit = None
        if task.limit_seconds is not None:
            left = task.limit_seconds - (time.monotonic() - began)
            limit = max(0.1, left / (len(task.jobs) - i))
        _train_fold(task, i, limit, blobs, connection)


def _train_fold(
    task: TrainTask, number: int, seconds: float | None, blobs: Blobs, connection: Connection
) -> None:
    began = time.monotonic()
    job = task.jobs[number]
    fold = _fold(task, number, blobs)
    encode_seconds = time.monotonic() - began
    before = Checkpoint.from_bytes(blobs.get(f"state.{number}", b""))
    had, best = before.reached, (*before.reached.best, None)[0]
    reporter = ProgressReporter(job, task.data.metric, connection, had.seconds, best)
    limit = TimeLimit(began, seconds, connection, had.share)

    def reached() -> Reached:
        taken = had.seconds + time.monotonic() - began
        epoch = reporter.epoch or had.epoch
        return Reached(taken, limit.elapsed(), (reporter.best,), epoch)

    sender = CheckpointSender((job,), before, reached, connection)
    device = pick_device(task.device)
    control = FitControl(
        reporter.report, limit.interrupted, limit.elapsed, job.seed, device, sender
    )
    try:
        result = catalog.fit(catalog.model_spec(job.family), fold.fit, job.config, control)
    finally:
        reporter.flush()  # also those of a fit that failed
        sender.close()
    if not _has_learned(result, reporter, sender):
        raise _too_late()
    prediction = result.model.predict(fold.fit.x_valid)
    seconds_taken = _Seconds(had.seconds + time.monotonic() - began, encode_seconds)
    valid = unpack_rows(blobs[f"valid.{number}"])
    connection.send(_fitted(job, fold, result, prediction, seconds_taken, task, valid))


def _train_stacked(task: TrainTask, blobs: Blobs, connection: Connection) -> bool:
    """Make the fits of a network as one; False where they have to be made one by one.

    Each is sent as soon as it has ended; one that fails ends the task, once the others are sent.
    """
    began, count = time.monotonic(), len(task.jobs)
    folds = [_fold(task, number, blobs) for number in range(count)]
    encode_seconds = (time.monotonic() - began) / count  # equal shares
    stack = StackedJobs(task, blobs, connection, pick_device(task.device))
    failures: dict[int, ModelError] = {}  # by trial
    late: list[int] = []  # trials with a fit that has learned nothing

    def ended(number: int, result: FitResult | ModelError) -> None:
        one, fold = stack.jobs[number], folds[number]
        one.end()
        if isinstance(result, ModelError):
            failures[one.job.trial] = result
            stack.give_up(one.job.trial)
        if isinstance(result, ModelError) or one.job.trial in failures:
            return
        if not _has_learned(result, one.reporter, one.sender):
            late.append(one.job.trial)
            return
        prediction = result.model.predict(fold.fit.x_valid)
        # what is planned by it, a fit on all rows or a further fold, will be made alone
        seconds = _Seconds(task.gain * one.seconds + encode_seconds, encode_seconds)
        valid = unpack_rows(blobs[f"valid.{number}"])
        one.reporter.flush()
        one.sender.close()
        connection.send(_fitted(one.job, fold, result, prediction, seconds, task, valid))

    model_spec = catalog.model_spec(task.jobs[0].family)
    try:
        fits = stack.fits([fold.fit for fold in folds])
        done = catalog.fit_stacked(model_spec, fits, task.places or count, ended)
    finally:
        stack.close()
    for error in failures.values():
        raise error
    if late:
        raise _too_late()
    return done


def _fold(task: TrainTask, number: int, blobs: Blobs) -> EncodedFold:
    """The encoded fold of one of the task's jobs."""
    job = task.jobs[number]
    encoding = catalog.model_spec(job.family).encoding
    train, valid = blobs[f"train.{number}"], blobs[f"valid.{number}"]
    return cached_fold(task.data, train, valid, encoding, job.seen)


def _has_learned(result: FitResult, reporter: ProgressReporter, sender: CheckpointSender) -> bool:
    """False where a fit was cut before its first epoch, tree or look at a row.

    Its model would answer as the constant does, and be taken for one that was trained.
    """
    cut = result.reason in (StopReason.TIME, StopReason.STOPPED)
    return not cut or reporter.epoch > 0 or bool(sender.saved)


def _too_late() -> TimeOverError:
    return TimeOverError(
        "Its time was over before it had learned anything.",
        "A longer budget gives it more; so do fewer columns or rows.",
    )


class _Seconds(NamedTuple):
    """The time that a fold has taken."""

    training: float  # with encoding
    encoding: float


def _fitted(
    job: FoldTask,
    fold: EncodedFold,
    result: FitResult,
    prediction: NDArray[np.float64],  # of the validation rows
    seconds: _Seconds,
    task: TrainTask,
    valid: Rows,
) -> FoldFitted:
    member = Member(job.family, fold.encoder, result.model)
    files = member_files(member)
    return FoldFitted(
        trial=job.trial,
        fold=job.fold,
        reason=result.reason,
        train_seconds=seconds.training,
        encode_seconds=seconds.encoding,
        predict_ms_per_row=_predict_ms(member, task.data, valid),
        size_bytes=sum(map(len, files.values())),
        early_stopped=result.early_stopped,
        epochs=result.epochs,
        files=files,
        prediction=prediction,
        device=pick_device(task.device) if is_network(job.family) else "cpu",
    )


def refit(task: RefitTask, blobs: Blobs, connection: Connection) -> None:
    """Fit a trial on all of its rows; nothing is sent where that cannot end in time."""
    job, data = task.job, task.data
    limit = TimeLimit(time.monotonic(), task.limit_seconds, connection)
    model_spec = catalog.model_spec(job.family)
    preload.for_family(model_spec)
    fold = cached_fold(data, blobs["rows"], b"", model_spec.encoding, job.seen)
    control = FitControl(
        report=lambda _: limit.interrupted(),
        interrupted=limit.interrupted,
        elapsed=lambda: 0.0,  # the schedule must not shrink: this fit ends as the first one did
        seed=job.seed,
        device=pick_device(task.device),
    )
    result = catalog.fit(model_spec, fold.fit, job.config, control)
    if result.reason != StopReason.COMPLETED:
        return
    member = Member(model_spec.name, fold.encoder, result.model)
    files = member_files(member)
    ms = _predict_ms(member, data, unpack_rows(blobs["rows"]))
    connection.send(Refitted(ms, sum(map(len, files.values())), files))


def _predict_ms(member: Member, data: DataLink, rows: Rows) -> float:
    """Milliseconds a row, from typed columns to the prediction, on up to a thousand rows."""
    rows = rows[:TIMED_ROWS]
    if not len(rows):
        return 0.0
    typed = typed_rows(data, rows, member.encoder.reads)
    began = time.perf_counter()
    member.predict(typed)
    return 1000 * (time.perf_counter() - began) / len(rows)
