"""What the command line says when a run has ended."""

from __future__ import annotations

from pathlib import Path

import pytest

from automl_core.cli.foreground import report
from automl_core.errors import RunError
from automl_core.runs.record.reader import RunReader
from tests.finished_run import make_run


def test_the_report_names_the_model_the_network_and_the_smallest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = make_run(tmp_path, "run-a")
    assert report(folder, RunReader(folder).refresh()) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("Best model: ensemble (average of 2 trials, 4 fitted models), Area")
    assert lines[1].startswith("On the test set: ")
    assert lines[2].startswith("Best single network: linear-2, ")
    assert lines[3].startswith("Smallest model that ties with the best: lightgbm-1, ")
    assert lines[3].endswith("0.004 ms a row, 0.045 MB")


def test_a_run_without_an_end_left_no_model(tmp_path: Path) -> None:
    folder = make_run(tmp_path, "run-a", status="running")
    with pytest.raises(RunError, match="without a model"):
        report(folder, RunReader(folder).refresh())
