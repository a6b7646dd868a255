"""`score`: score the test rows of a run that ended before they could be."""

from __future__ import annotations

import argparse

from automl_core.cli.result_lines import result_lines
from automl_core.cli.text import printable
from automl_core.files import workspace
from automl_core.runs import find_run, score_late
from automl_core.runs.executor import PredictionService
from automl_core.runs.record import RunReader


def run_score(arguments: argparse.Namespace) -> int:
    """Write the score into the run and print it; RunError where there is nothing to score."""
    root = workspace()
    folder = find_run(arguments.run, root)
    service = PredictionService(root)
    try:
        score_late(folder, root, service).result()
    finally:
        service.close()
    reader = RunReader(folder)
    for line in result_lines(folder, reader.spec, reader.refresh()):
        print(printable(line))
    return 0
