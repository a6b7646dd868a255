"""Delimited UTF-8 text as blocks of string columns, by one of two readers.

Arrow's reader is fast and takes rows of equal length only; Python's repairs ragged rows. Neither
holds more than a few blocks of the file. Knows nothing of types.
"""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections import Counter, deque
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from automl_core.errors import TableError
from automl_core.table import Meter, shown
from automl_core.table.reading.header_groups import joined_header
from automl_core.table.reading.settings import ReadSettings
from automl_core.table.reading.utf8_copy import wrong_encoding

MAX_COLUMNS = 20_000
LONGEST_CELL = 64 * 2**20
"""Characters; a longer cell is a quote that was never closed."""

_BLOCK = 8 * 2**20  # bytes
_BATCH = 50_000  # rows, of a narrow table
_BATCH_CELLS = 2_000_000
_TAIL = 2**16  # bytes at the end, where the footer is
_SHOWN = 120  # characters of a row in a message

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
    misfits = _Misfits(path, settings.footer_rows)
    # A file of Arrow's own: it is read ahead by threads that must not need the interpreter.
    try:
        with pa.OSFile(str(path)) as file, _opened(file, settings, head, misfits) as reader:
            blocks = _named(_without_blank_rows(_strings(reader, file, meter)), settings)
            yield from _without_last(blocks, settings.footer_rows, misfits)
    except (pa.ArrowInvalid, pa.ArrowKeyError):
        raise NeedsCareError from None


class _Misfits:
    """Rows of the footer that have another number of cells than the table."""

    def __init__(self, path: Path, most: int) -> None:
        self._path, self._most = path, most
        self._texts = list[str]()

    def __call__(self, row: Any) -> str:
        self._texts.append(row.text.strip())
        return "skip" if len(self._texts) <= self._most else "error"

    def left(self) -> int:
        """The rows of the footer that are no misfits.

        Raises NeedsCareError where a misfit is not among the last lines of the file.
        """
        if not self._texts:
            return self._most
        with self._path.open("rb") as file:
            file.seek(max(0, self._path.stat().st_size - _TAIL))
            lines = file.read().decode("utf-8", "replace").splitlines()
        last = [line.strip() for line in lines if line.strip()][-self._most :]
        if any(text not in last for text in self._texts):
            raise NeedsCareError
        return self._most - len(self._texts)


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


def _opened(file: Any, settings: ReadSettings, head: bytes, misfits: _Misfits) -> Any:
    return pa_csv.open_csv(
        file,
        read_options=pa_csv.ReadOptions(
            autogenerate_column_names=True, skip_rows=settings.skip_rows, block_size=_BLOCK
        ),
        parse_options=pa_csv.ParseOptions(
            delimiter=settings.delimiter,
            quote_char=settings.quote or False,
            newlines_in_values=bool(settings.quote),
            invalid_row_handler=misfits if settings.footer_rows else None,
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


def _without_blank_rows(blocks: Iterator[list[pa.Array]]) -> Iterator[list[pa.Array]]:
    """The blocks without rows that have no filled cell."""
    for columns in blocks:
        places = np.flatnonzero(_is_blank(columns[0]))
        for column in columns[1:]:
            if not len(places):
                break
            places = places[_is_blank(column.take(pa.array(places)))]
        if not len(places):
            yield columns
        elif len(places) < len(columns[0]):
            kept = np.ones(len(columns[0]), dtype=bool)
            kept[places] = False
            yield [column.filter(pa.array(kept)) for column in columns]


def _is_blank(cells: pa.Array) -> Any:
    """True (n,) for cells that are empty or only blanks."""
    text = pc.utf8_trim_whitespace(pc.fill_null(cells, ""))
    return pc.equal(text, "").to_numpy(zero_copy_only=False)


def _named(blocks: Iterator[list[pa.Array]], settings: ReadSettings) -> Blocks:
    """The blocks with the names, which are the first row where there is a header."""
    names: list[str] | None = None
    units = settings.units_row
    for block in blocks:
        columns = block
        if names is None:
            if len(columns) > MAX_COLUMNS:
                raise too_wide(len(columns))
            names = [""] * len(columns)
            if settings.header:
                names, columns = _header(columns, settings.header_rows)
        if units and len(columns[0]):
            columns, units = [column.slice(1) for column in columns], False
        if len(columns[0]):
            yield names, columns


def _header(columns: list[pa.Array], rows: int) -> tuple[list[str], list[pa.Array]]:
    """The names in the first rows, and the columns without these."""
    cells = (column.slice(0, rows).to_pylist() for column in columns)
    top = [[cell or "" for cell in row] for row in zip(*cells, strict=True)]
    names = top[0] if rows == 1 else joined_header(top)
    return names, [column.slice(len(top)) for column in columns]


def _without_last(blocks: Blocks, rows: int, misfits: _Misfits) -> Blocks:
    """The blocks but for the last rows, those left out as misfits among them."""
    if not rows:
        yield from blocks
        return
    held, count = list[list[pa.Array]](), 0
    names = list[str]()
    for names, columns in blocks:
        held.append(columns)
        count += len(columns[0])
        while count - len(held[0][0]) >= rows:
            first = held.pop(0)
            count -= len(first[0])
            yield names, first
    count -= misfits.left()
    for columns in held:
        taken = [column.slice(0, max(0, count)) for column in columns]
        count -= len(columns[0])
        if len(taken[0]):
            yield names, taken


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
    rows = (row for row in reader if any(cell.strip() for cell in row))
    first = next(rows, None)
    if first is None:
        return
    if settings.header and settings.header_rows > 1:
        first = joined_header([first, *itertools.islice(rows, settings.header_rows - 1)])
    if settings.header and settings.units_row:
        next(rows, None)
    every = _but_last(rows if settings.header else itertools.chain([first], rows), settings)
    start, size = 0, max(1, min(_BATCH, _BATCH_CELLS // len(first)))
    names = first if settings.header else []
    while batch := list(itertools.islice(every, size)):
        if not start:
            names = _names(first, batch, settings.header)
        fitted = [_fit(row, len(names), start + i) for i, row in enumerate(batch)]
        start += len(batch)
        yield names, [pa.array(cells, pa.string()) for cells in zip(*fitted, strict=True)]


def _but_last(rows: Iterator[list[str]], settings: ReadSettings) -> Iterator[list[str]]:
    """The rows without those of the footer."""
    held = deque[list[str]]()
    for row in rows:
        held.append(row)
        if len(held) > settings.footer_rows:
            yield held.popleft()


def _names(first: list[str], rows: list[list[str]], header: bool) -> list[str]:
    """The names of the columns, "" where the file has none.

    Where most rows have one filled cell more than the header, they begin with row names, above
    which R writes nothing. One long row among others is a fault of this row.
    """
    if header:
        longer = sum(len(row) == len(first) + 1 and bool(row[-1].strip()) for row in rows)
        names = ["", *first] if 2 * longer > len(rows) else first
    else:
        counts = Counter(len(row) for row in rows)
        names = [""] * max(len(first) if len(rows) < 3 else 0, counts.most_common(1)[0][0])
    if len(names) > MAX_COLUMNS:
        raise too_wide(len(names))
    return names


def _fit(row: list[str], width: int, number: int) -> list[str]:
    if len(row) < width:
        return row + [""] * (width - len(row))
    if len(row) > width and any(cell.strip() for cell in row[width:]):
        raise TableError(
            f"Data row {number + 1:,} has {len(row)} cells, but there are {width} columns: "
            f"{shown(' | '.join(row), _SHOWN)}.",
            "Check the delimiter and the quote, or mend that row: is a cell with the delimiter in "
            "it not in quotes?",
        )
    return row[:width]


def too_wide(columns: int) -> TableError:
    """The error for a file with too many columns."""
    return TableError(
        f"The table has {columns:,} columns; at most {MAX_COLUMNS:,} can be handled.",
        "Check the delimiter, or leave columns out.",
    )
