"""`serve` starts, answers as `predict`, outlives bad requests, and ends when it is told to."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from automl_core.cli.main import run_cli
from automl_core.export.bundle import write_bundle
from automl_core.export.predictor import predictor_files
from automl_core.export.scoring import predictions_table
from tests import small
from tests.browser.server import free_port

ROOT = Path(__file__).resolve().parents[2]


def _ask(address: str, body: bytes | None = None) -> tuple[int, Any]:
    request = urllib.request.Request(address, body, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def test_a_service_answers_until_it_is_ended(tmp_path: Path) -> None:
    predictor, bundle = small.predictor("binary", "lightgbm"), tmp_path / "model.zip"
    bundle.write_bytes(write_bundle(predictor_files(predictor), {}))
    port = free_port()
    words = [sys.executable, "-m", "automl_core", "serve", str(bundle), "--port", str(port)]
    with subprocess.Popen(
        words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as service:
        try:
            assert service.stdout is not None
            assert f"http://127.0.0.1:{port}" in service.stdout.readline()
            address = f"http://127.0.0.1:{port}"
            _wait_for(f"{address}/health")
            table = small.table(5, seed=2)
            names = ("age", "income", "city", "code", "note", "vip")
            rows = [
                {**{name: row[name] for name in names}, "since": row["since"].isoformat()}
                for row in table.to_pylist()
            ]
            assert _ask(f"{address}/predict", b"{")[0] == 400
            status, answer = _ask(f"{address}/predict", json.dumps({"rows": rows}).encode())
            expected = predictions_table(predictor, table).column("probability_yes").to_pylist()
            assert status == 200
            assert [row["probability"]["yes"] for row in answer["predictions"]] == expected
        finally:
            service.send_signal(signal.SIGINT)
            assert service.wait(30) in (0, 130, -signal.SIGINT)


def _wait_for(address: str) -> None:
    for _ in range(300):
        try:
            assert _ask(address)[0] == 200
        except urllib.error.URLError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the service does not answer")


def test_a_taken_port_and_a_missing_model_are_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_cli(["serve", "absent.zip"]) == 2
    assert "no model file" in capsys.readouterr().err
    bundle = tmp_path / "model.zip"
    bundle.write_bytes(write_bundle(predictor_files(small.predictor("binary", "constant")), {}))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert run_cli(["serve", str(bundle), "--port", port]) == 2
    assert "Choose another one with --port" in capsys.readouterr().err
