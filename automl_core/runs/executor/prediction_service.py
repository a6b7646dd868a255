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
from automl_core.runs.executor.tasks import Message, PredictTask, Work
from automl_core.types import Files

logger = logging.getLogger(__name__)

_Job = tuple["Future[Message]", Work, Blobs]


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
        asked: Future[Message] = Future()
        answer: Future[pa.Table] = Future()
        asked.add_done_callback(lambda done: _answer(done, answer))
        self._jobs.put((asked, PredictTask(str(self._root), table_hash), blobs))
        return answer

    def _serve(self) -> None:
        while (job := self._jobs.get()) is not None:
            future, work, blobs = job
            try:
                future.set_result(self._do(work, blobs))
            except (ExecutorClosedError, ModelError) as error:
                future.set_exception(error)
            except Exception as error:  # this job's edge: the next one must still be served
                logger.exception("a job of a page failed")
                future.set_exception(error)

    def _do(self, work: Work, blobs: Blobs) -> Message:
        """The message that answers a task, the last before it was done."""
        task = self._executor.submit(work, blobs)
        answer: Message | None = None
        while True:
            if broken := self._executor.status().broken:
                raise ModelError(broken)
            for message in self._executor.poll(0.2):
                if message.task != task:
                    continue
                if message.kind == "done" and answer is not None:
                    return answer
                if message.kind in ("failed", "lost"):
                    raise ModelError(f"The table could not be scored: {message.plain['message']}")
                answer = message

    def close(self) -> None:
        """End the worker; what waits gets an error."""
        self._executor.close()
        self._jobs.put(None)


def _answer(asked: Future[Message], answer: Future[pa.Table]) -> None:
    error = asked.exception()
    if error is not None:
        answer.set_exception(error)
        return
    with pa.ipc.open_file(pa.BufferReader(asked.result().blobs["table"])) as reader:
        answer.set_result(reader.read_all())
