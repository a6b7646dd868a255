"""Costs of the columns of a run: rows that choose and rows that score, what is kept, bad input."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from automl_core.errors import ModelError, RunError, SpecError
from automl_core.evaluation import price_sets
from automl_core.files import dump_json
from automl_core.runs.column_costs import (
    PRICES,
    SETS,
    ColumnPrices,
    known_columns,
    load_column_sets,
    load_prices,
    measure_column_sets,
    save_prices,
    shared_out,
)
from automl_core.runs.executor.prediction_service import PredictionService
from automl_core.runs.executor.tasks import ColumnSetsTask, read_request, request_frame
from automl_core.runs.record import held
from automl_core.runs.record.folder import RunFolder
from automl_core.runs.record.spec import spec_to_plain
from automl_core.runs.setup.run_data import prepare_run_data
from automl_core.runs.worker import column_sets
from automl_core.splitting.folds import Folds
from automl_core.types import Task
from tests import small
from tests.finished_run import make_run
from tests.runs.test_more_rows import with_folds


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Boosters of a few rounds."""
    monkeypatch.setattr(column_sets, "STEADY", column_sets.STEADY | {"max_iterations": 15})


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_sets_are_scored_on_rows_that_did_not_choose_and_kept(
    workspace: Path, service: PredictionService, task: Task
) -> None:
    folder = with_folds(make_run(workspace, "run", task))
    assert load_column_sets(folder) is None
    job = measure_column_sets(folder, workspace, service, seconds=300)
    found = job.done.result(timeout=60)
    names = known_columns(folder)
    assert found.metric == folder.spec().metric and found.rows == 100 and found.share == 1.0
    assert found.sets[0].columns == names and found.sets[0].compared.behind == 0
    assert {len(s.columns) for s in found.sets} == {8, 6, 5, 4, 3, 2, 1}
    assert max(found.worth, key=lambda name: found.worth[name]) == "age"
    smallest = next(s for s in found.sets if len(s.columns) == 1)
    assert smallest.columns == ("age",)
    assert load_column_sets(folder) == found
    assert job.latest is not None and job.latest.sets
    assert price_sets(found, {"age": 3.0}).every.price == 10
    # by other prices other sets are measured, and those known stay
    again = measure_column_sets(folder, workspace, service, {"age": 1e6}, 300)
    more = again.done.result(timeout=60)
    assert ("age",) in {s.columns for s in more.sets}
    assert any(len(s.columns) == 2 and "age" not in s.columns for s in more.sets)
    (folder.path / SETS).write_text("{}")  # damaged
    assert load_column_sets(folder) is None


@pytest.mark.parametrize("k", [1, 2, 3, 5, 10])
def test_rows_that_choose_score_nothing(k: int) -> None:
    rows = np.arange(100)
    valid = tuple(rows[rows % max(k, 5) == i] for i in range(k))
    train = tuple(np.setdiff1d(rows, part) for part in valid)
    choosing, scored = shared_out(Folds(train, valid, np.array([], np.int64), k))
    assert 1 <= len(scored) <= 3 and scored[-1] == k - 1
    for fold in scored:
        assert not np.isin(choosing, valid[fold]).any()
        assert np.isin(choosing, train[fold]).all() and len(choosing) >= 20


def test_a_task_without_time_says_so(workspace: Path, service: PredictionService) -> None:
    folder = with_folds(make_run(workspace, "run"))
    data = prepare_run_data(folder.spec(), folder.schema(), workspace, stored=folder.folds())
    task = ColumnSetsTask(data.link, {"age": 2.0}, 1, 1.0)
    assert read_request(request_frame(3, task)) == (3, task)
    with pytest.raises(ModelError, match="no time to measure all columns"):
        measure_column_sets(folder, workspace, service, seconds=1e-9).done.result(timeout=30)


def test_prices_stay_with_the_run_and_bad_ones_are_refused(workspace: Path) -> None:
    folder = make_run(workspace, "run")
    assert load_prices(folder) == ColumnPrices()
    save_prices(folder, ColumnPrices({"age": 2.5, "city": 0.0}, " EUR  a month "))
    assert load_prices(folder) == ColumnPrices({"age": 2.5, "city": 0.0}, "EUR a month")
    for bad in ({"age": -1.0}, {"churned": 1.0}, {"nothing": 1.0}):
        with pytest.raises(SpecError):
            save_prices(folder, ColumnPrices(bad))
    with pytest.raises(SpecError, match="unit is too long"):
        save_prices(folder, ColumnPrices({}, "x" * 50))
    assert load_prices(folder).unit == "EUR a month"
    (folder.path / PRICES).write_text("no JSON")
    assert load_prices(folder) == ColumnPrices()


def only_column(folder: RunFolder, name: str) -> None:
    spec = folder.spec()
    others = tuple(c for c in small.table().column_names if c not in (name, spec.target))
    spec = replace(spec, options=replace(spec.options, drop=others))
    folder.write({"spec.json": dump_json(spec_to_plain(spec))})


def test_what_cannot_be_measured_is_said(workspace: Path, service: PredictionService) -> None:
    folder = with_folds(make_run(workspace, "run"))
    with pytest.raises(SpecError, match="is no price of 'age'"):
        measure_column_sets(folder, workspace, service, {"age": -2.0})
    with pytest.raises(SpecError, match="out of range"):
        measure_column_sets(folder, workspace, service, seconds=0)
    only_column(folder, "age")
    with pytest.raises(RunError, match="one column only"):
        measure_column_sets(folder, workspace, service)
    going = make_run(workspace, "going", status="running")
    with held(going.path), pytest.raises(RunError, match="still going"):
        measure_column_sets(going, workspace, service)
    lost = make_run(workspace, "lost")  # has no folds
    with pytest.raises(RunError, match="folds of the run"):
        measure_column_sets(lost, workspace, service).done.result(timeout=30)
