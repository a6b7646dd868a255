"""Whether more rows help: measured by a worker on the run's own folds, and kept in its folder."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from automl_core.evaluation import RowScores
from automl_core.runs.executor import prediction_service
from automl_core.runs.executor.tasks import RowCurveTask, read_request, request_frame
from automl_core.runs.more_rows import FILE, load_row_scores, measure_rows
from automl_core.runs.record.folder import RunFolder
from automl_core.runs.setup.run_data import prepare_run_data
from automl_core.runs.worker import row_curve
from automl_core.splitting.folds import Folds
from automl_core.types import Task
from tests.finished_run import ROWS, make_run


def with_folds(folder: RunFolder) -> RunFolder:
    """The run with two folds of 200 rows; the others are its test rows."""
    rows = np.arange(200)
    parts = rows[rows % 2 == 0], rows[rows % 2 == 1]
    folder.save_folds(Folds(parts[::-1], parts, np.arange(200, ROWS), 2))
    return folder


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_sizes_double_on_the_runs_own_folds(
    workspace: Path,
    service: prediction_service.PredictionService,
    monkeypatch: pytest.MonkeyPatch,
    task: Task,
) -> None:
    monkeypatch.setattr(row_curve, "FEWEST", 12)
    monkeypatch.setattr(row_curve, "QUICK", row_curve.QUICK | {"max_iterations": 10})
    folder = with_folds(make_run(workspace, "run", task))
    assert load_row_scores(folder) is None
    job = measure_rows(folder, workspace, service)
    found = job.done.result(timeout=30)
    assert job.latest == found  # as it was reported last
    assert found.metric == folder.spec().metric and found.every == 100
    assert found.rows == (12, 25, 50, 100)
    assert all(len(scores) == 2 and np.isfinite(scores).all() for scores in found.scores)
    ends = time.monotonic() + 10
    while load_row_scores(folder) is None and time.monotonic() < ends:  # the service's thread does
        time.sleep(0.01)
    assert load_row_scores(folder) == found
    (folder.path / FILE).write_text("{}")  # damaged
    assert load_row_scores(folder) is None


def test_a_task_without_time_measures_the_least_size(
    workspace: Path, service: prediction_service.PredictionService
) -> None:
    folder = with_folds(make_run(workspace, "run"))
    data = prepare_run_data(folder.spec(), folder.schema(), workspace, stored=folder.folds())
    task = RowCurveTask(data.link, 1, 0.0)
    assert read_request(request_frame(3, task)) == (3, task)
    blobs = {"train.0": data.folds.train[0].tobytes(), "valid.0": data.folds.valid[0].tobytes()}
    reported: list[RowScores] = []
    found = service.measure_rows(task, blobs, reported.append).result(timeout=30)
    assert found.rows == (50,) and len(found.scores) == 1 and reported == [found]
