"""All runs of this process, one after the other; and work that a page waits for.

A module-level singleton, so that it survives page reruns and cleared caches. Threads here
conduct and wait; they never train.
"""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import logging
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from filelock import BaseFileLock, Timeout
from numpy.typing import NDArray

from automl_core.errors import AutoMLError, ModelError, RunError, StorageError
from automl_core.evaluation import SplitScores
from automl_core.explain import Proposals
from automl_core.export import CHANCE, Cell
from automl_core.files import workspace, workspace_of
from automl_core.limits import check_room_for_run
from automl_core.logs import about
from automl_core.runs.cluster_look import ClusterLook, look_at_cluster
from automl_core.runs.column_costs import ColumnJob, measure_column_sets
from automl_core.runs.coordinator import conduct
from automl_core.runs.executor import (
    ChangeRowTask,
    CompareTask,
    Executor,
    ExecutorClosedError,
    ExplainRowTask,
    LocalExecutor,
    OnnxWritten,
    PackageWritten,
    PredictionService,
    RowExplained,
    ScoreTableTask,
    TableScored,
    default_workers,
    open_executor,
)
from automl_core.runs.late_score import lacks_test_score, score_late
from automl_core.runs.library import runs_folder
from automl_core.runs.light_job import LightJob
from automl_core.runs.light_search import search_light_models
from automl_core.runs.more_rows import RowsJob, measure_rows
from automl_core.runs.onnx_download import write_onnx
from automl_core.runs.record import (
    HeldOutScore,
    RunFolder,
    RunReader,
    RunSpec,
    check_can_resume,
    hold,
    left_seconds,
    mark_queued,
    send_command,
)
from automl_core.runs.retention import mark_used, nothing_removed
from automl_core.runs.run_explanation import ExplainJob, ExplainRequest, explain_run
from automl_core.runs.run_queue import QueuedRun, RunOwner, RunQueue
from automl_core.runs.webhook import tell_end
from automl_core.table import Schema, open_table
from automl_core.types import CommandName, Files

IDLE_SECONDS = 0.3
STOP_SECONDS = 5.0  # from the end of the process; service managers kill after ten
CELLS_SECONDS = 60.0  # for which a download waits for the self-test of its model

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class WorkerInfo:
    """The training workers of this process."""

    count: int
    ready: int
    device: str  # "" until one is ready
    device_title: str
    broken: str = ""  # why none can be started any more, for people; "": they can
    room: int | None = None  # bytes of memory that they may hold together; None: not known


@dataclass(frozen=True)
class ManagerState:
    """What the thread that conducts the runs of this process has to do."""

    waiting: int  # runs in its queue
    at_work: bool  # on one
    alive: bool  # it goes on, or nobody has needed it yet


class Manager:
    """Starts runs and answers for the workers of this process. Any thread may call it."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._changing = threading.Lock()
        self._admitting = threading.Lock()  # held from the look at the queue until a run is in it
        self._queue = RunQueue()
        self._info = WorkerInfo(default_workers(), 0, "", "")
        self._wake = threading.Event()
        self._closing = threading.Event()
        self._scoring: dict[Path, Future[HeldOutScore]] = {}  # test rows, by the run's folder
        self._explaining: dict[tuple[Path, int], ExplainJob] = {}  # by run folder and model
        self._lightening: dict[Path, LightJob] = {}  # by run folder
        self._measuring: dict[Path, ColumnJob] = {}  # what columns cost, by the run's folder
        self._explainer: PredictionService | None = None
        self._executor: LocalExecutor | None = None
        self._away: Executor | None = None  # of a cluster, while a run trains there
        self._looks: dict[str, Future[ClusterLook]] = {}  # by the cluster's address
        self._service: PredictionService | None = None
        self._thread: threading.Thread | None = None  # which conducts

    def warm_up(self) -> None:
        """Start the workers in the background, once; Start then does not pay for imports."""
        with self._changing:
            if self._executor is not None or self._closing.is_set():
                return
            log = self._root / "workers.log"
            self._executor = LocalExecutor(self._info.count, log)
            self._service = PredictionService(self._root)
            self._thread = threading.Thread(target=self._serve, name="runs", daemon=True)
            self._thread.start()

    def start(
        self,
        spec: RunSpec,
        schema: Schema,
        out: Path | None = None,
        owner: RunOwner | None = None,
    ) -> RunFolder:
        """Queue a run and return its folder at once: `out`, or a new one in its owner's workspace.

        Without `owner` it is this program's own. Raises RunError where a run lies in `out` already,
        or the queue is full, AccessError where the workspace is.
        """
        requested = time.monotonic()
        self.warm_up()
        owner = owner or RunOwner(self._root)
        run_id = f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(2)}"
        folder = RunFolder(runs_folder(owner.root) / run_id if out is None else out)
        if out is None:
            check_room_for_run(owner.root)
        with self._admitting:
            self._queue.check_room(owner)
            with nothing_removed(owner.root):  # until the run's settings name its table
                for link in (spec.table, spec.given):
                    mark_used(link.hash, owner.root)
                lock = self._claimed(folder, spec, schema)
            workers, options = self._workers_for(spec), spec.options
            run = QueuedRun(folder, owner, workers, requested, lock, options.budget.seconds)
            self._enqueue(replace(run, cluster=options.cluster))
        return folder

    def resume(self, folder: RunFolder, more: float | None, owner: RunOwner | None = None) -> None:
        """Queue a run that is over, or was interrupted: for `more` seconds, or for those left.

        It goes on here, wherever it began, and in a full workspace, too. `owner` as in `start`.
        Raises RunError where it cannot go on or the queue is full, TableError where its table is
        gone.
        """
        requested = time.monotonic()
        self.warm_up()
        owner, reader = owner or RunOwner(workspace_of(folder.path)), RunReader(folder)
        check_can_resume(state := reader.refresh(), more)
        open_table(reader.spec.table.hash, workspace_of(folder.path))
        workers = self._workers_for(reader.spec)
        seconds = reader.spec.options.budget.seconds if more is None else more
        if seconds is not None and more is None and state.started is not None:
            seconds = left_seconds(state)
        with self._admitting:
            self._queue.check_room(owner)
            lock = self._held(folder)
            self._enqueue(QueuedRun(folder, owner, workers, requested, lock, seconds, True, more))

    def _held(self, folder: RunFolder) -> BaseFileLock:
        """The lock of a run that is to go on, taken; its folder says that it waits."""
        lock = hold(folder.path)
        try:
            lock.acquire()
        except Timeout as error:
            raise RunError("This run goes on already.") from error
        try:
            mark_queued(folder.path)
        except BaseException:
            lock.release()
            raise
        return lock

    def withdraw(self, folder: Path) -> None:
        """Take a run that waits to go on out of the queue; it stays as it had ended."""
        self._queue.withdraw(folder)

    def _workers_for(self, spec: RunSpec) -> int:
        return min(spec.options.workers or self._info.count, self._info.count)

    def _enqueue(self, run: QueuedRun) -> None:
        self._queue.add(run)
        self._wake.set()

    def _claimed(self, folder: RunFolder, spec: RunSpec, schema: Schema) -> BaseFileLock:
        """Write what the run starts from; its lock, which is held from now on."""
        folder.claim()
        lock = hold(folder.path)  # before the spec is there: a queued run is not an interrupted one
        try:
            lock.acquire()
            folder.create(spec, schema)
        except (Timeout, RunError) as error:  # another start was faster
            lock.release()
            raise RunError(f"There is a run in {folder.path} already.") from error
        except BaseException:
            lock.release()
            raise
        return lock

    def _serve(self) -> None:
        assert self._executor is not None
        while not self._closing.is_set():
            try:
                self._serve_once(self._executor)
            except ExecutorClosedError:
                return
            except Exception:  # the thread's edge: later runs must not wait for ever
                logger.exception("the thread of the runs continues after this error")
                self._wake.wait(IDLE_SECONDS)

    def _serve_once(self, executor: LocalExecutor) -> None:
        executor.poll(0.0)
        status = executor.status()
        free = status.free_bytes
        self._info = WorkerInfo(
            self._info.count,
            status.ready,
            status.device,
            status.device_title,
            status.broken,
            None if free is None else free + status.memory_bytes,
        )
        if (run := self._queue.take()) is not None:
            self._conduct(run, executor)
        else:
            self._wake.wait(IDLE_SECONDS)
            self._wake.clear()

    def _conduct(self, run: QueuedRun, executor: LocalExecutor) -> None:
        root, began = workspace_of(run.folder.path), self._queue.began(run)
        try:
            with about(run=run.folder.path.name), self._workers_of(run, executor) as (its, workers):
                conduct(run.folder, its, root, began, workers, run.more)
        except Exception:  # the process's edge: the next run must still start
            logger.exception("the run in %s could not be conducted", run.folder.path)
        finally:
            self._queue.end(run)
        tell_end(run.folder)
        self._score_if_missing(run.folder)

    @contextlib.contextmanager
    def _workers_of(
        self, run: QueuedRun, executor: LocalExecutor
    ) -> Iterator[tuple[Executor, int]]:
        """The workers that train this run, and their number: those of this process, or others that
        a cluster has for the time of the run."""
        if run.cluster is None:
            yield executor, run.workers
            return
        options, log = RunReader(run.folder).spec.options, self._root / "workers.log"
        its, workers = open_executor(run.cluster, options.workers, log, options.device)
        try:
            with self._changing:
                self._away = its
            yield its, workers
        finally:
            its.close()
            with self._changing:
                self._away = None

    def cluster(self, address: str) -> Future[ClusterLook]:
        """What a Ray cluster has; asked again where the last answer is older than a minute."""
        with self._changing:
            look = self._looks.get(address)
            if look is None or (look.done() and look.result().is_old):
                look = look_at_cluster(address, self._root / "workers.log")
                self._looks[address] = look
            return look

    def _score_if_missing(self, folder: RunFolder) -> None:
        """Have the test rows scored that the end of a run had no time for, while others train."""
        try:
            if not self._closing.is_set() and lacks_test_score(RunReader(folder).refresh()):
                self.score_test_rows(folder)
        except AutoMLError as error:  # the page has a button that tries again, and says this
            logger.warning("the test rows of %s are not scored: %s", folder.path, error)

    def is_active(self, folder: Path) -> bool:
        """True where this process conducts the run in this folder, or has it in its queue."""
        return self._queue.holds(folder)

    def workers(self) -> WorkerInfo:
        """The training workers of this process."""
        return self._info

    def state(self) -> ManagerState:
        """How many runs wait, and whether the thread that conducts them goes on."""
        alive = self._thread is None or self._thread.is_alive()
        return ManagerState(self._queue.waiting, self._queue.current is not None, alive)

    def predict(self, files: Files, table_hash: str, root: Path | None = None) -> Future[pa.Table]:
        """Score a stored table of the workspace `root` with a predictor's files, in the worker
        that pages wait for; without `root` of this program's own."""
        return self._pages_service().predict(files, table_hash, root)

    def score_table(
        self, task: ScoreTableTask, files: Files, report: Callable[[int], None]
    ) -> Future[TableScored]:
        """Score a stored table piece by piece, in the worker that pages wait for."""
        return self._pages_service().score_table(task, files, report)

    def predict_row(self, model: str, files: Files, cells: tuple[Cell, ...]) -> Future[pa.Table]:
        """Score one row with a predictor's files; `model` tells them from those of another."""
        return self._pages_service().predict_row(model, files, cells)

    def predict_cells(
        self, files: Files, rows: Sequence[tuple[Cell, ...]]
    ) -> NDArray[np.float64] | None:
        """Predict a few rows of cells: (n, classes) or (n,); waits for the worker.

        None where it is busy for longer than CELLS_SECONDS, or cannot tell.
        """
        content = b"".join(files[name] for name in sorted(files))
        model = f"self-test {hashlib.sha256(content).hexdigest()}"
        jobs = [self.predict_row(model, files, cells) for cells in rows]
        try:
            tables = [job.result(timeout=CELLS_SECONDS) for job in jobs]
        except (ModelError, TimeoutError):
            return None
        finally:
            for job in jobs:
                if not job.done():
                    self.give_up(job)
        names = [n for n in tables[0].column_names if n.startswith(CHANCE)]
        found = [[t.column(name)[0].as_py() for name in names or ["prediction"]] for t in tables]
        return np.array(found, np.float64)

    def explain_row(
        self, task: ExplainRowTask, files: Files, rows: NDArray[np.int64]
    ) -> Future[RowExplained]:
        """Explain the prediction of a row, in the worker that pages wait for."""
        return self._pages_service().explain_row(task, files, rows)

    def change_row(
        self, task: ChangeRowTask, files: Files, rows: NDArray[np.int64]
    ) -> Future[Proposals]:
        """Changes of a row that reach a goal, by the worker that pages wait for."""
        return self._pages_service().change_row(task, files, rows)

    def compare_splits(self, task: CompareTask) -> Future[SplitScores]:
        """Compare two splits of a stored table, in the worker that pages wait for."""
        return self._pages_service().compare(task)

    def write_onnx(self, folder: RunFolder, trial: int) -> Future[OnnxWritten]:
        """Write a model of a run as an ONNX file, in the worker that pages wait for.

        Raises RunError where the run left no such model, TableError where its table is gone.
        """
        return write_onnx(folder, trial, workspace_of(folder.path), self._pages_service())

    def write_package(self, form: str, files: Files) -> Future[PackageWritten]:
        """Write a model for other programs, in the worker that pages wait for."""
        return self._pages_service().write_package(form, files)

    def measure_rows(self, folder: RunFolder) -> RowsJob:
        """Measure what more rows would bring, in the worker that pages wait for.

        Raises TableError where the table is gone.
        """
        return measure_rows(folder, workspace_of(folder.path), self._pages_service())

    def score_test_rows(self, folder: RunFolder) -> Future[HeldOutScore]:
        """Score the test rows of an ended run, in the worker that pages wait for.

        Gives the job that goes on already where there is one. Raises RunError where there is
        nothing to score, TableError where the table is gone.
        """
        job = self.test_score_job(folder)
        if job is None or job.done():
            job = score_late(folder, workspace_of(folder.path), self._pages_service())
            with self._changing:
                self._scoring[folder.path] = job
        return job

    def test_score_job(self, folder: RunFolder) -> Future[HeldOutScore] | None:
        """The last job that scores, or scored, the test rows of the run; None: there is none."""
        with self._changing:
            return self._scoring.get(folder.path)

    def explain(self, folder: RunFolder, trial: int, request: ExplainRequest) -> ExplainJob:
        """Explain a model of an ended run, in a worker that nothing else waits for.

        The job that goes on for this model already is ended first. Raises as `explain_run`.
        """
        service = self.explainer()
        if (before := self.explain_job(folder, trial)) is not None:
            before.cancel()
        job = explain_run(folder, trial, request, workspace_of(folder.path), service)
        with self._changing:
            self._explaining[folder.path, trial] = job
        return job

    def explainer(self) -> PredictionService:
        """The worker that explains; it starts with the first call, and takes a moment for it."""
        with self._changing:
            if self._closing.is_set():
                raise ExecutorClosedError
            if self._explainer is None:
                self._explainer = PredictionService(self._root)
            return self._explainer

    def explain_job(self, folder: RunFolder, trial: int) -> ExplainJob | None:
        """The last job that explains, or explained, this model; None: there is none."""
        with self._changing:
            return self._explaining.get((folder.path, trial))

    def lighten(self, folder: RunFolder) -> LightJob:
        """Look for lighter models of an ended run, in the worker that explains.

        Gives the job that goes on already where there is one. Raises as `search_light_models`.
        """
        job = self.light_job(folder)
        if job is None or job.done.done():
            job = search_light_models(folder, workspace_of(folder.path), self.explainer())
            with self._changing:
                self._lightening[folder.path] = job
        return job

    def light_job(self, folder: RunFolder) -> LightJob | None:
        """The last job that looked for lighter models of the run; None: there is none."""
        with self._changing:
            return self._lightening.get(folder.path)

    def measure_columns(self, folder: RunFolder, prices: Mapping[str, float] | None) -> ColumnJob:
        """Measure what the columns of an ended run cost, in the worker that explains.

        The job that goes on for this run already is ended first. Raises as `measure_column_sets`.
        """
        service = self.explainer()
        if (before := self.column_job(folder)) is not None:
            before.cancel()
        job = measure_column_sets(folder, workspace_of(folder.path), service, prices)
        with self._changing:
            self._measuring[folder.path] = job
        return job

    def column_job(self, folder: RunFolder) -> ColumnJob | None:
        """The last job that measures, or measured, the columns of this run; None: there is none."""
        with self._changing:
            return self._measuring.get(folder.path)

    def give_up(self, future: Future[Any]) -> None:
        """End a prediction or comparison that nobody waits for any more."""
        self._pages_service().give_up(future)

    def _pages_service(self) -> PredictionService:
        self.warm_up()
        if self._service is None:  # it is closing
            raise ExecutorClosedError
        return self._service

    def shutdown(self) -> None:
        """Stop the active run and end all workers.

        The run has STOP_SECONDS to write its best model; after them it is interrupted, as are
        those in the queue.
        """
        self._closing.set()
        self._queue.drain()
        self._wake.set()
        if (current := self._queue.current) is not None:
            with contextlib.suppress(StorageError):
                send_command(current.folder.path, CommandName.STOP)
            until = time.monotonic() + STOP_SECONDS
            while self._queue.current is not None and time.monotonic() < until:
                time.sleep(0.05)
        with self._changing:
            for workers in (self._executor, self._away):
                if workers is not None:
                    workers.close()
            for service in (self._service, self._explainer):
                if service is not None:
                    service.close()


_creating = threading.Lock()
_manager: Manager | None = None


def get_manager() -> Manager:
    """The one manager of this process, for the workspace of its first call."""
    global _manager  # noqa: PLW0603 - modules survive page reruns, caches may be cleared
    with _creating:
        if _manager is None:
            _manager = Manager(workspace())
            atexit.register(_manager.shutdown)
        return _manager


def shutdown_manager() -> None:
    """End the manager, if there is one; the next call of `manager` makes another."""
    global _manager  # noqa: PLW0603
    with _creating:
        if _manager is not None:
            _manager.shutdown()
        _manager = None
