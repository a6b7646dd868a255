"""`steer` reaches a run of any process, and says where it cannot."""

from __future__ import annotations

from pathlib import Path

import pytest

from automl_core.cli.main import run_cli
from automl_core.runs.record.commands import hold, mark_queued, take_commands
from tests.fake_run import make_folder, write_log


@pytest.mark.parametrize(
    ("flags", "command"),
    [
        (["--add", "1m30s"], ("add_time", "90")),
        (["--pause"], ("pause", "")),
        (["--continue"], ("continue", "")),
        (["--stop"], ("stop", "")),
        (["--leave-out", "catboost"], ("leave_out", "catboost")),
        (["--take-back", "catboost"], ("take_back", "catboost")),
        (["--drop", "mlp-2"], ("drop", "2")),
        (["--more-folds", "mlp-2"], ("more_folds", "2")),
        (
            ["--train-again", "mlp-2", "--seconds", "1m"],
            ("train_again", '{"trial":2,"seconds":60.0}'),
        ),
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


def test_a_run_that_waits_to_go_on_can_be_asked_and_is_called_so(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = make_folder(workspace, "run-1")
    write_log(folder)
    with hold(folder.path):
        mark_queued(folder.path)
        assert run_cli(["steer", "run-1", "--add", "60s"]) == 0
        assert run_cli(["leaderboard", "run-1"]) == 0
        assert run_cli(["list"]) == 0
    printed = capsys.readouterr().out
    assert "adult.csv: waiting" in printed
    (line,) = [line for line in printed.splitlines() if line.startswith("run-1")]
    assert line.split()[1:4] == ["adult.csv", "income", "waiting"]


@pytest.mark.parametrize("text", ["-5s", "-1", "-.5m", "5 parsecs"])
def test_what_is_no_time_is_said_with_what_was_expected(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_cli(["steer", "run-1", "--add", text]) == 2
    said = capsys.readouterr().err
    assert f"'{text}' is no length of time" in said and "120s" in said


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--leave-out", "catbost"], "catboost"),
        (["--drop", "mlp-99"], "The run has no model 'mlp-99'"),
    ],
)
def test_a_family_or_model_that_is_not_there_is_said(
    workspace: Path, flags: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = make_folder(workspace, "run-1")
    write_log(folder, until=5.0)
    with hold(folder.path):
        assert run_cli(["steer", "run-1", *flags]) == 2
    assert said in capsys.readouterr().err
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
