"""`fairness`: what a model of a run does to the groups of a column, as the page Models says it."""

from __future__ import annotations

import argparse
import math
from typing import Any

from automl_core.charts import GAP_HEADER, fairness_sentence, gap_rows
from automl_core.cli.models import find_model
from automl_core.cli.text import printable, text_table
from automl_core.evaluation import SMALLEST_SLICE
from automl_core.files import dump_json, workspace
from automl_core.records import to_plain
from automl_core.runs import FairGroups, answered, asked_of, keep_asked
from automl_core.words import count


def run_fairness(arguments: argparse.Namespace) -> int:
    """Compare the groups and print them; the question is kept for the report.

    TableError for a column that the table does not have, SpecError for a class that it has not.
    """
    reader, trial = find_model(arguments.run, arguments.model)
    asked = asked_of(reader.folder, trial.number, arguments.column, arguments.outcome)
    found = answered(reader.folder, trial.number, workspace(), asked)
    keep_asked(reader.folder, asked)
    if arguments.json:
        told = {"model": trial.name, "column": asked.column, "outcome": asked.outcome}
        print(dump_json(told | _finite(to_plain(found))).decode())
        return 0
    print(printable("\n".join(_lines(found, reader.spec.target, asked.outcome))))
    return 0


def _lines(found: FairGroups, target: str, outcome: str | None) -> list[str]:
    of = "" if outcome is None else f", outcome {outcome!r}"
    lines = [f"Groups of {found.found.column} on {count(found.rows, 'unseen row')}{of}:", ""]
    rows = gap_rows(found.found, target)
    if rows:
        lines += [text_table(GAP_HEADER, rows, right=(1, 4)), ""]
    lines.append(fairness_sentence(found.found))
    if found.found.too_few:
        few = ", ".join(found.found.too_few)
        lines.append(f"Fewer than {SMALLEST_SLICE} rows, too few to say: {few}.")
    lines.append(found.calibration.sentence)
    if found.calibration.off:
        off = ", ".join(found.calibration.off)
        lines.append(f"Off by more than chance: {off}.")
    return lines


def _finite(plain: Any) -> Any:
    """The same with None for numbers that are none, which JSON does not have."""
    if isinstance(plain, dict):
        return {key: _finite(value) for key, value in plain.items()}
    if isinstance(plain, list | tuple):
        return [_finite(value) for value in plain]
    return None if isinstance(plain, float) and not math.isfinite(plain) else plain
