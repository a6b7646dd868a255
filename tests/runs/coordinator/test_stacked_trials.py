"""Trials of one architecture that are trained as one: each is a trial of its own all the same."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from automl_core.models import architecture_of, model_spec
from automl_core.runs.coordinator.coordinator import conduct
from automl_core.runs.executor.protocol import Blobs
from automl_core.runs.executor.results import GainProbed, Message, Probed, TaskDone
from automl_core.runs.executor.tasks import ProbeTask, TrainTask, Work
from automl_core.runs.record import Budget, RunOptions, TrainRequest
from automl_core.runs.record.commands import hold
from automl_core.runs.record.folder import RunFolder
from automl_core.runs.record.state import RunState, Trial
from automl_core.runs.schedule import limits
from automl_core.types import Origin, TrialStatus
from tests.runs.inline import StoppingExecutor
from tests.runs.tables import small_run

MLP = model_spec("mlp")


class GainingExecutor(StoppingExecutor):
    """Says that training as one is so many times as fast, and notes what is trained."""

    def __init__(self, run: Path, gain: float) -> None:
        super().__init__(run, fits=10)
        self._gain = gain
        self.trained: list[TrainTask] = []

    def submit(self, work: Work, blobs: Blobs) -> int:
        if isinstance(work, TrainTask):
            self.trained.append(work)
        return super().submit(work, blobs)

    def poll(self, timeout: float) -> list[Message]:
        if self._waiting and isinstance(self._waiting[0][1], ProbeTask):
            number, work, _ = self._waiting.popleft()
            assert isinstance(work, ProbeTask)
            gain, pace = GainProbed(work.family, self._gain), Probed(work.family, 0.05)
            return [Message(number, gain if work.members else pace), Message(number, TaskDone())]
        return super().poll(timeout)


@dataclass(frozen=True)
class Ended:
    """A run that was stopped after a few fits."""

    state: RunState
    trained: list[TrainTask]


def run(root: Path, gain: float) -> Ended:
    options = RunOptions(Budget(seconds=1000), families=("mlp",), folds=2, test_fraction=0.0)
    spec, schema = small_run(root, Budget(seconds=1000), TrainRequest("answer", options))
    folder = RunFolder(root / "runs" / "stacked")
    folder.path.mkdir(parents=True)
    folder.create(spec, schema)
    executor = GainingExecutor(folder.path, gain)
    with hold(folder.path):
        state = conduct(folder, executor, root, time.monotonic(), 1)
    return Ended(state, executor.trained)


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ended]:
    """One in which four train at once, and the others take the places of those that end."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits, "STACK_MEMBERS", 4)
        patch.setattr(limits, "STACK_ROOM", 1.0)
        yield run(tmp_path_factory.mktemp("stacked"), 2.0)


def stacked_task(ended: Ended) -> TrainTask:
    return next(task for task in ended.trained if len({job.trial for job in task.jobs}) > 1)


def stacked_trials(ended: Ended) -> list[Trial]:
    return [ended.state.trials[job.trial] for job in stacked_task(ended).jobs]


def test_they_are_of_one_architecture_and_differ_in_all_else(ended: Ended) -> None:
    trials = stacked_trials(ended)
    assert len(trials) >= 6
    first = trials[0].config
    for trial in trials[1:]:
        assert architecture_of(MLP, trial.config) == architecture_of(MLP, first)
    assert len({trial.config["learning_rate"] for trial in trials}) == len(trials)
    assert len({job.seed for job in stacked_task(ended).jobs}) == len(trials) > 4
    assert stacked_task(ended).places == 4


def test_each_has_curves_scores_and_an_end_of_its_own(ended: Ended) -> None:
    statuses = set()
    for trial in stacked_trials(ended):
        assert trial.origin == Origin.SEARCH
        statuses.add(trial.status)
        assert trial.curves[0].epoch, trial.name
        assert 0 in trial.fold_scores, trial.name
        assert trial.train_seconds > 0
    assert TrialStatus.PRUNED in statuses
    assert len(statuses) > 1


def test_the_run_says_why(ended: Ended) -> None:
    words = [note.message for _, note in ended.state.notes]
    assert any("trained as one network: 2.0 times as fast" in w for w in words), words
