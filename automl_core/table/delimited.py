"""CSV and its kin: text with delimiters to a table of numbers and strings.

Knows nothing of roles; "?" or "NA" stay text here and make their column one of text.
"""

from __future__ import annotations

import codecs
import csv
import dataclasses
import itertools
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from automl_core.errors import TableError
from automl_core.files import workspace
from automl_core.table.cells import NUMBER, trimmed
from automl_core.table.kinds import CHUNK
from automl_core.table.names import clean_names
from automl_core.table.settings import ReadSettings

MAX_COLUMNS = 20_000
_BLOCK = 16 * 2**20
_BATCH = 50_000


def read_delimited(path: Path, settings: ReadSettings) -> pa.Table:
    """The table in the file: every column int64, float64 or string, empty cells null.

    A column is numeric where each filled cell is a number without leading zeros. Short rows
    are filled with nulls. Raises TableError for a row that is too long, for text that is
    not in the stated encoding, and for a file without rows.
    """
    with _as_utf8(path, settings.encoding) as text:
        names, columns = _fast(text, settings) or _careful(text, settings)
        if settings.quote and _swallowed(text, columns, settings.quote):
            names, columns = _careful(text, dataclasses.replace(settings, quote=""))
    columns = [_typed(trimmed(column), settings.decimal) for column in columns]
    return pa.table(columns, names=clean_names(names))


@contextmanager
def _as_utf8(path: Path, encoding: str) -> Iterator[Path]:
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
    with tempfile.NamedTemporaryFile(dir=folder, prefix="utf8-") as scratch:
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            with path.open("rb") as file:
                while chunk := file.read(CHUNK):
                    scratch.write(decoder.decode(chunk).encode())
                scratch.write(decoder.decode(b"", final=True).encode())
        except (UnicodeError, AttributeError, TypeError):
            raise _wrong_encoding(encoding) from None
        scratch.flush()
        yield Path(scratch.name)


def _swallowed(path: Path, columns: list[Any], quote: str) -> bool:
    """Whether a quote that is never closed took the rest of the file into one cell."""
    last = [str(column[-1].as_py() or "") for column in columns if len(column)]
    if not any("\n" in cell or "\r" in cell for cell in last):
        return False
    with path.open("rb") as file:
        chunks = iter(lambda: file.read(CHUNK), b"")
        return sum(chunk.count(quote.encode()) for chunk in chunks) % 2 == 1


def _wrong_encoding(encoding: str) -> TableError:
    return TableError(
        f"The file is not {encoding} text.",
        "Choose another encoding: cp1252 for files from Windows, utf-16, or shift_jis.",
    )


def _fast(path: Path, settings: ReadSettings) -> tuple[list[str], list[Any]] | None:
    """Names and string columns by Arrow's reader; None where a row needs more care."""
    with path.open("rb") as file:
        head = file.read(2**20)
    mark = re.escape(settings.delimiter.encode())
    if settings.quote and re.search(mark + b" +" + re.escape(settings.quote.encode()), head):
        return None  # a quote after a blank opens a cell for people, not for Arrow
    if len(settings.delimiter.encode()) > 1 or len(settings.quote.encode()) > 1:
        return None
    try:
        reader = pa_csv.read_csv(
            path,
            read_options=pa_csv.ReadOptions(
                autogenerate_column_names=True, skip_rows=settings.skip_rows, block_size=_BLOCK
            ),
            parse_options=pa_csv.ParseOptions(
                delimiter=settings.delimiter,
                quote_char=settings.quote or False,
                newlines_in_values=bool(settings.quote) and settings.quote.encode() in head,
            ),
            convert_options=pa_csv.ConvertOptions(
                column_types={f"f{i}": pa.string() for i in range(_width(head))},
                strings_can_be_null=True,
                null_values=[""],
            ),
        )
    except (pa.ArrowInvalid, pa.ArrowKeyError):
        return None
    if any(not pa.types.is_string(kind) for kind in reader.schema.types):
        return None
    return _with_names(reader, settings)


def _width(head: bytes) -> int:
    """An upper bound of the number of columns, from the longest of the first lines."""
    lines = head.split(b"\n", 50)[:50]
    return min(MAX_COLUMNS + 1, max(len(line) for line in lines) + 1)


def _with_names(table: pa.Table, settings: ReadSettings) -> tuple[list[str], list[Any]]:
    if table.num_columns > MAX_COLUMNS:
        raise _too_wide(table.num_columns)
    if not settings.header:
        return [""] * table.num_columns, table.columns
    if table.num_rows < 2:
        raise _no_rows()
    names = [column[0].as_py() or "" for column in table.columns]
    return names, table.slice(1).columns


def _careful(path: Path, settings: ReadSettings) -> tuple[list[str], list[Any]]:
    """Names and string columns by Python's reader, which can mend ragged rows."""
    csv.field_size_limit(2**31 - 1)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = itertools.islice(file, settings.skip_rows, None)
            reader = csv.reader(
                lines,
                delimiter=settings.delimiter,
                quotechar=settings.quote or None,
                quoting=csv.QUOTE_MINIMAL if settings.quote else csv.QUOTE_NONE,
                skipinitialspace=True,
            )
            return _gather(reader, settings)
    except UnicodeDecodeError:
        raise _wrong_encoding("utf-8") from None
    except csv.Error as error:
        raise TableError(
            f"The file cannot be read as CSV ({error}).", "Check the delimiter."
        ) from None


def _gather(reader: Any, settings: ReadSettings) -> tuple[list[str], list[Any]]:
    rows = (row for row in reader if any(cell.strip() for cell in row) or len(row) > 1)
    first = next(rows, None)
    if first is None:
        raise _no_rows()
    second = next(rows, None)
    names = first if settings.header else [""] * len(first)
    if settings.header and second is None:
        raise _no_rows()
    if settings.header and second is not None and len(second) == len(first) + 1 and second[-1]:
        names = ["", *first]  # R writes no name above its row names
    if len(names) > MAX_COLUMNS:
        raise _too_wide(len(names))
    head = [row for row in ([] if settings.header else [first]) + [second] if row is not None]
    batches: list[list[pa.Array]] = []
    every = itertools.chain(head, rows)
    while batch := list(itertools.islice(every, _BATCH)):
        start = len(batches) * _BATCH
        fitted = [_fit(row, len(names), start + i) for i, row in enumerate(batch)]
        batches.append([pa.array(cells, pa.string()) for cells in zip(*fitted, strict=True)])
    return names, [pa.chunked_array(list(chunks)) for chunks in zip(*batches, strict=True)]


def _fit(row: list[str], width: int, number: int) -> list[str]:
    if len(row) < width:
        return row + [""] * (width - len(row))
    if len(row) > width and any(cell.strip() for cell in row[width:]):
        raise TableError(
            f"Data row {number + 1:,} has {len(row)} cells, but there are {width} columns.",
            "Check the delimiter and the quote, or mend that row.",
        )
    return row[:width]


def _no_rows() -> TableError:
    return TableError(
        "The file has no rows of data: at most a header.", "Upload a table with rows."
    )


def _too_wide(columns: int) -> TableError:
    return TableError(
        f"The table has {columns:,} columns; at most {MAX_COLUMNS:,} can be handled.",
        "Check the delimiter, or leave columns out.",
    )


def _typed(text: pa.ChunkedArray, decimal: str) -> pa.ChunkedArray:
    """The column as int64 or float64 where every filled cell is a plain number."""
    if text.null_count == len(text):
        return text
    plain = text
    if decimal != ".":
        plain = pc.if_else(
            pc.match_substring(text, "."), "no", pc.replace_substring(text, ",", ".")
        )
    if not pc.all(pc.match_substring_regex(pc.drop_null(plain.slice(0, 500)), NUMBER)).as_py():
        return text
    try:
        numbers = plain.cast(pa.float64())
    except pa.ArrowInvalid:
        return text
    if not pc.all(pc.is_finite(numbers)).as_py():  # the words nan and inf
        return text
    if pc.any(pc.match_substring_regex(plain, r"^[+-]?0\d")).as_py():
        return text
    try:
        return plain.cast(pa.int64())
    except pa.ArrowInvalid:
        pass
    long = pc.max(pc.utf8_length(plain)).as_py() > 16
    if long and pc.any(pc.match_substring_regex(plain, r"^[+-]?\d{17,}$")).as_py():
        return text  # a float would lose digits of what must be a key
    return numbers
