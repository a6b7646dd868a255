"""Interrupted runs go on when the app starts, where that is set, unless they end it each time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from automl_core.errors import RunError, SpecError
from automl_core.runs import interrupted_runs as module
from automl_core.runs.interrupted_runs import resume_at_start, resume_interrupted
from automl_core.runs.record import RunFolder, RunResumed, events, hold
from automl_core.runs.record.log import LogWriter
from automl_core.settings import RESUME
from tests.fake_run import make_folder, write_log


class _Manager:
    """Remembers what is to go on; one run cannot."""

    def __init__(self) -> None:
        self.resumed: list[str] = []

    def resume(self, folder: RunFolder, more: float | None) -> None:
        assert more is None
        if folder.path.name == "broken":
            raise RunError("It cannot go on.")
        self.resumed.append(folder.path.name)


def test_interrupted_runs_go_on_and_no_others(workspace: Path) -> None:
    write_log(make_folder(workspace, "finished"))
    for name in ("cut", "broken", "elsewhere", "deadly"):
        write_log(make_folder(workspace, name), until=12.0)
    make_folder(workspace, "queued")  # it had not begun
    log = LogWriter(workspace / "runs" / "deadly" / "events.jsonl")
    for _ in range(module.IN_VAIN):
        log.append(RunResumed(60.0, 1), 12.0)
    log.close()
    manager: Any = _Manager()
    with hold(workspace / "runs" / "elsewhere"):
        found = resume_interrupted(manager, workspace)
    assert sorted(found) == sorted(manager.resumed) == ["cut", "queued"]


@pytest.mark.parametrize("since", [events.TrialFailed(1, "It failed."), events.RunInterrupted()])
def test_a_trial_or_a_process_that_ended_since_shows_that_it_was_not_in_vain(
    workspace: Path, since: events.Event
) -> None:
    folder = make_folder(workspace, "cut")
    write_log(folder, until=12.0)
    log = LogWriter(folder.log_path)
    for _ in range(module.IN_VAIN):
        log.append(RunResumed(60.0, 1), 12.0)
    log.append(since, 13.0)
    log.close()
    manager: Any = _Manager()
    assert resume_interrupted(manager, workspace) == ["cut"]


def test_only_where_it_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[str] = []
    monkeypatch.setattr(module, "_resume_all", lambda: begun.append("all"))
    monkeypatch.delenv(RESUME.name, raising=False)
    resume_at_start()
    assert not begun
    monkeypatch.setenv(RESUME.name, "maybe")
    with pytest.raises(SpecError):
        resume_at_start()
