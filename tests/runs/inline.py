"""An executor without processes: each poll does one task in the calling thread.

For tests of the coordinator that need to decide when, or whether, a worker answers.
"""

from __future__ import annotations

import time
from collections import deque
from pathlib import Path
from typing import Any

from automl_core.errors import AutoMLError
from automl_core.runs.executor.base import ExecutorClosedError, ExecutorStatus
from automl_core.runs.executor.protocol import Blobs
from automl_core.runs.executor.results import (
    FoldFitted,
    Message,
    Result,
    TaskDone,
    TaskFailed,
    WorkerLost,
    WorkerReady,
    read_result,
    result_frame,
)
from automl_core.runs.executor.tasks import (
    ProbeTask,
    ScoreTask,
    TrainTask,
    Work,
)
from automl_core.runs.record.commands import send_command
from automl_core.runs.worker.failure import fail_reason
from automl_core.runs.worker.main import do_task
from automl_core.types import CommandName, FailReason, StopReason


class _Connection:
    """Stands for a worker's end of the pipe: keeps the results that are sent."""

    def __init__(self, task: int) -> None:
        self.task = task
        self.messages: list[Message] = []

    def cancelled(self) -> StopReason | None:
        return None

    def keeps_now(self) -> bool:
        return False

    def send(self, result: Result) -> None:
        task, sent = read_result(result_frame(self.task, result))  # as it arrives over a pipe
        assert not isinstance(sent, WorkerReady)
        self.messages.append(Message(task, sent))


class InlineExecutor:
    """Does tasks from `ready_after` seconds on, and at most `answers` training tasks.

    Each part of the test rows takes `score_seconds` longer.
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
        self.resized: int | None = None
        self._unsent: list[Message] = []  # of tasks that were cancelled before they began
        self._closed = False
        self.interrupted = False

    def submit(self, work: Work, blobs: Blobs) -> int:
        self._numbers += 1
        self._waiting.append((self._numbers, work, blobs))
        return self._numbers

    def poll(self, timeout: float) -> list[Message]:
        if self._closed or self.interrupted:
            raise ExecutorClosedError
        if self._unsent:
            found, self._unsent = self._unsent, []
            return found
        training = self._waiting and isinstance(self._waiting[0][1], TrainTask)
        silent = training and not self._left
        if not self._waiting or silent or time.monotonic() < self._ready_at:
            time.sleep(min(timeout, 0.02))
            return []
        number, work, blobs = self._waiting.popleft()
        connection: Any = _Connection(number)
        try:
            self._left -= isinstance(work, TrainTask)
            if isinstance(work, ScoreTask):
                time.sleep(self._score_seconds)
            if not isinstance(work, ProbeTask):  # families are trained without an estimate
                do_task(work, blobs, connection)
            connection.send(TaskDone())
        except AutoMLError as error:
            connection.send(TaskFailed(str(error), fail_reason(error)))
        messages: list[Message] = connection.messages
        return messages

    def cancel(self, task: int, reason: str) -> None:
        self.cancelled.append((task, reason))
        for entry in [e for e in self._waiting if e[0] == task]:
            self._waiting.remove(entry)
            self._unsent.append(Message(task, WorkerLost("It never started.")))

    def status(self) -> ExecutorStatus:
        return ExecutorStatus(1, 1, int(bool(self._waiting)), "cpu", "CPU", 0, "")

    def resize(self, count: int) -> None:
        self.resized = count

    def interrupt(self) -> None:
        self.interrupted = True

    def close(self) -> None:
        self._closed = True
        self._waiting.clear()


class StoppingExecutor(InlineExecutor):
    """Stops the run in a folder after so many fits: the speed of the machine does not count."""

    def __init__(self, run: Path, fits: int, ready_after: float = 0.0) -> None:
        super().__init__(ready_after)
        self._fits, self._run = fits, run

    def poll(self, timeout: float) -> list[Message]:
        messages = super().poll(timeout)
        self._fits -= sum(isinstance(m.result, FoldFitted) for m in messages)
        if self._fits <= 0:
            send_command(self._run, CommandName.STOP)
            self._fits = 10**9
        return messages


class DyingExecutor(InlineExecutor):
    """Ends as with its process: after so many fits, or, of a family, before its first fit is sent.

    What a worker had sent until then has arrived.
    """

    def __init__(self, fits: int = 10**9, family: str = "") -> None:
        super().__init__()
        self._left_fits, self._family = fits, family
        self._dead = False
        self.fitted: list[tuple[int, int]] = []  # trial and fold, in their order

    def poll(self, timeout: float) -> list[Message]:
        if self._dead:
            raise ExecutorClosedError
        work = self._waiting[0][1] if self._waiting else None
        doomed = isinstance(work, TrainTask) and work.jobs[0].family == self._family
        messages = super().poll(timeout)
        if doomed:
            self._dead = True
            return [m for m in messages if not isinstance(m.result, FoldFitted | TaskDone)]
        self.fitted += [
            (m.result.trial, m.result.fold) for m in messages if isinstance(m.result, FoldFitted)
        ]
        self._dead = len(self.fitted) >= self._left_fits
        return messages


class MortalExecutor(InlineExecutor):
    """Its worker dies so many times when it has trained a fold of a family, before it sends it."""

    def __init__(self, family: str, deaths: int, reason: FailReason = FailReason.OTHER) -> None:
        super().__init__()
        self._family, self._left_deaths, self._reason = family, deaths, reason

    def poll(self, timeout: float) -> list[Message]:
        number, work = self._waiting[0][:2] if self._waiting else (0, None)
        messages = super().poll(timeout)
        if not (isinstance(work, TrainTask) and work.jobs[0].family == self._family):
            return messages
        if not self._left_deaths:
            return messages
        self._left_deaths -= 1
        lost = WorkerLost("The worker was killed from outside.", self._reason, died=True)
        kept = [m for m in messages if not isinstance(m.result, FoldFitted | TaskDone)]
        return [*kept, Message(number, lost)]


class LosingExecutor(StoppingExecutor):
    """Answers the first fit of a fold beyond a trial's first one with a failure.

    With None, the trial's predictions are damaged instead before its answer comes.
    """

    def __init__(self, run: Path, fits: int, failure: TaskFailed | WorkerLost | None) -> None:
        super().__init__(run, fits)
        self._failure, self._task = failure, 0
        self.lost: int | None = None  # the trial

    def submit(self, work: Work, blobs: Blobs) -> int:
        number = super().submit(work, blobs)
        if self.lost is None and isinstance(work, TrainTask) and work.jobs[0].fold > 0:
            self._task, self.lost = number, work.jobs[0].trial
        return number

    def poll(self, timeout: float) -> list[Message]:
        messages = super().poll(timeout)
        if not any(m.task == self._task for m in messages):
            return messages
        if self._failure is None:
            (self._run / "trials" / str(self.lost) / "oof.npz").write_bytes(b"no arrays")
            return messages
        kept = [m for m in messages if not isinstance(m.result, FoldFitted | TaskDone)]
        return [*kept, Message(self._task, self._failure)]
