"""CSV and its kin: text with delimiters to a table of numbers and strings, block by block.

The types are guessed from the first block; where a later one contradicts, the rest of the file
is only looked at, and then read once more with the types that it has. Knows nothing of roles;
"?" or "NA" stay text here and make their column one of text, and so do numbers such as 2.629
whose mark may group thousands: a parse rule says what they mean.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from automl_core.table import Meter, Sink, SourceFormat, clean_names, trimmed
from automl_core.table.reading.column_types import Kind, read_block
from automl_core.table.reading.csv_blocks import (
    Blocks,
    NeedsCareError,
    UnclosedQuoteError,
    careful_blocks,
    fast_blocks,
)
from automl_core.table.reading.delimiter import plain_delimiter
from automl_core.table.reading.file_type import CHUNK
from automl_core.table.reading.header_row import can_repeat
from automl_core.table.reading.settings import ReadSettings
from automl_core.table.reading.utf8_copy import utf8_copy

_THREADS = 4  # columns of a block that are typed at once; Arrow needs no interpreter for it
Reader = Callable[[Path, ReadSettings, Meter], Blocks]
Types = Callable[[list[str], list[Kind]], list[pa.DataType]]


def pour_delimited(
    path: Path,
    settings: ReadSettings,
    sink: Sink,
    meter: Meter,
    source_format: SourceFormat | None = None,
) -> int:
    """The table in the file into the sink: every column int64, float64 or string.

    Empty cells are null. A column is numeric where each filled cell is a number without
    leading zeros. Columns that have neither a name nor a cell are left out, unless `source_format`
    names them. Short rows are filled with nulls, rows without a filled cell left out, and so are
    the row of units, the footer that the settings name and rows that are the header once more:
    their number is returned. The sink never sees `begin` where there
    are no rows. `source_format` says which columns stay text where their marks leave a doubt, as
    their rules decide. Raises TableError for a row that is too long and for text that is
    not in the stated encoding.
    """
    with utf8_copy(path, settings, meter) as text:
        settings = dataclasses.replace(settings, delimiter=plain_delimiter(settings.delimiter))
        wanted = source_format.names if source_format else ()

        def pour(reader: Reader, used: ReadSettings) -> tuple[list[str], int]:
            types = partial(_types, settings=used, source_format=source_format)
            return _pour(lambda: reader(text, used, meter), used.decimal, types, sink, wanted)

        try:
            try:
                last, repeats = pour(fast_blocks, settings)
            except NeedsCareError:
                last, repeats = pour(careful_blocks, settings)
            closed = not settings.quote or not _swallowed(text, last, settings.quote)
        except UnclosedQuoteError:
            closed = False
        if not closed:
            _, repeats = pour(careful_blocks, dataclasses.replace(settings, quote=""))
    return repeats


def _pour(
    read: Callable[[], Blocks], decimal: str, types: Types, sink: Sink, wanted: Sequence[str]
) -> tuple[list[str], int]:
    """All blocks into the sink, as often as it takes; the last row, and how many are headers."""
    found, complete, last, repeats = _pass(read(), decimal, types, sink, None, wanted)
    if not complete:
        _pass(read(), decimal, types, sink, found, wanted)
    return last, repeats


def _without_headers(raw: list[str], columns: list[pa.Array]) -> tuple[list[pa.Array], int]:
    """The columns without rows that are the header once more, and how many these are."""
    if not can_repeat(raw):
        return columns, 0
    places = np.arange(len(columns[0]))
    for name, column in zip(raw, columns, strict=True):
        taken = column if len(places) == len(column) else column.take(pa.array(places))
        taken = pc.utf8_ltrim(taken, "\ufeff")  # with which each of the files may begin
        same = pc.equal(pc.fill_null(taken, ""), name).to_numpy(zero_copy_only=False)
        places = places[same]
        if not len(places):
            return columns, 0
    kept = np.ones(len(columns[0]), dtype=bool)
    kept[places] = False
    return [column.filter(pa.array(kept)) for column in columns], len(places)


def _pass(
    blocks: Blocks,
    decimal: str,
    types_of: Types,
    sink: Sink,
    known: list[Kind] | None,
    wanted: Sequence[str],
) -> tuple[list[Kind], bool, list[str], int]:
    """One pass: what the cells are, whether all were written with their types, the last row,
    and how many rows were the header once more.

    Writes until the types turn out to be others.
    """
    found, last = known or [], list[pa.Array]()
    written: list[tuple[int, str, pa.DataType]] = []
    complete, repeats = True, 0
    schema = pa.schema([])
    with closing(blocks), ThreadPoolExecutor(_THREADS) as pool:
        for raw, block in blocks:
            last = block
            columns, headers = _without_headers(raw, block)
            repeats += headers
            found = found or [Kind.EMPTY] * len(columns)
            texts = list(pool.map(trimmed, columns))
            read = list(pool.map(partial(read_block, decimal=decimal), texts, found))
            found = [kind for kind, _ in read]
            names = clean_names(raw)
            types = types_of(names, found)
            fields = [
                (i, names[i], kind)
                for i, kind in enumerate(types)
                if raw[i] or not any(raw) or found[i] is not Kind.EMPTY or names[i] in wanted
            ]
            if not written:
                written = fields
                schema = pa.schema([(name, kind) for _, name, kind in fields])
                sink.begin(schema)
            complete = complete and fields == written
            if complete:
                cells = [
                    read[i][1] if read[i][1].type == kind else texts[i] for i, _, kind in fields
                ]
                sink.write(pa.RecordBatch.from_arrays(cells, schema=schema))
    return found, complete, [str(column[-1].as_py() or "") for column in last], repeats


def _types(
    names: list[str], found: list[Kind], settings: ReadSettings, source_format: SourceFormat | None
) -> list[pa.DataType]:
    """The type of each column; text where a mark may part decimals or group thousands."""
    if source_format is not None and source_format.names:  # those that a model knows
        marked = [name in source_format.marked for name in names]
        unclear = [kind.is_unclear and rule for kind, rule in zip(found, marked, strict=True)]
        exact = [name in source_format.exact for name in names]
        unclear = [doubt or text for doubt, text in zip(unclear, exact, strict=True)]
    else:
        proven = any(kind & Kind.FRACTION and not kind.is_text for kind in found)
        # Where semicolons part cells, the comma may be the decimal mark: then points group.
        doubted = settings.delimiter == ";" and not proven
        unclear = [kind.may_group or (kind.is_unclear and doubted) for kind in found]
    return [pa.string() if doubt else kind.type for kind, doubt in zip(found, unclear, strict=True)]


def _swallowed(path: Path, last: list[str], quote: str) -> bool:
    """True if a quote that is never closed took the rest of the file into one cell."""
    if not any("\n" in cell or "\r" in cell for cell in last):
        return False
    with path.open("rb") as file:
        chunks = iter(lambda: file.read(CHUNK), b"")
        return sum(chunk.count(quote.encode()) for chunk in chunks) % 2 == 1
