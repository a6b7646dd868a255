"""Explains a model of an ended run in a worker, and keeps what was found in the run's folder.

Page, command line and Python ask here, and read the same file. The final model is explained on the
test rows; another one, or where there are none, on the rows that were held out of training.
"""

from __future__ import annotations

import logging
import threading
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from automl_core.errors import AutoMLError, RunError, SpecError
from automl_core.explain import MOST_ROWS, Explanation, Question, merged
from automl_core.export import combine_files, split_members, used_columns
from automl_core.runs.executor import (
    Blobs,
    ExecutorClosedError,
    ExplainTask,
    PredictionService,
    pack_rows,
)
from automl_core.runs.record import (
    ENSEMBLE,
    RunFolder,
    RunReader,
    RunState,
    StoredExplanation,
    held,
    load_explanation,
    model_version,
    save_explanation,
    trial_files,
)
from automl_core.runs.setup import RunData, prepare_run_data
from automl_core.table import evenly_spaced
from automl_core.types import Files

SECONDS = 40.0  # that an explanation may take where nothing else is asked for
MOST_SECONDS = 590.0  # the worker of the pages has a limit of ten minutes
LEAST_ROWS = 20  # fewer say nothing

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class ExplainRequest:
    """What is asked for."""

    seconds: float = SECONDS
    columns: tuple[str, ...] = ()  # (): everything; else their effects, and of each two together
    seed: int = 0


class ExplainJob:
    """An explanation on its way. Any thread may look; `done` has it as it was stored.

    `done` raises AutoMLError where it failed, ExecutorClosedError where the process ends.
    """

    def __init__(self, service: PredictionService) -> None:
        self.done: Future[StoredExplanation] = Future()
        self.latest: Explanation | None = None
        self._service = service
        self._task: Future[Explanation] | None = None
        self._given_up = False

    def run(self, task: ExplainTask, blobs: Blobs) -> Explanation:
        """Wait for the worker; what it had where the job was cancelled meanwhile."""
        self._task = self._service.explain(task, blobs, self._take)
        if self._given_up:
            self._service.give_up(self._task)
        return self._task.result()

    def _take(self, explanation: Explanation) -> None:
        self.latest = explanation

    def cancel(self) -> None:
        """End it; what was found so far is kept."""
        self._given_up = True
        if self._task is not None:
            self._service.give_up(self._task)


@dataclass(frozen=True, eq=False)
class _Asked:
    """A model of a run, and what is asked of it."""

    folder: RunFolder
    trial: int
    state: RunState
    request: ExplainRequest
    root: Path


@dataclass(frozen=True, eq=False)
class _Prepared:
    """The task, and the rows that it is about."""

    task: ExplainTask
    blobs: Blobs
    on_test: bool
    rows: int
    unused: tuple[str, ...]


def known_explanation(
    folder: RunFolder, trial: int, request: ExplainRequest
) -> StoredExplanation | None:
    """The stored explanation where it has all that is asked for; None where it has not.

    To compute it again would give the same: the seed decides.
    """
    stored = _stored(folder, trial)
    if stored is None or stored.seed != request.seed:
        return None
    if request.columns:
        have = {effect.axis.column for effect in stored.explanation.effects}
        return stored if set(request.columns) <= have | set(stored.unused) else None
    return stored if stored.explanation.done else None


def explain_run(
    folder: RunFolder, trial: int, request: ExplainRequest, root: Path, service: PredictionService
) -> ExplainJob:
    """Begin to explain a model of an ended run; returns at once.

    Raises RunError where the run goes on, or has no such model; SpecError for a column that it does
    not have, or seconds that are out of range.
    """
    state = RunReader(folder).refresh()
    if state.status.active:
        raise RunError("This run is still going.", "Explain its models once it has ended.")
    if trial not in state.models:
        raise RunError("The run has no such model.", "Choose one of the leaderboard.")
    if not 0 < request.seconds <= MOST_SECONDS:
        raise SpecError(
            f"{request.seconds:g} seconds are out of range.", f"Give 1 to {MOST_SECONDS:g}."
        )
    schema = folder.schema()
    columns = tuple(schema.column(name).name for name in request.columns)
    asked = _Asked(folder, trial, state, replace(request, columns=columns), root)
    job = ExplainJob(service)
    threading.Thread(target=_do, args=(asked, job), name="explain", daemon=True).start()
    return job


def _do(asked: _Asked, job: ExplainJob) -> None:
    """Prepare, wait for the worker, store; in a thread of its own."""
    try:
        job.done.set_result(_explained(asked, job))
    except (AutoMLError, ExecutorClosedError) as error:  # whoever waits is told
        job.done.set_exception(error)
    except Exception as error:
        logger.exception("a model of %s could not be explained", asked.folder.path)
        job.done.set_exception(error)


def _explained(asked: _Asked, job: ExplainJob) -> StoredExplanation:
    folder, trial = asked.folder, asked.trial
    version = model_version(folder, trial)
    prepared = _prepared(asked)
    found = job.run(prepared.task, prepared.blobs)
    with held(folder.path, "Another process writes into this run now."):
        if model_version(folder, trial) != version:
            raise RunError("The run has gone on meanwhile.", "Explain its model as it is now.")
        # also without an old one: what was found for some columns is not the whole
        old = _stored(folder, trial)
        known = Explanation() if old is None else old.explanation
        found = merged(known, found, prepared.task.question)
        stored = StoredExplanation(
            version=version,
            on_test=prepared.on_test,
            rows=prepared.rows,
            unused=prepared.unused,
            seed=asked.request.seed,
            explanation=found,
        )
        save_explanation(folder, trial, stored)
    return stored


def _stored(folder: RunFolder, trial: int) -> StoredExplanation | None:
    try:
        return load_explanation(folder, trial)
    except RunError:  # it is damaged: the new one takes its place
        logger.exception("an explanation is written anew")
        return None


def _prepared(asked: _Asked) -> _Prepared:
    folder, request = asked.folder, asked.request
    spec = folder.spec()
    data = prepare_run_data(spec, folder.schema(), asked.root, stored=folder.folds())
    end = asked.state.finished
    is_final = end is not None and end.best == asked.trial
    if is_final and len(data.test_set.rows) >= LEAST_ROWS:
        link, every = data.test_set.link, data.test_set.rows
        files, blobs, weights = folder.model_files(asked.trial), Blobs(), tuple[float, ...]()
    else:
        link = data.link
        files, weights, valid = _members(asked, data)
        every = _unseen_by_some(folder, asked.trial, valid)
        blobs = {f"valid.{i}": pack_rows(rows) for i, rows in enumerate(valid)}
    if len(every) < LEAST_ROWS:
        raise RunError(
            f"Only {len(every)} rows were kept out of training: too few to explain a model.",
            f"{LEAST_ROWS} rows are needed.",
        )
    rows = every
    if len(every) > MOST_ROWS:
        rows = every[evenly_spaced(len(every), MOST_ROWS)]
    rows = np.random.default_rng(request.seed).permutation(rows)
    used = tuple(column.name for column in used_columns(files))
    blobs |= {f"model/{name}": content for name, content in files.items()}
    blobs |= {"rows": pack_rows(rows)}
    question = Question(spec.metric, request.columns, request.seed)
    task = ExplainTask(link, used, question, weights, request.seconds)
    unused = tuple(c.name for c in link.columns if c.name not in used)
    return _Prepared(task, blobs, not weights, len(every), unused)


def _members(
    asked: _Asked, data: RunData
) -> tuple[Files, tuple[float, ...], list[NDArray[np.int64]]]:
    """The model as it was validated: its files, and for each member weight and validation rows."""
    folder, state = asked.folder, asked.state
    solved = state.ensemble if asked.trial == ENSEMBLE else None
    numbers = (asked.trial,) if solved is None else solved.trials
    shares = (1.0,) if solved is None else solved.weights
    parts = [trial_files(folder, number) for number in numbers]
    weights: list[float] = []
    valid: list[NDArray[np.int64]] = []
    for number, share, files in zip(numbers, shares, parts, strict=True):
        first = state.trials[number].repeat * data.folds.k
        for member in range(len(split_members(files))):
            weights.append(share)
            valid.append(data.folds.valid[first + member])
    if solved is None:
        return parts[0], tuple(weights), valid
    weighted = list(zip(parts, shares, strict=True))
    return combine_files(weighted, "ensemble", solved.temperature), tuple(weights), valid


def _unseen_by_some(
    folder: RunFolder, trial: int, valid: list[NDArray[np.int64]]
) -> NDArray[np.int64]:
    """The rows that the model has out-of-fold predictions for, ascending."""
    rows = np.intersect1d(folder.out_of_fold(trial).rows, np.concatenate(valid))
    return rows.astype(np.int64)
