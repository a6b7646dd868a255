"""One row explained by a worker: over the pipe, going on from task to task, with its neighbours."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from automl_core.errors import ModelError
from automl_core.explain import Goal
from automl_core.export import Cell, cells_of_row, row_of_cells
from automl_core.export.predictor import predictor_files
from automl_core.runs.executor import AskedRow, ChangeRowTask, ExplainRowTask, prediction_service
from automl_core.runs.executor.tasks import read_request, request_frame
from automl_core.runs.worker import explain_row
from automl_core.table import put_table
from tests import small

PREDICTOR = small.predictor("binary", "lightgbm")
FILES = predictor_files(PREDICTOR)
ORDER = tuple(column.name for column in PREDICTOR.columns)
ROWS = np.arange(10, 240)


def asked(workspace: Path) -> AskedRow:
    table = small.table()
    cells = cells_of_row(PREDICTOR.columns, table.slice(5, 1))
    return AskedRow("m", cells, ORDER, str(workspace), put_table(table, workspace), ())


def test_tasks_arrive_as_they_were_sent(workspace: Path) -> None:
    row = asked(workspace)
    for task in (
        ExplainRowTask(row, 1, 0.5),
        ChangeRowTask(row, Goal(1, at_least=0.25), ("age",), 2.0),
    ):
        assert read_request(request_frame(7, task)) == (7, task)


def test_contributions_go_on_and_neighbours_are_rows_of_the_table(
    workspace: Path,
    service: prediction_service.PredictionService,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("automl_core.explain.contributions.EXACT_PLAYERS", 3)
    task = ExplainRowTask(asked(workspace), 1, 0.0)  # no more than the first estimate
    first, second = (service.explain_row(task, FILES, ROWS).result(60) for _ in range(2))
    known, better = first.contributions, second.contributions
    typed = row_of_cells(PREDICTOR.columns, task.row.cells)
    assert known.prediction == better.prediction == PREDICTOR.predict(typed)[0, 1]
    assert (better.rounds, better.background) > (known.rounds, known.background)
    for found in (known, better):
        assert found.total == pytest.approx(found.prediction - found.base)
    assert {*second.near.rows} <= {*ROWS.tolist()} and len(second.near.rows) == 8
    assert list(second.near.distances) == sorted(second.near.distances)
    other = replace(task, label=0)
    opposite = service.explain_row(other, FILES, ROWS).result(60).contributions
    assert opposite.prediction == pytest.approx(1 - known.prediction)


def test_without_a_table_the_usual_row_is_what_it_is_compared_with(
    workspace: Path, service: prediction_service.PredictionService
) -> None:
    usual = (Cell("age", 50.0), Cell("city", text="Oslo"))
    task = ExplainRowTask(replace(asked(workspace), table="", usual=usual), 1, 5.0)
    found = service.explain_row(task, FILES, ROWS).result(60)
    typed = row_of_cells(PREDICTOR.columns, usual)
    assert found.contributions.base == pytest.approx(PREDICTOR.predict(typed)[0, 1])
    assert found.contributions.exact and found.near.rows == ()


def test_changes_are_found_and_a_lost_table_is_said(
    workspace: Path, service: prediction_service.PredictionService
) -> None:
    row = asked(workspace)
    before = PREDICTOR.predict(row_of_cells(PREDICTOR.columns, row.cells))[0].argmax()
    goal = Goal(label=int(1 - before))
    found = service.change_row(ChangeRowTask(row, goal, ("income",), 20.0), FILES, ROWS)
    proposals = found.result(60).found
    assert proposals
    for proposal in proposals:
        changed = {cell.column: cell for cell in proposal.changes}
        assert not {*changed} & {"income", "note"}
        cells = [changed.get(cell.column, cell) for cell in row.cells]
        predicted = PREDICTOR.predict(row_of_cells(PREDICTOR.columns, cells))[0]
        assert predicted.argmax() == goal.label
        assert predicted[goal.label] == pytest.approx(proposal.value)
    lost = replace(row, model="other", table="0" * 64)
    with pytest.raises(ModelError, match="could not be explained"):
        service.explain_row(ExplainRowTask(lost, 1, 1.0), FILES, ROWS).result(60)


def test_a_slow_model_is_compared_with_fewer_rows(
    workspace: Path,
    service: prediction_service.PredictionService,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(explain_row, "ROUND_SECONDS", 1e-9)
    task = ExplainRowTask(replace(asked(workspace), model="slow"), 0, 30.0)
    found = service.explain_row(task, FILES, ROWS).result(60).contributions
    assert found.background == explain_row.LEAST_BACKGROUND
