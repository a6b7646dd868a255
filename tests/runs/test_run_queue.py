"""The queue of runs: turns between owners, short runs, and what those who wait are told."""

from __future__ import annotations

from pathlib import Path

import pytest

from automl_core.errors import RunError
from automl_core.runs.queue_place import QueuePlace, queue_place
from automl_core.runs.record.commands import hold
from automl_core.runs.record.folder import RunFolder
from automl_core.runs.record.runs_ahead import RunAhead, load_runs_ahead, save_runs_ahead
from automl_core.runs.run_queue import QueuedRun, RunOwner, RunQueue
from tests.fake_run import make_folder, write_log

LONG, SHORT = 600.0, 30.0


def queued(folder: Path, seconds: float = LONG, goes_on: bool = False) -> QueuedRun:
    """A run of the owner that its folder's name begins with."""
    owner = RunOwner(folder.parent, folder.name.rstrip("!0123456789"))
    return QueuedRun(RunFolder(folder), owner, 1, 0.0, hold(folder), seconds, goes_on)


def order(arrivals: str, folder: Path) -> str:
    """The runs as they start; all but the first come while the first is at work.

    "a1" is a run of the owner a; one with an exclamation mark is short.
    """
    queue, started = RunQueue(), []
    for place, name in enumerate(arrivals.split()):
        queue.add(queued(folder / name, SHORT if name.endswith("!") else LONG))
        if place == 0:
            started.append(queue.take())
    while (run := queue.take()) is not None:
        started.append(run)
    return " ".join(run.folder.path.name for run in started if run is not None)


@pytest.mark.parametrize(
    ("arrivals", "expected"),
    [
        ("a1 a2 a3", "a1 a2 a3"),
        ("a1 a2 a3 b1", "a1 b1 a2 a3"),
        ("a1 a2 a3 b1 b2 c1", "a1 b1 c1 a2 b2 a3"),
        ("a1 a2 b1 b2 b3", "a1 b1 a2 b2 b3"),
        ("a1 b1 c1!", "a1 c1! b1"),  # a short one overtakes
        ("a1 b1 c1! d1! e1!", "a1 c1! d1! b1 e1!"),  # but not for ever
        ("a1 a2 a3! b1", "a1 a3! b1 a2"),  # it takes its owner's turn
        ("a1! b1! c1!", "a1! b1! c1!"),
    ],
)
def test_owners_take_turns_and_short_runs_overtake(
    tmp_path: Path, arrivals: str, expected: str
) -> None:
    assert order(arrivals, tmp_path) == expected


def test_whoever_waits_comes_although_new_owners_and_short_runs_never_end(tmp_path: Path) -> None:
    queue = RunQueue()
    for name in ("a1", "a2", "b1"):
        queue.add(queued(tmp_path / name))
    started = []
    for number in range(80):
        queue.add(queued(tmp_path / f"long-{'x' * number}"))
        queue.add(queued(tmp_path / f"short-{'x' * number}", SHORT))
        run = queue.take()
        assert run is not None
        started.append(run.folder.path.name)
    assert started.index("b1") < 10 and started.index("a2") < 70


def test_those_who_wait_are_told_who_comes_first(workspace: Path) -> None:
    folders = {name: make_folder(workspace, name) for name in ("a1", "a2", "b1", "a3")}
    queue = RunQueue()

    def ahead(name: str) -> list[str] | None:
        told = load_runs_ahead(folders[name].path)
        return None if told is None else [Path(run.path).name for run in told]

    for name in ("a1", "a2", "b1"):
        queue.add(queued(folders[name].path))
    first = queue.take()
    assert first is not None and queue.current is first
    assert ahead("a1") is None and ahead("b1") == ["a1"] and ahead("a2") == ["a1", "b1"]
    queue.add(queued(folders["a3"].path, goes_on=True))
    assert ahead("a3") == ["a1", "b1", "a2"]
    queue.withdraw(folders["a3"].path)
    assert ahead("a3") is None and not queue.holds(folders["a3"].path)
    queue.withdraw(folders["a2"].path)  # it has not begun: it waits on
    assert queue.holds(folders["a2"].path)
    queue.end(first)
    assert queue.current is None and ahead("b1") == [] and ahead("a2") == ["b1"]
    queue.drain()
    assert ahead("b1") is None and queue.take() is None


def test_a_place_is_told_by_the_budgets_that_are_left(workspace: Path) -> None:
    waiting, ended = make_folder(workspace, "waiting"), make_folder(workspace, "ended")
    lost = make_folder(workspace, "lost")  # the process that had it in its queue is gone
    write_log(ended)
    first, second = make_folder(workspace, "first"), make_folder(workspace, "second")
    write_log(first, until=12.0)
    assert queue_place(waiting.path) is None
    runs = [RunAhead(str(folder.path), 100.0) for folder in (first, ended, lost, second)]
    save_runs_ahead(waiting.path, [*runs, RunAhead(str(workspace / "runs" / "deleted"), 100.0)])
    with hold(first.path), hold(second.path):
        place = queue_place(waiting.path)
        assert place is not None and place.ahead == 2  # the others are over
        assert place.seconds == pytest.approx(60 - 12 + 100, abs=2.0)
        save_runs_ahead(waiting.path, [*runs[:1], RunAhead(str(second.path), None)])
        assert queue_place(waiting.path) == QueuePlace(2, None)
    save_runs_ahead(waiting.path, runs[1:3])
    assert queue_place(waiting.path) == QueuePlace(0, 0.0)
    assert QueuePlace(1, 172.0).words == "1 run ahead of it, starts in about 3 min"


@pytest.mark.parametrize(
    ("name", "most", "arrivals", "refused", "words"),
    [
        ("TORCHLIGHT_MAX_QUEUED_EACH", "2", "a1 b1 a2", "a3", "You have 2 runs at work or waiting"),
        ("TORCHLIGHT_MAX_QUEUED_EACH", "1", "a1", "a2", "You have 1 run at work or waiting"),
        ("TORCHLIGHT_MAX_QUEUED", "3", "a1 b1 c1", "d1", "full: 3 runs at work or waiting"),
    ],
)
def test_a_run_too_many_is_refused_until_one_has_ended(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    most: str,
    arrivals: str,
    refused: str,
    words: str,
) -> None:
    monkeypatch.setenv(name, most)
    queue = RunQueue()
    for run in arrivals.split():
        queue.check_room(queued(tmp_path / run).owner)
        queue.add(queued(tmp_path / run))
    current = queue.take()
    assert current is not None
    with pytest.raises(RunError, match=words) as error:
        queue.check_room(queued(tmp_path / refused).owner)
    assert name in error.value.hint
    current.lock.acquire()
    queue.end(current)
    queue.check_room(queued(tmp_path / refused).owner)
