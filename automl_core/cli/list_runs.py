"""`list`: the runs of the workspace, newest first."""

from __future__ import annotations

import argparse
import time
from typing import Any

from automl_core.cli.text import text_table
from automl_core.files import dump_json, workspace
from automl_core.runs import RunSummary, list_runs
from automl_core.words import score_text

FIELDS = ("id", "name", "table", "target", "status", "metric", "test_score", "score", "models")
QUEUE_FIELDS = ("ahead", "seconds")  # of a run that waits


def run_list(arguments: argparse.Namespace) -> int:
    """Print a line a run; RunError where the folder of the runs cannot be read."""
    runs = list_runs(workspace())
    if arguments.json:
        print(dump_json([_plain(run) for run in runs]).decode())
    elif runs:
        header = ("run", "name", "target", "status", "metric", "test", "models", "started")
        print(text_table(header, [_line(run) for run in runs], right=(5, 6)))
    else:
        print(f"There are no runs in {workspace()} yet.")
    return 0


def _plain(run: RunSummary) -> dict[str, Any]:
    place = run.place
    queue = None if place is None else {name: getattr(place, name) for name in QUEUE_FIELDS}
    return {name: getattr(run, name) for name in FIELDS} | {"queue": queue}


def _line(run: RunSummary) -> tuple[str, ...]:
    return (
        run.id,
        run.title,
        run.target,
        run.status if run.place is None else f"{run.status}, {run.place.words}",
        run.metric,
        "" if run.test_score is None else score_text(run.test_score),
        str(run.models),
        time.strftime("%Y-%m-%d %H:%M", time.localtime(run.created)),
    )
