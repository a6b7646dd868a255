"""The columns that a model reads, found in a table whose names may be written otherwise."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from automl_core.errors import ModelError
from automl_core.table import Column, shown, with_names_of

NAMED = 5  # columns that a message lists


def in_model_names(table: pa.Table, columns: Sequence[Column], target: str) -> pa.Table:
    """The table with the columns that the model reads under the names that it knows.

    Raises ModelError where the model reads columns and none of them is there.
    """
    wanted = [column.name for column in columns]
    named = with_names_of(table, [*wanted, target])
    if wanted and not set(wanted) & set(named.column_names):
        raise ModelError(
            f"None of the columns that the model reads is in the table. It reads "
            f"{_listed(wanted)}; the table has {_listed(named.column_names) or 'no column'}.",
            "Give rows with the columns of the training table, under the same names. If the file "
            "was read in another way than it is written, set how it is read.",
        )
    return named


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
    return ", ".join(shown(name) for name in names[:NAMED]) + more
