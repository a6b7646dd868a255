"""All runs of this process, one after the other.

A module-level singleton, so that it survives page reruns and cleared caches. Its thread conducts
and waits; it never trains. The end of the process interrupts its runs: only a person stops one.
"""

from __future__ import annotations

import atexit
import contextlib
import logging
import secrets
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path

from filelock import BaseFileLock, Timeout

from automl_core.errors import AutoMLError, RunError
from automl_core.files import workspace, workspace_of
from automl_core.limits import check_room_for_run
from automl_core.logs import about
from automl_core.runs.cluster_look import ClusterLook, look_at_cluster
from automl_core.runs.coordinator import conduct
from automl_core.runs.executor import (
    Executor,
    ExecutorClosedError,
    LocalExecutor,
    default_workers,
    open_executor,
)
from automl_core.runs.late_score import lacks_test_score
from automl_core.runs.library import runs_folder
from automl_core.runs.page_jobs import PageJobs
from automl_core.runs.record import (
    RunFolder,
    RunReader,
    RunSpec,
    check_can_resume,
    hold,
    left_seconds,
    mark_queued,
)
from automl_core.runs.retention import mark_used, nothing_removed
from automl_core.runs.run_queue import QueuedRun, RunOwner, RunQueue
from automl_core.runs.webhook import tell_end
from automl_core.table import Schema, open_table

IDLE_SECONDS = 0.3
END_SECONDS = 5.0  # from the end of the process; service managers kill after ten

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
        self.jobs = PageJobs(root)
        self._root = root
        self._changing = threading.Lock()
        self._admitting = threading.Lock()  # held from the look at the queue until a run is in it
        self._queue = RunQueue()
        self._info = WorkerInfo(default_workers(), 0, "", "")
        self._wake = threading.Event()
        self._closing = threading.Event()
        self._executor: LocalExecutor | None = None
        self._away: Executor | None = None  # of a cluster, while a run trains there
        self._looks: dict[str, Future[ClusterLook]] = {}  # by the cluster's address
        self._thread: threading.Thread | None = None  # which conducts

    def warm_up(self) -> None:
        """Start the workers in the background, once; Start then does not pay for imports."""
        with self._changing:
            if self._executor is not None or self._closing.is_set():
                return
            log = self._root / "workers.log"
            self._executor = LocalExecutor(self._info.count, log)
            self.jobs.service()
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
                self.jobs.score_test_rows(folder)
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

    def shutdown(self) -> None:
        """Interrupt the run at work and end all workers; what waits in the queue is interrupted.

        The run has END_SECONDS to keep what it has got. It goes on where somebody resumes it.
        """
        self._closing.set()
        self._queue.drain()
        self._wake.set()
        with self._changing:
            workers = [w for w in (self._executor, self._away) if w is not None]
        for its in workers:
            its.interrupt()
        until = time.monotonic() + END_SECONDS
        while self._queue.current is not None and time.monotonic() < until:
            time.sleep(0.05)
        for its in workers:
            its.close()
        self.jobs.close()


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


def end_manager() -> None:
    """The process is about to end: interrupt its runs, once and for all."""
    if (manager := _manager) is not None:
        manager.shutdown()


def shutdown_manager() -> None:
    """End the manager, if there is one; the next call of `get_manager` makes another."""
    global _manager  # noqa: PLW0603
    with _creating:
        end_manager()
        _manager = None
