"""Runs one command of the command line and makes an exit status of what it raises.

0 done   1 a bug (one sentence; the traceback is in the workspace's log)   2 a user's error
"""

from __future__ import annotations

import argparse
import io
import os
import re
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from automl_core.cli.arguments import build_parser
from automl_core.cli.text import printable
from automl_core.errors import AutoMLError
from automl_core.files import as_storage_error, workspace
from automl_core.logs import traceback_of

LOG_NAME = "torchlight.log"
PASSWORD = re.compile(r"(://[^/@\s:]*:)[^@\s]*@")  # in the address of a database


def run_cli(words: Sequence[str] | None = None) -> int:
    """Run one command (default: the process's own arguments); returns the exit status."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal may lack a name's characters
            stream.reconfigure(errors="backslashreplace")
    try:
        arguments = build_parser().parse_args(words)
    except SystemExit as end:  # argparse has printed its message, or the help
        return end.code if isinstance(end.code, int) else 2
    try:
        status = _run(arguments)
        sys.stdout.flush()  # so that a reader that went away is noticed here
        return status
    except AutoMLError as error:
        print(f"Error: {printable(str(error))}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return 130
    except BrokenPipeError:  # `... | head` closed the pipe: not an error of ours
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except MemoryError:
        words = "Memory ran out. Fewer rows, columns or workers need less of it."
        print(f"Error: {words}", file=sys.stderr)
        return 2
    except Exception as error:
        if (full := as_storage_error(error)) is not None:
            print(f"Error: {printable(str(full))}", file=sys.stderr)
            return 2
        where = _log_traceback(error)
        print(
            f"Something went wrong inside Torchlight ({type(error).__name__}). {where}",
            file=sys.stderr,
        )
        return 1


def _run(arguments: argparse.Namespace) -> int:
    # Each command imports what it needs, so that none waits for the libraries of another.
    match arguments.command:
        case "inspect":
            from automl_core.cli.inspect import run_inspect as run
        case "train":
            from automl_core.cli.train import run_train as run
        case "leaderboard":
            from automl_core.cli.leaderboard import run_leaderboard as run
        case "list":
            from automl_core.cli.list_runs import run_list as run
        case "steer":
            from automl_core.cli.steer import run_steer as run
        case "score":
            from automl_core.cli.score import run_score as run
        case "explain":
            from automl_core.cli.explain import run_explain as run
        case "light":
            from automl_core.cli.light import run_light as run
        case "labels":
            from automl_core.cli.labels import run_labels as run
        case "fairness":
            from automl_core.cli.fairness import run_fairness as run
        case "more-rows":
            from automl_core.cli.more_rows import run_more_rows as run
        case "plan":
            from automl_core.cli.plan import run_plan as run
        case "columns":
            from automl_core.cli.columns import run_columns as run
        case "resume":
            from automl_core.cli.steer import run_resume as run
        case "report":
            from automl_core.cli.report import run_report as run
        case "predict":
            from automl_core.cli.predict import run_predict as run
        case "serve":
            from automl_core.cli.serve import run_serve as run
        case "outside":
            from automl_core.cli.outside import run_outside as run
        case "app":
            from automl_core.cli.app import run_app as run
        case _:
            from automl_core.cli.export import run_export as run
    return run(arguments)


def _log_traceback(error: Exception) -> str:
    """Append the error to the log, without what its message quotes; says where it is."""
    path: Path = workspace() / LOG_NAME
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as log:
            words = [PASSWORD.sub(r"\1...@", word) for word in sys.argv]
            log.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {words}\n")
            log.write(traceback_of(error) + "\n")
    except OSError:
        print(traceback_of(error), file=sys.stderr)
        return "The log could not be written."
    return f"The details are in {path}."
