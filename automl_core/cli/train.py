"""`train`: start a run in the foreground."""

from __future__ import annotations

import argparse
from pathlib import Path

from automl_core.cli.arguments import budget
from automl_core.errors import TableError
from automl_core.runs.record import TrainRequest


def request_of(arguments: argparse.Namespace) -> TrainRequest:
    """The flags as a record; SpecError where the budget makes no sense."""
    return TrainRequest(
        target=arguments.target,
        budget=budget(arguments),
        task=arguments.task,
        positive=arguments.positive,
        metric=arguments.metric,
        drop=tuple(arguments.drop),
        roles=tuple(arguments.role),
        weight=arguments.weight,
        group=arguments.group,
        time=arguments.time,
        copies=arguments.copies,
        folds=arguments.folds,
        test_fraction=arguments.test_fraction,
        families=tuple(arguments.families),
        workers=arguments.workers,
        device=arguments.device,
        seed=arguments.seed,
        columns=arguments.columns,
        max_predict_ms=arguments.max_predict_ms,
        max_size_mb=arguments.max_size_mb,
        features=arguments.features,
    )


def run_train(arguments: argparse.Namespace) -> int:
    """Train until the budget is used up; returns the exit status."""
    request = request_of(arguments)
    test: Path | None = arguments.test
    if test is not None and not test.is_file():
        hint = "Give the name of a file with a table."
        raise TableError(f"{str(test)!r} is not a file.", hint)
    from automl_core.cli.foreground import train
    from automl_core.runs.setup import source_of

    return train(source_of(arguments.table, arguments.query), request, arguments.out, test)
