"""One reader a run for the whole process: its log is read once, whoever asks."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from automl_core.errors import RunError
from automl_core.runs.record import RunFolder, RunReader, hold
from automl_core.runs.record import events as e
from automl_core.runs.record.log import LogWriter
from automl_core.runs.record.log_reader import LogReader
from automl_core.runs.record.state import RunState
from automl_core.runs.snapshots import RunSnapshots
from automl_core.types import Origin, RunStatus, TrialStatus
from tests.finished_run import make_run

SESSIONS = 20
Bytes = Callable[[], int]


@pytest.fixture
def bytes_read(monkeypatch: pytest.MonkeyPatch) -> Bytes:
    """The number of bytes of logs that were read so far."""
    read, sizes = LogReader._unread_bytes, list[int]()

    def counted(reader: LogReader) -> bytes:
        data = read(reader)
        sizes.append(len(data))
        return data

    monkeypatch.setattr(LogReader, "_unread_bytes", counted)
    return lambda: sum(sizes)


def _epochs(trial: int, number: int) -> e.Epochs:
    one = (0.5,)
    return e.Epochs(trial, 0, (number,), one, one, one, one, one, one)


def _in_sessions(look: Callable[[int], object], count: int = SESSIONS) -> None:
    """Many threads look at once."""
    begin = threading.Barrier(count)

    def session(number: int) -> None:
        begin.wait()
        look(number)

    with ThreadPoolExecutor(count) as pool:
        list(pool.map(session, range(count)))


def test_many_sessions_read_a_log_once(workspace: Path, bytes_read: Bytes) -> None:
    folder = make_run(workspace, "run-a", status=RunStatus.RUNNING)
    shared, path = RunSnapshots(), folder.path
    with hold(path):  # it goes on
        _in_sessions(lambda _: shared.take(path))
        assert bytes_read() == folder.log_path.stat().st_size
        log = LogWriter(folder.log_path)
        for number in range(1000):
            log.append(_epochs(3, number), 10.0)
        log.close()
        _in_sessions(lambda _: shared.take(path))
        assert bytes_read() == folder.log_path.stat().st_size
        assert shared.take(path).state == RunReader(folder).refresh()


def test_what_a_session_has_does_not_change_while_others_read_on(workspace: Path) -> None:
    folder = make_run(workspace, "run-a", status=RunStatus.RUNNING)
    shared, seen = RunSnapshots(), list[tuple[RunState, int, int]]()
    with hold(folder.path):
        log = LogWriter(folder.log_path)
        log.append(e.TrialStarted(4, "mlp-4", "mlp", {}, Origin.SEARCH), 10.0)

        def session(number: int) -> None:
            for turn in range(10):
                if number == 0:
                    log.append(_epochs(4, turn), 11.0)
                    log.append(e.FoldFinished(4, turn, 0.5, "completed", 0.1), 11.0)
                state = shared.take(folder.path).state
                seen.append((state, state.events, len(state.trials[4].fold_scores)))

        _in_sessions(session, 8)
        log.close()
    assert len({events for _, events, _ in seen}) > 1
    for state, events, folds in seen:
        trial = state.trials[4]
        assert (state.events, len(trial.fold_scores)) == (events, folds)
        assert sum(len(curve.epoch) for curve in trial.curves.values()) in (folds, folds + 1)
    finished = RunReader(folder).refresh().trials[1]
    assert all(state.trials[1] == finished for state, _, _ in seen)
    assert len({id(state.trials[1]) for state, _, _ in seen}) == 1  # not copied each time


def test_an_ended_run_is_not_opened_again_and_a_changed_one_is(
    workspace: Path, bytes_read: Bytes
) -> None:
    folder = make_run(workspace, "run-a")
    shared, data = RunSnapshots(), folder.log_path.read_bytes()
    first = shared.take(folder.path)
    assert shared.take(folder.path) is first
    assert bytes_read() == len(data)
    stat = folder.log_path.stat()
    lines = data.splitlines(keepends=True)
    folder.log_path.write_bytes(b"".join(lines[:-1]) + b"x" * (len(lines[-1]) - 1) + b"\n")
    os.utime(folder.log_path, ns=(stat.st_atime_ns, stat.st_mtime_ns + 10))
    assert shared.take(folder.path).state.damage is not None  # as long as before
    folder.log_path.write_bytes(data[:-200])
    assert shared.take(folder.path).state.status == RunStatus.INTERRUPTED
    folder.log_path.write_bytes(data)  # longer than the one before, and another
    assert shared.take(folder.path).state == first.state


def test_a_run_that_goes_on_leaves_its_earlier_snapshots_as_they_are(workspace: Path) -> None:
    folder = make_run(workspace, "run-a", status=RunStatus.RUNNING)
    log, shared = LogWriter(folder.log_path), RunSnapshots()
    log.append(e.TrialStarted(4, "mlp-4", "mlp", {}, Origin.SEARCH), 10.0)
    before = shared.take(folder.path).state
    log.append(e.RunResumed(90.0, 1), 11.0)
    log.close()
    with hold(folder.path):
        after = shared.take(folder.path).state
    assert (before.status, after.status) == (RunStatus.INTERRUPTED, RunStatus.RUNNING)
    statuses = before.trials[4].status, after.trials[4].status
    assert statuses == (TrialStatus.RUNNING, TrialStatus.STOPPED)


def test_a_run_in_place_of_another_is_another(workspace: Path) -> None:
    folder = make_run(workspace, "run-a")
    shared = RunSnapshots()
    assert shared.take(folder.path).spec.task == "binary"
    folder.path.rename(workspace / "gone")
    with pytest.raises(RunError, match=r"spec\.json is missing"):
        shared.take(folder.path)
    make_run(workspace, "run-a", "regression")
    taken = shared.take(folder.path)
    assert (taken.spec.task, taken.state) == ("regression", RunReader(folder).refresh())


def test_only_the_runs_that_were_asked_for_last_are_kept(
    workspace: Path, bytes_read: Bytes
) -> None:
    folder = make_run(workspace, "run-a")
    size = folder.log_path.stat().st_size
    paths = [workspace / "runs" / f"run-{i}" for i in range(3)]
    for path in paths:
        path.mkdir()
        for name in ("spec.json", "events.jsonl"):
            (path / name).write_bytes((folder.path / name).read_bytes())
    shared = RunSnapshots(most=2)
    for path in (paths[0], paths[1], paths[0], paths[2], paths[0]):
        shared.take(path)
    assert bytes_read() == 3 * size
    shared.take(paths[1])
    assert bytes_read() == 4 * size


def test_a_run_that_cannot_be_read_is_refused_each_time(workspace: Path) -> None:
    folder = RunFolder(workspace / "runs" / "run-a")
    folder.path.mkdir(parents=True)
    (folder.path / "spec.json").write_text("{}")
    shared = RunSnapshots()
    for _ in range(2):
        with pytest.raises(RunError, match=r"spec\.json of the run in .* is damaged"):
            shared.take(folder.path)
