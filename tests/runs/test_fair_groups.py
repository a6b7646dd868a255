"""The groups of a run's column: its own rows, labels and threshold."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from automl_core.export.answer import Threshold
from automl_core.runs.fair_groups import fair_groups
from automl_core.types import Task
from tests import small
from tests.finished_run import ROWS, make_run


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_groups_are_those_of_the_table(workspace: Path, task: Task) -> None:
    folder = make_run(workspace, "run", task)
    outcome = {"binary": "no", "multiclass": "10", "regression": None}[task]
    found = fair_groups(folder, 1, workspace, "city", outcome)
    assert found.rows == found.every == ROWS
    oof = folder.out_of_fold(1)
    oslo = np.array([city == "Oslo" for city in small.table(ROWS)["city"].to_pylist()])
    place = {"binary": 0, "multiclass": 1, "regression": None}[task]
    one = found.found.measured[1]
    expected = (
        (oof.prediction - oof.y)[oslo].mean()
        if place is None
        else (oof.prediction[oslo].argmax(axis=1) == place).mean()
    )
    group = next(g for g in one.groups if g.label == "Oslo")
    assert group.mean == pytest.approx(expected) and group.rows == oslo.sum()


def test_a_threshold_decides_and_rows_without_a_number_are_left_out(workspace: Path) -> None:
    folder = make_run(workspace, "run")
    oof = folder.out_of_fold(1)
    lost = oof.prediction.copy()
    lost[:3] = np.nan
    folder.save_trial(1, folder.model_files(1), replace(oof, prediction=lost))
    found = fair_groups(folder, 1, workspace, "vip", "yes", Threshold("yes", 0.9))
    assert (found.rows, found.every) == (ROWS - 3, ROWS)
    selected = found.found.measured[1]
    assert selected.overall == pytest.approx((oof.prediction[3:, 1] > 0.9).mean())
    other = fair_groups(folder, 1, workspace, "vip", "no", Threshold("yes", 0.9))
    assert other.found.measured[1].overall == pytest.approx(1 - selected.overall)
