"""The words of the command line: which commands and flags there are, and their values.

Parses and checks the form of values only; whether a column or a run exists is for later.
"""

from __future__ import annotations

import argparse
import csv
import math
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from automl_core import __version__
from automl_core.errors import SpecError
from automl_core.runs.record import Budget, parse_seconds
from automl_core.table import ROLES, Role

METRICS = (
    "auto", "roc_auc", "log_loss", "accuracy", "balanced_accuracy", "f1", "rmse", "mae", "r2",
)  # fmt: skip


class _Parser(argparse.ArgumentParser):
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
        return commands.add_parser(name, help=text, description=text, allow_abbrev=False)

    inspect = command("inspect", "Show a table's columns, their roles, and its problems.")
    _add_table(inspect)
    inspect.add_argument("--target", metavar="COL", help="also look for leaks of this column")
    inspect.add_argument("--json", action="store_true", help="print JSON")

    _add_train(command("train", "Train models on a table within a budget."))

    board = command("leaderboard", "List the models of a run, best first.")
    board.add_argument("run", metavar="RUN", help="id or folder of a run")
    board.add_argument("--json", action="store_true", help="print JSON")

    predict = command("predict", "Score the rows of a table.")
    predict.add_argument("source", metavar="RUN|MODEL.zip", help="a run, or a downloaded model")
    _add_table(predict)
    predict.add_argument("--out", metavar="PREDICTIONS.csv", type=Path, required=True)
    predict.add_argument("--model", metavar="NAME", help="of the leaderboard; default: the best")

    export = command("export", "Write a model of a run to a file that works on its own.")
    export.add_argument("run", metavar="RUN", help="id or folder of a run")
    export.add_argument("--format", choices=("bundle",), required=True)
    export.add_argument("--out", metavar="FILE", type=Path, required=True)
    export.add_argument("--model", metavar="NAME", help="of the leaderboard; default: the best")

    app = command("app", "Open the pages: the same runs, in a browser.")
    app.add_argument("--port", metavar="N", type=port, default=8501, help="default: 8501")
    return parser


def _program() -> str:
    """The command as it was typed: the installed script, or the module."""
    return "torchlight" if Path(sys.argv[0]).stem == "torchlight" else "python -m automl_core"


AUTO = "auto: columns that no model needs leave, pairs that pay come; all: as they are"
PLAIN = (
    "words: no sentence model, even where one is installed; plain: no texts and lists, of dates "
    "their age, no means of the target, no pairs of columns"
)


QUERY = "what to ask the database; in its address $NAME stands for an environment variable"


def _add_table(parser: argparse.ArgumentParser) -> None:
    """One table: a file, or a database's answer."""
    parser.add_argument("table", metavar="TABLE", help="a file, or the address of a database")
    parser.add_argument("--query", metavar="SQL", help=QUERY)


def _add_train(train: argparse.ArgumentParser) -> None:
    train.add_argument(
        "table", metavar="TABLE", nargs="+",
        help="a file, several of the same columns, or the address of a database",
    )  # fmt: skip
    train.add_argument("--query", metavar="SQL", help=QUERY)
    train.add_argument("--target", metavar="COL", required=True, help="the column to predict")
    train.add_argument("--budget", metavar="TIME", type=seconds, help="120s, 5m, 1h, or seconds")
    train.add_argument("--out", metavar="RUN", type=Path, required=True, help="folder of the run")
    tasks = ("auto", "binary", "multiclass", "regression")
    train.add_argument("--task", choices=tasks, default="auto")
    train.add_argument("--positive", metavar="LABEL", help="class whose probability matters")
    train.add_argument("--metric", choices=METRICS, default="auto")
    train.add_argument("--drop", metavar="A,B", type=names, default=[], action="extend")
    train.add_argument("--role", metavar="COL=ROLE", type=role, default=[], action="append")
    train.add_argument("--weight", metavar="COL", help="column with a weight for each row")
    train.add_argument("--group", metavar="COL", help="rows of one group stay on one side")
    train.add_argument("--time", metavar="COL", help="the latest rows check the models")
    train.add_argument(
        "--copies", choices=("keep", "together", "drop"), default="keep",
        help="of a row: together: on one side of every split; drop: taken once",
    )  # fmt: skip
    train.add_argument(
        "--folds", metavar="auto|N", type=folds, default=0,
        help="1: a single holdout; from 2 on: cross-validation",
    )  # fmt: skip
    train.add_argument(
        "--test-fraction", metavar="auto|SHARE", type=fraction, default=-1.0,
        help="share of rows kept back and scored once, at the end",
    )  # fmt: skip
    train.add_argument(
        "--test", metavar="TABLE", type=Path,
        help="a table of its own that is scored once, at the end, instead of a share",
    )  # fmt: skip
    train.add_argument("--families", metavar="A,B", type=names, default=[], action="extend")
    train.add_argument("--columns", choices=("auto", "all"), default="auto", help=AUTO)
    train.add_argument("--trials", metavar="N", type=at_least(1), help="instead of --budget")
    _add_machine(train)


def _add_machine(train: argparse.ArgumentParser) -> None:
    """What trains, and what may come of it."""
    train.add_argument("--workers", metavar="N", type=at_least(0), default=0, help="0: all cores")
    train.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:1 ...")
    train.add_argument("--seed", metavar="N", type=at_least(0), default=0)
    train.add_argument(
        "--max-predict-ms", metavar="X", type=above_zero,
        help="the final model takes at most so many milliseconds a row",
    )  # fmt: skip
    train.add_argument(
        "--max-size-mb", metavar="X", type=above_zero,
        help="the final model has at most so many megabytes",
    )  # fmt: skip
    train.add_argument("--features", choices=("full", "words", "plain"), default="full", help=PLAIN)


def seconds(text: str) -> float:
    """A budget as seconds: "120s", "5m", "1h", "1h30m", or plain seconds."""
    try:
        return parse_seconds(text)
    except SpecError as error:
        raise argparse.ArgumentTypeError(str(error).rstrip(".")) from error


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


def fraction(text: str) -> float:
    """auto (-1), or a share of the rows from 0 to 0.5."""
    if text == "auto":
        return -1.0
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 0.5:
        raise argparse.ArgumentTypeError(f"{text!r} is not auto or a number from 0 to 0.5")
    return share


def folds(text: str) -> int:
    """auto (0), or a number of folds from 1 on."""
    if text == "auto":
        return 0
    try:
        return at_least(1)(text)
    except argparse.ArgumentTypeError:
        message = f"{text!r} is not auto or a whole number from 1 on"
        raise argparse.ArgumentTypeError(message) from None


def above_zero(text: str) -> float:
    """A finite number above 0."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")
    return number


def at_least(low: int) -> Callable[[str], int]:
    """Reads a whole number not below `low`."""

    def read(text: str) -> int:
        number = int(text) if re.fullmatch(r"[0-9]{1,18}", text.strip()) else low - 1
        if number < low:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {low} on")
        return number

    return read


def port(text: str) -> int:
    """A port of TCP, 1 to 65535."""
    number = at_least(1)(text)
    if number > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is above 65535, the last port")
    return number


def budget(arguments: argparse.Namespace) -> Budget:
    """The budget of a `train` line; SpecError where it has none, or two."""
    return Budget(arguments.budget, arguments.trials)
