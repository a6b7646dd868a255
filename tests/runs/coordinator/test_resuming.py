"""A run goes on after its end and after an interruption, and loses nothing that it has trained."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import numpy as np
import pytest

from automl_core.errors import RunError, SpecError, TableError
from automl_core.export.predictor import load_predictor
from automl_core.runs.coordinator.coordinator import conduct
from automl_core.runs.record import Budget, LogReader, RunOptions, RunReader, TrainRequest
from automl_core.runs.record import events as e
from automl_core.runs.record.commands import hold, mark_queued, send_command, take_commands
from automl_core.runs.record.folder import RunFolder
from automl_core.runs.record.log import LogWriter
from automl_core.runs.record.resume_rule import check_can_resume, left_seconds, seconds_asked
from automl_core.runs.record.resumption import load_fits
from automl_core.runs.record.state import RunState
from automl_core.types import RunStatus, TrialStatus
from tests.runs.inline import StoppingExecutor
from tests.runs.tables import small_run

BUDGET = 60.0  # seconds; no run here comes close
FITS = 8  # of folds; a trial has two
FAMILIES = ("lightgbm", "extra_trees", "knn")  # they need no probe, which this executor leaves out


def _conduct(
    folder: RunFolder, root: Path, more: float | None = None, fits: int = FITS
) -> RunState:
    with hold(folder.path):
        return conduct(folder, StoppingExecutor(folder.path, fits), root, time.monotonic(), 2, more)


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a run that was stopped after some trials."""
    root = tmp_path_factory.mktemp("ended")
    folder = RunFolder(root / "runs" / "resumed")
    options = RunOptions(Budget(seconds=BUDGET), folds=2, families=FAMILIES)
    folder.create(*small_run(root, options.budget, TrainRequest("answer", options)))
    _conduct(folder, root)
    return root


@pytest.fixture
def folder(ended: Path, workspace: Path) -> RunFolder:
    """The same run, for one test."""
    shutil.copytree(ended, workspace, dirs_exist_ok=True)
    return RunFolder(workspace / "runs" / "resumed")


def _events(folder: RunFolder) -> list[e.Event]:
    return [entry.event for entry in LogReader(folder.log_path).read()]


def test_a_run_goes_on_after_its_end_with_all_that_it_has(
    workspace: Path, folder: RunFolder
) -> None:
    before = RunReader(folder).refresh()
    folds = folder.folds()
    known = {n: t for n, t in before.trials.items() if t.usable}
    assert len(known) > 1 and before.finished is not None
    state = _conduct(folder, workspace, more=50.0)
    assert state.finished is not None
    assert state.budget_seconds == pytest.approx(before.clock + 50.0, abs=0.1)
    for number, trial in known.items():
        again = state.trials[number]
        assert (again.name, again.score, again.config) == (trial.name, trial.score, trial.config)
    assert len(state.trials) > len(before.trials)
    portfolio = [
        (t.family, str(t.config)) for t in state.trials.values() if t.usable and not t.repeat
    ]
    assert len(set(portfolio)) == len(portfolio)  # what was tried is not tried again
    assert np.array_equal(folder.folds().valid[0], folds.valid[0])
    kinds = [event.__class__ for event in _events(folder)]
    assert kinds.count(e.RunStarted) == kinds.count(e.RunResumed) == 1
    assert kinds.count(e.RunFinished) == 2 and kinds[-1] is e.RunFinished
    notes = [note.message for _, note in state.notes]
    assert sum(words.startswith("The run goes on for 50 s: its budget is ") for words in notes) == 1
    assert sum(words.startswith("Stop was asked for") for words in notes) == 2  # a part each
    read = RunReader(folder).refresh()
    assert read.finished == state.finished and read.trials.keys() == state.trials.keys()
    assert load_predictor(folder.model_files(state.finished.best or 0))


def test_trials_of_before_and_after_are_in_one_ensemble(workspace: Path, folder: RunFolder) -> None:
    before = RunReader(folder).refresh()
    state = _conduct(folder, workspace)
    assert state.ensemble is not None and before.ensemble is not None
    usable = [t for t in state.models.values() if t.number != e.ENSEMBLE]
    assert {t.number for t in usable} > {t.number for t in before.trials.values() if t.usable}
    old, new = before.ensemble.score, state.ensemble.score
    assert new >= old - 0.02  # small_run is scored by accuracy or an area: higher is better


def test_an_interrupted_run_goes_on_for_what_is_left(workspace: Path, folder: RunFolder) -> None:
    lines = folder.log_path.read_bytes().splitlines(keepends=True)
    started = [i for i, line in enumerate(lines) if b'"kind":"trial_started"' in line]
    cut = lines[: started[2] + 1]  # killed while its third trial was being trained
    folder.log_path.write_bytes(b"".join(cut))
    folder.forget_outcome()
    interrupted = RunReader(folder).refresh()
    assert interrupted.status == RunStatus.INTERRUPTED
    left = left_seconds(interrupted)
    assert BUDGET - interrupted.clock == pytest.approx(left)
    state = _conduct(folder, workspace)
    assert state.finished is not None and state.budget_seconds == BUDGET
    number = max(interrupted.trials)
    before, again = interrupted.trials[number], state.trials[number]
    assert before.status == TrialStatus.RUNNING
    assert (again.name, again.config, again.started) == (before.name, before.config, before.started)
    assert again.usable and all(t.usable for t in state.trials.values())  # nothing is lost
    numbers = [event.trial for event in _events(folder) if isinstance(event, e.TrialStarted)]
    being_trained = [t.number for t in interrupted.trials.values() if t.status == "running"]
    assert [n for n in numbers if numbers.count(n) > 1] == 2 * being_trained


def test_what_fits_found_is_known_again(folder: RunFolder) -> None:
    state = RunReader(folder).refresh()
    for trial in state.trials.values():
        if trial.usable:
            facts = load_fits(folder, trial.number)
            assert [f.fold for f in facts] == sorted(trial.fold_scores)
            assert sum(f.train_seconds for f in facts) == pytest.approx(trial.train_seconds)
    (folder.path / "trials" / "0" / "fits.json").write_bytes(b"{}")  # damaged: as if not there
    assert load_fits(folder, 0) == ()


def test_a_trial_whose_predictions_are_damaged_leaves_the_ensemble(
    workspace: Path, folder: RunFolder
) -> None:
    before = RunReader(folder).refresh()
    assert before.ensemble is not None
    number = before.ensemble.trials[0]
    path = folder.path / "trials" / str(number) / "oof.npz"
    path.write_bytes(path.read_bytes()[:-9])
    state = _conduct(folder, workspace)
    assert state.ensemble is not None
    assert number not in state.ensemble.trials
    assert any("no part of the ensemble any more" in note.message for _, note in state.notes)


def test_a_run_that_cannot_be_resumed_stays_as_it_had_ended(
    workspace: Path, folder: RunFolder
) -> None:
    before, log = RunReader(folder).refresh(), folder.log_path.read_bytes()
    table = workspace / "tables" / f"{folder.spec().table.hash}.arrow"
    table.unlink()
    with pytest.raises(TableError):
        _conduct(folder, workspace)
    assert folder.log_path.read_bytes() == log
    after = RunReader(folder).refresh()
    assert after.finished == before.finished and after.finished is not None
    assert load_predictor(folder.model_files(after.finished.best or 0))


def _state(
    budget: float | None, status: RunStatus, clock: float = 10.0, trials: int = 8
) -> RunState:
    state = RunState()
    state.apply(e.RunStarted(budget, None if budget else trials, 1, 90, 10, 0, 1), 0.0, 1000.0)
    state.apply(e.Note("info", ""), clock, 1000.0 + clock)  # type: ignore[arg-type]
    state.status = status
    return state


@pytest.mark.parametrize(
    ("state", "more", "words"),
    [
        (_state(60.0, RunStatus.RUNNING), 60.0, "goes on already"),
        (_state(None, RunStatus.INTERRUPTED), 60.0, "number of trials"),
        (_state(None, RunStatus.FINISHED, trials=0), None, "No trial is left"),
        (_state(10.0, RunStatus.FINISHED), None, "No time is left"),
        (_state(60.0, RunStatus.FINISHED), 7 * 24 * 3600.0, "at most"),
        (_state(10.0, RunStatus.INTERRUPTED), 0.5, "No time is left"),
        (RunState(status=RunStatus.FAILED), 60.0, "had not begun"),
    ],
)
def test_what_cannot_go_on_says_why(state: RunState, more: float | None, words: str) -> None:
    with pytest.raises(RunError, match=words):
        check_can_resume(state, more)


def test_what_can_go_on() -> None:
    check_can_resume(_state(60.0, RunStatus.INTERRUPTED), None)
    check_can_resume(_state(10.0, RunStatus.FINISHED), 60.0)
    check_can_resume(_state(10.0, RunStatus.FAILED), 60.0)
    check_can_resume(_state(10.0, RunStatus.INTERRUPTED), None)  # it ends with what it has
    check_can_resume(_state(None, RunStatus.INTERRUPTED, trials=0), None)
    check_can_resume(_state(None, RunStatus.STOPPED), None)  # trials are left
    check_can_resume(RunState(status=RunStatus.INTERRUPTED), None)  # it begins


def test_a_run_goes_on_up_to_the_limit_of_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCHLIGHT_MAX_BUDGET_SECONDS", "90")
    ended = _state(60.0, RunStatus.FINISHED)
    left = 90.0 - ended.spent_seconds(ended.clock)
    with pytest.raises(RunError, match=r"A run takes 90 s at most\. Give it less time"):
        check_can_resume(ended, left + 1)
    check_can_resume(ended, left)
    check_can_resume(_state(600.0, RunStatus.INTERRUPTED), None)  # what it was given before


def test_time_is_asked_for_alone_or_on_top_of_what_is_left() -> None:
    interrupted = _state(60.0, RunStatus.INTERRUPTED)
    assert seconds_asked("1m30s", interrupted) == seconds_asked(90, interrupted) == 90.0
    assert seconds_asked("+60s", interrupted) == 50.0 + 60.0
    for text in ("+", "soon", "+0s"):
        with pytest.raises(SpecError):
            seconds_asked(text, interrupted)


def test_an_interrupted_run_whose_table_is_gone_stays_as_it_was(
    workspace: Path, folder: RunFolder
) -> None:
    lines = folder.log_path.read_bytes().splitlines(keepends=True)
    folder.log_path.write_bytes(b"".join(line for line in lines if b'"run_finished"' not in line))
    folder.forget_outcome()
    before = RunReader(folder).refresh()
    assert before.status == RunStatus.INTERRUPTED
    shutil.rmtree(workspace / "tables")
    with pytest.raises(TableError, match="no longer stored"):
        _conduct(folder, workspace)
    after = RunReader(folder).refresh()
    assert (after.status, after.events) == (before.status, before.events)


def test_killed_while_it_begins_to_go_on_it_is_interrupted(folder: RunFolder) -> None:
    assert RunReader(folder).refresh().finished is not None
    log = LogWriter(folder.log_path)
    log.append(e.RunResumed(90.0, 1), 20.0)
    log.close()
    mark_queued(folder.path)  # its outcome is still there: it is that of the end before
    assert RunReader(folder).refresh().status == RunStatus.INTERRUPTED


def test_what_was_asked_of_a_part_that_is_over_is_void(folder: RunFolder) -> None:
    send_command(folder.path, "stop")
    mark_queued(folder.path)
    assert take_commands(folder.path) == []
