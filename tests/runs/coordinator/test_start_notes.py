"""Notes of a run about the table at its start."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa

from automl_core.runs.coordinator.start_notes import opening_remarks
from automl_core.runs.record import Budget, RunOptions, TrainRequest
from automl_core.runs.schedule import TimeBudget
from automl_core.runs.setup.run_data import prepare_run_data
from automl_core.table import CORRECTED
from tests.runs.tables import stored_run

ROWS = 90
X = np.sin(np.arange(ROWS))


def _words(root: Path, table: pa.Table, request: TrainRequest) -> list[str]:
    spec, schema = stored_run(root, table, request)
    data, budget = (
        prepare_run_data(spec, schema, root),
        TimeBudget(spec.options.budget.seconds, 1, 0.0),
    )
    return [n.message for n in opening_remarks(spec, schema, data, budget)]


def test_an_ordinary_table_needs_no_words(workspace: Path) -> None:
    table = pa.table({"x": X, "y": ["n", "p", "p"] * 30})
    assert _words(workspace, table, TrainRequest("y", RunOptions(Budget(trials=2)))) == []


def test_rare_classes_and_unused_columns_are_named(workspace: Path) -> None:
    y = ["n", "p", "p"] * 30
    y[0] = y[1] = "two"
    y[2] = "one"
    table = pa.table({"x": X, "same": [1] * ROWS, "y": y})
    words = _words(workspace, table, TrainRequest("y", RunOptions(Budget(trials=2), folds=3)))
    assert words[0] == "1 column not used, constant or like an id: 'same'."
    assert "'one' (1), 'two' (2)." in words[1]
    assert len(words) == 2


def test_a_corrected_table_is_told(workspace: Path) -> None:
    table = pa.table({"x": X, "y": ["n", "p", "p"] * 30})
    spec, schema = stored_run(workspace, table, TrainRequest("y", RunOptions(Budget(trials=2))))
    settings = {CORRECTED: "t.csv with 1 label corrected"}
    spec = replace(spec, table=replace(spec.table, settings=settings))
    data = prepare_run_data(spec, schema, workspace)
    (note,) = opening_remarks(spec, schema, data, TimeBudget(None, 1, 0.0))
    assert note.message == "This is the table t.csv with 1 label corrected."


def test_a_class_that_some_models_cannot_train_on_is_told(workspace: Path) -> None:
    group = np.arange(ROWS) // 10
    y = ["n", "p", "p"] * 29 + ["rare"] * 3  # in one group
    table = pa.table({"x": X, "g": group, "y": y})
    words = _words(
        workspace, table, TrainRequest("y", RunOptions(Budget(trials=2), folds=3, group="g"))
    )
    assert "train without them" in words[-1]


def test_a_target_of_many_magnitudes_rows_without_it_and_weights_of_zero(workspace: Path) -> None:
    y = 10.0 ** (6 * X)
    y[:2] = np.nan, np.inf
    table = pa.table({"x": X, "w": np.arange(ROWS) % 3, "y": y})
    request = TrainRequest("y", RunOptions(Budget(trials=2), weight="w"), task="regression")
    words = _words(workspace, table, request)
    assert words[0].startswith("2 rows without a usable target (") and "left out." in words[0]
    assert "logarithm" in words[1]
    assert "of weight 0" in words[2]


def test_rows_that_validate_and_are_all_alike_are_told(workspace: Path) -> None:
    y = ["n"] * 70 + ["p"] + ["n"] * 19
    table = pa.table({"x": X, "t": np.arange(ROWS), "y": y})
    words = _words(workspace, table, TrainRequest("y", RunOptions(Budget(trials=2), time="t")))
    assert "cannot tell models apart" in words[-1]


def test_columns_that_a_short_run_does_not_choose_from_are_told(workspace: Path) -> None:
    table = pa.table({**{f"x{i}": np.roll(X, i) for i in range(8)}, "y": ["n", "p", "p"] * 30})
    words = _words(workspace, table, TrainRequest("y", RunOptions(Budget(seconds=10))))
    assert "All 8 columns are used: a run of less than 20 s" in words[-1]
    for request in (
        TrainRequest("y", RunOptions(Budget(seconds=10), columns="all")),
        TrainRequest("y", RunOptions(Budget(seconds=30))),
    ):
        assert not any("columns are used" in said for said in _words(workspace, table, request))
