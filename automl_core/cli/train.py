"""`train`: start a run in the foreground."""

from __future__ import annotations

import argparse
from pathlib import Path

from automl_core.cli.arguments import reading_of, request_of
from automl_core.errors import TableError


def run_train(arguments: argparse.Namespace) -> int:
    """Train until the budget is used up; returns the exit status."""
    request = request_of(arguments)
    test: Path | None = arguments.test
    if test is not None and not test.is_file():
        hint = "Give the name of a file with a table."
        raise TableError(f"{str(test)!r} is not a file.", hint)
    from automl_core.cli.foreground import train
    from automl_core.runs.setup import source_of

    source = source_of(arguments.table, arguments.query)
    return train(source, request, arguments.out, test, reading_of(arguments))
