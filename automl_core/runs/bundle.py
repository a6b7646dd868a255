"""A run's model as the zip that a user takes away; the same from page, command line and Python."""

from __future__ import annotations

from typing import Any

from automl_core.errors import TableError
from automl_core.export import (
    facts_of_table,
    facts_to_plain,
    read_answer,
    used_columns,
    write_bundle,
)
from automl_core.files import workspace_of
from automl_core.runs.delivered import delivered_files
from automl_core.runs.record import RunFolder, RunState, Trial, load_refit
from automl_core.runs.reference import (
    PredictRows,
    predict_here,
    with_reference,
    with_self_test,
)
from automl_core.runs.snapshots import take_snapshot
from automl_core.table import open_table
from automl_core.types import Files
from automl_core.words import percent


def bundle_of(folder: RunFolder, trial: Trial, predict: PredictRows = predict_here) -> bytes:
    """The zip bundle of a model of the run, the ensemble too; RunError where it left none.

    `predict` computes its self-test: a process that loads no model library asks another one.
    """
    files = taken_away(folder, trial, predict)
    return write_bundle(files, bundle_info(folder, trial, files))


def taken_away(folder: RunFolder, trial: Trial, predict: PredictRows = predict_here) -> Files:
    """The files of a model that leaves its run, with its self-test and its reference."""
    files = delivered_files(folder, trial.number)
    return with_reference(folder, trial.number, with_self_test(folder, files, predict))


def bundle_info(folder: RunFolder, trial: Trial, files: Files) -> dict[str, Any]:
    """The description of the model in the manifest: for people, and for a form of one row what its
    columns usually hold, and which of them are important, as far as that is known.
    """
    spec, refit = folder.spec(), load_refit(folder)
    refitted = refit is not None and refit.model == trial.number
    more = {"fitted": "once more on all rows; the score is from before that"} if refitted else {}
    answer = read_answer(files)
    if answer.threshold is not None:
        more["threshold"] = answer.threshold.words
    if answer.intervals is not None:
        low, high = answer.intervals.names
        more["intervals"] = (
            f"{low} to {high} should hold {percent(answer.intervals.level)} of the rows"
        )
    return more | {
        "model": trial.name,
        "family": trial.family,
        "task": spec.task,
        "target": spec.target,
        "metric": spec.metric,
        "score": trial.score,
        "table": spec.table.name,
        "rows": spec.table.rows,
        "columns": _facts(files, spec.table.hash, folder),
        "importance": important_columns(take_snapshot(folder.path).state),
    }


def _facts(files: Files, table: str, folder: RunFolder) -> list[Any]:
    try:
        rows = open_table(table, workspace_of(folder.path))
    except TableError:  # it was deleted, or the run is from elsewhere
        return []
    return facts_to_plain(facts_of_table(used_columns(files), rows))


def important_columns(state: RunState) -> list[str]:
    """The columns whose importance was measured, most important first."""
    measured = state.importance
    if measured is None:
        return []
    ranked = sorted(zip(measured.features, measured.mean, strict=True), key=lambda f: -f[1])
    return [name for name, _ in ranked]
