"""The rows of a run that are at hand, and cells and rows of stored tables."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from automl_core.errors import TableError
from automl_core.runs import row_sources
from automl_core.runs.row_sources import rows_at_hand, stored_cells, stored_rows
from automl_core.splitting import Folds
from tests import small
from tests.finished_run import make_run


def test_rows_by_what_they_were_used_for(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make_run(workspace, "run-a")
    assert len(rows_at_hand(folder, workspace).learned) == 240  # its folds are lost
    rows = np.arange(200)
    folder.save_folds(Folds((rows[:100],), (rows[100:],), np.arange(200, 240), 1))
    found = rows_at_hand(folder, workspace)
    assert found.learned.tolist() == rows.tolist() and found.test.tolist() == [*range(200, 240)]
    assert found.table == found.test_table == folder.spec().table.hash
    monkeypatch.setattr(row_sources, "MOST_COMPARED", 50)
    assert len(found.compared()) == 50
    names = ["age", "no such column", "churned"]
    taken = stored_rows(found.table, workspace, names, [7, 3, 90])
    assert taken.equals(small.table().select(["age", "churned"]).take([7, 3, 90]))
    cells = {c.column: c for c in stored_cells(found.table, workspace, small.schema().columns, 7)}
    assert cells["age"].number == 19.0 and cells["empty"].text is None
    assert cells["note"].text == small.table().column("note")[7].as_py()


def test_a_table_that_is_gone(workspace: Path) -> None:
    assert rows_at_hand(None, workspace).table == ""
    folder = make_run(workspace, "run-a")
    for stored in (workspace / "tables").glob("*.arrow"):
        stored.unlink()
    found = rows_at_hand(folder, workspace)
    assert found.table == "" and not len(found.learned) and not len(found.test)
    with pytest.raises(TableError):
        stored_rows(folder.spec().table.hash, workspace, ["age"], [1])
