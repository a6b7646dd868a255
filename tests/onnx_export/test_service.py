"""The service of the download, started as its Dockerfile starts it, in spite of all it is sent."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from automl_core.onnx_export.scorer import service
from automl_core.onnx_export.scorer.checksums import FILE as SUMS
from tests.browser.server import free_port
from tests.onnx_export.unpacked import unpacked, write_files

PORT = "8000"  # in the Dockerfile


@dataclass(frozen=True)
class Docker:
    """What a Dockerfile says."""

    lines: dict[str, list[str]]

    @property
    def environment(self) -> dict[str, str]:
        """ENV."""
        return dict(pair.split("=", 1) for line in self.lines["ENV"] for pair in line.split())

    def command(self, word: str, port: int) -> list[str]:
        """CMD or HEALTHCHECK in this Python and on this port."""
        (line,) = self.lines[word]
        python, *words = json.loads(line[line.index("[") :])
        assert python == "python" and any(PORT in each for each in words)
        return [sys.executable, *(each.replace(PORT, str(port)) for each in words)]


def _docker(folder: Path) -> Docker:
    lines: dict[str, list[str]] = {}
    for line in (
        (folder / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", "").splitlines()
    ):
        word, _, rest = line.partition(" ")
        lines.setdefault(word, []).append(rest)
    return Docker(lines)


@dataclass(frozen=True)
class Running:
    """The service in a process of its own."""

    port: int
    folder: Path

    def ask(self, body: bytes, kind: str = "application/json") -> tuple[int, Any]:
        """Status and answer of a POST to /predict."""
        url, headers = f"http://127.0.0.1:{self.port}/predict", {"Content-Type": kind}
        request = urllib.request.Request(url, body, headers)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder, port = tmp_path_factory.mktemp("service") / "model", free_port()
    write_files(unpacked("multiclass").files, folder)
    docker = _docker(folder)
    process = subprocess.Popen(
        docker.command("CMD", port), cwd=folder, env=docker.environment, stdout=subprocess.DEVNULL
    )
    try:
        check = docker.command("HEALTHCHECK", port)
        deadline = time.monotonic() + 60
        while subprocess.run(check, capture_output=True, check=False).returncode:
            assert process.poll() is None and time.monotonic() < deadline
        yield Running(port, folder)
    finally:
        process.terminate()
        assert process.wait(30) in (0, -signal.SIGTERM)
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*.*")}
    assert files <= set(unpacked("multiclass").files)  # nothing was written


def _row(**change: Any) -> dict[str, Any]:
    plain = {"age": 40, "income": 2.5, "city": "Oslo", "code": 1, "since": "2020-01-01"}
    return plain | {"note": "slow network today", "vip": True} | change


def _body(*rows: Any) -> bytes:
    return json.dumps({"rows": rows}).encode()


BAD: tuple[tuple[bytes, int, str], ...] = (
    (_body(_row(age=[1])), 422, "a value is a number, a text, true, false or null"),
    (_body(_row(age="abc")), 422, "'abc' cannot be read as a number"),
    (_body({}), 422, "Columns that the model uses are missing: 'age'"),
    (_body({k: v for k, v in _row().items() if k != "vip"}), 422, "missing: 'vip'"),
    (b'{"rows": [{"age": 1, "age": 2}]}', 422, "'age' is there twice in one object"),
    (_body(_row(income=float("nan"))), 400, "NaN is no number in JSON"),
    (_body(_row(note="x" * 10_000_000)), 413, "10,000,000 characters; at most 1,000,000"),
    (_body(*[{}] * 100_001), 413, "at most 100,000"),
    (b'{"rows": [', 400, "no JSON"),
    (b"\xff\x00", 400, "no JSON"),
    (b"[1]", 422, "Send"),
)


def test_the_service_stays_up_whatever_it_is_sent(running: Running) -> None:
    good = running.ask(_body(_row(), _row(age=None)))
    assert good[0] == 200 and len(good[1]["predictions"]) == 2
    for body, status, words in BAD:
        found, answer = running.ask(body)
        assert found == status and words in answer["error"]
    assert running.ask(_body(_row()), "text/plain")[0] == 415
    assert running.ask(_body(_row(), _row(age=None))) == good


def test_the_example_has_the_expected_answer(running: Running) -> None:
    example = json.loads((running.folder / "example.json").read_text(encoding="utf-8"))
    status, answer = running.ask(json.dumps({"rows": example["request"]}).encode())
    assert status == 200
    for found, expected in zip(answer["predictions"], example["answer"], strict=True):
        assert str(found["prediction"]) == expected["prediction"]
        for label, chance in found["probability"].items():
            assert chance == pytest.approx(expected[f"probability_{label}"], abs=1e-5)


def test_the_container_runs_as_nobody_with_fixed_versions(running: Running) -> None:
    docker = _docker(running.folder)
    assert docker.lines["USER"] == ["10001:10001"]
    assert re.fullmatch(r"python:3\.\d+-slim", docker.lines["FROM"][0])
    listed = (running.folder / "requirements-service.txt").read_text(encoding="utf-8")
    assert all(re.fullmatch(r"[\w-]+==[\d.]+", line) for line in listed.splitlines())
    assert any("requirements-service.txt" in line for line in docker.lines["RUN"])


@pytest.mark.parametrize("name", ["model.onnx", "training.json", SUMS])
def test_what_was_changed_is_not_started(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    files = dict(unpacked("multiclass").files)
    data = files[name]
    half = len(data) // 2
    files[name] = b"" if name == SUMS else data[:half] + b"#" + data[half + 1 :]
    write_files(files, tmp_path)
    monkeypatch.setattr(service, "HERE", tmp_path)
    monkeypatch.setattr(service, "serve", lambda *_: pytest.fail("it was started"))
    assert service.main(["--port", "1"]) == 2
    assert "is not the file that was exported" in capsys.readouterr().err


def test_ctrl_c_ends_it_without_a_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(service, "HERE", unpacked("multiclass").folder)
    monkeypatch.setattr(service, "serve", interrupted)
    assert service.main([]) == 130
