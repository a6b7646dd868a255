"""The list of runs says how far each is, what it is called, and which one may be meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from automl_core.errors import RunError
from automl_core.runs.library import find_run, list_runs
from automl_core.runs.record import events as e
from automl_core.runs.record import save_name
from automl_core.runs.record.commands import hold, mark_queued
from automl_core.runs.record.log import LogWriter
from automl_core.types import RunStatus
from tests.fake_run import make_folder, write_log
from tests.finished_run import make_run


@pytest.mark.parametrize(("status", "clock"), [(RunStatus.FINISHED, 9.0), (RunStatus.RUNNING, 6.0)])
def test_what_is_used_of_the_budget(workspace: Path, status: str, clock: float) -> None:
    make_run(workspace, "run-a", "regression", status)
    (run,) = list_runs(workspace)
    assert run.seconds == clock
    assert run.left == pytest.approx(30 - clock)
    assert run.done == pytest.approx(clock / 30)
    assert (run.test_score is not None) == (status == RunStatus.FINISHED)
    assert run.models == 2  # the baseline, the ensemble and a failed trial are none


def test_pauses_are_no_work(workspace: Path) -> None:
    folder = make_folder(workspace, "run-a")
    write_log(folder, until=5.0)
    writer = LogWriter(folder.log_path)
    for t, event in ((6.0, e.Command("pause")), (16.0, e.Command("continue"))):
        writer.append(event, t)
    writer.append(e.RunFinished(RunStatus.STOPPED, "", 1, None, None, None), 20.0)
    writer.close()
    (run,) = list_runs(workspace)
    assert run.seconds == 10.0


def test_a_run_that_is_to_go_on_waits_until_it_does_or_nobody_holds_it(workspace: Path) -> None:
    folder = make_folder(workspace, "run-a")
    write_log(folder)
    assert list_runs(workspace)[0].status == RunStatus.FINISHED
    with hold(folder.path):
        assert list_runs(workspace)[0].status == RunStatus.FINISHED  # it is just ending
        mark_queued(folder.path)
        assert list_runs(workspace)[0].status == RunStatus.WAITING
        folder.forget_outcome()  # it goes on now
        assert list_runs(workspace)[0].status == RunStatus.FINISHED
        mark_queued(folder.path)
    assert list_runs(workspace)[0].status == RunStatus.FINISHED


def test_a_name_is_what_a_run_is_called(workspace: Path) -> None:
    folder = make_run(workspace, "run-a")
    assert list_runs(workspace)[0].title == "customers.csv"
    save_name(folder.path, "without income")
    (run,) = list_runs(workspace)
    assert (run.title, run.name, run.table) == ("without income", "without income", "customers.csv")


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("20261129-181500-ab13", "Did you mean '20261129-181500-ab12'?"),  # one letter differs
        ("20261128", "Did you mean '20261128-090000-00ff'?"),  # as one of them begins
        ("20261129", "have all 3 runs"),  # as two of them begin
        ("20261129-181777-beef", "have all 3 runs"),  # the same day says nothing
        ("churn", "have all 3 runs"),
    ],
)
def test_an_unknown_run_names_no_unrelated_one(workspace: Path, name: str, hint: str) -> None:
    for run in ("20261129-181500-ab12", "20261129-181533-cd34", "20261128-090000-00ff"):
        make_folder(workspace, run)
    with pytest.raises(RunError) as refused:
        find_run(name, workspace)
    assert hint in refused.value.hint
