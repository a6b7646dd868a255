"""`outside`: rows go out as a file, predictions come back and are scored."""

from __future__ import annotations

from pathlib import Path

import pytest

from automl_core.cli.main import run_cli
from automl_core.runs.record.outside import load_outside
from tests.runs.test_outside import TEST, with_folds


def test_rows_out_predictions_in(
    workspace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = with_folds(workspace)
    rows, back = tmp_path / "rows.csv", tmp_path / "theirs.csv"
    assert run_cli(["outside", "run-a", "--rows", str(rows)]) == 0
    assert f"{TEST} rows written to" in capsys.readouterr().out
    lines = rows.read_text("utf-8").splitlines()
    keys = [line.split(",")[0] for line in lines[1:]]
    answers = [f"{key},{'yes' if i % 2 else 'no'}" for i, key in enumerate(keys)]
    back.write_text("\n".join(['"torchlight_row","prediction"', *answers]), "utf-8")
    assert run_cli(["outside", "run-a", str(back), "--name", "Theirs"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("outside-1 Theirs: AUC 0.") and f"on {TEST} test rows" in said
    assert "The run's model: 0." in said
    assert [model.record.title for model in load_outside(folder)] == ["Theirs"]
    assert run_cli(["outside", "run-a", str(back), "--part", "held-out"]) == 2
    assert "200 of 200 rows held out in validation have no prediction" in capsys.readouterr().err
    assert run_cli(["outside", "run-a", "--rows", str(rows), "--part", "held-out"]) == 0
    assert "torchlight_fold" in rows.read_text("utf-8").splitlines()[0]
    assert run_cli(["outside", "run-a"]) == 2
