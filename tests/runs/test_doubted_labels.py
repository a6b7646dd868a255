"""Doubted labels of a run in the table's rows and words; equal rows of unequal labels."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from automl_core.runs.doubted_labels import (
    conflicting_labels,
    doubted_labels,
    reads_as_label,
    store_corrected,
)
from automl_core.runs.record.folder import RunFolder
from automl_core.table.label_judgements import Judgement, judge
from automl_core.table.store import load_info, load_schema, put_table
from automl_core.types import Task
from tests import small
from tests.finished_run import ROWS, make_run


@pytest.mark.parametrize("task", ["binary", "multiclass"])
def test_rows_are_those_of_the_table_and_labels_its_words(workspace: Path, task: Task) -> None:
    folder = make_run(workspace, "run", task)
    found = folder.out_of_fold(1)
    classes = found.prediction.shape[1]
    sure = np.where(np.arange(classes) == found.y[:, None], 0.9, 0.1 / (classes - 1))
    odd = np.array([7, 100])
    sure[odd] = np.roll(sure[odd], 1, axis=1)
    sure[50] = np.nan
    back = np.arange(ROWS)[::-1]
    turned = replace(found, rows=back, y=found.y[back], prediction=sure[back])
    folder.save_trial(1, folder.model_files(1), turned)
    doubted = doubted_labels(folder, 1)
    assert sorted(doubted.rows) == [7, 100] and doubted.doubts.rows == ROWS - 1
    assert doubted.sure is not None and doubted.given is not None
    assert doubted.sure == pytest.approx(0.9) and (doubted.given < 0.2).all()
    cells = [str(cell) for cell in small.table(ROWS)[small.TARGETS[task]].to_pylist()]
    assert set(doubted.labels) == set(cells)
    for row, suggested in zip(doubted.rows.tolist(), doubted.suggested, strict=True):
        assert suggested in doubted.labels and suggested != cells[row]


def test_of_values_it_says_the_prediction(workspace: Path) -> None:
    folder = make_run(workspace, "run", "regression")
    found = folder.out_of_fold(1)
    times = 2  # so that there are rows enough
    y = np.tile(found.y, times)
    wrong = y.copy()
    wrong[10] *= 1000
    noise = np.random.default_rng(0).normal(0, 100, len(y))
    many = replace(found, rows=np.arange(len(y)), y=wrong, prediction=y + noise)
    folder.save_trial(1, folder.model_files(1), many)
    doubted = doubted_labels(folder, 1)
    assert doubted.rows.tolist() == [10] and doubted.labels == () and doubted.sure is None
    assert float(doubted.suggested[0]) == pytest.approx(y[10] + noise[10], rel=0.01)
    assert reads_as_label(folder, "12.5") and not reads_as_label(folder, "many")


def _alike(root: Path, folder: RunFolder, target: str, cells: list[object]) -> None:
    """The run's table with equal features in its first rows."""
    table = small.table(ROWS)
    many = len(cells)
    first = pa.concat_tables([table.slice(0, 1)] * many)
    place = table.column_names.index(target)
    first = first.set_column(place, target, pa.array(cells, table.schema.field(target).type))
    stored = put_table(pa.concat_tables([first, table.slice(many)]), root)
    spec = folder.spec()
    changed = replace(spec, table=replace(spec.table, hash=stored))
    folder.spec = lambda: changed  # type: ignore[method-assign]


def test_equal_rows_of_unequal_labels_are_found(workspace: Path) -> None:
    folder = make_run(workspace, "run")
    none = conflicting_labels(folder, workspace)
    assert not len(none.rows) and none.best == 1.0
    _alike(workspace, folder, "churned", ["yes", "no", "yes", None])
    found = conflicting_labels(folder, workspace)
    assert found.rows.tolist() == [0, 1, 2] and found.groups.tolist() == [0, 0, 0]
    assert found.best == pytest.approx(1 - 1 / (ROWS - 1))


def test_equal_rows_of_unequal_values_are_found(workspace: Path) -> None:
    folder = make_run(workspace, "run", "regression")
    _alike(workspace, folder, "spent", [1.0, 2.0])
    found = conflicting_labels(folder, workspace)
    assert found.rows.tolist() == [0, 1] and found.best is None


def test_the_corrected_table_has_roles_of_its_own(workspace: Path) -> None:
    folder = make_run(workspace, "run")
    info = load_info(folder.spec().table.hash, workspace)
    judged = judge(info.hash, "churned", [Judgement(0, "aside")], workspace)
    made = store_corrected(info, folder.schema(), judged, workspace)
    schema = load_schema(made.hash, workspace)
    assert schema is not None and schema.rows == ROWS - 1
    assert schema.column("note").role == "text" and schema.column("empty").missing == ROWS - 1
