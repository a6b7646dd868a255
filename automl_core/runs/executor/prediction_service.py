"""The extra worker that does what pages wait for, such as predictions, also while a run trains.

A page's thread asks and gets a future; the service's own thread passes one task after the other to
an executor of one worker, here or on a cluster, and sets the futures. No task has the worker for
ever: one that takes longer than its limit is ended with its worker, and the next one gets a new
one. It knows nothing of runs.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from automl_core.errors import AccessError, AutoMLError, ModelError, StorageError
from automl_core.evaluation import MeasuredColumns, RowScores, SplitScores
from automl_core.explain import Explanation, Proposals
from automl_core.export import Cell
from automl_core.runs.executor.base import ExecutorClosedError, WorkersGoneError
from automl_core.runs.executor.choose import open_one_worker
from automl_core.runs.executor.protocol import Blobs, pack_rows
from automl_core.runs.executor.results import (
    CertifiedWritten,
    Distilled,
    LightFileWritten,
    ModelTimed,
    PackageWritten,
    RowExplained,
    RowsScored,
    Scored,
    TablePredicted,
    TableScored,
    TaskDone,
    TaskFailed,
    WorkerLost,
)
from automl_core.runs.executor.stored_predictions import PredictionWriter, StoredPredictions
from automl_core.runs.executor.tasks import (
    CERTIFIED_FORMS,
    CertifiedTask,
    ChangeRowTask,
    ColumnSetsTask,
    CompareTask,
    DistillTask,
    ExplainRowTask,
    ExplainTask,
    LightFileTask,
    PackageTask,
    PredictRowTask,
    PredictTask,
    RowCurveTask,
    ScoreMembersTask,
    ScoreTableTask,
    ScoreTask,
    TimeModelTask,
    Work,
)
from automl_core.types import Files, StopReason

ALONE_SECONDS = 600.0  # that a task may take while nobody else waits
SHARED_SECONDS = 60.0  # that it may take once others wait
START_SECONDS = 120.0  # that a worker may take to start, or wait for room on a cluster
STILL_SECONDS = 30.0  # without using the processor, after which a task is ended
POLL = 0.2  # seconds between two looks at the clock
NO_RESULT = "its worker sent no result."
_CANCELLED = "it was cancelled."
_NEVER = (
    f"its worker did not start within {START_SECONDS:g} s. On a cluster, others may use all CPUs."
)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class _Entry:
    """A task, its future, and what it is called in messages."""

    future: Future[Any]
    work: Work
    blobs: Blobs
    name: str  # "The table could not be scored"
    instead: str  # what to do where it takes too long
    report: Callable[[Any], None] | None = None  # takes what is known before the end
    keeps: bool = False  # what was reported last is the result of one that is ended
    writer: PredictionWriter | None = None  # takes the pieces of a table


class PredictionService:
    """One worker process, and the thread that gives it tasks in the order in which they came."""

    def __init__(self, root: Path, cluster: str | None = None, limited: bool = True) -> None:
        """`root`: the workspace; `cluster` as in `open_one_worker`; `limited`: a task may not take
        longer than ALONE_SECONDS."""
        self._root, self._limited = root, limited
        self._queue: queue.SimpleQueue[_Entry | None] = queue.SimpleQueue()
        self._given_up: set[Future[Any]] = set()  # running ones that nobody waits for any more
        self._executor = open_one_worker(cluster, root / "workers.log")
        threading.Thread(target=self._serve, name="service", daemon=True).start()

    def predict(self, files: Files, table_hash: str, root: Path | None = None) -> Future[pa.Table]:
        """Predict a stored table of the workspace `root` with the predictor in `files`.

        The future raises ModelError where that fails or takes too long, ExecutorClosedError after
        `close`.
        """
        blobs = {f"model/{name}": data for name, data in files.items()}
        task = PredictTask(str(root or self._root), table_hash)
        hint = "Score fewer rows at once, or use `torchlight predict`, which has no limit."
        return self._put(task, blobs, "The table could not be scored", hint)

    def score_table(
        self, task: ScoreTableTask, files: Files, report: Callable[[int], object]
    ) -> Future[StoredPredictions]:
        """Predict a stored table piece by piece, and store the predictions in the workspace of the
        task; `report` takes the rows that are done.

        The future raises as that of `predict`, and StorageError or AccessError where they cannot
        be stored.
        """
        blobs = {f"model/{name}": data for name, data in files.items()}
        name = "The table could not be scored"
        hint = "Score fewer rows at once, or use `torchlight predict`, which has no limit."
        future: Future[StoredPredictions] = Future()
        writer = PredictionWriter(Path(task.root), report)
        self._queue.put(_Entry(future, task, blobs, name, hint, writer=writer))
        return future

    def predict_row(self, model: str, files: Files, cells: tuple[Cell, ...]) -> Future[pa.Table]:
        """Predict one row; `model` is another text for another predictor. Raises as `predict`."""
        blobs = {f"model/{name}": data for name, data in files.items()}
        name = "The row could not be scored"
        return self._put(PredictRowTask(model, cells), blobs, name, "Choose a smaller model.")

    def explain_row(
        self, task: ExplainRowTask, files: Files, rows: NDArray[np.int64]
    ) -> Future[RowExplained]:
        """Contributions to a row's prediction, and its neighbours among `rows`; a later task for
        the same row goes on. The future raises as that of `predict`."""
        name = "The prediction could not be explained"
        return self._put(task, _row_blobs(files, rows), name, "Choose a smaller model.")

    def change_row(
        self, task: ChangeRowTask, files: Files, rows: NDArray[np.int64]
    ) -> Future[Proposals]:
        """Changes of a row that reach a goal; the future raises as that of `predict`."""
        name = "No changes could be looked for"
        return self._put(task, _row_blobs(files, rows), name, "Lock more columns.")

    def score(
        self, task: ScoreTask, files: Files, rows: NDArray[np.int64]
    ) -> Future[NDArray[np.float64]]:
        """Predict some rows of a run's table; the future raises as that of `predict`."""
        hint = "Try it again when nothing else is trained."
        return self._put(task, _row_blobs(files, rows), "The test rows could not be scored", hint)

    def write_certified(
        self, task: CertifiedTask, files: Files, rows: NDArray[np.int64]
    ) -> Future[CertifiedWritten]:
        """Write a model for other programs; the future raises as that of `predict`."""
        hint = f"Use `torchlight export --format {task.form}`, which has no limit."
        name = f"There is no {CERTIFIED_FORMS[task.form]} file"
        return self._put(task, _row_blobs(files, rows), name, hint)

    def write_package(self, files: Files) -> Future[PackageWritten]:
        """Write a model of networks for PyTorch; the future raises as that of `predict`."""
        blobs = {f"model/{name}": data for name, data in files.items()}
        hint = "Use `torchlight export --format pytorch`, which has no limit."
        return self._put(PackageTask(), blobs, "The model could not be written so", hint)

    def compare(self, task: CompareTask) -> Future[SplitScores]:
        """Compare two splits of a stored table; the future raises as that of `predict`."""
        hint = "Train once by groups or time and once at random; both runs have a budget."
        return self._put(task, {}, "The splits could not be compared", hint)

    def explain(
        self, task: ExplainTask, blobs: Blobs, report: Callable[[Explanation], None]
    ) -> Future[Explanation]:
        """Explain a model; `report` takes each explanation that is better than the last.

        One that is given up has what was known by then. The future raises as that of `predict`.
        """
        name = "The model could not be explained"
        future: Future[Explanation] = Future()
        self._queue.put(_Entry(future, task, blobs, name, "Explain a smaller model.", report, True))
        return future

    def measure_rows(
        self, task: RowCurveTask, blobs: Blobs, report: Callable[[RowScores], None]
    ) -> Future[RowScores]:
        """Scores by how many rows train; `report` takes those of the sizes so far.

        The future raises as that of `predict`.
        """
        name = "What more rows bring could not be measured"
        hint = "Try it again when nothing else is trained."
        future: Future[RowScores] = Future()
        self._queue.put(_Entry(future, task, blobs, name, hint, report))
        return future

    def time_model(
        self, task: TimeModelTask, files: Files, rows: NDArray[np.int64]
    ) -> Future[ModelTimed]:
        """How long a model takes for these rows; the future raises as that of `predict`."""
        name = "The model's time could not be measured"
        return self._put(task, _row_blobs(files, rows), name, "Choose a smaller model.")

    def score_members(
        self, task: ScoreMembersTask, files: Files, rows: Sequence[NDArray[np.int64]]
    ) -> Future[NDArray[np.float64]]:
        """What each member of a model says of its rows, one member's after the other's; the future
        raises as that of `predict`."""
        blobs = {f"model/{name}": data for name, data in files.items()}
        blobs |= {f"rows.{i}": pack_rows(part) for i, part in enumerate(rows)}
        name = "The model's members could not be scored"
        return self._put(task, blobs, name, "Choose a smaller model.")

    def write_light_file(
        self, task: LightFileTask, files: Files, rows: NDArray[np.int64]
    ) -> Future[LightFileWritten]:
        """A model as an ONNX file, timed; the future raises as that of `predict`."""
        name = "There is no ONNX file"
        return self._put(task, _row_blobs(files, rows), name, "Choose a smaller model.")

    def distill(
        self, task: DistillTask, files: Files, rows: NDArray[np.int64]
    ) -> Future[Distilled]:
        """A small network that predicts what the model of the files does; the future raises as
        that of `predict`."""
        hint = "Try it again when nothing else is trained."
        return self._put(task, _row_blobs(files, rows), "The student could not be trained", hint)

    def measure_columns(
        self, task: ColumnSetsTask, blobs: Blobs, report: Callable[[MeasuredColumns], None]
    ) -> Future[MeasuredColumns]:
        """Scores with fewer columns; reports, ends and raises as `explain`."""
        name = "What columns cost could not be measured"
        future: Future[MeasuredColumns] = Future()
        hint = "Try it again when nothing else is trained."
        self._queue.put(_Entry(future, task, blobs, name, hint, report, True))
        return future

    def give_up(self, future: Future[Any]) -> None:
        """End a task that nobody waits for any more, also one that is being done."""
        if not future.cancel() and not future.done():
            self._given_up.add(future)

    def _put(self, work: Work, blobs: Blobs, name: str, instead: str) -> Future[Any]:
        future: Future[Any] = Future()
        self._queue.put(_Entry(future, work, blobs, name, instead))
        return future

    def _serve(self) -> None:
        while (entry := self._queue.get()) is not None:
            future = entry.future
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(self._do(entry))
            except WorkersGoneError as error:
                future.set_exception(ModelError(f"{entry.name}: {error}"))
            except (ExecutorClosedError, AutoMLError) as error:
                future.set_exception(error)
            except Exception as error:  # the next task must be done all the same
                logger.exception("a task that a page waits for failed")
                future.set_exception(error)
            self._given_up.discard(future)

    def _do(self, entry: _Entry) -> Any:
        """The result of a task, once the worker is free again."""
        number = self._executor.submit(entry.work, entry.blobs)
        try:
            return self._result_of(number, entry)
        except (StorageError, AccessError):  # what else it sends cannot be kept either
            self._executor.cancel(number, StopReason.STOPPED)
            raise
        finally:  # before anyone is told of the end
            if entry.writer is not None:
                entry.writer.close()

    def _result_of(self, number: int, entry: _Entry) -> Any:
        asked = began = time.monotonic()
        ended, result = "", None
        while True:
            status = self._executor.status()
            if status.broken:
                raise ModelError(status.broken)
            now = time.monotonic()
            if not status.busy:  # the worker is still starting
                began = now
            waited, still = began - asked, status.still.get(number, 0.0)
            if not ended and (ended := self._reason_to_end(entry, waited, now - began, still)):
                self._executor.cancel(number, StopReason.TIME)  # its worker is replaced
            for message in self._executor.poll(POLL):
                if message.task != number:
                    continue
                match message.result:
                    case TablePredicted(table):
                        result = table
                    case RowsScored() as piece if entry.writer is not None:
                        entry.writer.take(piece)
                    case TableScored() as scored if entry.writer is not None:
                        result = entry.writer.commit(scored)
                    case Scored(prediction):
                        result = prediction
                    case (
                        SplitScores()
                        | RowExplained()
                        | Proposals()
                        | ModelTimed()
                        | LightFileWritten()
                        | Distilled()
                        | PackageWritten()
                        | CertifiedWritten()
                    ) as found:
                        result = found
                    case Explanation() | RowScores() | MeasuredColumns() as known:
                        result = known
                        if entry.report is not None:
                            entry.report(known)
                    case TaskDone() if result is not None:
                        return result
                    case TaskDone() | TaskFailed() | WorkerLost() as end:
                        words = NO_RESULT if isinstance(end, TaskDone) else end.message
                        if ended and entry.keeps and result is not None:
                            return result  # it was on its way, and is told so
                        hint = entry.instead if ended not in ("", _CANCELLED, _NEVER) else ""
                        raise ModelError(f"{entry.name}: {ended or words}", hint)

    def _reason_to_end(self, entry: _Entry, waited: float, seconds: float, still: float) -> str:
        """Why a task that has taken so many seconds is ended, in words; "" where it may go on.

        `waited`: seconds until its worker was ready, or so far; `still`: for which that has not
        used the processor.
        """
        if entry.future in self._given_up:
            return _CANCELLED
        if waited > START_SECONDS and not seconds:
            return _NEVER
        if still > STILL_SECONDS:
            return f"its worker stood still for {STILL_SECONDS:g} s."
        if self._limited and seconds > ALONE_SECONDS:
            return f"it took longer than {ALONE_SECONDS / 60:g} minutes."
        if seconds > SHARED_SECONDS and not self._queue.empty():
            return f"it took longer than {SHARED_SECONDS:g} s while others were waiting."
        return ""

    def close(self) -> None:
        """End the worker; the futures of waiting tasks raise ExecutorClosedError."""
        self._executor.close()
        self._queue.put(None)


def _row_blobs(files: Files, rows: NDArray[np.int64]) -> Blobs:
    return {f"model/{name}": data for name, data in files.items()} | {"rows": pack_rows(rows)}
