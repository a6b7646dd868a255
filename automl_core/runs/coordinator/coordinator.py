"""Conducts one run through its phases: start, training, end.

A thread of the app's process, or the command line's main thread. The only writer of the run's
folder. It reaches the workers through the executor protocol, and people through the inbox.
"""

from __future__ import annotations

import contextlib
import logging
import os
from pathlib import Path

from automl_core.errors import AutoMLError, StorageError
from automl_core.runs.coordinator.finalize import Finalizer
from automl_core.runs.coordinator.message_handler import MessageHandler
from automl_core.runs.coordinator.restoring import restore
from automl_core.runs.coordinator.startup import resume_run, start_run
from automl_core.runs.coordinator.trackers import make_trackers
from automl_core.runs.coordinator.training_phase import TrainingPhase
from automl_core.runs.executor import Executor, ExecutorClosedError, WorkersGoneError
from automl_core.runs.record import (
    Note,
    RunFinished,
    RunFolder,
    RunInterrupted,
    RunLog,
    RunResumed,
    RunState,
    left_trials,
    length_words,
)
from automl_core.types import RunStatus, Severity, StopReason
from automl_core.words import count

CAN_GO_ON = "The run is interrupted; what it has is kept, and it can go on with other workers."

logger = logging.getLogger(__name__)


def conduct(
    folder: RunFolder,
    executor: Executor,
    root: Path,
    began: float,
    workers: int,
    more: float | None = None,
) -> RunState:
    """Run to the end and return the last state; the log says how it ended, whatever happens.

    `began` is time.monotonic() at Start; at most `workers` tasks are out at once. A run whose log
    has begun goes on: for `more` seconds, or with what is left of its budget; its clock goes on
    when a worker is ready. One that has not begun has `more` as its budget. Where the executor is
    interrupted, so is the run: its state has no end then. The caller holds the run's lock
    (`record.hold`). Raises StorageError where not even the log can be begun, and what
    `prepare_run_data` raises where a run cannot be resumed: it stays as it was.
    """
    folder.remember_place()
    log = RunLog(folder.log_path, began)
    known = log.state.events  # of an earlier part
    try:
        _run_phases(folder, executor, root, log, max(1, workers), more)
    except WorkersGoneError as error:  # the run is interrupted, and can go on with others
        with contextlib.suppress(StorageError):
            log.write(Note(Severity.WARNING, f"{error} {CAN_GO_ON}"), durable=True)
    except ExecutorClosedError:  # the process ends: the run is interrupted, not over
        if log.state.events != known:  # else it waited for a worker, and stays as it was
            _log_interruption(log)
    except AutoMLError as error:
        if known and log.state.events == known:  # it could not be resumed, and stays as it was
            raise
        _fail(log, str(error))
    except MemoryError:
        logger.exception("memory ran out in the run in %s", folder.path)
        _fail(log, "Memory ran out. Fewer rows, columns or workers need less of it.")
    except Exception:  # the run's edge: the app goes on
        logger.exception("the run in %s failed", folder.path)
        _fail(log, "An internal error ended the run; the log of the app has the details.")
    finally:
        log.close()
    return log.state


def _run_phases(
    folder: RunFolder,
    executor: Executor,
    root: Path,
    log: RunLog,
    workers: int,
    more: float | None,
) -> None:
    resumed = log.state.started is not None
    begin = resume_run if resumed else start_run
    context = begin(folder, executor, root, log, workers)
    if resumed or more is not None:  # after all that may fail, such as a table that is gone
        _log_resumed(log, more)
    folder.forget_outcome()
    trackers = make_trackers(context)
    if resumed:
        restore(context, trackers)
    messages = MessageHandler(context, trackers)
    finalizer = Finalizer(context, messages, trackers)
    try:
        finalizer.finish(TrainingPhase(context, messages, trackers).run())
        trackers.kept.clear()
    except StorageError as error:
        finalizer.finish_without_disk(error)
    finally:  # a run that fails leaves the workers to the next one
        context.dispatcher.cancel_all(StopReason.STOPPED)
        context.dispatcher.give_workers_back()


def _log_resumed(log: RunLog, more: float | None) -> None:
    """Say that the run goes on, and for how long."""
    spent, total = log.state.spent_seconds(log.state.clock), log.state.budget_seconds
    if total is None:
        log.write(RunResumed(0.0, os.getpid()), durable=True)
        words = "The run goes on with what is left of its budget: "
        words += f"{count(left_trials(log.state), 'trial')}."
        log.write(Note(Severity.INFO, words))
        return
    if more is not None:
        total = spent + more
    log.write(RunResumed(total, os.getpid()), durable=True)
    words = f"The run goes on for {length_words(max(0.0, total - spent))}: its budget is "
    words += f"{length_words(total)} now."
    log.write(Note(Severity.INFO, words))


def _log_interruption(log: RunLog) -> None:
    """Say that the run was interrupted, and when; what it had got is kept."""
    if log.state.finished is not None:
        return
    words = "Interrupted: the program was ended. The run can go on from where it stood."
    try:
        log.write(Note(Severity.INFO, words))
        log.write(RunInterrupted(), durable=True)
    except StorageError:
        logger.exception("the interruption of a run could not be logged")


def _fail(log: RunLog, reason: str) -> None:
    if log.state.finished is None:
        log.write_last(RunFinished(RunStatus.FAILED, reason, None, None, None, None))
