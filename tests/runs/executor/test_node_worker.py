"""A worker on a node: its frames come until they were seen, and its end leaves nothing there."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from automl_core.runs.executor import node_worker
from automl_core.runs.executor.cluster_data import NODE_FOLDER
from automl_core.runs.executor.node_worker import NodeWorker
from automl_core.runs.executor.protocol import Frame, read_frame


class Process:
    """Stands for the process of a worker: answers what it is sent."""

    was_killed, exit_words, pid = False, "ended unexpectedly (exit code 1)", 2**30

    def __init__(self, inbox: Any, log: Path, device: str) -> None:
        del log, device
        self._inbox = inbox

    def send(self, frame: Frame) -> None:
        self._inbox.put((self, frame))

    def end(self) -> None:
        self._inbox.put((self, None))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(node_worker, "WorkerProcess", Process)
    monkeypatch.setattr(node_worker, "TAKE_SECONDS", 0.01)
    return tmp_path / f"{NODE_FOLDER}one"


def test_frames_come_again_until_they_were_seen(folder: Path) -> None:
    worker = NodeWorker(str(folder), "cpu")
    worker.give(json.dumps({"task": 1}), ["a"], b"one")
    worker.give(json.dumps({"task": 2}), [])
    for seen, numbers in ((0, [1, 2]), (0, [1, 2]), (1, [2]), (2, [])):
        frames, signs = worker.take(seen)
        assert [number for number, _ in frames] == numbers
        assert json.loads(signs)["ended"] == ""
        if seen == 0:
            first = read_frame(io.BytesIO(frames[0][1]))
            assert first is not None and (first.head, first.blobs) == ({"task": 1}, {"a": b"one"})
    worker.end()


def test_its_end_is_told_and_its_folder_is_gone_whether_it_is_asked_or_not(folder: Path) -> None:
    worker = NodeWorker(str(folder), "cpu")
    assert folder.is_dir()
    worker.end()
    assert not folder.exists()
    frames, signs = worker.take(0)
    assert not frames and json.loads(signs)["ended"] == Process.exit_words
