"""Commands to a run that goes on are heeded, are in the log, and move the run's end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from automl_core.runs.coordinator.coordinator import conduct
from automl_core.runs.coordinator.steering import obey
from automl_core.runs.record import Budget, LogReader, RunLog, RunOptions, TrainRequest, Trial
from automl_core.runs.record import events as e
from automl_core.runs.record.commands import hold, send_command
from automl_core.runs.record.folder import RunFolder
from automl_core.runs.record.reader import RunReader
from automl_core.runs.record.state import RunState
from automl_core.types import CommandName, Origin, RunStatus, TrialStatus
from tests.runs.inline import InlineExecutor, StoppingExecutor
from tests.runs.tables import small_run


def _started(seconds: float | None) -> e.RunStarted:
    return e.RunStarted(seconds, None if seconds else 8, 1, 90, 10, 0, 1)


def _log(path: Path, seconds: float | None = 60.0) -> RunLog:
    log = RunLog(path / "events.jsonl", time.monotonic())
    log.write(_started(seconds))
    return log


def _words(log: RunLog) -> list[str]:
    return [note.message for _, note in log.state.notes]


def test_time_is_added_to_the_budget_and_said(tmp_path: Path) -> None:
    log = _log(tmp_path)
    obey(log, "add_time", "60", is_ending=False)
    obey(log, "add_time", "300", is_ending=False)
    assert log.state.budget_seconds == 420
    assert _words(log) == [
        "60 s added: the budget is 2 min now.",
        "5 min added: the budget is 7 min now.",
    ]
    log.close()


@pytest.mark.parametrize(
    ("seconds", "argument", "is_ending", "words"),
    [
        (60.0, "60", True, "training is over already"),
        (None, "60", False, "the budget of this run is its trials"),
        (60.0, str(8 * 24 * 3600), False, "7 days at most"),
    ],
)
def test_time_that_cannot_be_added_is_said(
    tmp_path: Path, seconds: float | None, argument: str, is_ending: bool, words: str
) -> None:
    log = _log(tmp_path, seconds)
    obey(log, "add_time", argument, is_ending)
    assert log.state.budget_seconds == seconds
    assert words in _words(log)[0]
    log.close()


def test_time_is_added_up_to_the_limit_of_the_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCHLIGHT_MAX_BUDGET_SECONDS", "120")
    log = _log(tmp_path)
    for _ in range(2):
        obey(log, "add_time", "60", is_ending=False)
    assert log.state.budget_seconds == 120
    assert _words(log)[1] == "60 s not added: a run takes 2 min at most."
    log.close()


@pytest.mark.parametrize("argument", ["", "soon", "-60", "nan", "inf", "0"])
def test_what_is_no_time_changes_nothing(tmp_path: Path, argument: str) -> None:
    log = _log(tmp_path)
    obey(log, "add_time", argument, is_ending=False)
    log.state.apply(e.Command("add_time", argument), 1.0, 1.0)  # as a damaged log might have it
    assert log.state.budget_seconds == 60 and not log.state.notes
    log.close()


def test_the_clock_of_the_budget_stands_still_in_a_pause() -> None:
    state = RunState()
    state.apply(_started(60.0), 0.0, 1000.0)
    for name, t in (("pause", 10.0), ("pause", 12.0), ("continue", 25.0), ("continue", 26.0)):
        state.apply(e.Command(name), t, 1000.0 + t)
    assert state.status == RunStatus.RUNNING
    assert state.spent_seconds(40.0) == 25.0
    state.apply(e.Command("pause"), 40.0, 1040.0)
    assert state.status == RunStatus.PAUSED
    assert state.spent_seconds(55.0) == 25.0
    state.apply(e.Command("stop"), 60.0, 1060.0)  # a paused run can be stopped
    assert state.status == RunStatus.STOPPING
    assert state.spent_seconds(61.0) == 26.0


def _folder(workspace: Path, seconds: float) -> RunFolder:
    folder = RunFolder(workspace / "runs" / "steered")
    options = RunOptions(Budget(seconds=seconds), folds=2, families=("lightgbm",))
    folder.create(*small_run(workspace, options.budget, TrainRequest("answer", options)))
    return folder


def _conduct(folder: RunFolder, workspace: Path, executor: InlineExecutor) -> RunState:
    with hold(folder.path):
        return conduct(folder, executor, workspace, time.monotonic(), 2)


def test_a_run_with_added_time_trains_on(workspace: Path) -> None:
    # Workers are ready after the first budget: without more, there is the baseline alone.
    folder = _folder(workspace, seconds=1.0)
    send_command(folder.path, CommandName.ADD_TIME, "60")
    state = _conduct(folder, workspace, StoppingExecutor(folder.path, fits=4, ready_after=1.3))
    assert state.budget_seconds == 61.0
    assert sum(t.usable for t in state.trials.values()) > 1


def _until(folder: RunFolder, happened: Callable[[RunState], bool]) -> None:
    reader = RunReader(folder)
    while not happened(reader.refresh()):
        time.sleep(0.05)


def test_a_paused_run_starts_nothing_until_it_goes_on(workspace: Path) -> None:
    folder = _folder(workspace, seconds=60.0)

    def steer() -> None:
        _until(folder, lambda state: any(t.usable for t in state.trials.values()))
        send_command(folder.path, CommandName.PAUSE)
        _until(folder, lambda state: state.status == RunStatus.PAUSED)
        time.sleep(0.5)
        before = len(RunReader(folder).refresh().trials)
        send_command(folder.path, CommandName.CONTINUE)
        _until(folder, lambda state: len(state.trials) > before)
        send_command(folder.path, CommandName.STOP)

    thread = threading.Thread(target=steer, daemon=True)
    thread.start()
    state = _conduct(folder, workspace, InlineExecutor())
    thread.join()
    notes = {note.message: t for t, note in state.notes}
    paused = next(t for words, t in notes.items() if words.startswith("Paused"))
    resumed = notes["Training goes on."]
    starts = [t.started for t in state.trials.values()]
    assert not any(paused < start < resumed for start in starts)
    assert any(start > resumed for start in starts)
    assert state.clock - state.spent_seconds(state.clock) == pytest.approx(
        resumed - paused, abs=0.1
    )
    again = RunReader(folder).refresh()
    assert again.paused_seconds == pytest.approx(state.paused_seconds, abs=1e-3)


def _trial(log: RunLog, number: int, family: str, origin: Origin = Origin.SEARCH) -> None:
    log.write(e.TrialStarted(number, f"{family}-{number}", family, {}, origin))


def _finish(log: RunLog, number: int, folds: int = 2) -> None:
    status = TrialStatus.FINISHED
    log.write(e.TrialFinished(number, status, 0.8, 1.0, 0.1, 1000, folds))


def test_commands_about_models_change_the_state_and_are_said(tmp_path: Path) -> None:
    log = RunLog(tmp_path / "events.jsonl", time.monotonic())
    log.write(e.RunStarted(60.0, None, 2, 90, 10, 0, 1, parts=5))
    for number, family in enumerate(("lightgbm", "mlp", "catboost")):
        _trial(log, number, family)
        _finish(log, number)
    log.write(e.EnsembleSolved(0.9, (0, 2), (0.5, 0.5), 1.0, 4, 0.1, 1000))
    again = e.TrainAgain(1, 30.0).as_text()
    for name, argument in (
        ("leave_out", "mlp"), ("leave_out", "catboost"), ("take_back", "mlp"),
        ("more_folds", "0"), ("train_again", again), ("drop", "2"),
    ):  # fmt: skip
        assert obey(log, name, argument, is_ending=False), (name, argument)
    state = log.state
    assert state.left_out == {"catboost"}
    assert state.more_folds == {0}
    assert state.waiting_again == (e.TrainAgain(1, 30.0),)
    assert state.trials[2].status == TrialStatus.DROPPED
    assert state.ensemble is None and 2 not in state.models
    assert len(_words(log)) == 6
    read = RunState()
    for entry in LogReader(tmp_path / "events.jsonl").read():
        read.apply(entry.event, entry.t, 0.0)
    assert (read.left_out, read.more_folds, read.waiting_again) == (
        state.left_out, state.more_folds, state.waiting_again,
    )  # fmt: skip
    log.close()


@pytest.mark.parametrize(
    ("name", "argument", "is_ending", "words"),
    [
        ("drop", "0", False, "The baseline stays"),
        ("drop", "1", True, "training is over already"),
        ("leave_out", "mlp", True, "training is over already"),
        ("more_folds", "1", False, "on all parts of the rows already"),
        ("more_folds", "2", False, "only a model that is complete"),
        ("train_again", '{"trial": 1, "seconds": 5}', True, "training is over already"),
    ],
)
def test_what_cannot_be_done_to_a_model_is_said(
    tmp_path: Path, name: str, argument: str, is_ending: bool, words: str
) -> None:
    log = RunLog(tmp_path / "events.jsonl", time.monotonic())
    log.write(e.RunStarted(60.0, None, 2, 90, 10, 0, 1, parts=5))
    for number, family in enumerate(("constant", "mlp", "mlp")):
        _trial(log, number, family, Origin.SEARCH if number else Origin.BASELINE)
    _finish(log, 1, folds=5)
    assert not obey(log, name, argument, is_ending)
    assert words in _words(log)[0]
    assert not log.state.left_out and not log.state.more_folds and not log.state.waiting_again
    log.close()


@pytest.mark.parametrize(
    ("name", "argument"),
    [
        ("explode", ""), ("leave_out", "no such"), ("leave_out", "constant"), ("take_back", "mlp"),
        ("drop", "-1"), ("drop", "7"), ("drop", "one"), ("more_folds", ""),
        ("train_again", "{}"), ("train_again", '{"trial": 7, "seconds": 5}'),
        ("train_again", '{"trial": 0, "seconds": -5}'),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_dropped(tmp_path: Path, name: str, argument: str) -> None:
    log = _log(tmp_path)
    _trial(log, 0, "mlp")
    assert not obey(log, name, argument, is_ending=False)
    assert not log.state.notes and not log.state.left_out
    log.state.apply(e.Command(name, argument), 1.0, 1.0)  # as a damaged log might have it
    log.close()


def test_a_family_that_is_left_out_starts_no_more_and_one_is_trained_again(
    workspace: Path,
) -> None:
    folder = RunFolder(workspace / "runs" / "steered")
    families = ("lightgbm", "linear", "extra_trees")
    options = RunOptions(Budget(seconds=60.0), folds=2, families=families)
    folder.create(*small_run(workspace, options.budget, TrainRequest("answer", options)))

    def first(state: RunState) -> Trial | None:
        there = (t for t in state.trials.values() if t.usable and t.family == "lightgbm")
        return next(there, None)

    def steer() -> None:
        _until(folder, lambda state: first(state) is not None)
        trial = first(RunReader(folder).refresh())
        assert trial is not None
        send_command(folder.path, "leave_out", "linear")
        send_command(folder.path, "train_again", e.TrainAgain(trial.number, 5.0).as_text())
        _until(folder, lambda s: any(t.asked and t.usable for t in s.trials.values()))
        send_command(folder.path, "drop", str(trial.number))
        _until(folder, lambda s: s.trials[trial.number].status == TrialStatus.DROPPED)
        count = len(RunReader(folder).refresh().trials)
        _until(folder, lambda s: len(s.trials) > count + 3)
        send_command(folder.path, CommandName.STOP)

    thread = threading.Thread(target=steer, daemon=True)
    thread.start()
    state = _conduct(folder, workspace, InlineExecutor())
    thread.join()
    said = next(t for t, note in state.notes if "left out from now on" in note.message)
    assert not any(t.started > said for t in state.trials.values() if t.family == "linear")
    (again,) = [t for t in state.trials.values() if t.asked]
    (dropped,) = [t for t in state.trials.values() if t.status == TrialStatus.DROPPED]
    assert (again.family, again.config) == (dropped.family, dropped.config)
    assert state.ensemble is not None and dropped.number not in state.ensemble.trials
    assert state.status == RunStatus.STOPPED


def test_a_run_whose_families_are_all_left_out_ends(workspace: Path) -> None:
    folder = _folder(workspace, seconds=60.0)
    send_command(folder.path, "leave_out", "lightgbm")
    state = _conduct(folder, workspace, InlineExecutor())
    assert state.clock < 30
    assert [t.family for t in state.trials.values()] == ["constant"]
