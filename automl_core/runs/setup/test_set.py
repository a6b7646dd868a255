"""The test set of a run: rows apart from training and validation, scored once, at the end.

A part of the run's own table, or a table of its own that the user named.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa

from automl_core.errors import SpecError, TableError
from automl_core.runs.executor import DataLink
from automl_core.runs.setup.duplicates import rows_also_in
from automl_core.runs.setup.targets import Targets
from automl_core.splitting import RowIndex
from automl_core.table import TableInfo, open_table, put_table, renamed_words, with_names_of
from automl_core.table.parsing import parse_weights

NAMED = 5  # columns that a message lists
RENAMED = "renamed"  # of a test table's settings: which of its columns have other names


@dataclass(frozen=True, eq=False)
class TestSet:
    """`rows` of the table that `link` names, and the truth about all of its rows."""

    link: DataLink
    rows: RowIndex
    truth: Targets
    repeated: int = 0  # of these rows, in a table of its own, are in the table that trains as well


def separate(link: DataLink, table: str, trains: RowIndex) -> TestSet:
    """The rows of another stored table that have a target; `link` is that of the run.

    `trains` are the rows of the run's own table that train or validate.

    Raises TableError or SpecError where they cannot be scored.
    """
    stored = open_table(table, Path(link.root))
    check_test_table(stored, [c.name for c in link.columns], link.target)
    y, present = link.coder.encode(stored[link.target])
    rows = np.flatnonzero(present).astype(np.int64)
    if not len(rows):
        raise TableError(
            f"No row of the test table has a value of {link.target!r} that occurs in training.",
            "Give a test table with the same target, or none.",
        )
    weight = None
    if link.weight is not None and link.weight.name in stored.column_names:
        weight = parse_weights(stored[link.weight.name], link.weight)
    names = [*(c.name for c in link.columns), link.target]
    again = rows_also_in(open_table(link.table, Path(link.root)), trains, stored, names)[rows]
    # to predict takes no weight, which the test table may lack
    other = replace(link, table=table, weight=None)
    return TestSet(other, rows, Targets(y, weight), int(again.sum()))


def in_training_names(info: TableInfo, names: Sequence[str], root: Path) -> TableInfo:
    """The stored test table with the names of the table that trains, where they match.

    A table whose names are written otherwise is stored again; its settings say what was renamed.
    """
    given = open_table(info.hash, root)
    named = with_names_of(given, names)
    pairs = zip(named.column_names, given.column_names, strict=True)
    words = " ".join(renamed_words(name, other) for name, other in pairs if name != other)
    if not words:
        return info
    return replace(info, hash=put_table(named, root), settings=info.settings | {RENAMED: words})


def check_test_table(table: pa.Table, columns: Sequence[str], target: str) -> None:
    """Raises SpecError where the table lacks the target, or a column that models read."""
    have = set(table.column_names)
    if target not in have:
        raise SpecError(
            f"The test table has no column {target!r}, which is the target. It has "
            f"{_listed(table.column_names)}.",
            "A test table needs the same columns as the table that trains.",
        )
    lacking = [name for name in columns if name not in have]
    if lacking:
        raise SpecError(
            f"The test table lacks {_listed(lacking)}.",
            "A test table needs the same columns as the table that trains.",
        )


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(repr(name) for name in names[:NAMED]) + more
