"""`plan` says what a run would take elsewhere, and what of that is measured."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from automl_core.cli.main import run_cli
from tests.finished_run import make_run


@pytest.fixture(autouse=True)
def _run(workspace: Path) -> None:
    make_run(workspace, "run-a")


def test_a_line_for_each_number_of_machines(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["plan", "run-a", "--rows", "5000000", "--nodes", "6", "--cores", "4", "--price", "0.9"]
    assert run_cli(asked) == 0
    said = capsys.readouterr().out
    lines = said.splitlines()
    assert lines[0].startswith("Measured: 2 trials of 240 rows with 4 fits by 1 worker")
    assert [line.split()[:2] for line in lines[3:7]] == [
        ["1", "4"], ["2", "8"], ["4", "16"], ["6", "24"]
    ]  # fmt: skip
    assert "24 workers" in said and "Of 5,000,000 rows 1,000,000 are drawn" in said


def test_the_same_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_cli(["plan", "run-a", "--within", "30m", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["plans"][0]["nodes"] == 1
    assert told["plans"][0]["within"] > told["trials"] == 2
    assert told["measured"]["before"] == 2.0


def test_gpus_need_their_gain(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_cli(["plan", "run-a", "--gpus", "1"]) == 2
    assert "--gpu-gain" in capsys.readouterr().err
