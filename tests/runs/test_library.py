"""The list of runs says how far each is."""

from __future__ import annotations

from pathlib import Path

import pytest

from automl_core.runs.library import list_runs
from automl_core.types import RunStatus
from tests.finished_run import make_run


@pytest.mark.parametrize(("status", "clock"), [(RunStatus.FINISHED, 9.0), (RunStatus.RUNNING, 6.0)])
def test_what_is_used_of_the_budget(workspace: Path, status: str, clock: float) -> None:
    make_run(workspace, "run-a", "regression", status)
    (run,) = list_runs(workspace)
    assert run.seconds == clock
    assert run.left == pytest.approx(30 - clock)
    assert run.done == pytest.approx(clock / 30)
    assert (run.test_score is not None) == (status == RunStatus.FINISHED)
