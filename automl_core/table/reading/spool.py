"""Rows of one table that come in pieces of different types: kept on disk until all are known.

A query's numbers may turn out to be text in a late row, and files of one schema agree in their
names only. Memory holds one piece; the widest type of each column is known at the end.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from automl_core.files import scratch_folder
from automl_core.limits import bytes_in
from automl_core.table import Sink, canonical_text


class Piece:
    """A sink (see sinks.py): rows of the same types, in a file of the spool."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writer: pa.RecordBatchFileWriter | None = None
        self.schema = pa.schema([])
        self.filled: set[str] = set()  # columns with a value: an empty one has no type yet
        self.rows = 0

    def begin(self, schema: pa.Schema) -> None:
        """Start again with these types; rows of this piece written before are dropped."""
        self.end()
        self._writer = pa.ipc.new_file(str(self._path), schema)
        self.schema, self.filled, self.rows = schema, set(), 0

    def write(self, batch: pa.RecordBatch) -> None:
        """More rows."""
        assert self._writer is not None, "write before begin"
        self._writer.write_batch(batch)
        columns = zip(batch.schema.names, batch.columns, strict=True)
        self.filled |= {name for name, column in columns if column.null_count < len(column)}
        self.rows += batch.num_rows

    def end(self) -> None:
        """Nothing more will be written."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def rename(self, names: dict[str, str]) -> None:
        """Call the columns otherwise: new name to the one that they have now."""
        new = {given: name for name, given in names.items()}
        fields = [field.with_name(new.get(field.name, field.name)) for field in self.schema]
        self.schema = pa.schema(fields)
        self.filled = {new.get(name, name) for name in self.filled}

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The rows that were written, batch by batch."""
        reader = pa.ipc.open_file(pa.memory_map(str(self._path)))
        for i in range(reader.num_record_batches):
            columns = reader.get_batch(i).columns
            yield pa.RecordBatch.from_arrays(columns, schema=self.schema)


class Spool:
    """Pieces of one table, whose columns have the same names in any order.

    A context: what it holds on disk is gone when it ends.
    """

    def __init__(self, root: Path) -> None:
        self._scratch = ExitStack()
        self._folder = self._scratch.enter_context(scratch_folder(root))
        self._pieces: list[Piece] = []

    def __enter__(self) -> Spool:
        return self

    def __exit__(self, *_: object) -> None:
        for piece in self._pieces:
            piece.end()
        self._scratch.close()

    @property
    def rows(self) -> int:
        """Rows of all pieces."""
        return sum(piece.rows for piece in self._pieces)

    @property
    def size(self) -> int:
        """Bytes of all pieces on the disk."""
        return bytes_in(self._folder)

    def piece(self) -> Piece:
        """The next piece, empty."""
        piece = Piece(self._folder / f"{len(self._pieces)}.arrow")
        self._pieces.append(piece)
        return piece

    def pour(self, sink: Sink) -> None:
        """Everything into a sink, each column in the widest of its types."""
        names = self._pieces[0].schema.names
        types = [
            _widest([p.schema.field(name).type for p in self._pieces if name in p.filled])
            for name in names
        ]
        schema = pa.schema([pa.field(n, t) for n, t in zip(names, types, strict=True)])
        sink.begin(schema)
        for piece in self._pieces:
            piece.end()
            for batch in piece.batches():
                columns = [_cast(batch.column(n), t) for n, t in zip(names, types, strict=True)]
                sink.write(pa.RecordBatch.from_arrays(columns, schema=schema))


def _widest(types: Sequence[pa.DataType]) -> pa.DataType:
    """One type that holds the values of all; text where nothing else does."""
    kinds = set(types)
    if len(kinds) <= 1:
        return kinds.pop() if kinds else pa.string()
    if all(pa.types.is_integer(t) for t in kinds):
        return pa.int64()
    if all(pa.types.is_integer(t) or pa.types.is_floating(t) for t in kinds):
        return pa.float64()
    if all(pa.types.is_temporal(t) for t in kinds):
        return pa.timestamp("us")
    return pa.string()


def _cast(values: pa.Array, kind: pa.DataType) -> pa.Array:
    if values.type == kind:
        return values
    if values.null_count == len(values):
        return pa.nulls(len(values), kind)
    if pa.types.is_string(kind):
        return canonical_text(values)
    if pa.types.is_floating(kind):
        return pc.cast(values, kind, safe=False)
    return values.cast(kind)
