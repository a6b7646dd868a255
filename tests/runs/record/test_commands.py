"""Commands reach a run from any process, and a run has one holder."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from filelock import Timeout

from automl_core.runs.record.commands import hold, is_held, send_command, take_commands


def test_commands_are_taken_once_and_in_order(tmp_path: Path) -> None:
    for i in range(5):
        send_command(tmp_path, "stop", str(i))
    assert take_commands(tmp_path) == [("stop", str(i)) for i in range(5)]
    assert take_commands(tmp_path) == []


def test_rubbish_in_the_inbox_is_dropped(tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    for name, data in {"a": b"{", "b": b"[1]", "c": b'{"name": 1}'}.items():
        (tmp_path / "inbox" / f"{name}.json").write_bytes(data)
    send_command(tmp_path, "stop")
    assert take_commands(tmp_path) == [("stop", "")]


def test_a_held_run_is_seen_as_held_in_this_process_and_in_others(tmp_path: Path) -> None:
    (tmp_path / "spec.json").write_text("{}")
    code = (
        "import sys, pathlib; from automl_core.runs.record.commands import is_held;"
        "print(is_held(pathlib.Path(sys.argv[1])))"
    )

    def elsewhere() -> str:
        command = [sys.executable, "-c", code, str(tmp_path)]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    assert not is_held(tmp_path)
    with hold(tmp_path):
        assert is_held(tmp_path)
        assert elsewhere() == "True"
    assert not is_held(tmp_path)
    assert elsewhere() == "False"


def test_a_second_holder_is_refused(tmp_path: Path) -> None:
    with hold(tmp_path), pytest.raises(Timeout):
        hold(tmp_path).acquire(timeout=0)
