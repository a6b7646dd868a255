"""Files of predictions, written piece by piece: CSV, or Parquet where the name says so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol

import pyarrow as pa
import pyarrow.csv

from automl_core.export import guarded
from automl_core.files import atomic_file, make_folder

PARQUET = (".parquet", ".pq")


class PredictionSink(Protocol):
    """Takes predictions, a piece of the rows at a time, all of the same columns."""

    def write(self, piece: pa.Table) -> None:
        """More rows."""


class _CsvSink:
    def __init__(self, file: BinaryIO, guard_formulas: bool) -> None:
        self._file, self._guard = file, guard_formulas
        self._writer: pa.csv.CSVWriter | None = None

    def write(self, piece: pa.Table) -> None:
        if self._guard:
            piece = guarded(piece)
        if self._writer is None:
            self._writer = pa.csv.CSVWriter(self._file, piece.schema)
        self._writer.write_table(piece)

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()


class _ParquetSink:
    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._writer: pa.parquet.ParquetWriter | None = None

    def write(self, piece: pa.Table) -> None:
        import pyarrow.parquet as pq

        if self._writer is None:
            self._writer = pq.ParquetWriter(self._file, piece.schema)
        self._writer.write_table(piece)

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()


@contextmanager
def open_predictions(path: Path, guard_formulas: bool) -> Iterator[PredictionSink]:
    """A sink whose rows are at `path` once all are written, or not at all.

    `guard_formulas`: as `csv_bytes`, for CSV alone. Raises StorageError where it cannot be written.
    """
    make_folder(path.parent)
    with atomic_file(path) as file:
        parquet = path.suffix.lower() in PARQUET
        sink = _ParquetSink(file) if parquet else _CsvSink(file, guard_formulas)
        yield sink
        sink.close()
