"""The health of a process: a workspace that cannot be written and workers that do not start."""

from __future__ import annotations

from pathlib import Path

from automl_core.runs.health import look_at_health
from automl_core.runs.manager import ManagerState, WorkerInfo

WORKERS = WorkerInfo(2, 2, "cpu", "CPU")
STATE = ManagerState(waiting=0, at_work=False, alive=True)


def test_a_process_in_order_leaves_no_file(workspace: Path) -> None:
    assert look_at_health(workspace, WORKERS, STATE).reasons == ()
    assert not list(workspace.iterdir())


def test_a_workspace_that_cannot_be_written_is_a_reason(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    (reason,) = look_at_health(tmp_path / "file", WORKERS, STATE).reasons
    assert reason.startswith("The workspace cannot be written: ") and str(tmp_path) not in reason


def test_workers_that_do_not_start_are_a_reason(workspace: Path) -> None:
    broken = WorkerInfo(2, 0, "", "", "Worker processes do not start.")
    assert look_at_health(workspace, broken, STATE).reasons == ("Worker processes do not start.",)
    over = ManagerState(waiting=1, at_work=False, alive=False)
    assert "has ended" in look_at_health(workspace, WORKERS, over).workers
