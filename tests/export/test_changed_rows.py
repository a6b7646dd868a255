"""Rows after changes are predicted as new rows are, whatever is kept of them."""

from __future__ import annotations

import numpy as np
import pytest

from automl_core.export import Predictor, changed_rows
from automl_core.export.changed_rows import ChangedCells, ChangedRows
from automl_core.table import TypedTable
from automl_core.table.parsing import parse_table
from automl_core.types import Task
from tests import small

TASKS: tuple[Task, ...] = ("binary", "multiclass", "regression")


@pytest.fixture(scope="module", params=TASKS)
def model(request: pytest.FixtureRequest) -> Predictor:
    """Two members of each family."""
    return small.predictor(request.param, *small.QUICK)


def _typed(model: Predictor) -> TypedTable:
    return parse_table(small.table(), model.columns)


def _changes(typed: TypedTable) -> list[ChangedCells]:
    """Other cells in a column, in two, and in none; some rows twice."""
    rng = np.random.default_rng(0)
    found: list[ChangedCells] = []
    for names in (["age"], ["city", "note"], ["since"], ["vip", "income"], [], ["empty"]):
        rows, other = rng.integers(0, typed.rows, (2, 30))
        found.append((rows, {name: typed.columns[name].take(other) for name in names}))
    return found


@pytest.mark.parametrize("room", [changed_rows.MOST_BYTES, 100_000, 0])
def test_the_predictions_are_those_of_new_rows_to_the_last_bit(
    model: Predictor, room: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changed_rows, "MOST_BYTES", room)
    typed = _typed(model)
    rows, changes = ChangedRows(model, typed), _changes(typed)
    expected = [model.predict(typed.replaced(*change)) for change in changes]
    for change, whole in zip(changes, expected, strict=True):
        assert np.array_equal(rows.predict([change]), whole)
    together = rows.predict(changes)  # of networks the size of a batch rounds the last bit
    assert together == pytest.approx(np.concatenate(expected), rel=1e-13)
    everything = np.arange(typed.rows)
    assert np.array_equal(rows.predict([(everything, {})]), model.predict(typed))
