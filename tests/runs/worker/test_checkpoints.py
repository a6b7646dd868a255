"""The state of a training is sent every few seconds, and at once where it is asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from automl_core.runs.executor import FoldTask, Result, TrainingKept
from automl_core.runs.worker import checkpoints
from automl_core.runs.worker.checkpoints import Checkpoint, CheckpointSender, Reached


@dataclass
class _Connection:
    asked: bool = False
    sent: list[Result] = field(default_factory=list)

    def keeps_now(self) -> bool:
        return self.asked

    def send(self, result: Result) -> None:
        self.sent.append(result)


def test_it_is_due_by_time_and_once_where_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(checkpoints.time, "monotonic", lambda: now[0])
    connection = _Connection()
    link: Any = connection
    job, before = FoldTask(3, 1, "mlp", {}, 0), Checkpoint(Reached(), b"")
    sender = CheckpointSender((job,), before, lambda: Reached(2.0, 0.5, (0.1,), 4), link)
    assert not sender.is_due()
    now[0] += checkpoints.EVERY_SECONDS
    assert sender.is_due()
    sender.keep(lambda: b"state")
    sender.close()
    assert not sender.is_due()
    connection.asked = True
    assert sender.is_due()
    sender.keep(lambda: b"later")
    sender.close()
    assert not sender.is_due()  # it was answered
    first, second = connection.sent
    assert isinstance(first, TrainingKept) and isinstance(second, TrainingKept)
    assert (second.trial, second.folds, second.epoch) == (3, (1,), 4)
    found = Checkpoint.from_bytes(second.files["state"])
    assert (found.state, found.reached) == (b"later", Reached(2.0, 0.5, (0.1,), 4))
