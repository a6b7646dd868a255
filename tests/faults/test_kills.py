"""A run whose process is killed loses nothing; the command says so, and when it is not so."""

from __future__ import annotations

from pathlib import Path

import pytest

from automl_core.types import RunStatus
from tests import fake_run
from tests.fake_run import make_folder
from tests.faults import kills
from tests.faults.killed_run import Findings, Job, KilledRun


@pytest.mark.alone
def test_a_killed_run_is_resumed_and_complete(tmp_path: Path) -> None:
    table = kills.make_table(tmp_path / "table.csv", rows=400)
    kill = kills.Kill("command line", (1.0,), 0, "command line")
    found, hits = kills.kill_run(kill, tmp_path / "run", table, seconds=3.0)
    assert hits == 1
    assert (found.lost, found.not_resumed, found.no_model, found.orphans) == (0, 0, 0, 0)
    assert found.trials > 1


def test_what_is_done_at_a_kill_follows_from_its_number() -> None:
    one, again = (kills.plan(7, 0, 30.0, twice=True) for _ in range(2))
    assert one == again != kills.plan(7, 1, 30.0, twice=True)
    assert {kills.plan(n, 0, 30.0, twice=False).target for n in range(3)} == set(kills.TARGETS)


def test_what_is_lost_is_counted(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make_folder(workspace, "run-a")
    fake_run.write_log(folder, until=20.0)  # a log of trials that left no files
    run = KilledRun(Job(folder.path, workspace, Path("t.csv"), "answer", 1.0, "app"))
    monkeypatch.setattr(run, "_finished", {1: 0.9})
    run._judge(status=2)
    found = run.found
    assert found.lost == found.not_resumed == found.no_model == 1 and found.over
    assert found.failed and not Findings().failed
    assert RunStatus.INTERRUPTED in " ".join(found.words)
