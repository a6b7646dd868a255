"""`more-rows`: whether more rows would help a run, as the page Models says it."""

from __future__ import annotations

import argparse

from automl_core.charts import metric_short, number
from automl_core.cli.text import printable, text_table
from automl_core.evaluation import RowScores, forecast
from automl_core.files import dump_json, workspace
from automl_core.records import to_plain
from automl_core.runs import find_run, keep_row_scores, load_row_scores, measure_rows
from automl_core.runs.executor import PredictionService
from automl_core.runs.record import RunFolder


def run_more_rows(arguments: argparse.Namespace) -> int:
    """Measure the learning curve over rows where that is not known yet, and print it.

    TableError where the run's table is gone.
    """
    folder = find_run(arguments.run, workspace())
    found = load_row_scores(folder) or _measured(folder)
    law = forecast(found)
    if arguments.json:
        told = {"measured": to_plain(found), "forecast": None if law is None else to_plain(law)}
        print(dump_json(told).decode())
        return 0
    means = [sum(scores) / len(scores) for scores in found.scores]
    rows = [(f"{n:,}", number(mean)) for n, mean in zip(found.rows, means, strict=True)]
    print(text_table(("rows", metric_short(found.metric)), rows, right=(0, 1)))
    words = "The rows are too few, or took too long, to say what more of them would bring."
    print(printable("\n" + (words if law is None else law.sentence)))
    return 0


def _measured(folder: RunFolder) -> RowScores:
    root = workspace()
    service = PredictionService(root)
    try:
        found = measure_rows(folder, root, service).done.result()
    finally:
        service.close()
    keep_row_scores(folder, found)
    return found
