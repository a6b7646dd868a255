"""`labels`: the rows of a run's table whose label a model doubts, as the page Models says it."""

from __future__ import annotations

import argparse
from typing import Any

from automl_core.charts import doubt_sentence, gain_sentence
from automl_core.cli.models import find_model
from automl_core.cli.text import printable, text_table
from automl_core.errors import TableError
from automl_core.files import dump_json, workspace
from automl_core.runs import DoubtedLabels, correction_gain, doubted_labels
from automl_core.runs.record import RunSpec
from automl_core.table import open_table
from automl_core.words import count, percent

LINES = 20


def run_labels(arguments: argparse.Namespace) -> int:
    """Print the doubted rows, most doubtful first; RunError where predictions are gone."""
    reader, trial = find_model(arguments.run, arguments.model)
    found = doubted_labels(reader.folder, trial.number)
    listed = _listed(reader.spec, found)
    if arguments.json:
        counted = {"rows": found.doubts.rows, "low": found.doubts.low, "high": found.doubts.high}
        print(dump_json({"model": trial.name} | counted | {"doubted": listed}).decode())
        return 0
    lines = [doubt_sentence(found, reader.spec.target)]
    gained = correction_gain(reader.folder, trial.number, workspace())
    if gained is not None:
        lines += ["", gain_sentence(gained)]
    if listed:
        lines += ["", _table(listed[:LINES])]
        if len(listed) > LINES:
            lines += ["", f"{count(len(listed) - LINES, 'further row')}: --json lists all."]
        lines.append("A doubted label is not yet a wrong one: judge the rows on Models.")
    print(printable("\n".join(lines)))
    return 0


def _listed(spec: RunSpec, found: DoubtedLabels) -> list[dict[str, Any]]:
    """The rows as the table counts them from 1, with label, suggestion and how sure the model is.

    Labels are left out where the table is gone.
    """
    try:
        cells = open_table(spec.table.hash, workspace()).column(spec.target)
    except TableError:
        cells = None
    listed = []
    for i, row in enumerate(found.rows.tolist()):
        line: dict[str, Any] = {"row": row + 1}
        if cells is not None:
            line["label"] = str(cells[row].as_py())
        line["model says"] = found.suggested[i]
        if found.sure is not None:
            line["probability"] = float(found.sure[i])
        listed.append(line)
    return listed


def _table(listed: list[dict[str, Any]]) -> str:
    header = tuple(listed[0])
    rows = [
        tuple(percent(v) if isinstance(v, float) else str(v) for v in line.values())
        for line in listed
    ]
    return text_table(header, rows, right=(0,))
