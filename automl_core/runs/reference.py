"""The reference of a model that leaves its run: its self-test, and what its rows were like."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from automl_core.errors import RunError, TableError
from automl_core.export import (
    Cell,
    facts_of_model,
    facts_of_table,
    load_predictor,
    predict_rows,
    self_test_files,
    typical_rows,
    used_columns,
)
from automl_core.files import workspace_of
from automl_core.runs.record import OutOfFold, RunFolder
from automl_core.runs.row_sources import rows_at_hand
from automl_core.scoring import (
    MOST_LEARNED,
    UnseenPredictions,
    learn_reference,
    reference_files,
)
from automl_core.table import evenly_spaced, open_table, single_names, take_rows
from automl_core.table.parsing import parse_table
from automl_core.types import Files

Rows = Sequence[tuple[Cell, ...]]
PredictRows = Callable[[Files, Rows], NDArray[np.float64] | None]
"""Predicts rows of cells with the predictor in the files: (n, classes) or (n,); None: it cannot."""


def with_reference(folder: RunFolder, trial: int, files: Files) -> Files:
    """The model's files with what its training rows were like; as they are without the table."""
    spec, root = folder.spec(), workspace_of(folder.path)
    rows, unseen = _unseen(folder, trial)
    try:
        table = open_table(spec.table.hash, root)
        if rows is None:
            rows = rows_at_hand(folder, root).compared()
        columns = used_columns(files)
        single = single_names(table)
        names = [c.name for c in columns if c.name in single]
        typed = parse_table(take_rows(table.select(names), rows), columns)
    except TableError:
        return files
    return files | reference_files(learn_reference(typed, columns, unseen))


def _unseen(
    folder: RunFolder, trial: int
) -> tuple[NDArray[np.int64] | None, UnseenPredictions | None]:
    """Rows of the run's table, ascending, and their out-of-fold predictions; None without any."""
    try:
        found: OutOfFold = folder.out_of_fold(trial)
    except RunError:
        return None, None
    order = np.argsort(found.rows, kind="stable")
    if len(order) > MOST_LEARNED:
        order = order[evenly_spaced(len(order), MOST_LEARNED)]
    spec = folder.spec()
    predictions = found.prediction[order]
    return found.rows[order], UnseenPredictions(found.y[order], predictions, spec.task, spec.metric)


def with_self_test(folder: RunFolder, files: Files, predict: PredictRows) -> Files:
    """The model's files with a few made-up rows and what it predicts for them.

    As they are where `predict` cannot tell: the model is whole without the test.
    """
    try:
        table = open_table(folder.spec().table.hash, workspace_of(folder.path))
        facts = facts_of_table(used_columns(files), table)
    except TableError:
        facts = facts_of_model(files)
    rows = typical_rows(facts)
    predicted = predict(files, rows)
    return files if predicted is None else files | self_test_files(rows, predicted)


def predict_here(files: Files, rows: Rows) -> NDArray[np.float64]:
    """Predict rows of cells in this process, which loads the model's libraries."""
    predictor = load_predictor(files)
    return predict_rows(predictor.predict, predictor.columns, rows)
