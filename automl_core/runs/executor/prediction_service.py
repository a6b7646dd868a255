"""The one extra worker that serves what a page waits for, also while a run trains.

Jobs are done in the order they came; answers are futures. Knows nothing of runs.
"""

from __future__ import annotations

import logging
import queue
import threading
from concurrent.futures import Future
from pathlib import Path

import pyarrow as pa

from automl_core.errors import ModelError
from automl_core.runs.executor.base import ExecutorClosedError
from automl_core.runs.executor.local import LocalExecutor
from automl_core.runs.executor.protocol import Blobs
from automl_core.runs.executor.results import TablePredicted, TaskDone, TaskFailed, WorkerLost
from automl_core.runs.executor.tasks import PredictTask
from automl_core.types import Files

logger = logging.getLogger(__name__)

_Job = tuple["Future[pa.Table]", PredictTask, Blobs]


class PredictionService:
    """One worker process and the thread that talks to it."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._executor = LocalExecutor(1, root / "workers.log", device="cpu")
        threading.Thread(target=self._serve, name="service", daemon=True).start()

    def predict(self, files: Files, table_hash: str) -> Future[pa.Table]:
        """Score a stored table; the future raises ModelError where that cannot be done."""
        blobs = {f"model/{name}": data for name, data in files.items()}
        future: Future[pa.Table] = Future()
        self._jobs.put((future, PredictTask(str(self._root), table_hash), blobs))
        return future

    def _serve(self) -> None:
        while (job := self._jobs.get()) is not None:
            future, task, blobs = job
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(self._predict(task, blobs))
            except (ExecutorClosedError, ModelError) as error:
                future.set_exception(error)
            except Exception as error:  # this job's edge: the next one must still be served
                logger.exception("a job of a page failed")
                future.set_exception(error)

    def _predict(self, task: PredictTask, blobs: Blobs) -> pa.Table:
        """The predictions of a table, once the worker is free again."""
        number = self._executor.submit(task, blobs)
        table: pa.Table | None = None
        while True:
            if broken := self._executor.status().broken:
                raise ModelError(broken)
            for message in self._executor.poll(0.2):
                if message.task != number:
                    continue
                match message.result:
                    case TablePredicted(table):
                        pass
                    case TaskDone() if table is not None:
                        return table
                    case TaskFailed(words) | WorkerLost(words):
                        raise ModelError(f"The table could not be scored: {words}")

    def close(self) -> None:
        """End the worker; what waits gets an error."""
        self._executor.close()
        self._jobs.put(None)
