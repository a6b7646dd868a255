"""Test rows that were not scored in time are scored later; the run's log has the score then."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from automl_core.errors import RunError
from automl_core.runs.executor import PredictionService, prediction_service
from automl_core.runs.late_score import lacks_test_score, score_late
from automl_core.runs.record import Budget, RunFolder, RunOptions, RunReader, TrainRequest
from automl_core.runs.record.commands import hold
from automl_core.runs.record.folder import load_outcome
from automl_core.runs.schedule import limits
from tests.runs.coordinator.test_finalize import conduct_inline
from tests.runs.inline import InlineExecutor
from tests.runs.tables import small_table, stored_run

REQUEST = TrainRequest(
    "answer", RunOptions(Budget(trials=1), families=("linear",), folds=2, test_fraction=0.2)
)


@pytest.fixture
def unscored(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> RunFolder:
    """A run that has ended before a worker could predict its test rows."""
    monkeypatch.setattr(limits, "LAST_TASKS_UNHURRIED", -1.0)
    run = stored_run(workspace, small_table(), REQUEST)
    conduct_inline(run, workspace, InlineExecutor())

    def executor(*_: Any, **__: Any) -> InlineExecutor:
        return InlineExecutor()

    monkeypatch.setattr(prediction_service, "open_one_worker", executor)
    return RunFolder(workspace / "runs" / "inline")


def test_the_score_is_added_to_the_log_and_to_the_outcome(
    unscored: RunFolder, workspace: Path
) -> None:
    reader = RunReader(unscored)
    before = reader.refresh()
    assert before.finished is not None and before.finished.test_score is None
    assert lacks_test_score(before)
    assert "could not be scored" in before.notes[-1][1].message
    scored = score_late(unscored, workspace, PredictionService(workspace)).result(timeout=60)
    end = reader.refresh().finished
    assert end is not None
    assert (end.test_score, end.test_low, end.test_baseline) == (scored.score, scored.low, 0.5)
    assert end.test_score is not None and end.test_score > 0.7
    outcome = load_outcome(unscored)
    assert outcome is not None and outcome.test == scored
    assert not lacks_test_score(reader.refresh())
    with pytest.raises(RunError, match="scored already"):
        score_late(unscored, workspace, PredictionService(workspace))


def test_who_holds_the_run_is_waited_for_in_vain(unscored: RunFolder, workspace: Path) -> None:
    with hold(unscored.path):
        future = score_late(unscored, workspace, PredictionService(workspace))
        with pytest.raises(RunError, match="Another process"):
            future.result(timeout=60)
