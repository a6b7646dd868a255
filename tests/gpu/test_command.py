"""The command that does all checks and figures of a GPU: here without one, in tiny sizes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.gpu.__main__ import main


def test_without_a_gpu_it_says_so_and_does_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["--device", "cpu", "--networks", "mlp", "--tables", "diabetes", "--no-tests"]
    assert main([*asked, "--json", str(tmp_path / "figures.json")]) == 0
    said = capsys.readouterr().out
    assert "No GPU is at hand" in said
    assert "checks that failed: 0" in said
    found = json.loads((tmp_path / "figures.json").read_text())
    assert found["speed"][0]["gain"] > 0
    assert found["scores"][0]["members"] == found["precision"][0]["members"] == 3
