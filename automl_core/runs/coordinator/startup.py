"""The start of a run: its data prepared, its first events logged, its context built."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

from automl_core.runs.coordinator.context import RunContext
from automl_core.runs.coordinator.dispatcher import Dispatcher
from automl_core.runs.coordinator.start_notes import opening_remarks
from automl_core.runs.executor import Executor
from automl_core.runs.record import Budget, RunFolder, RunLog, RunSpec
from automl_core.runs.record import events as e
from automl_core.runs.schedule import TimeBudget, limits
from automl_core.runs.setup import MemoryPlan, RunData, plan_memory, prepare_run_data
from automl_core.search import families
from automl_core.types import Severity

POLL_SECONDS = 0.1


def start_run(
    folder: RunFolder, executor: Executor, root: Path, log: RunLog, workers: int
) -> RunContext:
    """Prepare the data of the run in `folder` and log its start.

    `root` is the workspace that holds the table; at most `workers` tasks are out at once.
    Raises what `prepare_run_data` raises.
    """
    spec, schema = folder.spec(), folder.schema()
    data = prepare_run_data(spec, schema, root, workers)
    folder.save_folds(data.folds)
    context = _context(folder, executor, log, data, workers)
    log.write(_started(data, spec.options.budget), durable=True)
    log.write(e.Note(Severity.INFO, data.validation.reason))
    if context.memory.words:
        log.write(e.Note(Severity.WARNING, context.memory.words))
    for note in opening_remarks(spec, schema, data, context.budget):
        log.write(note)
    return context


def resume_run(
    folder: RunFolder, executor: Executor, root: Path, log: RunLog, workers: int
) -> RunContext:
    """Prepare the data of a run whose log has begun already, with its own folds; log nothing.

    Its clock goes on when the first worker is ready: until then it cannot. Raises what
    `prepare_run_data` raises, and RunError where the folds are damaged.
    """
    data = prepare_run_data(folder.spec(), folder.schema(), root, workers, folder.folds())
    if log.state.started is not None:  # what every trial had counts, not what would be planned now
        plan = replace(data.validation, first=log.state.started.folds)
        data = replace(data, validation=plan)
    _wait_for_worker(executor)
    log.go_on()
    return _context(folder, executor, log, data, workers)


def _wait_for_worker(executor: Executor) -> None:
    """Until a worker has loaded its libraries, none can be started, or it takes too long."""
    until = time.monotonic() + limits.PLACEMENT_WAIT
    while not (s := executor.status()).ready and not s.broken and time.monotonic() < until:
        executor.poll(POLL_SECONDS)


def _context(
    folder: RunFolder, executor: Executor, log: RunLog, data: RunData, workers: int
) -> RunContext:
    spec = folder.spec()
    memory = _plan(spec, data, executor, workers)
    budget = TimeBudget(
        spec.options.budget.seconds,
        memory.workers,
        log.began,
        added=lambda: log.state.added_seconds,
        paused=lambda: log.clock - log.state.spent_seconds(log.clock),
    )
    dispatcher = Dispatcher(executor, data, spec.options.device, memory.workers)
    return RunContext(spec, folder, data, log, budget, dispatcher, memory)


def _plan(spec: RunSpec, data: RunData, executor: Executor, workers: int) -> MemoryPlan:
    """The memory of the workers that are there is theirs to use."""
    status, folds = executor.status(), data.folds
    free = None if status.free_bytes is None else status.free_bytes + status.memory_bytes
    rows = len(folds.train[0]) + len(folds.valid[0])
    wanted = families(spec.options.families)
    return plan_memory(wanted, rows, len(data.link.columns), workers, free)


def _started(data: RunData, budget: Budget) -> e.RunStarted:
    folds = data.folds
    return e.RunStarted(
        budget_seconds=budget.seconds,
        budget_trials=budget.trials,
        folds=data.first,
        parts=folds.k,
        rows_train=len(folds.train[0]) + len(folds.valid[0]),
        rows_test=len(data.test_set.rows),
        rows_valid=sum(len(rows) for rows in folds.valid[: data.first]),
        rows_without_target=data.rows_without_target,
        process=os.getpid(),
        checksums=True,
    )
