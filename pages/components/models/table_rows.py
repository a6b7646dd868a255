"""Some rows of a run's table as they are stored, with what was said of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa

from automl_core.files import workspace_of
from automl_core.table import open_table
from pages.components.shared import OpenRun

ROW_COLUMNS = 12  # of the table, the target first
NUMBER = "row of the table"


def table_rows(run: OpenRun, rows: Sequence[int], said: Mapping[str, Sequence[str]]) -> pa.Table:
    """The rows by their numbers in the stored table; `said` stands behind the target.

    A name in `said` that is a column of the table is left out. Raises TableError where the table
    is gone.
    """
    table = open_table(run.spec.table.hash, workspace_of(run.folder.path))
    names = list(dict.fromkeys((run.spec.target, *table.column_names)))[:ROW_COLUMNS]
    wanted = table.select(names)  # slices: taking rows would go through all of a long table
    there = [place for place, row in enumerate(rows) if row < table.num_rows]
    parts = [wanted.slice(rows[place], 1) for place in there]
    shown = pa.concat_tables(parts or [wanted.slice(0, 0)])
    numbers = pa.array([rows[place] + 1 for place in there], pa.int64())
    shown = shown.add_column(0, NUMBER, numbers)
    at = 2
    for name, values in said.items():
        if name not in shown.column_names:
            shown = shown.add_column(at, name, pa.array([values[i] for i in there], pa.string()))
            at += 1
    return shown
