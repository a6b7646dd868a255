"""`app` finds the pages of a checkout, and takes a port that exists."""

from __future__ import annotations

import pytest

from automl_core.cli.app import app_script
from automl_core.cli.arguments import build_parser
from automl_core.cli.main import run_cli
from tests.source import ROOT


def test_pages_of_a_checkout() -> None:
    assert app_script() == ROOT / "app.py"


def test_port(capsys: pytest.CaptureFixture[str]) -> None:
    assert build_parser().parse_args(["app"]).port == 8501
    assert build_parser().parse_args(["app", "--port", "8600"]).port == 8600
    for text in ("0", "65536", "http", "-1"):
        assert run_cli(["app", f"--port={text}"]) == 2
        assert capsys.readouterr().err.count("\n") == 1
