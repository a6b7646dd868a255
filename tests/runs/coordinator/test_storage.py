"""A disk that is full, or a folder that is gone: the run says so and keeps its best model."""

from __future__ import annotations

import errno
import os
import shutil
import time
from pathlib import Path
from typing import Any

import pytest

from automl_core.runs.coordinator.coordinator import conduct
from automl_core.runs.executor import Message
from automl_core.runs.record import Budget, RunFolder, RunOptions, RunReader, RunState, TrainRequest
from automl_core.types import RunStatus, TrialStatus
from tests.runs.inline import InlineExecutor
from tests.runs.tables import small_run


class FullDisk:
    """Takes so many writes of files and of lines; then there is no space left."""

    def __init__(self, writes: int, monkeypatch: pytest.MonkeyPatch) -> None:
        self.left, self._write, self._open = writes, os.write, Path.open
        monkeypatch.setattr(os, "write", self._take_line)
        take_file = self._take_file

        def opened(path: Path, mode: str = "r", *rest: Any, **named: Any) -> Any:
            return take_file(path, mode, *rest, **named)

        monkeypatch.setattr(Path, "open", opened)

    def _take(self) -> None:
        if self.left <= 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self.left -= 1

    def _take_line(self, file: int, data: bytes) -> int:
        self._take()
        return self._write(file, data)

    def _take_file(self, path: Path, mode: str, *rest: Any, **named: Any) -> Any:
        if set(mode) & set("wa+") and "runs" in path.parts:
            self._take()
        return self._open(path, mode, *rest, **named)


def _prepared(root: Path) -> RunFolder:
    options = RunOptions(
        Budget(trials=2), families=("knn",), folds=2, test_fraction=0.2, features="plain"
    )
    folder = RunFolder(root / "runs" / "run-a")
    folder.create(*small_run(root, options.budget, TrainRequest("answer", options)))
    return folder


def _conduct(folder: RunFolder, root: Path) -> RunState:
    return conduct(folder, InlineExecutor(), root, time.monotonic(), 1)


@pytest.mark.parametrize("writes", [1, 2, 3, 5, 8, 12, 16, 20, 25, 30, 36, 42, 50])
def test_a_full_disk_ends_the_run_with_what_is_there(
    writes: int, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = _prepared(workspace)
    with monkeypatch.context() as patched:
        disk = FullDisk(writes, patched)
        state = _conduct(folder, workspace)
        assert disk.left == 0
    assert "No space is left on the disk" in state.reason
    assert state.finished is not None
    models = [t for t in state.trials.values() if t.usable]
    if not models:
        assert (state.status, state.finished.best) == (RunStatus.FAILED, None)
        return
    assert state.status == RunStatus.FINISHED
    assert state.finished.best in state.models
    assert "The best model so far is kept." in state.reason
    read = RunReader(folder).refresh()  # the log could not be ended, but is whole
    assert read.damage is None
    assert {t.number for t in read.trials.values() if t.usable} == {t.number for t in models}
    for number in read.models:
        assert folder.model_files(number)


def test_a_disk_with_space_for_the_end_has_the_end_in_the_log(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = _prepared(workspace)
    release = "automl_core.runs.record.run_log.RunLog.release_reserve"
    with monkeypatch.context() as patched:
        disk = FullDisk(30, patched)
        patched.setattr(release, lambda _: setattr(disk, "left", 10**6))
        state = _conduct(folder, workspace)
    read = RunReader(folder).refresh()
    assert read.finished == state.finished is not None
    assert read.status == RunStatus.FINISHED
    assert read.finished.test_score is not None
    assert not [t for t in read.trials.values() if t.status == TrialStatus.RUNNING]


class Moving(InlineExecutor):
    """Moves or deletes the folder of the run after some polls."""

    def __init__(self, folder: Path, to: Path | None, polls: int) -> None:
        super().__init__()
        self._folder, self._to, self._polls = folder, to, polls

    def poll(self, timeout: float) -> list[Message]:
        self._polls -= 1
        if self._polls == 0 and self._to is None:
            shutil.rmtree(self._folder)
        elif self._polls == 0 and self._to is not None:
            self._folder.rename(self._to)
        return super().poll(timeout)


@pytest.mark.parametrize("moved", [True, False])
@pytest.mark.parametrize("polls", [1, 3, 6])
def test_a_folder_that_is_moved_or_deleted_meanwhile_is_not_made_again(
    workspace: Path, polls: int, moved: bool
) -> None:
    folder, there = _prepared(workspace), workspace / "runs" / "run-b"
    executor = Moving(folder.path, there if moved else None, polls)
    state = conduct(folder, executor, workspace, time.monotonic(), 1)
    assert not folder.path.exists()
    assert "could not be written" in state.reason and "moved or deleted" in state.reason
    if moved:
        read = RunReader(RunFolder(there)).refresh()
        assert (read.finished, read.status) == (state.finished, state.status)
        for number in read.models:
            assert RunFolder(there).model_files(number)


def test_another_folder_in_the_place_of_the_run_is_left_alone(workspace: Path) -> None:
    folder, there = _prepared(workspace), workspace / "runs" / "run-b"

    class Replacing(Moving):
        def poll(self, timeout: float) -> list[Message]:
            messages = super().poll(timeout)
            if not self._folder.exists():
                (self._folder / "inbox").mkdir(parents=True)
            return messages

    state = conduct(folder, Replacing(folder.path, there, 3), workspace, time.monotonic(), 1)
    assert "Another folder lies where the run was" in state.reason
    assert [path.name for path in folder.path.iterdir()] == ["inbox"]
