"""`predict`: score the rows of a table with a run's model or a downloaded one."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from automl_core.cli.arguments import reading_of
from automl_core.cli.decisions import say_doubts
from automl_core.cli.models import model_files
from automl_core.cli.tables import opened_table, write_path
from automl_core.cli.text import printable, say
from automl_core.types import Severity


def run_predict(arguments: argparse.Namespace) -> int:
    """Write PREDICTIONS.csv; what differs from the training table is said on stderr."""
    from automl_core.export import (
        compare_table,
        csv_bytes,
        load_predictor,
        predictions_table,
        read_answer,
        sameness_words,
        training_format,
    )

    files = model_files(arguments.source, arguments.model)
    out: Path = arguments.out
    source_format = replace(training_format(files), asked=reading_of(arguments))
    with opened_table(arguments.table, arguments.query, source_format) as (table, used):
        say_doubts(used.decisions)
        issues = compare_table(files, table)
        predictions = predictions_table(load_predictor(files), table)
    write_path(out, csv_bytes(predictions, guard_formulas=not arguments.raw))
    for issue in issues:
        say(issue.severity, issue.message)
    if same := sameness_words(predictions):
        say(Severity.WARNING, same)
    if (threshold := read_answer(files).threshold) is not None:
        print(printable(threshold.words))
    print(f"{predictions.num_rows:,} predictions, one for each row, written to {out}")
    return 0
