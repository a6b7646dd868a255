"""An executor without processes: tasks are done where they are asked for, one at a poll.

For tests of the coordinator that need to decide when, or whether, a worker answers.
"""

from __future__ import annotations

import time
from collections import deque
from typing import Any

from automl_core.errors import AutoMLError
from automl_core.runs.executor.base import ExecutorStatus
from automl_core.runs.executor.protocol import Blobs
from automl_core.runs.executor.results import (
    Message,
    Result,
    TaskDone,
    TaskFailed,
    WorkerReady,
    read_result,
    result_frame,
)
from automl_core.runs.executor.tasks import (
    EmbedTask,
    ImportanceTask,
    RefitTask,
    ScoreTask,
    SelectTask,
    TrainTask,
    Work,
)
from automl_core.runs.worker.embed_text import embed_texts
from automl_core.runs.worker.fit import refit, train
from automl_core.runs.worker.predict import find_importance, score_rows
from automl_core.runs.worker.select_columns import select
from automl_core.types import StopReason


class _Link:
    """Stands for a worker's end of the pipe: keeps what is sent."""

    def __init__(self, task: int) -> None:
        self.task = task
        self.messages: list[Message] = []

    def cancelled(self) -> StopReason | None:
        return None

    def send(self, result: Result) -> None:
        task, sent = read_result(result_frame(self.task, result))  # as it arrives over a pipe
        assert not isinstance(sent, WorkerReady)
        self.messages.append(Message(task, sent))


class InlineExecutor:
    """Answers from `ready_after` seconds on, and at most `answers` training tasks.

    Each part of the test rows takes `score_seconds` longer than it does.
    """

    def __init__(
        self, ready_after: float = 0.0, answers: int = 10**9, score_seconds: float = 0.0
    ) -> None:
        self._score_seconds = score_seconds
        self._ready_at = time.monotonic() + ready_after
        self._left = answers
        self._waiting: deque[tuple[int, Work, Blobs]] = deque()
        self._numbers = 0
        self.cancelled: list[tuple[int, str]] = []

    def submit(self, work: Work, blobs: Blobs) -> int:
        self._numbers += 1
        self._waiting.append((self._numbers, work, blobs))
        return self._numbers

    def poll(self, timeout: float) -> list[Message]:
        deaf = self._waiting and isinstance(self._waiting[0][1], TrainTask) and not self._left
        if not self._waiting or deaf or time.monotonic() < self._ready_at:
            time.sleep(min(timeout, 0.02))
            return []
        number, work, blobs = self._waiting.popleft()
        link: Any = _Link(number)
        try:
            match work:
                case TrainTask():
                    self._left -= 1
                    train(work, blobs, link)
                case RefitTask():
                    refit(work, blobs, link)
                case ImportanceTask():
                    find_importance(work, blobs, link)
                case SelectTask():
                    select(work, blobs, link)
                case EmbedTask():
                    embed_texts(work, link)
                case ScoreTask():
                    time.sleep(self._score_seconds)
                    score_rows(work, blobs, link)
            link.send(TaskDone())
        except AutoMLError as error:
            link.send(TaskFailed(str(error)))
        messages: list[Message] = link.messages
        return messages

    def cancel(self, task: int, reason: str) -> None:
        self.cancelled.append((task, reason))

    def status(self) -> ExecutorStatus:
        return ExecutorStatus(1, 1, int(bool(self._waiting)), "cpu", "CPU", 0, "")

    def close(self) -> None:
        self._waiting.clear()
