"""The values that a model's columns usually hold: what a form for one row starts from.

Taken from the training table where it is at hand, else from what the model's encoders keep. Loads
no model library. Values and names come from files: show them as plain text only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from automl_core.export.predictor_files import SCHEMA_FILE, SchemaRecord, encoder_files
from automl_core.export.safe_reading import damage_as_model_error, read_record
from automl_core.export.scale_comparison import typical_numbers
from automl_core.export.table_comparison import CATEGORIES
from automl_core.features import DatetimeEncoder, Encoder, encoder_from_json
from automl_core.records import RecordError, from_plain, to_plain
from automl_core.table import Column, TypedColumn, sample_rows, single_names
from automl_core.table.parsing import parse_column
from automl_core.types import Files

MOST_ROWS = 20_000  # of the training table that are looked at
MOST_WORDS = 5_000  # of a column that are kept
MOST_STORED, LONGEST_STORED = 100, 100  # words of a column in a bundle, and their characters


@dataclass(frozen=True)
class ColumnFacts:
    """What is known of the values of a column that the model uses; None: it is not known."""

    column: Column
    number: float | None = None  # the median; of dates in seconds since 1970, of yes and no 1 or 0
    low: float | None = None
    high: float | None = None
    whole: bool = False  # all numbers are whole; all dates have no time of day
    words: tuple[str, ...] = ()  # most frequent first
    complete: bool = False  # the words, or the ends, are those of all training rows

    @property
    def name(self) -> str:
        return self.column.name


def used_columns(files: Files) -> tuple[Column, ...]:
    """The columns that the model's encoders read, in the order of its schema.

    Raises ModelError where the files are damaged.
    """
    schema, encoders = _read(files)
    used = {name for encoder in encoders for name in encoder.reads}
    return tuple(column for column in schema.columns if column.name in used)


def facts_of_model(files: Files) -> tuple[ColumnFacts, ...]:
    """What the encoders keep of the columns that they read. Raises ModelError as `used_columns`."""
    _, encoders = _read(files)
    return tuple(_of_encoders(column, encoders) for column in used_columns(files))


def facts_of_table(columns: Sequence[Column], table: pa.Table) -> tuple[ColumnFacts, ...]:
    """What the rows of the training table say; a column that it lacks has no facts."""
    rows = sample_rows(table, MOST_ROWS)
    whole, single = rows.num_rows == table.num_rows, single_names(table)
    return tuple(
        _of_cells(column, parse_column(rows.column(column.name), column.name, column.parse), whole)
        if column.name in single
        else ColumnFacts(column)
        for column in columns
    )


@dataclass(frozen=True)
class _Known:
    """The facts of a column in the manifest of a bundle; of a text none, as it may be private."""

    name: str
    number: float | None = None
    low: float | None = None
    high: float | None = None
    whole: bool = False
    words: tuple[str, ...] = ()
    complete: bool = False


def facts_to_plain(facts: Sequence[ColumnFacts]) -> list[Any]:
    """The facts as JSON data, for the manifest of a bundle: of words the most frequent ones."""
    kept = []
    for f in facts:
        named = f.column.parse.kind == "string"
        words = tuple(w for w in f.words[:MOST_STORED] if named and len(w) <= LONGEST_STORED)
        complete = f.complete and (not named or words == f.words)
        kept.append(_Known(f.name, f.number, f.low, f.high, f.whole, words, complete))
    return [to_plain(known) for known in kept]


def facts_from_plain(columns: Sequence[Column], plain: Any) -> tuple[ColumnFacts, ...]:
    """What `facts_to_plain` wrote of these columns; () where it was not written, or is damaged."""
    try:
        stored = [from_plain(_Known, one) for one in plain] if isinstance(plain, list) else []
    except RecordError:
        return ()
    known = {one.name: one for one in stored}
    found = [(column, known[column.name]) for column in columns if column.name in known]
    return tuple(
        ColumnFacts(column, k.number, k.low, k.high, k.whole, k.words, k.complete)
        for column, k in found
    )


def _read(files: Files) -> tuple[SchemaRecord, list[Encoder]]:
    encoders = []
    for name in encoder_files(files):
        with damage_as_model_error(name):
            encoders.append(encoder_from_json(files[name]))
    return read_record(SchemaRecord, files, SCHEMA_FILE), encoders


def _of_encoders(column: Column, encoders: Sequence[Encoder]) -> ColumnFacts:
    kind = column.parse.kind
    if kind in ("number", "boolean"):
        typical = typical_numbers(encoders, column.name)
        middle = None if typical is None else typical[0]
        if kind == "boolean" and middle is not None:
            middle = float(middle > 0.5)
        return ColumnFacts(column, middle)
    parts = [part for encoder in encoders for part in encoder.of_column(column.name)]
    if kind == "datetime":
        dates = [part.reference for part in parts if isinstance(part, DatetimeEncoder)]
        latest = max(dates, default=None)
        return ColumnFacts(column, latest, whole=latest is None or latest % 86_400 == 0)
    words = [word for p in parts if isinstance(p, CATEGORIES) for word in p.words]
    return ColumnFacts(column, words=tuple(dict.fromkeys(words))[:MOST_WORDS])


def _of_cells(column: Column, cells: TypedColumn, every: bool) -> ColumnFacts:
    if cells.numbers is not None:
        known = np.sort(cells.numbers[np.isfinite(cells.numbers)])
        if not len(known):
            return ColumnFacts(column)
        unit = 86_400.0 if column.parse.kind == "datetime" else 1.0
        return ColumnFacts(
            column,
            float(known[len(known) // 2]),
            float(known[0]),
            float(known[-1]),
            bool(np.all(known % unit == 0)),
            complete=every,
        )
    words = _by_frequency(cells)
    return ColumnFacts(
        column, words=words[:MOST_WORDS], complete=every and len(words) <= MOST_WORDS
    )


def _by_frequency(cells: TypedColumn) -> tuple[str, ...]:
    """The words that occur, most frequent first, then as they come."""
    codes: NDArray[np.int32] | None = cells.codes
    assert codes is not None
    counts = np.bincount(codes[codes >= 0], minlength=len(cells.words))
    order = np.argsort(-counts, kind="stable")
    return tuple(cells.words[i] for i in order[counts[order] > 0])
