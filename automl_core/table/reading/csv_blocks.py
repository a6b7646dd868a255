"""Delimited UTF-8 text as blocks of string columns, by one of two readers.

Arrow's reader is fast and takes rows of equal length only; Python's repairs ragged rows. Neither
holds more than a few blocks of the file. Knows nothing of types.
"""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pa_csv

from automl_core.errors import TableError
from automl_core.table import Meter
from automl_core.table.reading.settings import ReadSettings

MAX_COLUMNS = 20_000
LONGEST_CELL = 64 * 2**20
"""Characters; a longer cell is a quote that was never closed."""

_BLOCK = 8 * 2**20  # bytes
_BATCH = 50_000  # rows, of a narrow table
_BATCH_CELLS = 2_000_000

Blocks = Generator[tuple[list[str], list[pa.Array]], None, None]
"""Names (the same each time; "" where the file has none) and columns of strings, "" or null
where a cell is empty."""


class NeedsCareError(Exception):
    """A row that Arrow's reader does not take as a person would."""


class UnclosedQuoteError(Exception):
    """A quote that is never closed took far more than a cell."""


def fast_blocks(path: Path, settings: ReadSettings, meter: Meter) -> Blocks:
    """The blocks as Arrow reads them; raises NeedsCareError where, perhaps late, it should not."""
    with path.open("rb") as file:
        head = file.read(2**20)
    if len(settings.delimiter.encode()) > 1 or len(settings.quote.encode()) > 1:
        raise NeedsCareError
    if settings.quote and _blanks_before_quotes(head.decode("utf-8", "replace"), settings):
        raise NeedsCareError  # a quote after a blank opens a cell for people, not for Arrow
    meter.begin(path.stat().st_size)
    # A file of Arrow's own: it is read ahead by threads that must not need the interpreter.
    try:
        with pa.OSFile(str(path)) as file, _opened(file, settings, head) as reader:
            yield from _named(_strings(reader, file, meter), settings)
    except (pa.ArrowInvalid, pa.ArrowKeyError):
        raise NeedsCareError from None


def _blanks_before_quotes(head: str, settings: ReadSettings) -> bool:
    """True if cells begin with a blank and then a quote; inside of a quoted cell it is text."""
    if not re.search(re.escape(settings.delimiter) + " +" + re.escape(settings.quote), head):
        return False
    lines = head.splitlines(keepends=True)[settings.skip_rows :][:-1] or [head]
    rows, again = (
        csv.reader(
            lines, delimiter=settings.delimiter, quotechar=settings.quote, skipinitialspace=skip
        )
        for skip in (False, True)
    )
    try:
        return any(
            len(a) != len(b) or any(x.strip() != y.strip() for x, y in zip(a, b, strict=True))
            for a, b in zip(rows, again, strict=True)
        )
    except (csv.Error, ValueError):  # so different that not even the number of rows agrees
        return True


def _opened(file: Any, settings: ReadSettings, head: bytes) -> Any:
    return pa_csv.open_csv(
        file,
        read_options=pa_csv.ReadOptions(
            autogenerate_column_names=True, skip_rows=settings.skip_rows, block_size=_BLOCK
        ),
        parse_options=pa_csv.ParseOptions(
            delimiter=settings.delimiter,
            quote_char=settings.quote or False,
            newlines_in_values=bool(settings.quote),
        ),
        convert_options=pa_csv.ConvertOptions(
            column_types={f"f{i}": pa.string() for i in range(_width(head))},
            strings_can_be_null=True,
            null_values=[""],
        ),
    )


def _width(head: bytes) -> int:
    """An upper bound of the number of columns, from the longest of the first lines."""
    lines = head.split(b"\n", 50)[:50]
    return min(MAX_COLUMNS + 1, max(len(line) for line in lines) + 1)


def _strings(reader: Any, file: Any, meter: Meter) -> Iterator[list[pa.Array]]:
    for batch in reader:
        meter.at(file.tell())
        if any(not pa.types.is_string(kind) for kind in batch.schema.types):
            raise NeedsCareError
        if batch.num_rows:
            yield batch.columns


def _named(blocks: Iterator[list[pa.Array]], settings: ReadSettings) -> Blocks:
    """The blocks with the names, which are the first row where there is a header."""
    names: list[str] | None = None
    for block in blocks:
        columns = block
        if names is None:
            if len(columns) > MAX_COLUMNS:
                raise too_wide(len(columns))
            names = [""] * len(columns)
            if settings.header:
                names = [column[0].as_py() or "" for column in columns]
                columns = [column.slice(1) for column in columns]
        if len(columns[0]):
            yield names, columns


def careful_blocks(path: Path, settings: ReadSettings, meter: Meter) -> Blocks:
    """The blocks as Python's reader cuts them: short rows are filled with empty cells.

    Raises TableError for a row that is too long, UnclosedQuoteError for a cell that is.
    """
    csv.field_size_limit(LONGEST_CELL)
    meter.begin(path.stat().st_size)
    with path.open("rb") as raw, io.TextIOWrapper(raw, "utf-8-sig", newline="") as file:
        reader = csv.reader(
            itertools.islice(file, settings.skip_rows, None),
            delimiter=settings.delimiter,
            quotechar=settings.quote or None,
            quoting=csv.QUOTE_MINIMAL if settings.quote else csv.QUOTE_NONE,
            skipinitialspace=True,
        )
        try:
            for names, columns in _gather(reader, settings):
                meter.at(raw.tell())
                yield names, columns
        except UnicodeDecodeError:
            raise wrong_encoding("utf-8") from None
        except csv.Error as error:
            if settings.quote and "field limit" in str(error):
                raise UnclosedQuoteError from None
            raise TableError(
                f"The file cannot be read as CSV ({error}).", "Check the delimiter."
            ) from None


def _gather(reader: Any, settings: ReadSettings) -> Blocks:
    rows = (row for row in reader if any(cell.strip() for cell in row) or len(row) > 1)
    first = next(rows, None)
    if first is None:
        return
    second = next(rows, None)
    names = first if settings.header else [""] * len(first)
    if settings.header and second is not None and len(second) == len(first) + 1 and second[-1]:
        names = ["", *first]  # R writes no name above its row names
    if len(names) > MAX_COLUMNS:
        raise too_wide(len(names))
    head = [row for row in ([] if settings.header else [first]) + [second] if row is not None]
    every, start = itertools.chain(head, rows), 0
    size = max(1, min(_BATCH, _BATCH_CELLS // len(names)))
    while batch := list(itertools.islice(every, size)):
        fitted = [_fit(row, len(names), start + i) for i, row in enumerate(batch)]
        start += len(batch)
        yield names, [pa.array(cells, pa.string()) for cells in zip(*fitted, strict=True)]


def _fit(row: list[str], width: int, number: int) -> list[str]:
    if len(row) < width:
        return row + [""] * (width - len(row))
    if len(row) > width and any(cell.strip() for cell in row[width:]):
        raise TableError(
            f"Data row {number + 1:,} has {len(row)} cells, but there are {width} columns.",
            "Check the delimiter and the quote, or mend that row.",
        )
    return row[:width]


def wrong_encoding(encoding: str) -> TableError:
    """The error for a file that is not text in the stated encoding."""
    return TableError(
        f"The file is not {encoding} text.",
        "Choose another encoding: cp1252 for files from Windows, utf-16, or shift_jis.",
    )


def too_wide(columns: int) -> TableError:
    """The error for a file with too many columns."""
    return TableError(
        f"The table has {columns:,} columns; at most {MAX_COLUMNS:,} can be handled.",
        "Check the delimiter, or leave columns out.",
    )
