"""Raw cells to typed columns, by declarative rules: the first stage of every prediction.

Works on whole columns (on distinct values where cells are text); knows nothing of roles,
encoders or models.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from automl_core.table import (
    Column,
    ParseRule,
    TypedColumn,
    TypedTable,
    canonical_text,
    folded,
    is_marked,
    is_moment,
    is_number,
    is_text,
    plain_array,
    trimmed,
    with_ascii_digits,
)
from automl_core.table.parsing.dates import ISO_FORMATS, NUMBER_FORMATS, seconds_of_text
from automl_core.table.parsing.list_items import list_words
from automl_core.table.parsing.mojibake import mend_texts
from automl_core.table.parsing.numbers import in_percent, numbers_of_text
from automl_core.table.parsing.text_statistics import signals_of

Numbers = NDArray[np.float64]

_LARGEST_SINGLE = float(np.finfo(np.float32).max)


def parse_table(table: pa.Table, columns: Sequence[Column]) -> TypedTable:
    """The named columns, typed; one that the table lacks is all missing.

    Never fails on a cell: what a rule cannot read is missing.
    """
    present = {name: i for i, name in reversed(list(enumerate(table.column_names)))}
    typed = {}
    for column in columns:
        if column.name in present:
            values = table.column(present[column.name])
        else:
            values = pa.chunked_array([pa.nulls(table.num_rows, pa.string())])
        typed[column.name] = parse_column(values, column.name, column.parse)
    return TypedTable(typed, table.num_rows)


def parse_column(values: pa.ChunkedArray | pa.Array, name: str, rule: ParseRule) -> TypedColumn:
    """One column of n cells as n numbers (number, boolean, datetime) or n word codes."""
    values = plain_array(values, name)
    if rule.kind == "number":
        return TypedColumn(name, numbers=_numbers(values, rule))
    if rule.kind == "boolean":
        return TypedColumn(name, numbers=_booleans(values, rule))
    if rule.kind == "datetime":
        return TypedColumn(name, numbers=_seconds(values, rule))
    return _words(values, name, rule)


def parse_weights(values: pa.ChunkedArray | pa.Array, column: Column) -> Numbers:
    """Row weights (n,): 0 where the cell is missing or negative."""
    numbers = parse_column(values, column.name, column.parse).numbers
    assert numbers is not None
    return np.clip(np.nan_to_num(numbers, nan=0.0), 0.0, None)


def _numbers(values: pa.ChunkedArray, rule: ParseRule) -> Numbers:
    kind = values.type
    if is_text(kind):

        def read(text: pa.Array) -> Numbers:
            return numbers_of_text(_without_marks(text, rule), rule)

        numbers = _on_distinct(values, read)
    elif is_moment(kind):
        numbers = _moments(values)
    else:
        numbers = in_percent(_floats(values), rule, np.zeros(len(values), np.bool_))
    for mark in rule.missing:  # a mark such as -999 also where the column is numeric
        number = _float_or_nan(mark)
        if values.type == pa.float32() and abs(number) < _LARGEST_SINGLE:
            number = float(np.float32(number))
        numbers[numbers == number] = np.nan
    numbers[~np.isfinite(numbers)] = np.nan
    return numbers


def _booleans(values: pa.ChunkedArray, rule: ParseRule) -> Numbers:
    yes, no = ({*folded(pa.array(w, pa.string())).to_pylist()} for w in (rule.true, rule.false))
    yes, no = {*yes, "true", "1"} - no, {*no, "false", "0"} - yes

    def read(cells: pa.Array) -> Numbers:
        text = folded(_without_marks(with_ascii_digits(canonical_text(cells)), rule))
        found = np.full(len(text), np.nan)
        found[_is_in(text, yes)] = 1.0
        found[_is_in(text, no)] = 0.0
        return found

    return _on_distinct(values, read)


def _seconds(values: pa.ChunkedArray, rule: ParseRule) -> Numbers:
    if is_moment(values.type):
        return _moments(values)
    counted = NUMBER_FORMATS.get(rule.formats[0]) if rule.formats else None
    if counted is not None and (is_number(values.type) or is_text(values.type)):
        unit, start = counted
        return (_numbers(values, ParseRule("number", rule.missing)) - start) / unit
    # ISO text is always understood: a column that held dates may come back as text.
    formats = tuple(dict.fromkeys((*rule.formats, *ISO_FORMATS)))
    return _on_distinct(
        values,
        lambda cells: seconds_of_text(
            _without_marks(_as_written(cells), rule), formats, last_year=rule.last_year
        ),
    )


def _as_written(cells: pa.Array) -> pa.Array:
    """Text with the zeros that a number would lose, 2020.10; other types as canonical text."""
    return trimmed(cells) if is_text(cells.type) else canonical_text(cells)


def _words(values: pa.ChunkedArray, name: str, rule: ParseRule) -> TypedColumn:
    distinct, codes = _distinct(values)
    text = _as_written(distinct) if rule.exact else canonical_text(distinct)
    text = _without_marks(text, rule)
    if rule.mend:
        text = mend_texts(text)
    if rule.spellings:
        text = _spelled(text, rule)
    if rule.kind == "list":
        text = list_words(text, rule.separator)
    encoded = text.dictionary_encode()
    position = _filled(encoded.indices)
    # Code -1 (missing) looks up the last entry, which is -1 too.
    codes = np.append(position, np.int32(-1))[codes]
    if rule.kind == "text":
        return _texts(encoded.dictionary, name, codes)
    return TypedColumn(name, codes=codes, words=tuple(encoded.dictionary.to_pylist()))


def _spelled(text: pa.Array, rule: ParseRule) -> pa.Array:
    """Each word in the spelling that the rule gives all that differ in no letter from it."""
    words, spellings = (
        pa.array(column, pa.string()) for column in zip(*rule.spellings, strict=True)
    )
    place = pc.index_in(folded(text), value_set=words, skip_nulls=True)
    return pc.coalesce(spellings.take(place), text)


def _texts(raw: pa.Array, name: str, codes: NDArray[np.int32]) -> TypedColumn:
    """Words in lower case with single spaces between, and what is lost by that.

    Texts that differ in case or punctuation alone stay two, as their signals differ.
    """
    text = pc.replace_substring_regex(pc.utf8_lower(raw), r"[^\p{L}\p{M}\p{N}]+", " ")
    words = tuple(pc.utf8_trim_whitespace(text).to_pylist())
    return TypedColumn(name, codes=codes, words=words, signals=signals_of(raw))


def _on_distinct(values: pa.ChunkedArray, read: Any) -> Numbers:
    distinct, codes = _distinct(values)
    numbers = np.append(np.asarray(read(distinct), dtype=np.float64), np.nan)
    return numbers[codes]


def _distinct(values: pa.ChunkedArray) -> tuple[pa.Array, NDArray[np.int32]]:
    """Distinct values in order of first appearance, and for each row their number or -1."""
    encoded = values.dictionary_encode()  # one dictionary for all chunks
    if not encoded.num_chunks:
        return pa.array([], values.type), np.zeros(0, np.int32)
    codes = np.concatenate([_filled(chunk.indices) for chunk in encoded.chunks])
    return encoded.chunk(0).dictionary, codes


def _filled(indices: pa.Array) -> NDArray[np.int32]:
    filled = pc.fill_null(indices, -1) if indices.null_count else indices
    return np.asarray(filled.to_numpy(zero_copy_only=False), dtype=np.int32)


def _without_marks(text: pa.Array, rule: ParseRule) -> pa.Array:
    if not rule.missing:
        return text
    return pc.if_else(is_marked(text, rule.missing), pa.scalar(None, pa.string()), text)


def _floats(values: pa.ChunkedArray) -> Numbers:
    if pa.types.is_boolean(values.type):
        values = values.cast(pa.uint8())
    return np.array(values.cast(pa.float64(), safe=False).to_numpy(), dtype=np.float64)


def _moments(values: pa.ChunkedArray) -> Numbers:
    micros = values.cast(pa.timestamp("us", tz=getattr(values.type, "tz", None)), safe=False)
    return _floats(micros.cast(pa.int64())) / 1e6


def _is_in(text: pa.Array, words: set[str]) -> NDArray[np.bool_]:
    found = pc.is_in(text, pa.array(sorted(words), pa.string()))
    return np.asarray(found.to_numpy(zero_copy_only=False), dtype=np.bool_)


def _float_or_nan(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")
