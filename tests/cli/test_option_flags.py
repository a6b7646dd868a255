"""Every declared option has a flag, with its help, its default and its values."""

from __future__ import annotations

import pytest

from automl_core.cli.arguments import build_parser, request_of
from automl_core.cli.main import run_cli
from automl_core.runs.record import Budget, RunOptions, TrainRequest
from automl_core.runs.record.option_schema import Option, options_of
from tests.options import OTHER, changed

TRAIN = ["train", "t.csv", "--target", "y", "--out", "run"]
OPTIONS = (*options_of(RunOptions), *options_of(TrainRequest))


def _words(option: Option) -> list[str]:
    """The option, as a person types it, with a value that is not its default."""
    value = OTHER[option.name]
    if isinstance(value, Budget):
        return ["--trials", str(value.trials)]
    return [option.flag, ",".join(value) if isinstance(value, tuple) else str(value)]


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name)
def test_an_option_is_in_the_help(option: Option, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_cli(["train", "--help"]) == 0
    shown = "".join(capsys.readouterr().out.split())
    assert option.flag in shown
    if option.name != "budget":  # says how times are written instead
        assert "".join(option.explained().split()) in shown
    for value in option.choices if option.closed else ():
        assert str(value) in shown


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name)
def test_an_option_reaches_the_request(option: Option) -> None:
    words = [*TRAIN, *_words(option), *([] if option.name == "budget" else ["--budget", "60s"])]
    asked = request_of(build_parser().parse_args(words))
    assert asked == changed(TrainRequest("y"), **{option.name: OTHER[option.name]})


def test_class_weight_has_a_flag() -> None:
    words = [*TRAIN, "--budget", "60s", "--class-weight", "balanced"]
    assert request_of(build_parser().parse_args(words)).options.class_weight == "balanced"
