"""The board: comparisons on rows that all have predicted, by any metric; curves in short."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from automl_core.metrics import metrics_for, score
from automl_core.runs import (
    board_rows,
    comparable,
    compare_models,
    shared_rows,
)
from automl_core.runs.record import build_leaderboard
from automl_core.runs.record.curve_summary import summarize_curves
from automl_core.runs.record.events import ENSEMBLE
from automl_core.runs.record.folder import OutOfFold
from automl_core.runs.record.reader import RunReader
from automl_core.runs.record.state import Curve
from automl_core.types import Task
from tests.finished_run import METRIC, ROWS, make_run


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_the_board_by_every_metric(workspace: Path, task: Task) -> None:
    folder = make_run(workspace, "run-a", task)
    state = RunReader(folder).refresh()
    rows = build_leaderboard(state, METRIC[task])
    models = comparable(rows)
    assert models[0] == ENSEMBLE and set(models) == {ENSEMBLE, 0, 1, 2}
    shared = shared_rows(folder, models)
    assert shared is not None and len(shared.rows) == shared.every == ROWS and not shared.missing
    for metric in metrics_for(task):
        found = compare_models(shared, rows, metric, METRIC[task])
        lines = board_rows(rows, state, metric, found)
        scored = [line for line in lines if line.score is not None]
        assert [line.row.trial for line in lines if line.score is None] == [3]
        losses = [line.compared.behind for line in scored if line.compared]
        assert losses == sorted(losses)
        assert sum("Best" in line.badges for line in lines) == 1
        assert [line.row.trial for line in lines if "Recommended" in line.badges] == [ENSEMBLE]
        own = metric == METRIC[task]
        assert found.reference == (ENSEMBLE if own else scored[0].row.trial)
        for line in scored:
            oof = folder.out_of_fold(line.row.trial)
            assert line.score == pytest.approx(score(metric, oof.y, oof.prediction))
    curve = next(line.curve for line in lines if line.row.trial == 1)
    assert curve is not None and len(curve.validation) == 12
    assert curve.validation[0] > curve.validation[-1]
    assert curve.gap == pytest.approx(0.05 / curve.validation[-1])


def test_only_rows_that_all_have_predicted_are_compared(workspace: Path) -> None:
    folder = make_run(workspace, "run-a")
    found = folder.out_of_fold(1)
    part = np.random.default_rng(0).permutation(ROWS)[:90]
    less = OutOfFold(found.rows[part], found.y[part], found.prediction[part])
    folder.save_trial(1, folder.model_files(1), less)
    shared = shared_rows(folder, (1, 2, 0))
    assert shared is not None and shared.rows.tolist() == sorted(part.tolist())
    assert (shared.y == found.y[shared.rows]).all()
    assert (shared.predictions[1] == found.prediction[shared.rows]).all()
    fewer = shared_rows(folder, (1, 2), most=40)
    assert fewer is not None and len(fewer.rows) == 40 and fewer.every == 90


def test_what_cannot_be_compared_is_left_out_and_named(workspace: Path) -> None:
    folder = make_run(workspace, "run-a")
    found = folder.out_of_fold(1)
    broken = replace(found, prediction=np.full_like(found.prediction, np.nan))
    folder.save_trial(1, folder.model_files(1), broken)
    (folder.path / "trials" / "2" / "oof.npz").unlink()
    shared = shared_rows(folder, (0, 1, 2))
    assert shared is not None and list(shared.predictions) == [0]
    assert "not all numbers" in shared.missing[1] and "left no predictions" in shared.missing[2]
    assert shared_rows(folder, (1, 2)) is None
    none = replace(found, rows=found.rows + ROWS)
    folder.save_trial(1, folder.model_files(1), none)
    assert shared_rows(folder, (0, 1)) is None


def test_without_a_comparison_the_board_is_the_leaderboard(workspace: Path) -> None:
    state = RunReader(make_run(workspace, "run-a")).refresh()
    rows = build_leaderboard(state, "roc_auc")
    lines = board_rows(rows, state, "roc_auc", None)
    assert [line.row for line in lines] == list(rows)
    assert lines[0].compared is None
    assert all(line.score is None for line in board_rows(rows, state, "accuracy", None))


def test_curves_without_losses_are_no_line(workspace: Path) -> None:
    state = RunReader(make_run(workspace, "run-a")).refresh()
    trial = state.trials[1].copy()
    trial.curves = {0: Curve([1, 2], [0.5, 1.0], [None, None], [None, float("nan")])}
    assert summarize_curves(trial) == summarize_curves(state.trials[0].copy())
