"""CSV and its kin: text with delimiters to a table of numbers and strings, block by block.

The types are guessed from the first block; where a later one contradicts, the rest of the file
is only looked at, and then read once more with the types that it has. Knows nothing of roles;
"?" or "NA" stay text here and make their column one of text.
"""

from __future__ import annotations

import codecs
import dataclasses
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

import pyarrow as pa

from automl_core.errors import TableError
from automl_core.files import workspace
from automl_core.table.cells import trimmed
from automl_core.table.csv_blocks import (
    Blocks,
    NeedsCareError,
    UnclosedQuoteError,
    careful_blocks,
    fast_blocks,
    wrong_encoding,
)
from automl_core.table.kinds import CHUNK
from automl_core.table.names import clean_names
from automl_core.table.number_text import Kind, read_block
from automl_core.table.progress import Meter
from automl_core.table.settings import ReadSettings
from automl_core.table.sinks import Sink

_THREADS = 4  # columns of a block that are typed at once; Arrow needs no interpreter for it
Reader = Callable[[Path, ReadSettings, Meter], Blocks]


def pour_delimited(path: Path, settings: ReadSettings, sink: Sink, meter: Meter) -> None:
    """The table in the file into the sink: every column int64, float64 or string.

    Empty cells are null. A column is numeric where each filled cell is a number without
    leading zeros. Short rows are filled with nulls. The sink never sees `begin` where there
    are no rows. Raises TableError for a row that is too long and for text that is not in the
    stated encoding.
    """
    with _as_utf8(path, settings.encoding, meter) as text:
        try:
            try:
                last = _pour(fast_blocks, text, settings, sink, meter)
            except NeedsCareError:
                last = _pour(careful_blocks, text, settings, sink, meter)
            closed = not settings.quote or not _swallowed(text, last, settings.quote)
        except UnclosedQuoteError:
            closed = False
        if not closed:
            _pour(careful_blocks, text, dataclasses.replace(settings, quote=""), sink, meter)


def _pour(
    reader: Reader, path: Path, settings: ReadSettings, sink: Sink, meter: Meter
) -> list[str]:
    """All blocks into the sink, as often as it takes; the cells of the last row."""
    written, found, last = _pass(reader(path, settings, meter), settings.decimal, sink, None)
    if written != [kind.type for kind in found]:
        _pass(reader(path, settings, meter), settings.decimal, sink, found)
    return last


def _pass(
    blocks: Blocks, decimal: str, sink: Sink, known: list[Kind] | None
) -> tuple[list[pa.DataType], list[Kind], list[str]]:
    """One pass: the types that were written, what the cells are, the last row.

    Writes until a block has cells of another type than was written.
    """
    found, last = known or [], list[pa.Array]()
    written: list[pa.DataType] = []
    schema = pa.schema([])
    with closing(blocks), ThreadPoolExecutor(_THREADS) as pool:
        for names, columns in blocks:
            last = columns
            found = found or [Kind.EMPTY] * len(columns)
            read = list(pool.map(partial(_typed, decimal), columns, found))
            found = [kind for kind, _ in read]
            types = [kind.type for kind in found]
            if not written:
                written = types
                schema = pa.schema(list(zip(clean_names(names), types, strict=True)))
                sink.begin(schema)
            if types == written:
                sink.write(pa.RecordBatch.from_arrays([a for _, a in read], schema=schema))
    return written, found, [str(column[-1].as_py() or "") for column in last]


def _typed(decimal: str, column: pa.Array, known: Kind) -> tuple[Kind, pa.Array]:
    return read_block(trimmed(column), known, decimal)


@contextmanager
def _as_utf8(path: Path, encoding: str, meter: Meter) -> Iterator[Path]:
    try:
        known = codecs.lookup(encoding).name
    except (LookupError, ValueError):
        raise TableError(
            f"The encoding {encoding!r} is not known.", "Try utf-8, cp1252 or utf-16."
        ) from None
    if known in ("utf-8", "utf-8-sig", "ascii"):
        yield path
        return
    folder = workspace() / "scratch"
    folder.mkdir(parents=True, exist_ok=True)
    size = path.stat().st_size
    meter.begin(size, ahead=size)
    with tempfile.NamedTemporaryFile(dir=folder, prefix="utf8-") as scratch:
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            with path.open("rb") as file:
                while chunk := file.read(CHUNK):
                    scratch.write(decoder.decode(chunk).encode())
                    meter.at(file.tell())
                scratch.write(decoder.decode(b"", final=True).encode())
        except (UnicodeError, AttributeError, TypeError):
            raise wrong_encoding(encoding) from None
        scratch.flush()
        yield Path(scratch.name)


def _swallowed(path: Path, last: list[str], quote: str) -> bool:
    """Whether a quote that is never closed took the rest of the file into one cell."""
    if not any("\n" in cell or "\r" in cell for cell in last):
        return False
    with path.open("rb") as file:
        chunks = iter(lambda: file.read(CHUNK), b"")
        return sum(chunk.count(quote.encode()) for chunk in chunks) % 2 == 1
