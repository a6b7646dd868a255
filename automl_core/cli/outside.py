"""`outside`: predictions of another system, scored on the same rows as a run's models."""

from __future__ import annotations

import argparse

from automl_core.charts import metric_short, number
from automl_core.cli.tables import read_path, write_path
from automl_core.cli.text import printable, say_damage
from automl_core.evaluation import ComparedScore
from automl_core.export import csv_bytes
from automl_core.files import workspace
from automl_core.runs import (
    add_outside,
    find_run,
    outside_score,
    outside_task,
    rows_to_learn,
    rows_to_test,
)
from automl_core.runs.record import RunReader


def run_outside(arguments: argparse.Namespace) -> int:
    """Write the rows to predict, or keep predictions and print their score.

    RunError where there is no such run, TableError where the predictions do not fit.
    """
    root = workspace()
    folder = find_run(arguments.run, root)
    reader = RunReader(folder)
    state = reader.refresh()
    say_damage(state)
    if arguments.rows is not None:
        task = outside_task(folder, root)
        rows = rows_to_test if arguments.part == "test" else rows_to_learn
        table = rows(task, root)
        write_path(arguments.rows, csv_bytes(table, guard_formulas=False))
        print(f"{table.num_rows:,} rows written to {arguments.rows}")
        return 0
    given = read_path(arguments.file)[0]
    name = arguments.file.name
    model = add_outside(folder, root, arguments.part, given, (arguments.name or name, name))
    metric = reader.spec.metric
    found = outside_score(folder, model.number, metric)
    part = "test rows" if arguments.part == "test" else "held-out rows"
    print(
        printable(
            f"{model.name} {model.record.title}: {metric_short(metric)} {_interval(found)} on "
            f"{model.record.rows:,} {part}"
        )
    )
    end = state.finished
    if arguments.part == "test" and end is not None and end.test_score is not None:
        own = ComparedScore(end.test_score, end.test_low, end.test_high, 0.0, None, None)
        print(f"The run's model: {_interval(own)}")
    return 0


def _interval(found: ComparedScore | None) -> str:
    if found is None:
        return "not known, as all rows are of one class,"
    if found.low is None or found.high is None:
        return number(found.score)
    return f"{number(found.score)} ({number(found.low)} to {number(found.high)})"
