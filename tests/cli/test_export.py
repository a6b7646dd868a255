"""`export` writes models and trials, and says what is wrong."""

from __future__ import annotations

import sqlite3
import zipfile
from pathlib import Path

import pytest

from automl_core.cli.arguments import EXPORT_FORMATS
from automl_core.cli.main import run_cli
from automl_core.runs import MODEL_FORMATS
from automl_core.runs.exchange import TRIAL_FORMATS
from automl_core.runs.record import RunFolder


def test_the_flag_offers_every_format() -> None:
    assert (*MODEL_FORMATS, *(entry.name for entry in TRIAL_FORMATS)) == EXPORT_FORMATS


def test_trials_go_to_a_file_a_folder_or_a_zip(
    run: RunFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name, study = run.path.name, tmp_path / "made" / "trials.db"
    assert run_cli(["export", name, "--format", "study", "--out", str(study)]) == 0
    assert f"Optuna study written to {study}" in capsys.readouterr().out
    with sqlite3.connect(study) as base:
        assert base.execute("select count(*) from trials").fetchone() == (5,)
    base.close()
    folder, packed = tmp_path / "tables", tmp_path / "tables.zip"
    for out in (folder, packed):
        assert run_cli(["export", name, "--format", "csv", "--out", str(out)]) == 0
    names = ["curves.csv", "leaderboard.csv"]
    assert sorted(path.name for path in folder.iterdir()) == names
    assert sorted(zipfile.ZipFile(packed).namelist()) == names


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--format", "pytorch"], "Only networks can be exported for PyTorch"),
        (["--format", "study", "--model", "lightgbm-1"], "Leave --model out"),
        (["--format", "pytorch", "--model", "lightgbm-9"], "lightgbm-9"),
    ],
)
def test_what_cannot_be_exported_is_said(
    run: RunFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    out = tmp_path / "out"
    assert run_cli(["export", run.path.name, *words, "--out", str(out)]) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith("Error: ") and said in captured.err and not out.exists()
