"""The command line's parser: commands, flags and the form of their values.

The flags of `train` are the options that RunOptions and TrainRequest declare. Checks the
form of values only; whether a column or a run exists is checked later.
"""

from __future__ import annotations

import argparse
import csv
import dataclasses
import math
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from automl_core import __version__
from automl_core.errors import SpecError
from automl_core.runs.record import (
    Budget,
    Option,
    RunOptions,
    TrainRequest,
    options_of,
    parse_seconds,
)
from automl_core.table import ROLES, ReadOptions, Role
from automl_core.types import CommandName

EXPORT_FORMATS = ("bundle", "pytorch", "keras", "onnx", "study", "tensorboard", "csv", "mlflow")
"""Of models, then of trials; tests/cli/test_export.py holds them against those that there are."""


STEERED = (
    (CommandName.LEAVE_OUT, "FAMILY", "start no more models of it"),
    (CommandName.TAKE_BACK, "FAMILY", "one that was left out may be trained again"),
    (CommandName.DROP, "MODEL", "of the leaderboard: ends it, and builds nothing with it"),
    (CommandName.MORE_FOLDS, "MODEL", "train it on all parts of the rows"),
    (CommandName.TRAIN_AGAIN, "MODEL", "its configuration once more, with more time"),
)
"""Commands to a run that name a family or a model."""


class _Parser(argparse.ArgumentParser):
    def take_signed_values(self) -> None:
        """Take words such as -5s for values, which no flag is: the option says what it expected."""
        self._negative_number_matcher = re.compile(r"-\.?\d")

    def error(self, message: str) -> NoReturn:
        """One message, no usage dump."""
        print(f"Error: {message}. See `{self.prog} --help`.", file=sys.stderr)
        sys.exit(2)


def build_parser() -> argparse.ArgumentParser:
    """The parser of all commands; a parsed line has `command` and that command's flags."""
    parser = _Parser(
        prog=_program(), allow_abbrev=False,
        description="Torchlight: from a table to a trained model, within a budget.",
    )  # fmt: skip
    parser.add_argument("--version", action="version", version=f"Torchlight {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, text: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=text, description=text, allow_abbrev=False)
        made.take_signed_values()
        return made

    inspect = command("inspect", "Show a table's columns, their roles, and its problems.")
    _add_table(inspect)
    inspect.add_argument("--target", metavar="COL", help="also look for leaks of this column")
    inspect.add_argument("--json", action="store_true", help="print JSON")

    _add_train(command("train", "Train models on a table within a budget."))

    board = command("leaderboard", "List the models of a run, best first.")
    board.add_argument("run", metavar="RUN", help="id or folder of a run")
    board.add_argument("--json", action="store_true", help="print JSON")

    runs = command("list", "List the runs of the workspace, newest first.")
    runs.add_argument("--json", action="store_true", help="print JSON")

    steer = command("steer", "Change a run that goes on, in whichever process.")
    steer.add_argument("run", metavar="RUN", help="id or folder of a run")
    asked = steer.add_mutually_exclusive_group(required=True)
    asked.add_argument("--add", metavar="TIME", type=seconds, help="more budget: 60s, 5m, 1h")
    for name, text in (
        (CommandName.PAUSE, "start nothing new; the clock stands still"),
        (CommandName.CONTINUE, "go on after a pause"),
        (CommandName.STOP, "end now and keep the best model"),
    ):
        asked.add_argument(f"--{name}", dest="name", action="store_const", const=name, help=text)
    for name, what, text in STEERED:
        asked.add_argument(f"--{name.replace('_', '-')}", dest=name, metavar=what, help=text)
    steer.add_argument(
        "--seconds", metavar="TIME", type=seconds,
        help="with --train-again: of training; default: twice what it took",
    )  # fmt: skip

    score = command("score", "Score the test rows of a run that ended before they could be.")
    score.add_argument("run", metavar="RUN", help="id or folder of a run")
    again = command("resume", "Go on with a run that is over, or was interrupted.")
    again.add_argument("run", metavar="RUN", help="id or folder of a run")
    again.add_argument(
        "--budget", metavar="TIME", type=more_time,
        help="train on for 60s, 5m, 1h; +60s: on top of what is left; default: what is left",
    )  # fmt: skip
    _add_cluster(again, "whose nodes train from now on")

    explain = command("explain", "Say what a model of a run that has ended learned.")
    explain.add_argument("run", metavar="RUN", help="id or folder of a run")
    explain.add_argument("--model", metavar="NAME", help="of the leaderboard; default: the best")
    explain.add_argument(
        "--seconds", metavar="TIME", type=seconds, default=40.0,
        help="how long it may take: 40s, 2m; default: 40s",
    )  # fmt: skip
    explain.add_argument(
        "--columns", metavar="COL,COL", type=names, default=[],
        help="only the effects of these, and of each two together",
    )  # fmt: skip
    _add_cluster(explain, "a node of which does it")
    explain.add_argument("--json", action="store_true", help="print JSON")

    light = command("light", "Look for lighter models of a run, and write the best within limits.")
    light.add_argument("run", metavar="RUN", help="id or folder of a run that has ended")
    light.add_argument("--max-ms", metavar="MS", type=above_zero, help="for one row by itself")
    light.add_argument("--max-mb", metavar="MB", type=above_zero, help="of the model's files")
    light.add_argument(
        "--model", metavar="NAME", help="this one, instead of the best within limits"
    )
    light.add_argument(
        "--bundle", action="store_true", help="no ONNX files: only what Torchlight loads"
    )
    light.add_argument("--out", metavar="FILE.zip", type=Path, help="write the model")
    light.add_argument("--json", action="store_true", help="print JSON")

    _add_trust(command)

    plan = command("plan", "Say what a run would take, and cost, on more machines or more rows.")
    plan.add_argument("run", metavar="RUN", help="id or folder of a run that has ended")
    plan.add_argument("--rows", metavar="N", type=at_least(1), help="of the table; default: as is")
    plan.add_argument(
        "--most-rows", metavar="N", type=at_least(1), default=RunOptions(Budget(1.0)).most_rows,
        help="of a longer table a run draws so many; default: %(default)s",
    )  # fmt: skip
    plan.add_argument(
        "--trials", metavar="N", type=at_least(1), help="default: as many as the run made"
    )
    plan.add_argument(
        "--nodes", metavar="N", type=at_least(1), default=1, help="machines, at most; default: 1"
    )
    plan.add_argument(
        "--cores", metavar="N", type=at_least(1), help="of a machine; default: workers of the run"
    )
    plan.add_argument(
        "--gpus", metavar="N", type=at_least(0), default=0, help="of a machine; default: 0"
    )
    plan.add_argument(
        "--gpu-gain", metavar="X", type=above_zero,
        help="times as fast as a core that a GPU trains networks; see docs/planning.md",
    )  # fmt: skip
    plan.add_argument("--price", metavar="P", type=above_zero, help="of a machine for an hour")
    plan.add_argument(
        "--within", metavar="TIME", type=seconds, default=3600.0,
        help="also say how many trials end within 30m, 2h; default: 1h",
    )  # fmt: skip
    plan.add_argument("--json", action="store_true", help="print JSON")

    predict = command("predict", "Score the rows of a table.")
    predict.add_argument("source", metavar="RUN|MODEL.zip", help="a run, or a downloaded model")
    _add_table(predict)
    predict.add_argument(
        "--out", metavar="PREDICTIONS.csv", type=Path, required=True,
        help="CSV, or Parquet where it ends in .parquet",
    )  # fmt: skip
    predict.add_argument("--model", metavar="NAME", help="of the leaderboard; default: the best")
    predict.add_argument(
        "--raw", action="store_true",
        help="no apostrophe before text that a spreadsheet would run as a formula",
    )  # fmt: skip

    predict.add_argument(
        "--extras", action="store_true",
        help="also what is unusual in each row; drift by column; with the target why a score fell",
    )  # fmt: skip
    predict.add_argument(
        "--allow-missing", action="store_true",
        help="columns that the table lacks count as empty instead of being an error",
    )  # fmt: skip
    _add_cluster(predict, "a node of which does it")

    serve = command("serve", "Answer requests over HTTP with a model, until Ctrl-C.")
    serve.add_argument("source", metavar="RUN|MODEL.zip", help="a run, or a downloaded model")
    serve.add_argument("--model", metavar="NAME", help="of the leaderboard; default: the best")
    serve.add_argument("--host", default="127.0.0.1", help="default: 127.0.0.1, this machine only")
    serve.add_argument("--port", metavar="N", type=port, default=8000, help="default: 8000")
    serve.add_argument(
        "--allow-missing", action="store_true",
        help="columns that a row lacks count as empty instead of being an error",
    )  # fmt: skip

    export = command("export", "Write a model of a run, or its trials, for other programs.")
    export.add_argument("run", metavar="RUN", help="id or folder of a run; onnx: or a bundle")
    export.add_argument(
        "--format", choices=EXPORT_FORMATS, required=True,
        help="of a model: bundle, pytorch, keras, onnx; "
        "of all trials: study (Optuna), tensorboard, csv, mlflow",
    )  # fmt: skip
    export.add_argument(
        "--out", metavar="FILE", type=Path, required=True,
        help="a folder, or a .zip, where a format has several files",
    )  # fmt: skip
    export.add_argument("--model", metavar="NAME", help="of the leaderboard; default: the best")
    _add_cluster(export, "a node of which writes it: onnx, pytorch and keras")

    report = command("report", "Write an HTML report on a model of a run.")
    report.add_argument("run", metavar="RUN", help="id or folder of a run")
    report.add_argument(
        "-o", "--out", metavar="FILE.html", type=Path,
        help="default: named after model and run, in this folder",
    )  # fmt: skip
    report.add_argument("--model", metavar="NAME", help="of the leaderboard; default: the best")

    outside = command("outside", "Score another system's predictions beside a run's models.")
    outside.add_argument("run", metavar="RUN", help="id or folder of a run that has ended")
    asked = outside.add_mutually_exclusive_group(required=True)
    asked.add_argument("file", metavar="PREDICTIONS", nargs="?", type=Path, help="to be scored")
    asked.add_argument("--rows", metavar="ROWS.csv", type=Path, help="write the rows to predict")
    outside.add_argument(
        "--part", choices=("test", "held-out"), default="test",
        help="the rows: test rows, or those held out in validation; default: test",
    )  # fmt: skip
    outside.add_argument("--name", default="", help="of the model; default: that of the file")

    app = command("app", "Open the pages: the same runs, in a browser.")
    app.add_argument("--port", metavar="N", type=port, default=8501, help="default: 8501")
    return parser


def _add_cluster(parser: argparse.ArgumentParser, does: str) -> None:
    """The choice of where the work is done."""
    text = f"Ray cluster {does}; default: this machine"
    parser.add_argument("--cluster", metavar="ADDRESS", help=text)


def _add_trust(command: Callable[[str, str], argparse.ArgumentParser]) -> None:
    """Commands that say what else a run's predictions tell."""
    labels = command("labels", "List the rows whose label a model of a run doubts.")
    fairness = command("fairness", "Compare the groups of a column by what a model does to them.")
    more = command("more-rows", "Say whether more rows would help a run.")
    columns = command("columns", "Say what the columns of a run cost: the score with fewer.")
    for parser in (labels, fairness, more, columns):
        parser.add_argument("run", metavar="RUN", help="id or folder of a run")
    for parser in (labels, fairness):
        parser.add_argument("--model", metavar="NAME", help="of the leaderboard; default: the best")
    fairness.add_argument("--column", metavar="COL", required=True, help="whose groups")
    fairness.add_argument("--outcome", metavar="CLASS", help="that matters; default: the last one")
    columns.add_argument(
        "--price", metavar="COL=PRICE", type=price, default=[], action="append",
        help="of a column, kept with the run; default: 1 each",
    )  # fmt: skip
    columns.add_argument("--unit", metavar="TEXT", help="of the prices, such as 'EUR a month'")
    columns.add_argument(
        "--seconds", metavar="TIME", type=seconds, default=40.0,
        help="how long it may take: 40s, 2m; default: 40s",
    )  # fmt: skip
    columns.add_argument("--again", action="store_true", help="measure anew, by these prices")
    for parser in (labels, fairness, more, columns):
        parser.add_argument("--json", action="store_true", help="print JSON")


def _program() -> str:
    """The command as it was typed: the installed script, or the module."""
    return "torchlight" if Path(sys.argv[0]).stem == "torchlight" else "python -m automl_core"


QUERY = "what to ask the database; in its address $NAME stands for an environment variable"


def _add_table(parser: argparse.ArgumentParser) -> None:
    """One table: a file, or a database's answer."""
    parser.add_argument("table", metavar="TABLE", help="a file, or the address of a database")
    parser.add_argument("--query", metavar="SQL", help=QUERY)
    _add_reading(parser)


_READING = (
    ("delimiter", "SIGN", str, "what parts the cells: signs, or tab, semicolon, space ..."),
    ("encoding", "NAME", str, "of the text, such as utf-8 or cp1252"),
    ("skip_rows", "N", int, "lines before the table"),
    ("sheet", "NAME", str, "of a workbook; of a zip a file, of JSON a list such as data.items"),
    ("decimal", "SIGN", str, "point or comma"),
    ("footer_rows", "N", int, "filled rows after the table, such as sums and sources"),
)


def _add_reading(parser: argparse.ArgumentParser) -> None:
    """Add the flags of ReadOptions to a command; each is None where the line does not set it."""
    group = parser.add_argument_group("how a file is read (what is not set is found in the file)")
    for name, metavar, kind, text in _READING:
        read = at_least(0) if kind is int else kind
        group.add_argument(flag_of(name), dest=name, metavar=metavar, type=read, help=text)
    for name, text in (
        ("header", "whether the first row has the names of the columns"),
        ("units_row", "whether the row below them has units"),
    ):
        action = argparse.BooleanOptionalAction
        group.add_argument(flag_of(name), dest=name, action=action, default=None, help=text)


def flag_of(option: str) -> str:
    """The flag of an option of reading."""
    return "--" + option.replace("_", "-")


def reading_of(arguments: argparse.Namespace) -> ReadOptions:
    """The ReadOptions that a parsed line sets; SpecError for a value that is not possible."""
    names = [field.name for field in dataclasses.fields(ReadOptions)]
    return ReadOptions(**{name: getattr(arguments, name) for name in names})


def _add_train(train: argparse.ArgumentParser) -> None:
    train.add_argument(
        "table", metavar="TABLE", nargs="+",
        help="a file, several of the same columns, or the address of a database",
    )  # fmt: skip
    train.add_argument("--query", metavar="SQL", help=QUERY)
    train.add_argument("--target", metavar="COL", required=True, help="the column to predict")
    train.add_argument("--out", metavar="RUN", type=Path, required=True, help="folder of the run")
    train.add_argument("--budget", metavar="TIME", type=seconds, help="120s, 5m, 1h, or seconds")
    train.add_argument("--trials", metavar="N", type=at_least(1), help="instead of --budget")
    train.add_argument(
        "--role", metavar="COL=ROLE", type=role, default=[], action="append",
        help="the role of a column, instead of the one that its cells suggest",
    )  # fmt: skip
    train.add_argument(
        "--test", metavar="TABLE", type=Path,
        help="a table that is the test set, instead of a share of the rows",
    )  # fmt: skip
    for option in (*options_of(TrainRequest), *options_of(RunOptions)):
        if option.name != "budget":  # has two flags
            _add_option(train, option)
    _add_reading(train)


def _add_option(train: argparse.ArgumentParser, option: Option) -> None:
    text = option.explained().replace("%", "%%")
    if option.type is tuple:
        train.add_argument(
            option.flag, metavar=option.metavar, type=names, default=[], action="extend", help=text
        )
    elif option.closed:
        train.add_argument(
            option.flag, choices=tuple(option.choices), default=option.default, help=text
        )
    else:
        train.add_argument(
            option.flag,
            metavar=option.metavar,
            type=str if option.type is str else _number(option),
            default=option.default,
            help=text,
        )


def _number(option: Option) -> Callable[[str], float]:
    """Reads the number that an option is, or "auto" where it has such a value."""

    def read(text: str) -> float:
        if text == "auto" and option.automatic is not None:
            return float(option.automatic) if option.type is float else int(option.automatic)
        try:
            value = float(text) if option.type is float else at_least(0)(text)
        except (ValueError, argparse.ArgumentTypeError):
            value = math.nan
        if option.within is not None and value not in option.within:
            raise argparse.ArgumentTypeError(f"{text!r} is not {option.values()}")
        return value

    return read


def seconds(text: str) -> float:
    """A budget as seconds: "120s", "5m", "1h", "1h30m", or plain seconds."""
    try:
        return parse_seconds(text)
    except SpecError as error:
        raise argparse.ArgumentTypeError(str(error).rstrip(".")) from error


def more_time(text: str) -> str:
    """A time as `seconds` takes it, or with a + before it: it is added to what is left."""
    seconds(text.strip().removeprefix("+"))
    return text


def names(text: str) -> list[str]:
    """Names separated by commas; one that has a comma itself is put in double quotes."""
    try:
        row = next(csv.reader([text], skipinitialspace=True), [])
    except csv.Error as error:  # line ends outside of quotes
        raise argparse.ArgumentTypeError(f"{text!r} is no list of names") from error
    return [name.strip() for name in row if name.strip()]


def role(text: str) -> tuple[str, Role]:
    """COL=ROLE; the column's name may have `=` signs itself."""
    column, sign, wanted = text.rpartition("=")
    for known in ROLES:
        if sign and column and wanted.strip() == known:
            return column, known
    raise argparse.ArgumentTypeError(
        f"{text!r} is not COL=ROLE with one of the roles {', '.join(ROLES)}"
    )


def price(text: str) -> tuple[str, float]:
    """COL=PRICE, a number not below 0; the column's name may have `=` signs itself."""
    column, sign, number = text.rpartition("=")
    try:
        value = float(number)
    except ValueError:
        value = math.nan
    if not (sign and column and math.isfinite(value) and value >= 0):
        raise argparse.ArgumentTypeError(f"{text!r} is not COL=PRICE with a price from 0 on")
    return column, value


def at_least(low: int) -> Callable[[str], int]:
    """Reads a whole number not below `low`."""

    def read(text: str) -> int:
        number = int(text) if re.fullmatch(r"[0-9]{1,18}", text.strip()) else low - 1
        if number < low:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {low} on")
        return number

    return read


def above_zero(text: str) -> float:
    """A finite number above 0."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")
    return number


def port(text: str) -> int:
    """A port of TCP, 1 to 65535."""
    number = at_least(1)(text)
    if number > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is above 65535, the last port")
    return number


def request_of(arguments: argparse.Namespace) -> TrainRequest:
    """The request of a `train` line; SpecError where it has no budget, or two."""
    run = {o.name: getattr(arguments, o.name) for o in options_of(RunOptions)}
    lists = {name: tuple(value) for name, value in run.items() if isinstance(value, list)}
    budget = Budget(arguments.budget, arguments.trials)
    return TrainRequest(
        target=arguments.target,
        options=RunOptions(**(run | lists | {"budget": budget})),
        roles=tuple(arguments.role),
        **{o.name: getattr(arguments, o.name) for o in options_of(TrainRequest)},
    )
