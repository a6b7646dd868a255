"""The rows by which slices are judged: those of the stored table, evenly spaced where many."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from automl_core.evaluation.row_errors import error_measures, row_errors
from automl_core.runs.unseen_rows import cut_rows, searched_columns, unseen_rows
from automl_core.types import Task
from tests import small
from tests.finished_run import ROWS, make_run


@pytest.mark.parametrize(
    ("task", "metric", "names"),
    [
        ("binary", "roc_auc", ["log_loss", "wrong"]),
        ("multiclass", "f1", ["wrong", "log_loss"]),
        ("regression", "rmse", ["absolute"]),
    ],
)
def test_errors_are_those_of_the_metric(
    workspace: Path, task: Task, metric: str, names: list[str]
) -> None:
    folder = make_run(workspace, "run", task)
    measures = error_measures(metric, task)
    assert [m.name for m in measures] == names
    oof = folder.out_of_fold(1)
    for measure in measures:
        errors = row_errors(measure, oof.y, oof.prediction)
        assert unseen_rows(folder, 1, measure).mean == pytest.approx(errors.mean())
    if task == "multiclass":
        wrong = row_errors(measures[0], oof.y, oof.prediction)
        assert wrong.mean() == (oof.prediction.argmax(axis=1) != oof.y).mean()


def test_rows_are_sorted_sampled_and_cut_as_the_table_has_them(workspace: Path) -> None:
    folder = make_run(workspace, "run")
    found = folder.out_of_fold(1)
    back = np.arange(ROWS)[::-1]
    weight = np.linspace(0, 1, ROWS)
    prediction = found.prediction[back].copy()
    prediction[0] = np.nan  # of the last row
    turned = replace(found, rows=back, y=found.y[back], prediction=prediction, weight=weight)
    folder.save_trial(1, folder.model_files(1), turned)
    (measure, _) = error_measures("roc_auc", "binary")
    rows = unseen_rows(folder, 1, measure)
    assert rows.rows.tolist() == list(range(ROWS - 1)) and rows.every == ROWS
    assert rows.weight is not None and rows.weight[0] == 1.0
    assert rows.mean == pytest.approx(np.average(rows.errors, weights=rows.weight))
    few = unseen_rows(folder, 1, measure, max_rows=50)
    assert len(few.rows) == 50 and few.every == ROWS
    columns = searched_columns(folder)
    assert {c.name for c in columns}.isdisjoint(small.TARGETS.values())
    assert searched_columns(folder, max_columns=2) == columns[:2]
    cities = small.table(ROWS)["city"].to_pylist()
    parts = next(p for p in cut_rows(folder, workspace, few.rows, columns) if p.column == "city")
    labels = [parts.labels[i] for i in parts.part]
    assert labels == [cities[i] or "no value" for i in few.rows]
