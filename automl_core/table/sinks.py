"""Sinks for the rows of a file while it is read: memory here, the table store in store.py.

Knows nothing of files or of what the rows mean.
"""

from __future__ import annotations

from typing import Protocol

import pyarrow as pa


class Sink(Protocol):
    """Takes the rows of one table, batch by batch."""

    def begin(self, schema: pa.Schema) -> None:
        """A table with these columns, of plain types; a table begun before is dropped."""

    def write(self, batch: pa.RecordBatch) -> None:
        """More rows of the table that was begun last."""


class MemorySink:
    """Keeps the rows in memory."""

    def __init__(self) -> None:
        self._schema = pa.schema([])
        self._batches: list[pa.RecordBatch] = []

    def begin(self, schema: pa.Schema) -> None:
        """A table with these columns; a table begun before is dropped."""
        self._schema, self._batches = schema, []

    def write(self, batch: pa.RecordBatch) -> None:
        """More rows."""
        self._batches.append(batch)

    def table(self) -> pa.Table:
        """The rows that were written since the last `begin`."""
        return pa.Table.from_batches(self._batches, self._schema)


def pour_table(table: pa.Table, sink: Sink) -> None:
    """A whole table of plain types into a sink."""
    sink.begin(table.schema)
    for batch in table.to_batches():
        sink.write(batch)
