"""`predict`: score the rows of a table with a run's model or a downloaded one, piece by piece."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from automl_core.cli.arguments import reading_of
from automl_core.cli.decisions import say_doubts
from automl_core.cli.models import model_files, model_with_reference
from automl_core.cli.progress_line import shown_rows
from automl_core.cli.tables import stored_table
from automl_core.cli.text import printable, say
from automl_core.files import workspace
from automl_core.runs.executor import PredictionService, ScoreTableTask, StoredPredictions
from automl_core.table import stored_pieces
from automl_core.types import Files, Severity
from automl_core.words import count

COMPARED = 200_000  # rows of a file that are compared with what the model reads
SAID = 200  # differences, each in a line of its own


def run_predict(arguments: argparse.Namespace) -> int:
    """Write PREDICTIONS.csv; what differs from the training table is said on stderr.

    ModelError where the table lacks columns that the model uses, unless that is allowed.
    """
    from automl_core.export import compare_table, read_answer, same_words, training_format
    from automl_core.scoring import (
        MOST_CHECKED,
        BatchScored,
        StoredTable,
        check_file,
        make_scorer,
        open_predictions,
        refuse_missing,
        score_pieces,
    )

    extras: bool = arguments.extras
    found = model_with_reference if extras else model_files
    files = found(arguments.source, arguments.model)
    out: Path = arguments.out
    source_format = replace(training_format(files), asked=reading_of(arguments))
    with stored_table(arguments.table, arguments.query, source_format) as (root, info):
        say_doubts(info.decisions)
        table = StoredTable(info.hash, root, info.rows)
        sample = table.sample(COMPARED)
        issues = compare_table(files, sample)
        scorer = make_scorer(files)
        if not arguments.allow_missing:
            instead = "With --allow-missing it counts as empty in every row."
            refuse_missing(scorer.names, sample.column_names, instead)
        with (
            open_predictions(out, guard_formulas=not arguments.raw) as sink,
            shown_rows(info.rows) as report,
        ):
            if arguments.cluster is None:
                scored = score_pieces(scorer, table.pieces(), sink, extras, report)
                check = check_file(scorer, table.sample(MOST_CHECKED)) if extras else None
            else:
                task = ScoreTableTask(str(root), info.hash, info.rows, extras)
                there = _scored_on(arguments.cluster, task, files, report)
                for piece in stored_pieces(there.predictions, root):
                    sink.write(piece)
                scored, check = BatchScored(there.rows, there.all_equal), there.check
    for issue in issues[:SAID]:
        say(issue.severity, issue.message)
    if len(issues) > SAID:
        say(Severity.INFO, f"{count(len(issues) - SAID, 'further difference')} of this kind.")
    if info.rows > COMPARED:
        say(Severity.INFO, f"Compared were {COMPARED:,} rows of {info.rows:,}.")
    if scored.all_equal and (same := same_words(scored.rows)):
        say(Severity.WARNING, same)
    if (threshold := read_answer(files).threshold) is not None:
        print(printable(threshold.words))
    for line in () if check is None else check.lines:
        print(printable(line))
    print(f"{scored.rows:,} predictions, one for each row, written to {out}")
    return 0


def _scored_on(
    cluster: str, task: ScoreTableTask, files: Files, report: Callable[[int], object]
) -> StoredPredictions:
    """The predictions of a worker on a cluster, in the store of the table; ModelError where that
    fails."""
    service = PredictionService(workspace(), cluster, limited=False)
    try:
        return service.score_table(task, files, report).result()
    finally:
        service.close()
