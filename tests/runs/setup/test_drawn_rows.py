"""A run on a long table: which rows are drawn, and what the run then is a run on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from automl_core.errors import TableError
from automl_core.runs.coordinator.start_notes import opening_remarks
from automl_core.runs.record import Budget, RunOptions, RunSpec, TrainRequest
from automl_core.runs.schedule import TimeBudget
from automl_core.runs.setup import drawn_rows
from automl_core.runs.setup.drawn_rows import spread
from automl_core.runs.setup.run_data import prepare_run_data
from automl_core.table.schema import Schema
from automl_core.table.store import load_drawn, load_info, open_table, save_drawn
from tests.options import changed
from tests.runs.tables import stored_run

ROWS = 3_000
ASKED = TrainRequest("y", RunOptions(Budget(trials=2), most_rows=2_400))


def long_table(**columns: Any) -> pa.Table:
    """Rows with their own number, of which every tenth has no target."""
    rng = np.random.default_rng(0)
    number = np.arange(ROWS)
    answer = np.where(rng.random(ROWS) < 0.4, "yes", "no").astype(object)
    answer[::10] = None
    cells = {"number": number + 0.5, "x": rng.normal(size=ROWS)}
    return pa.table(cells | columns | {"y": pa.array(answer, pa.string())})


@pytest.mark.parametrize(("rows", "most"), [(10, 10), (11, 10), (1_000_003, 997), (5, 1)])
def test_one_row_of_each_stretch(rows: int, most: int) -> None:
    drawn = spread(rows, most)
    assert len(drawn) == most and (np.diff(drawn) > 0).all()
    ends = np.arange(most + 1) * rows // most
    assert (drawn >= ends[:-1]).all() and (drawn < ends[1:]).all()
    assert (drawn == spread(rows, most)).all()


def test_drawn_rows_are_not_in_step_with_the_table() -> None:
    assert len(np.unique(spread(70_000, 10_000) % 7)) == 7


def test_the_run_is_on_drawn_rows_with_a_target(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawn_rows, "BLOCK_ROWS", 700)
    spec, _ = stored_run(workspace, long_table(), ASKED)
    assert (spec.table.rows, spec.given.rows) == (2_400, ROWS)
    assert spec.rows_words == "2,400 of 3,000 rows"
    given, drawn = (open_table(link.hash, workspace) for link in (spec.given, spec.table))
    rows = load_drawn(spec.table.hash, workspace)
    assert not (rows % 10 == 0).any()
    assert drawn.equals(given.take(pa.array(rows)).combine_chunks())
    assert "2,700 with a target" in spec.table.settings[drawn_rows.DRAWN]
    assert load_info(spec.table.hash, workspace).rows == 2_400


def test_a_short_table_is_left_alone(workspace: Path) -> None:
    spec, _ = stored_run(workspace, long_table(), changed(ASKED, most_rows=ROWS))
    assert spec.whole is None and spec.given == spec.table
    few, _ = stored_run(workspace, long_table(), changed(ASKED, most_rows=2_800))
    assert few.whole is None  # only 2,700 rows have a target


def notes(run: tuple[RunSpec, Schema], root: Path) -> str:
    data = prepare_run_data(*run, root, 1)
    return next(opening_remarks(*run, data, TimeBudget(None, 1, 0.0))).message


def test_the_run_says_who_learns_from_what(workspace: Path) -> None:
    run = stored_run(workspace, long_table(), ASKED)
    said = notes(run, workspace)
    assert "2,400 of 3,000 rows" in said and "240 test" in said
    assert "Networks train on other rows of all 3,000" in said


@pytest.mark.parametrize("change", [{"group": "shop"}, {"time": "number"}, {"copies": "together"}])
def test_what_must_not_be_parted_leaves_networks_the_drawn_rows(
    workspace: Path, change: dict[str, Any]
) -> None:
    table = long_table(shop=[f"s{i % 50}" for i in range(ROWS)])
    run = stored_run(workspace, table, changed(ASKED, **change))
    assert prepare_run_data(*run, workspace, 1).link.whole == ""
    assert "Networks train on the same" in notes(run, workspace)


def test_a_long_test_table_is_drawn_from_too(workspace: Path) -> None:
    stored_run(workspace, long_table(), ASKED)
    info = load_info(stored_run(workspace, long_table(), ASKED)[0].given.hash, workspace)
    spec, _ = stored_run(
        workspace, long_table(), TrainRequest("y", changed(ASKED, most_rows=500).options, test=info)
    )
    assert spec.test is not None and spec.test.rows == 500


def test_numbers_that_are_gone_are_said(workspace: Path) -> None:
    spec, _ = stored_run(workspace, long_table(), ASKED)
    save_drawn(spec.table.hash, np.arange(3), workspace)
    assert load_drawn(spec.table.hash, workspace).tolist() == [0, 1, 2]
    (workspace / "tables" / f"{spec.table.hash}.drawn.npy").write_bytes(b"no array")
    with pytest.raises(TableError, match="no longer known"):
        load_drawn(spec.table.hash, workspace)
