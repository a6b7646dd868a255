"""Parquet, Feather, Arrow IPC and ORC files to plain columns, a batch at a time.

Every batch is checked before it is used: damage may hide in offsets and texts. Knows nothing
of roles.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa

from automl_core.errors import TableError
from automl_core.table import Meter, Sink, binary_columns, plain_table

_BATCH = 65_536  # rows of a Parquet file at a time
_ROW_LABELS = re.compile(r"__index_level_\d+__")
_DAMAGE = (pa.ArrowException, OSError, ValueError, KeyError, OverflowError)
ARROW_FILE = b"ARROW1\x00\x00"
"""What a Feather or Arrow IPC file begins with; streams have no such mark."""
Batches = Callable[[BinaryIO], Iterator[pa.RecordBatch]]


def pour_parquet(path: Path, sink: Sink, meter: Meter) -> tuple[str, ...]:
    """The file's batches, row group by row group; the columns that were left out: no text."""
    return _pour("Parquet", _parquet_batches, path, sink, meter)


def pour_arrow(path: Path, sink: Sink, meter: Meter) -> tuple[str, ...]:
    """The batches of a Feather (version 2) or Arrow IPC file or stream, as `pour_parquet`."""
    return _pour("Arrow", _arrow_batches, path, sink, meter)


def pour_orc(path: Path, sink: Sink, meter: Meter) -> tuple[str, ...]:
    """The stripes of an ORC file, as `pour_parquet`."""
    return _pour("ORC", _orc_batches, path, sink, meter)


def _pour(title: str, batches: Batches, path: Path, sink: Sink, meter: Meter) -> tuple[str, ...]:
    """All batches; again from the start where bytes turn up in a column of text."""
    left_out: dict[int, str] = {}
    try:
        while found := _binary(batches, path, left_out, sink, meter):
            left_out |= found
    except _DAMAGE as error:
        reason = str(error).partition("\n")[0][:120]
        raise TableError(
            f"The {title} file is damaged or cannot be read ({reason}).", "Write it again."
        ) from None
    return tuple(left_out.values())


def _binary(
    batches: Batches, path: Path, left_out: dict[int, str], sink: Sink, meter: Meter
) -> dict[int, str]:
    """Writes all columns but those left out; the first that turn out to be binary end it."""
    meter.begin(path.stat().st_size)
    begun = False
    # A file object, so that nothing is read into the name of a path.
    with path.open("rb") as opened:
        for batch in batches(opened):
            batch.validate(full=True)
            # A frame's nameless row labels, written by pandas beside the columns, are no column.
            kept = [
                i
                for i, name in enumerate(batch.schema.names)
                if i not in left_out and not _ROW_LABELS.fullmatch(name)
            ]
            table = pa.Table.from_batches([batch.select(kept)])
            binary = {kept[i]: table.column_names[i] for i in binary_columns(table)}
            if len(binary) == len(kept) > 0:
                raise TableError(
                    f"The column {next(iter(binary.values()))!r} holds binary data, and no other "
                    f"column is left.",
                    "Write text or numbers into the file.",
                )
            if binary:
                return binary
            plain = plain_table(table)
            if not begun and plain.num_columns:
                sink.begin(plain.schema)
                begun = True
            for part in plain.to_batches():
                sink.write(part)
            meter.at(opened.tell())
    return {}


def _parquet_batches(file: BinaryIO) -> Iterator[pa.RecordBatch]:
    import pyarrow.parquet as pq

    yield from pq.ParquetFile(file, page_checksum_verification=True).iter_batches(_BATCH)


def _arrow_batches(file: BinaryIO) -> Iterator[pa.RecordBatch]:
    named = file.read(len(ARROW_FILE)) == ARROW_FILE
    file.seek(0)
    if not named:
        yield from pa.ipc.open_stream(file)
        return
    reader = pa.ipc.open_file(file)
    for number in range(reader.num_record_batches):
        yield reader.get_batch(number)


def _orc_batches(file: BinaryIO) -> Iterator[pa.RecordBatch]:
    from pyarrow import orc

    reader = orc.ORCFile(file)
    for number in range(reader.nstripes):
        yield reader.read_stripe(number)
