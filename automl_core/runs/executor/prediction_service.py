"""The extra worker that makes the predictions that pages wait for, also while a run trains.

A page's thread calls `predict` and gets a future; the service's own thread passes one table after
the other to an executor of one worker, and sets the futures. It knows nothing of runs.
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

_Entry = tuple["Future[pa.Table]", PredictTask, Blobs]


class PredictionService:
    """One worker process, and the thread that gives it tables in the order of `predict`."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._queue: queue.SimpleQueue[_Entry | None] = queue.SimpleQueue()
        self._executor = LocalExecutor(1, root / "workers.log", device="cpu")
        threading.Thread(target=self._serve, name="service", daemon=True).start()

    def predict(self, files: Files, table_hash: str) -> Future[pa.Table]:
        """Predict a stored table with the predictor in `files`.

        The future raises ModelError where that fails, ExecutorClosedError after `close`.
        """
        blobs = {f"model/{name}": data for name, data in files.items()}
        future: Future[pa.Table] = Future()
        self._queue.put((future, PredictTask(str(self._root), table_hash), blobs))
        return future

    def _serve(self) -> None:
        while (entry := self._queue.get()) is not None:
            future, task, blobs = entry
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(self._predict(task, blobs))
            except (ExecutorClosedError, ModelError) as error:
                future.set_exception(error)
            except Exception as error:  # the next table must be predicted all the same
                logger.exception("predicting a table for a page failed")
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
        """End the worker; the futures of waiting tables raise ExecutorClosedError."""
        self._executor.close()
        self._queue.put(None)
