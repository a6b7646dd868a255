"""A few runs in one process leave nothing behind; a copy that was made meanwhile is whole."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from automl_core.export.predictor import load_predictor
from automl_core.runs import get_manager, manager
from automl_core.runs.record import Budget, RunReader, check_can_resume
from automl_core.runs.record.folder import RunFolder, trial_files
from automl_core.types import RunStatus, TrialStatus
from tests.faults import soak
from tests.runs.tables import small_run

HELD = soak.Held(memory=100, workers=400, threads=9, processes=3, files=12)


def copied(workspace: Path, copy: Path) -> Path:
    """A copy of the workspace in the order that docs/server.md says."""
    for log in workspace.glob("runs/*/events.jsonl"):
        place = copy / log.relative_to(workspace)
        place.parent.mkdir(parents=True)
        shutil.copy2(log, place)
    ignored = shutil.ignore_patterns("events.jsonl", ".*.tmp")
    shutil.copytree(workspace, copy, ignore=ignored, dirs_exist_ok=True)
    return copy


@pytest.mark.alone
def test_nothing_is_left_behind_and_a_copy_has_all_that_had_finished(
    workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(manager, "default_workers", lambda: 1)
    seen = soak.soak(workspace, runs=3, seconds=1.0, every=1)
    assert all(now.same_parts(seen[0]) for now in seen[1:]), seen
    folder = get_manager().start(*small_run(workspace, Budget(trials=5)))
    reader = RunReader(folder)
    while sum(t.status == TrialStatus.FINISHED for t in reader.refresh().trials.values()) < 3:
        assert get_manager().is_active(folder.path), reader.state.reason
    copy = RunFolder(copied(workspace, tmp_path / "copy") / "runs" / folder.path.name)
    state = RunReader(copy).refresh()
    finished = [t.number for t in state.trials.values() if t.status == TrialStatus.FINISHED]
    assert len(finished) >= 3
    for number in finished:
        load_predictor(trial_files(copy, number))
        assert len(copy.out_of_fold(number).rows)
    assert state.status in (RunStatus.INTERRUPTED, RunStatus.FINISHED)
    if state.finished is None:
        check_can_resume(state, None)


def test_what_has_grown_is_named() -> None:
    assert not soak.problems([HELD, HELD, replace(HELD, memory=119, workers=900)])
    grown = replace(HELD, memory=121, threads=10, files=13)
    assert soak.problems([HELD, grown]) == [
        "memory grew 1.21 times",
        "9 threads became 10",
        "12 files became 13",
    ]
