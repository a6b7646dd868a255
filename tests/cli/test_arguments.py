"""The words of the command line are read as the design names them, or refused in one message."""

from __future__ import annotations

from pathlib import Path

import pytest

from automl_core.cli.arguments import build_parser, request_of
from automl_core.cli.main import run_cli
from automl_core.errors import SpecError
from automl_core.runs.record import Budget, RunOptions, TrainRequest

TRAIN = ["train", "t.csv", "--target", "y", "--out", "run"]


def _request(*words: str) -> TrainRequest:
    return request_of(build_parser().parse_args([*TRAIN, *words]))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120s", 120), ("5m", 300), ("1h", 3600), ("90", 90),
        ("1h30m", 5400), ("1h5s", 3605), (" 60s ", 60), ("10S", 10), ("2.5s", 2.5),
    ],
)  # fmt: skip
def test_budget(text: str, seconds: float) -> None:
    assert _request("--budget", text).options.budget == Budget(seconds=seconds)


@pytest.mark.parametrize(
    "text", ["", "soon", "5x", "s5", "1,5h", "5m1h", "nan", "inf", "1e3", "--5", "5 5"]
)
def test_budget_that_is_none(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_cli([*TRAIN, f"--budget={text}"]) == 2
    error = capsys.readouterr().err
    assert "is no length of time" in error and "120s" in error and error.count("\n") == 1


@pytest.mark.parametrize("text", ["0", "0.5s", "8000h"])
def test_budget_out_of_range(text: str) -> None:
    with pytest.raises(SpecError, match="outside"):
        _request("--budget", text)


def test_budget_or_trials() -> None:
    assert _request("--trials", "8").options.budget == Budget(trials=8)
    for words in ([], ["--budget", "60", "--trials", "8"]):
        with pytest.raises(SpecError, match="one of the two"):
            _request(*words)


def test_defaults() -> None:
    assert _request("--budget", "1h") == TrainRequest("y", RunOptions(Budget(seconds=3600)))


def test_every_flag_reaches_the_request() -> None:
    request = _request(
        "--budget", "60s", "--task", "binary", "--positive", "-1", "--metric", "f1",
        "--drop", 'a, "b,c" ,d', "--drop", "e", "--role", "x=category", "--role", "a=b=id",
        "--weight", "w", "--test-fraction", "0.2", "--families", "mlp,linear",
        "--workers", "2", "--device", "cpu", "--seed", "7", "--group", "g", "--time", "t",
        "--folds", "4", "--max-predict-ms", "0.5", "--max-size-mb", "20",
        "--features", "plain", "--columns", "all",
    )  # fmt: skip
    assert request == TrainRequest(
        target="y",
        task="binary",
        positive="-1",
        metric="f1",
        roles=(("x", "category"), ("a=b", "id")),
        options=RunOptions(
            budget=Budget(seconds=60),
            drop=("a", "b,c", "d", "e"),
            weight="w",
            test_fraction=0.2,
            families=("mlp", "linear"),
            workers=2,
            device="cpu",
            seed=7,
            group="g",
            time="t",
            folds=4,
            max_predict_ms=0.5,
            max_size_mb=20.0,
            features="plain",
            columns="all",
        ),
    )


def test_flags_of_one_line_do_not_leak_into_the_next() -> None:
    _request("--budget", "60s", "--drop", "a")
    assert _request("--budget", "60s").options.drop == ()


def test_test_fraction() -> None:
    assert _request("--budget", "60s", "--test-fraction", "auto").options.test_fraction == -1
    assert _request("--budget", "60s", "--test-fraction", "0").options.test_fraction == 0


def test_folds() -> None:
    assert _request("--budget", "60s", "--folds", "auto").options.folds == 0
    assert _request("--budget", "60s", "--folds", "1").options.folds == 1


WRONG = {
    "nothing": [],
    "unknown command": ["tarin"],
    "unknown flag": [*TRAIN, "--budget", "60s", "--cluster", "auto"],
    "no target": ["train", "t.csv", "--out", "run", "--budget", "60s"],
    "no out": ["train", "t.csv", "--target", "y", "--budget", "60s"],
    "shortened flag": [*TRAIN, "--bud", "60s"],
    "metric": [*TRAIN, "--metric", "auc"],
    "task": [*TRAIN, "--task", "clustering"],
    "role": [*TRAIN, "--role", "x=colour"],
    "role without column": [*TRAIN, "--role", "=id"],
    "fraction": [*TRAIN, "--test-fraction", "1.5"],
    "fraction nan": [*TRAIN, "--test-fraction", "nan"],
    "negative fraction": [*TRAIN, "--test-fraction", "-0.1"],
    "workers": [*TRAIN, "--workers", "-1"],
    "seed": [*TRAIN, "--seed", "x"],
    "folds": [*TRAIN, "--folds", "0"],
    "folds in words": [*TRAIN, "--folds", "many"],
    "milliseconds": [*TRAIN, "--max-predict-ms", "0"],
    "milliseconds nan": [*TRAIN, "--max-predict-ms", "nan"],
    "megabytes": [*TRAIN, "--max-size-mb", "-3"],
    "megabytes in words": [*TRAIN, "--max-size-mb", "10MB"],
    "trials": [*TRAIN, "--trials", "0"],
    "line end in names": [*TRAIN, "--drop", "a\nb"],
    "format": ["export", "RUN", "--format", "pickle", "--out", "x"],
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_words_are_one_message(case: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_cli(WRONG[case]) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith("Error: ") and captured.err.count("\n") == 1
    assert captured.out == ""


@pytest.mark.parametrize("command", ["", "inspect", "train", "leaderboard", "predict", "export"])
def test_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_cli([*command.split(), "--help"]) == 0
    assert "usage: python -m automl_core" in capsys.readouterr().out


def test_train_without_a_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["train", str(tmp_path / "no.csv"), "--target", "y", "--budget", "9", "--out", "r"]
    assert run_cli(words) == 2
    assert "is not a file" in capsys.readouterr().err
