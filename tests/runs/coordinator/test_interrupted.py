"""What was being trained when a run was interrupted goes on from where it stood."""

from __future__ import annotations

import itertools
import time
from pathlib import Path

import pytest

from automl_core.runs.coordinator import kept_trainings
from automl_core.runs.coordinator.coordinator import conduct
from automl_core.runs.record import (
    Budget,
    LeaderRow,
    LogReader,
    RunFolder,
    RunOptions,
    RunReader,
    RunState,
    TrainRequest,
    build_leaderboard,
    hold,
)
from automl_core.runs.record import events as e
from automl_core.runs.record.unfinished import FOLDER
from automl_core.runs.worker import checkpoints
from automl_core.runs.worker.fit import TimeLimit
from automl_core.types import FailReason, Origin, RunStatus, StopReason, TrialStatus
from tests.runs.inline import DyingExecutor, InlineExecutor, MortalExecutor, StoppingExecutor
from tests.runs.tables import small_run

TRIALS = 9  # three rounds: the last proposals are those of the search
FITS = 2 * (TRIALS + 1)  # of two folds a trial, the baseline's with them


def _folder(root: Path, name: str, options: RunOptions) -> RunFolder:
    folder = RunFolder(root / "runs" / name)
    folder.create(*small_run(root, options.budget, TrainRequest("answer", options)))
    return folder


def _conduct(
    folder: RunFolder, root: Path, executor: InlineExecutor, more: float | None = None
) -> RunState:
    with hold(folder.path):
        return conduct(folder, executor, root, time.monotonic(), 2, more)


def _events(folder: RunFolder) -> list[e.Event]:
    return [entry.event for entry in LogReader(folder.log_path).read()]


def _board(state: RunState) -> list[tuple[str, float | None]]:
    rows: tuple[LeaderRow, ...] = build_leaderboard(state, "accuracy")
    return sorted((row.name, row.score) for row in rows)


@pytest.fixture
def keeps_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fits of any length are kept, and states of a training as often as can be."""
    monkeypatch.setattr(kept_trainings, "LEAST_SECONDS", 0.0)
    monkeypatch.setattr(kept_trainings, "MOST_BYTES_A_SECOND", 1e12)
    monkeypatch.setattr(checkpoints, "EVERY_SECONDS", 0.0)


KNN = RunOptions(Budget(trials=TRIALS), folds=2, families=("knn",))


@pytest.mark.usefixtures("keeps_all")
def test_a_run_of_trials_ends_as_if_nothing_had_interrupted_it(workspace: Path) -> None:
    whole = _conduct(_folder(workspace, "whole", KNN), workspace, InlineExecutor())
    assert whole.finished is not None and len(whole.trials) == TRIALS + 1
    folder, fitted = _folder(workspace, "cut", KNN), list[tuple[int, int]]()
    for fits in (1, 8, 5):  # in the first trial, between two, and among those of the search
        executor = DyingExecutor(fits)
        assert _conduct(folder, workspace, executor).finished is None
        read = RunReader(folder).refresh()
        assert read.status == RunStatus.INTERRUPTED and read.resumed == 0  # it ended in order
        assert isinstance(_events(folder)[-1], e.RunInterrupted)
        fitted += executor.fitted
    last = DyingExecutor()
    state = _conduct(folder, workspace, last)
    assert state.status == RunStatus.FINISHED
    assert _board(state) == _board(whole)
    assert {n: t.config for n, t in state.trials.items()} == {
        n: t.config for n, t in whole.trials.items()
    }
    fitted += last.fitted
    assert len(fitted) == len(set(fitted))  # no fold is fitted twice
    assert not (folder.path / FOLDER).exists()
    assert any("6 trials." in note.message for _, note in state.notes)


@pytest.mark.usefixtures("keeps_all")
def test_a_fold_whose_file_is_damaged_is_fitted_again(workspace: Path) -> None:
    options = RunOptions(Budget(trials=1), folds=2, families=("knn",))
    whole = _conduct(_folder(workspace, "whole", options), workspace, InlineExecutor())
    folder = _folder(workspace, "cut", options)
    _conduct(folder, workspace, DyingExecutor(3))  # both folds of the baseline, and one
    (kept,) = (folder.path / FOLDER).glob("1-0.fit")
    kept.write_bytes(kept.read_bytes() + b"more")
    executor = DyingExecutor()
    state = _conduct(folder, workspace, executor)
    assert executor.fitted == [(1, 0), (1, 1)]
    assert _board(state) == _board(whole)
    assert any("a fold that was kept is damaged" in note.message for _, note in state.notes)


NETWORK = RunOptions(Budget(trials=1), folds=2, families=("linear",))


@pytest.fixture(scope="module")
def whole_run(tmp_path_factory: pytest.TempPathFactory) -> RunState:
    """The same run of one network, that nothing interrupts."""
    root = tmp_path_factory.mktemp("whole")
    return _conduct(_folder(root, "whole", NETWORK), root, InlineExecutor())


@pytest.mark.usefixtures("keeps_all")
@pytest.mark.parametrize("damaged", [False, True])
def test_a_network_goes_on_from_its_last_state(
    workspace: Path, whole_run: RunState, damaged: bool
) -> None:
    folder = _folder(workspace, "cut", NETWORK)
    _conduct(folder, workspace, DyingExecutor(family="linear"))
    assert RunReader(folder).refresh().trials[1].curves[0].epoch  # they come again
    (kept,) = (folder.path / FOLDER).glob("1-0.state")
    if damaged:
        kept.write_bytes(kept.read_bytes()[:-1])
    state = _conduct(folder, workspace, InlineExecutor())
    assert _board(state) == _board(whole_run)
    for fold, curve in state.trials[1].curves.items():
        whole = whole_run.trials[1].curves[fold]
        assert curve.epoch == whole.epoch == sorted(set(whole.epoch))  # none of them twice
        assert curve.valid_loss == whole.valid_loss
        assert all(a <= b for a, b in itertools.pairwise(curve.seconds))
    notes = [note.message for _, note in state.notes]
    assert sum("trained from its beginning again" in words for words in notes) == damaged
    events = _events(folder)
    resumed = next(i for i, event in enumerate(events) if isinstance(event, e.RunResumed))
    first = next(event for event in events[resumed:] if isinstance(event, e.Epochs))
    assert (first.epoch[0] == 1) == damaged


@pytest.mark.usefixtures("keeps_all")
def test_another_worker_goes_on_where_one_died(workspace: Path, whole_run: RunState) -> None:
    folder = _folder(workspace, "mortal", NETWORK)
    state = _conduct(folder, workspace, MortalExecutor("linear", deaths=1))
    assert _board(state) == _board(whole_run)
    assert state.trials[1].workers_lost == 1
    for fold, curve in state.trials[1].curves.items():
        whole = whole_run.trials[1].curves[fold]
        assert (curve.epoch, curve.valid_loss) == (whole.epoch, whole.valid_loss)
    events = _events(folder)
    (lost,) = [event for event in events if isinstance(event, e.TrialInterrupted)]
    following = next(
        event
        for event in events[events.index(lost) :]
        if isinstance(event, e.Epochs) and event.fold in lost.folds
    )
    words = f"linear-1 goes on from epoch {following.epoch[0] - 1}, with another one."
    assert following.epoch[0] > 1 and any(words in note.message for _, note in state.notes)
    assert sum(isinstance(event, e.TrialStarted) for event in events) == len(state.trials)
    assert RunReader(folder).refresh() == state


@pytest.mark.parametrize(
    ("deaths", "reason", "words"),
    [(2, FailReason.OTHER, "there is no third try"), (1, FailReason.MEMORY, "killed from outside")],
)
def test_a_model_that_cost_two_workers_or_the_memory_is_not_tried_again(
    workspace: Path, deaths: int, reason: FailReason, words: str
) -> None:
    folder = _folder(workspace, "mortal", NETWORK)
    state = _conduct(folder, workspace, MortalExecutor("linear", deaths, reason))
    failed = state.trials[1]
    assert failed.status == TrialStatus.FAILED and words in failed.message
    assert failed.workers_lost == deaths - 1
    assert state.status == RunStatus.FINISHED  # with the baseline


def test_what_a_model_has_cost_is_known_after_an_interruption() -> None:
    state = RunState()
    started = e.TrialStarted(0, "mlp", "mlp", {}, Origin.PORTFOLIO)
    for event in (started, e.TrialInterrupted(0, (0,), "It died."), e.RunResumed(9.0, 1), started):
        state.apply(event, 1.0, 1.0)
    assert state.trials[0].workers_lost == 1


def test_a_fold_that_was_cut_before_it_had_learned_anything_has_no_score(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = RunOptions(Budget(trials=2), folds=2, families=("lightgbm", "extra_trees"))
    cut, begun = (0, 1, 3), list[TimeLimit]()  # both folds of the first, one of the second

    def interrupted(limit: TimeLimit) -> StopReason | None:
        if limit not in begun:
            begun.append(limit)
        return StopReason.TIME if begun.index(limit) in cut else None

    monkeypatch.setattr(TimeLimit, "interrupted", interrupted)
    state = _conduct(_folder(workspace, "cut", options), workspace, InlineExecutor())
    _, first, second = state.trials.values()
    assert (first.status, first.score, first.fail_reason) == ("failed", None, FailReason.TIME)
    assert "time was over before it had learned anything" in first.message
    assert (second.status, second.folds) == (TrialStatus.STOPPED, 1) and second.score is not None


def test_a_run_that_had_not_begun_begins(workspace: Path) -> None:
    options = RunOptions(Budget(seconds=60), folds=2, families=("knn",))
    folder = _folder(workspace, "queued", options)
    assert RunReader(folder).refresh().status == RunStatus.INTERRUPTED
    state = _conduct(folder, workspace, StoppingExecutor(folder.path, 4), more=90.0)
    assert state.status == RunStatus.STOPPED
    assert state.budget_seconds == pytest.approx(90.0, abs=1.0)


def test_what_is_left_of_a_budget_may_be_nothing(workspace: Path) -> None:
    options = RunOptions(Budget(seconds=60), folds=2, families=("knn",))
    folder = _folder(workspace, "late", options)
    _conduct(folder, workspace, DyingExecutor(6))
    state = _conduct(folder, workspace, InlineExecutor(), more=0.0)
    assert state.status == RunStatus.FINISHED and state.finished is not None
    assert folder.model_files(state.finished.best or 0)
