"""Rows that are no cases: units or tags below the header, sums and sources at the end, the header
once more.

Looked for where the table begins and ends, and the header anywhere. A row counts only where it
breaks with all others: words in columns of numbers, the sum of all other rows, nothing but a note.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from automl_core.table import (
    MOST_ROWS,
    NUMBER,
    Column,
    Finding,
    FixAction,
    Schema,
    is_text,
    plain_array,
    sample_rows,
    shown,
    trimmed,
)
from automl_core.table.checks.sample import places_of
from automl_core.table.inference import is_missing_mark
from automl_core.table.parsing import parse_column, plain_signs

LOOK = 2_000  # rows that tell what a column holds
NUMBERS = 0.9  # of the other cells of a column that are numbers
LEAST_COLUMNS = 2  # of numbers, in which a row has words
LEAST_ROWS = 8
MOST_AT_END = 8  # rows
MOST_COLUMNS = 300
LONG_NOTE = 20  # letters
EMPTY = 0.2  # share of the rows that have as few cells as a note
NAMES = 0.7  # of the columns, whose cell is their name
SUM_ROWS = 500_000
_SUM = (
    r"(?i)^\W*(grand |sub|over)?\s?(total|totals|sum|sums|all|average|mean|gesamt|insgesamt|summe"
    r"|mittelwert|total general|somme|suma|totale|totaal|итого|всего|合计|总计|計|合計)\b"
)
_NOTE = (
    r"(?i)^\W*(source|sources|note|notes|quelle|quellen|fuente|fuentes|fonte|bron|footnote"
    r"|copyright|©|generated|exported|downloaded|last updated|data from|remark|anmerkung|stand)\b"
    r"|^\s*(\*+|†|‡|\(\d\)|\d\))\s*\p{L}"
)


def stray_rows(table: pa.Table, schema: Schema) -> list[Finding]:
    """Findings on rows of the whole table that are no cases."""
    if table.num_rows < LEAST_ROWS or len(schema.columns) < 2:
        return []
    found = (_units(table, schema), _at_end(table, schema), _header(table, schema))
    return [f for f in found if f is not None]


def _units(table: pa.Table, schema: Schema) -> Finding | None:
    """Words in the first row, in columns whose other cells are numbers."""
    places, head = places_of(table), sample_rows(table.slice(1), LOOK)
    words = {}
    for column in schema.columns[:MOST_COLUMNS]:
        cells = table.column(places[column.name])
        if not is_text(cells.type):
            if pc.is_valid(cells[0]).as_py() and not pa.types.is_null(cells.type):
                return None  # a number: then it is a case
            continue
        first = _word(cells[0])
        if not first or _is_number(first):
            continue
        others = trimmed(plain_array(head.column(places[column.name])))
        if _share(plain_signs(others), NUMBER) >= NUMBERS and not _has(others, first):
            words[column.name] = first
    marks = sum(is_missing_mark(word) for word in words.values())
    if len(words) < LEAST_COLUMNS or marks == len(words):
        return None
    some = ", ".join(f"{shown(n)} is {shown(w)}" for n, w in list(words.items())[:3])
    message = (
        f"The first row holds words in {len(words):,} columns of numbers ({some}): it looks like "
        "units or tags, and is no case."
    )
    fix = "Read the file again without this row."
    action = FixAction("reading", "Read again without it", (), ("units_row", "1"))
    names = tuple(words)
    return Finding("units_row", names, "warning", message, fix, "to_review", action, (0,))


def _at_end(table: pa.Table, schema: Schema) -> Finding | None:
    """Rows at the end with sums of all others, or with nothing but a note."""
    most = min(MOST_AT_END, table.num_rows // 4)
    tail = table.slice(table.num_rows - most)
    filled = _filled(tail, schema)
    width = min(MOST_COLUMNS, len(schema.columns))
    usual = np.median(_filled(sample_rows(table, LOOK), schema))
    sparse = max(1, width // 4)
    notes = 0
    while notes < most and filled[most - 1 - notes] <= sparse and usual > 2 * sparse:
        notes += 1
    kind = "a note"
    if not notes or not _are_notes(table, schema, notes, sparse):
        notes = 0
    body = table.slice(0, table.num_rows - notes)
    summed = _sums(body, schema)
    if summed:
        kind = "a sum and a note" if notes else "the sum of all others"
        notes += 1
    if not notes:
        return None
    rows = tuple(range(table.num_rows - notes, table.num_rows))[:MOST_ROWS]
    words = [w for r in rows for w in _row_words(table, r)[:1]]
    what = "The last row is" if notes == 1 else f"The last {notes} rows are"
    said = f" ({', '.join(shown(w) for w in words[:3])})" if words else ""
    message = f"{what} {kind}{said}: no case to learn from."
    fix = "Read the file again without rows at the end."
    action = FixAction("reading", "Read again without", (), ("footer_rows", str(notes)))
    return Finding("footer", summed, "warning", message, fix, "to_review", action, rows)


def _header(table: pa.Table, schema: Schema) -> Finding | None:
    """Rows that hold the names of their columns, as in files put behind each other."""
    places = places_of(table)
    text = [n for n in schema.names if is_text(table.column(places[n]).type)][:MOST_COLUMNS]
    if len(text) < 2 or len(text) < NAMES * min(len(schema.names), MOST_COLUMNS):
        return None
    rows = _rows_that_say(table.column(places[text[0]]), text[0])
    rows = np.union1d(rows, _rows_that_say(table.column(places[text[1]]), text[1]))
    if not len(rows) or len(rows) > 0.1 * table.num_rows:
        return None
    picked = table.select([places[n] for n in text]).take(pa.array(rows[:10_000]))
    says = np.sum(
        [_flags(_says_name(c, n)) for n, c in zip(text, picked.columns, strict=True)], axis=0
    )
    rows = rows[:10_000][says >= max(2, NAMES * len(text))]
    if not len(rows):
        return None
    many = "one row repeats" if len(rows) == 1 else f"{len(rows):,} rows repeat"
    message = (
        f"The header stands among the rows: {many} the names of the columns, as where files were "
        "put one behind the other. Numbers in such columns are read as words, or a cell is lost."
    )
    fix = "Remove these rows from the file."
    mended = tuple(c.name for c in schema.columns if _would_be_numbers(table, c, places))
    action = None
    if mended:
        action = FixAction("role", "Read numbers as numbers", mended, ("numeric",))
        fix = "Remove these rows; or read the columns as numbers, with these cells missing."
    where = tuple(int(r) for r in rows[:MOST_ROWS])
    kind = "repeated_header"
    return Finding(kind, mended, "warning", message, fix, "to_review", action, where)


def _would_be_numbers(table: pa.Table, column: Column, places: dict[str, int]) -> bool:
    if column.role not in ("category", "id", "text") or column.parse.kind == "number":
        return False
    cells = sample_rows(table.select([places[column.name]]), LOOK).column(0)
    if not is_text(cells.type):
        return False
    others = trimmed(plain_array(cells))
    return _share(others, r"^0\d") == 0 and _share(plain_signs(others), NUMBER) >= NUMBERS


def _rows_that_say(cells: pa.ChunkedArray, name: str) -> NDArray[np.int64]:
    return np.flatnonzero(_flags(_says_name(plain_array(cells), name)))


def _says_name(cells: pa.ChunkedArray, name: str) -> pa.Array:
    """(n,) whether a cell is the column's name, as it was before a second one got a number."""
    base, _, number = name.rpartition("_")
    names = [name, base] if base and number.isdigit() else [name]
    return pc.is_in(pc.utf8_trim_whitespace(cells), pa.array(names, pa.string()))


def _sums(table: pa.Table, schema: Schema) -> tuple[str, ...]:
    """The columns of which the last cell is the sum, or the mean, of all others; () where few."""
    rows, places = table.num_rows, places_of(table)
    if not LEAST_ROWS <= rows <= SUM_ROWS:
        return ()
    said = _says(table.slice(rows - 1), _SUM)
    summed: list[str] = []
    known = 0
    for column in [c for c in schema.columns if c.parse.kind == "number"][:MOST_COLUMNS]:
        numbers = parse_column(table.column(places[column.name]), column.name, column.parse).numbers
        assert numbers is not None
        known += not np.isnan(numbers[-1])
        if _is_sum(numbers[:-1], float(numbers[-1]), said):
            summed.append(column.name)
    enough = len(summed) >= (1 if said else 2) and len(summed) >= 0.5 * known
    return tuple(summed) if enough else ()


def _is_sum(others: NDArray[np.float64], last: float, said: bool) -> bool:
    known = others[~np.isnan(others)]
    if np.isnan(last) or len(known) < LEAST_ROWS - 1 or np.ptp(known) == 0:
        return False
    total = float(known.sum())
    slack = (1e-3 if said else 1e-6) * float(np.abs(known).sum()) + 1e-9
    far = abs(last) > 1.5 * float(np.abs(known).max())
    return far and abs(last - total) <= slack


def _says(rows: pa.Table, *patterns: str) -> bool:
    """True if the first word of each row begins as sums or notes do."""
    for row in range(rows.num_rows):
        words = _row_words(rows, row)
        first = words[0] if words else ""
        if not any(pc.match_substring_regex(pa.scalar(first), p).as_py() for p in patterns):
            return False
    return True


def _row_words(table: pa.Table, row: int) -> list[str]:
    """The cells of a row that hold text."""
    cells = (c[row] for c in table.columns[:MOST_COLUMNS] if is_text(c.type))
    return [w for w in map(_word, cells) if w]


def _filled(table: pa.Table, schema: Schema) -> NDArray[np.int64]:
    """(n,) how many cells of each row hold something."""
    counted = np.zeros(table.num_rows, np.int64)
    places = places_of(table)
    for column in schema.columns[:MOST_COLUMNS]:
        cells = plain_array(table.column(places[column.name]))
        cells = trimmed(cells) if is_text(cells.type) else cells
        counted += _flags(pc.is_valid(cells))
    return counted


def _are_notes(table: pa.Table, schema: Schema, count: int, sparse: int) -> bool:
    """True if the last rows say that they are notes or sums, or are long beside all others."""
    notes, body = table.slice(table.num_rows - count), table.slice(0, table.num_rows - count)
    some = sample_rows(body, LOOK)
    alike = float((_filled(some, schema) <= sparse).mean())
    if alike <= EMPTY and _says(notes, _NOTE, _SUM):
        return True
    if alike > 0:
        return False
    text = [i for i, c in enumerate(notes.columns[:MOST_COLUMNS]) if is_text(c.type)]
    of_note = next((i for i in text if notes.column(i).null_count < count), None)
    if of_note is None:
        return False
    longest = pc.max(pc.utf8_length(some.column(of_note))).as_py() or 0
    shortest = pc.min(pc.utf8_length(notes.column(of_note))).as_py() or 0
    return bool(shortest > max(LONG_NOTE, 1.5 * longest))


def _word(cell: pa.Scalar) -> str:
    value = cell.as_py()
    return str(value).strip() if value is not None else ""


def _is_number(text: str) -> bool:
    return bool(pc.match_substring_regex(plain_signs(pa.array([text])), NUMBER)[0].as_py())


def _has(cells: pa.Array, word: str) -> bool:
    return bool(pc.any(pc.equal(cells, word)).as_py())


def _share(text: Iterable[str], pattern: str) -> float:
    return float(pc.mean(pc.match_substring_regex(text, pattern)).as_py() or 0.0)


def _flags(mask: pa.Array) -> NDArray[np.bool_]:
    return np.asarray(pc.fill_null(mask, False).to_numpy(zero_copy_only=False), np.bool_)
