"""`steer` reaches a run of any process, and says where it cannot."""

from __future__ import annotations

from pathlib import Path

import pytest

from automl_core.cli.main import run_cli
from automl_core.runs.record.commands import hold, take_commands
from tests.fake_run import make_folder, write_log


@pytest.mark.parametrize(
    ("flags", "command"),
    [
        (["--add", "1m30s"], ("add_time", "90")),
        (["--pause"], ("pause", "")),
        (["--continue"], ("continue", "")),
        (["--stop"], ("stop", "")),
    ],
)
def test_a_run_that_goes_on_is_asked(
    workspace: Path, flags: list[str], command: tuple[str, str]
) -> None:
    folder = make_folder(workspace, "run-1")
    write_log(folder, until=5.0)
    with hold(folder.path):
        assert run_cli(["steer", str(folder.path), *flags]) == 0
    assert take_commands(folder.path) == [command]


def test_a_run_that_is_over_is_not_asked(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = make_folder(workspace, "run-1")
    write_log(folder)
    assert run_cli(["steer", str(folder.path), "--add", "60s"]) == 2
    assert "This run is over: finished." in capsys.readouterr().err
    assert take_commands(folder.path) == []


@pytest.mark.parametrize("flags", [[], ["--add", "soon"], ["--add", "0s"], ["--pause", "--stop"]])
def test_a_line_that_asks_for_nothing_possible_is_refused(
    workspace: Path, flags: list[str]
) -> None:
    folder = make_folder(workspace, "run-1")
    write_log(folder, until=5.0)
    with hold(folder.path):
        assert run_cli(["steer", str(folder.path), *flags]) == 2
    assert take_commands(folder.path) == []
