"""Differences between a table to be scored and the one that the model was trained on, in words.

Only a table without any of the model's columns is refused; every other difference has a defined
effect, which its message states. Values and names in messages come from files: show them as plain
text only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from automl_core.errors import closest
from automl_core.export.model_columns import in_model_names
from automl_core.export.predictor_files import SCHEMA_FILE, SchemaRecord, encoder_files
from automl_core.export.safe_reading import damage_as_model_error, read_record
from automl_core.export.scale_comparison import factor_between, typical_numbers
from automl_core.features import (
    CategoryCodeEncoder,
    Encoder,
    OneHotEncoder,
    RankEncoder,
    TargetMeanEncoder,
    encoder_from_json,
)
from automl_core.table import (
    Column,
    ParseRule,
    TypedColumn,
    canonical_text,
    is_marked,
    is_moment,
    is_text,
    plain_array,
    renamed_words,
    seen_beside,
    similar_names,
    single_names,
)
from automl_core.table.parsing import parse_column
from automl_core.types import Files, Severity
from automl_core.words import count

SHOWN = 40  # characters of a value or name in a message
LISTED = 100  # columns that are missing, extra or renamed, each with a message of its own

CATEGORIES = (CategoryCodeEncoder, OneHotEncoder, TargetMeanEncoder, RankEncoder)
_READ_AS = {
    "number": "numbers",
    "boolean": "yes or no",
    "datetime": "dates",
    "string": "categories",
    "text": "text",
    "list": "lists",
}


# Any other rule was found in text, so text is no difference from training.
_PLAIN_NUMBERS = (ParseRule("number"), ParseRule("number", percent="share"))

IssueKind = Literal["few", "missing", "extra", "type", "unseen", "renamed", "scale"]


@dataclass(frozen=True)
class ColumnIssue:
    """One difference between the table and what the model expects."""

    column: str  # "": the table as a whole
    kind: IssueKind
    message: str  # what differs, and what the model makes of it
    severity: Severity = Severity.WARNING  # INFO: predictions do not suffer from it


def compare_columns(
    columns: Sequence[Column],
    table: pa.Table,
    target: str,
    used: Collection[str] | None = None,
) -> tuple[ColumnIssue, ...]:
    """Columns that are missing, extra, of another type or name; first those that matter most.

    `columns` are the model's, of which its encoders read those `used` (None: all): that others
    are missing, or of another type, changes no prediction and is not said. The target's own
    column may be in the table or not. Raises ModelError where none of the columns is there.
    """
    table, given = in_model_names(table, columns, target), table.column_names
    names = table.column_names
    times, known = Counter(names), {c.name for c in columns}
    read = [c for c in columns if used is None or c.name in used]
    spare = [n for n in names if n not in known and n != target]
    lacking = [c for c in read if c.name not in times]
    missing = [_missing(c, spare) for c in lacking[:LISTED]]
    others = [(n, o) for n, o in zip(names, given, strict=True) if n != o]
    renamed = [
        ColumnIssue(n, "renamed", renamed_words(n, other), Severity.INFO)
        for n, other in others[:LISTED]
    ]
    twice = [
        ColumnIssue(n, "extra", f"There are {times[n]} columns called {_quote(n)}.")
        for n in times
        if n in known and times[n] > 1
    ]
    types = [_type_issue(c, table) for c in read if times[c.name] == 1]
    extra = [
        ColumnIssue(n, "extra", f"The model does not use the column {_quote(n)}.", Severity.INFO)
        for n in dict.fromkeys(spare)
    ]
    return (
        *missing,
        *_more(len(lacking), "missing", "missing, too"),
        *twice,
        *(i for i in types if i is not None),
        *renamed,
        *_more(len(others), "renamed", "read under another name, too", Severity.INFO),
        *extra,
    )


def _more(
    columns: int, kind: IssueKind, what: str, severity: Severity = Severity.WARNING
) -> tuple[ColumnIssue, ...]:
    """One line for the columns that are not listed; none where all are."""
    left = columns - LISTED
    if left <= 0:
        return ()
    words = f"{count(left, 'further column')} {'is' if left == 1 else 'are'} {what}."
    return (ColumnIssue("", kind, words, severity),)


def compare_table(files: Files, table: pa.Table) -> tuple[ColumnIssue, ...]:
    """`compare_columns` for a predictor's files, and what its encoders know of the values.

    Loads no model library. Raises ModelError where the files are damaged, or none of the
    model's columns is there.
    """
    schema = read_record(SchemaRecord, files, SCHEMA_FILE)
    encoders = []
    for name in encoder_files(files):
        with damage_as_model_error(name):
            encoders.append(encoder_from_json(files[name]))
    return compare_encoded(schema.columns, encoders, table, schema.target_name)


def compare_encoded(
    columns: Sequence[Column], encoders: Sequence[Encoder], table: pa.Table, target: str
) -> tuple[ColumnIssue, ...]:
    """`compare_columns`, and what the encoders of a loaded model know of the values.

    Raises ModelError where none of the model's columns is there.
    """
    used = frozenset(name for encoder in encoders for name in encoder.reads)
    issues = compare_columns(columns, table, target, used)
    named = in_model_names(table, columns, target)
    read = [column for column in columns if column.name in used]
    few = _mostly_missing(read, encoders, named)
    scales = other_scales(read, encoders, named)
    return (*few, *scales, *issues, *unseen_values(read, encoders, named))


def _mostly_missing(
    columns: Sequence[Column], encoders: Sequence[Encoder], table: pa.Table
) -> tuple[ColumnIssue, ...]:
    """A warning where most of what the model uses is not in the table.

    Counted in the columns that each encoder reads: those that a selection left out do not count.
    """
    columns_there = zip(table.column_names, table.columns, strict=True)
    present = {name for name, cells in columns_there if cells.null_count < len(cells)}
    used = [{column.name for column in encoder.columns} for encoder in encoders]
    shares = [len(names - present) / len(names) for names in used if names]
    if not table.num_rows or not shares or sum(shares) <= len(shares) / 2:
        return ()
    lacking = sum(column.name not in present for column in columns)
    message = (
        f"{lacking:,} of the {len(columns):,} columns that the model reads are missing or empty, "
        "most of what it uses: its predictions say little."
    )
    return (ColumnIssue("", "few", message),)


def other_scales(
    columns: Sequence[Column], encoders: Sequence[Encoder], table: pa.Table
) -> tuple[ColumnIssue, ...]:
    """Numbers that are 100 or 1,000 times those of training, or such a part of them."""
    issues, single = [], single_names(table)
    for column in columns:
        typical = typical_numbers(encoders, column.name) if column.parse.kind == "number" else None
        if typical is None or column.name not in single:
            continue
        numbers = parse_column(table.column(column.name), column.name, column.parse).numbers
        assert numbers is not None
        factor = factor_between(*typical, numbers)
        if factor is not None:
            message = (
                f"The numbers in {_quote(column.name)} are about {_times(factor)} than in training "
                f"({np.nanmedian(numbers):.4g} in the middle of them, {typical[0]:.4g} in "
                "training): a percentage or another unit? They are taken as they are."
            )
            issues.append(ColumnIssue(column.name, "scale", message))
    return tuple(issues)


def _times(factor: float) -> str:
    return f"{factor:,.0f} times larger" if factor > 1 else f"{1 / factor:,.0f} times smaller"


def unseen_values(
    columns: Sequence[Column], encoders: Sequence[Encoder], table: pa.Table
) -> tuple[ColumnIssue, ...]:
    """Categories in `table` that none of the encoders knows: new, or too rare in training."""
    issues, single = [], single_names(table)
    for column in columns:
        known = vocabulary(encoders, column.name) if column.parse.kind == "string" else set()
        if not known or column.name not in single:
            continue
        typed = parse_column(table.column(column.name), column.name, column.parse)
        issue = _unseen(typed, known)
        if issue is not None:
            issues.append(issue)
    return tuple(issues)


def vocabulary(encoders: Sequence[Encoder], name: str) -> set[str]:
    """All values of the category that the encoders tell apart; empty where it is none."""
    return {
        word
        for encoder in encoders
        for column in encoder.of_column(name)
        if isinstance(column, CATEGORIES)
        for word in column.words
    }


def _unseen(typed: TypedColumn, known: set[str]) -> ColumnIssue | None:
    if typed.codes is None:
        return None
    new = np.array([word not in known for word in typed.words] + [False])  # -1: missing
    rows = int(new[typed.codes].sum())
    used = np.unique(typed.codes[new[typed.codes]])
    if not rows:
        return None
    values = "1 value" if len(used) == 1 else f"{len(used)} values"
    example = _quote(typed.words[int(used[0])])
    return ColumnIssue(
        typed.name,
        "unseen",
        f"{_quote(typed.name)} has {values} that the model does not know, new or rare in "
        f"training (in {_rows(rows)}, for example {example}): predicted as an unknown category.",
        Severity.INFO,
    )


def _missing(column: Column, spare: list[str]) -> ColumnIssue:
    message = f"The column {_quote(column.name)} is missing; the model takes it as empty."
    similar = similar_names(column.name, spare)
    if len(similar) > 1:
        listed = " and ".join(seen_beside(name, column.name) for name in similar)
        message += f" {listed} could be meant: rename the right one."
    elif close := closest(column.name, spare):
        message += f" Did you mean {close!r}?"
    return ColumnIssue(column.name, "missing", message)


def _type_issue(column: Column, table: pa.Table) -> ColumnIssue | None:
    values = plain_array(table.column(column.name), column.name)
    kind, name = column.parse.kind, _quote(column.name)
    if not table.num_rows:
        return None
    if values.null_count == len(values):
        if not column.distinct:
            return None  # so it was in training
        message = f"The column {name} is empty."
        return ColumnIssue(column.name, "missing", message, Severity.INFO)
    mismatch = f"{name} should hold {_READ_AS[kind]} and holds {_kind_of(values.type)}"
    if kind == "string":
        return None  # any value has a text; whether it is known is for `unseen_values`
    if kind in ("text", "list"):
        fits = is_text(values.type)
        return None if fits else ColumnIssue(column.name, "type", f"{mismatch}.")
    typed = parse_column(values, column.name, column.parse)
    assert typed.numbers is not None
    given = ~_blank(values, column.parse.missing)
    lost = np.isnan(typed.numbers) & given
    if lost.any():
        example = _quote(str(values[int(np.argmax(lost))].as_py()))
        every = lost.sum() == given.sum()
        effect = "nothing" if every else f"all but {_rows(int(lost.sum()))}"
        message = f"{mismatch}: {effect} can be read; {example}, say, counts as empty."
        return ColumnIssue(column.name, "type", message)
    if kind == "number" and is_moment(values.type):
        return ColumnIssue(column.name, "type", f"{mismatch}, read as seconds since 1970.")
    return _percent_issue(column, values) or _read_after_all(column, values)


def unread_cells(column: Column, values: pa.ChunkedArray, typed: TypedColumn) -> NDArray[np.bool_]:
    """(n,) cells that hold something that the column's rule cannot read: they count as missing."""
    if typed.numbers is None:
        return np.zeros(len(typed), np.bool_)
    given = ~_blank(plain_array(values, column.name), column.parse.missing)
    return np.asarray(np.isnan(typed.numbers) & given, np.bool_)


def is_plain_number(rule: ParseRule) -> bool:
    """True where the training table had the column as numbers, and not as texts of numbers."""
    return rule in _PLAIN_NUMBERS


def mended_cells(column: Column, values: pa.ChunkedArray, typed: TypedColumn) -> NDArray[np.bool_]:
    """(n,) cells that were read although they are of another type than in training."""
    kind = plain_array(values, column.name).type
    as_text = is_plain_number(column.parse) and is_text(kind)
    as_date = column.parse.kind == "number" and is_moment(kind)
    return np.asarray(~typed.gaps & (as_text or as_date), np.bool_)


def _percent_issue(column: Column, values: pa.ChunkedArray) -> ColumnIssue | None:
    """Fractions where training had percentages: those above 1 cannot be told from percentages.

    A workbook of the kinds .xls and .xlsb does not tell which of its cells are shown as percent.
    """
    if column.parse.percent != "percent" or is_text(values.type):
        return None
    numbers = np.abs(values.cast(pa.float64(), safe=False).to_numpy())
    fractions = (numbers < 1) & (numbers > 0)
    if not fractions.any():
        return None
    above = numbers > 1
    message = (
        f"{_quote(column.name)} was in percent in training, and has numbers without the sign: up "
        "to 1 they are read as fractions (0.45 as 45 %)"
    )
    if not above.any():
        return ColumnIssue(column.name, "scale", f"{message}.", Severity.INFO)
    first = f"{numbers[above][0]:.4g}"
    message += (
        f", above 1 as percent ({first} as {first} %, in "
        f"{_rows(int(above.sum()))}). Workbooks such as .xls and .xlsb do not tell which cells are "
        "shown as percent: if these are, save the file as .xlsx or CSV."
    )
    return ColumnIssue(column.name, "scale", message)


def _read_after_all(column: Column, values: pa.ChunkedArray) -> ColumnIssue | None:
    """Numbers that came as text although training had them as numbers: harmless, but reported."""
    if not is_plain_number(column.parse) or not is_text(values.type):
        return None
    message = f"{_quote(column.name)} holds numbers written as text; all of them can be read."
    return ColumnIssue(column.name, "type", message, Severity.INFO)


def _blank(values: pa.ChunkedArray, marks: tuple[str, ...]) -> NDArray[np.bool_]:
    """Cells (n,) without a value: null, not a number, blank, or a missing mark."""
    blank = pc.is_null(values, nan_is_null=True)
    if is_text(values.type) or marks:
        chunks = [canonical_text(chunk) for chunk in values.chunks]
        text = pa.chunked_array(chunks, type=pa.string())
        blank = pc.or_(blank, pc.fill_null(is_marked(text, marks), False))
        if is_text(values.type):  # elsewhere only an infinite number has no text
            blank = pc.or_(blank, pc.is_null(text))
    return np.asarray(blank.to_numpy(zero_copy_only=False), dtype=bool)


def _kind_of(kind: pa.DataType) -> str:
    if is_text(kind):
        return "text"
    if is_moment(kind):
        return "dates"
    if pa.types.is_boolean(kind):
        return "yes or no"
    return "whole numbers" if pa.types.is_integer(kind) else "numbers"


def _quote(text: str) -> str:
    return repr(text if len(text) <= SHOWN else text[: SHOWN - 3] + "...")


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"
