"""The last lines of the command line when a run has ended."""

from __future__ import annotations

from pathlib import Path

import pytest

from automl_core.cli.foreground import report
from automl_core.errors import RunError
from automl_core.runs.record.reader import RunReader
from tests.finished_run import make_run


def test_the_report_begins_with_the_verdict_and_names_the_models(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = make_run(tmp_path, "run-a")
    assert report(folder, RunReader(folder).refresh()) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("Excellent: Area under the ROC curve ")
    assert "on 40 test rows that no model saw (higher is better; 95 % interval " in lines[0]
    assert lines[1].startswith("On 240 rows held out of training: Of 100 rows with churned = yes")
    assert "of 100 cases" in lines[1] and "% higher than baseline." in lines[1]
    assert lines[3].startswith("Model: ensemble, ") and " in validation, " in lines[3]
    assert lines[3].endswith("(average of 2 trials, 4 fitted models), best of 2")
    assert lines[4].startswith("Smallest equivalent: lightgbm-1, ")
    assert lines[4].endswith("0.004 ms a row, 45 kB")
    assert not any("network" in line for line in lines)  # linear-2 is none


def test_a_run_without_an_end_left_no_model(tmp_path: Path) -> None:
    folder = make_run(tmp_path, "run-a", status="running")
    with pytest.raises(RunError, match="without a model"):
        report(folder, RunReader(folder).refresh())
