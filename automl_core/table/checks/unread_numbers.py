"""Columns of numbers that are not read as numbers, and numbers with a mark beside them.

A mark such as `*`, `<` or a letter may say that a number is an estimate or a limit. A column that
became an id or words because of a few cells is named, so that no numbers are lost in silence.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from automl_core.table import (
    DONE,
    Column,
    DecidedBy,
    Finding,
    FixAction,
    is_text,
    listed,
    shown,
    undo,
)
from automl_core.table.checks.found_rows import rows_with
from automl_core.table.inference import ColumnStats, names_magnitude, unread_values
from automl_core.table.parsing import FOOTNOTE, numbers_of_text
from automl_core.words import percent

MOSTLY = 0.8  # share of the rows with a value that are numbers
LEAST_NUMBERS = 15  # different ones
MOST_MARKS = 8
LEAST_MARKED, LEAST_PLAIN = 2, 0.1  # rows with a mark; share of the numbers without
LEAST_DECIMALS = 0.2
MOST_OTHERS = 30
_NUMBER = r"[+-]?(?:\d+(?:[.,]\d+)?|\d{1,3}(?:[., '’]\d{3})+(?:[.,]\d+)?|\.\d+)(?:[eE][+-]?\d+)?"
_MARKED = (
    r"^(?P<front>[<>≤≥~≈*†‡§#^]{1,2}|[<>]=|(?i:c|ca|circa|approx|about)\b\.?)?\s?"
    rf"(?P<number>{_NUMBER})"
    rf"(?P<back>\s?{FOOTNOTE}|\s?\+|\s\p{{L}}{{1,20}}\.?|\p{{L}})?$"
)
_SYMBOLS = r"[^\p{L}\s()\[\]]"
_CODE = r"^\d{4,}$"
Rows = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class _Parts:
    """The distinct values (k,) taken apart: which are numbers, and the mark of each."""

    number: pa.Array  # null where the value is no number
    marks: pa.Array  # "" without one, null where the value is no number
    numeric: Rows
    marked: Rows


def unread_numbers(stats: ColumnStats, column: Column, cells: pa.ChunkedArray) -> Finding | None:
    """Numbers with marks, or a column of numbers that is read as something else."""
    if not is_text(stats.values.type) or column.role in ("datetime", "time", "boolean", "list"):
        return None
    if column.decision == DecidedBy.COPY or len(stats.values) < LEAST_NUMBERS:
        return None
    if stats.leading_zeros or not _mostly_numbers(stats.text.slice(0, 500)):
        return None
    parts = _taken_apart(stats)
    of_values = stats.present - int(stats.counts[_flags(stats.marked)].sum())
    share = stats.counts[parts.numeric].sum() / max(1, of_values)
    if share < MOSTLY or len(pc.unique(parts.number.drop_null())) < LEAST_NUMBERS:
        return None
    marked = _with_marks(stats, column, cells, parts)
    return marked or _lost(stats, column, cells, parts)


def _mostly_numbers(head: pa.Array) -> bool:
    """True if the first values look like numbers: others are passed over quickly."""
    return bool((pc.mean(pc.match_substring_regex(head, r"^\W{0,3}\d")).as_py() or 0.0) > 0.5)


def _taken_apart(stats: ColumnStats) -> _Parts:
    text = pc.replace_substring(stats.written, "\u2212", "-")
    found = pc.extract_regex(text, _MARKED)
    front, number, back = (pc.struct_field(found, i) for i in range(3))
    marks = pc.binary_join_element_wise(front, pc.utf8_trim_whitespace(back), "")
    numeric = _flags(pc.is_valid(number))
    marked = numeric & _flags(pc.not_equal(marks, ""))
    return _Parts(number, marks, numeric, marked)


def _with_marks(
    stats: ColumnStats, column: Column, cells: pa.ChunkedArray, parts: _Parts
) -> Finding | None:
    counts = stats.counts
    marked, every = int(counts[parts.marked].sum()), int(counts[parts.numeric].sum())
    if marked < LEAST_MARKED or every - marked < LEAST_PLAIN * every:
        return None
    marks = _rows_of(parts.marks.filter(pa.array(parts.marked)), counts[parts.marked])
    plain = parts.number.filter(pa.array(parts.numeric & ~parts.marked))
    if len(marks) > MOST_MARKS or not _may_be_marks(plain, marks):
        return None
    if _known_units(column) or any(map(names_magnitude, marks)):
        return None
    some = stats.written.filter(pa.array(parts.marked)).slice(0, 2).to_pylist()
    counted = ", ".join(f"{shown(m)} in {n:,}" for m, n in list(marks.items())[:3])
    message = (
        f"{shown(column.name)} has numbers with a mark, such as "
        f"{' and '.join(shown(str(s)) for s in some)} ({counted} "
        f"{'row' if marked == 1 else 'rows'}), and {every - marked:,} without: a mark may say that "
        "the number is an estimate or a limit"
    )
    some = stats.values.filter(pa.array(parts.marked))
    read = (
        column.parse.kind == "number"
        and not _flags(
            pc.is_null(pa.array(numbers_of_text(some, column.parse)), nan_is_null=True)
        ).any()
    )
    return _finding("flags", column, (message, rows_with(cells, some)), (tuple(marks), read))


def _may_be_marks(plain: pa.Array, marks: dict[str, int]) -> bool:
    """True unless letters make codes of whole numbers, as in house number 12a."""
    decimals = pc.mean(pc.match_substring_regex(plain, r"[.,]\d")).as_py() or 0.0
    symbols = pc.match_substring_regex(pa.array([*marks]), _SYMBOLS)
    return pc.all(symbols).as_py() or decimals >= LEAST_DECIMALS


def _known_units(column: Column) -> bool:
    """True if the rule gives units a meaning, as 1.5M has."""
    return any(factor != 1.0 for _, factor in column.parse.units)


def _lost(
    stats: ColumnStats, column: Column, cells: pa.ChunkedArray, parts: _Parts
) -> Finding | None:
    """Numbers that are read as a key, as words or not at all, because of a few other cells."""
    lost = unread_values(stats, column)
    numbers = parts.number.drop_null()
    decimals = pc.mean(pc.match_substring_regex(numbers, r"[.,]\d")).as_py() or 0.0
    read = {"id": "a key", "ignored": "nothing"}.get(column.role, "words")
    message = f"{shown(column.name)} has numbers in {{}} of the rows, and is read as {read}: "
    if lost is not None and lost.kind == "number":
        if decimals < LEAST_DECIMALS and _like_codes(
            numbers, int((~parts.numeric | parts.marked).sum())
        ):
            return None
        message = (
            message.format(percent(lost.share)) + f"it says {listed(lost.others, 3)} in others"
        )
        others = pc.is_in(stats.written, value_set=pa.array(lost.others, pa.string()))
        where = rows_with(cells, stats.values.filter(others))
        return _finding("unread_numbers", column, (message, where), ((), False))
    point, comma = r"^[^,]*\.\d+$", r"^[^.]*,\d+$"
    both = all(pc.any(pc.match_substring_regex(numbers, p)).as_py() for p in (point, comma))
    if not both or decimals < LEAST_DECIMALS or column.parse.kind == "number":
        return None
    share = stats.counts[parts.numeric].sum() / max(1, stats.present)
    message = message.format(share) + "some have a decimal point, others a decimal comma"
    return _finding("unread_numbers", column, (message, ()), ((), False))


def _like_codes(numbers: pa.Array, others: int) -> bool:
    """True if whole numbers of one length, or beside many words, are codes rather than amounts."""
    lengths = pc.value_counts(pc.utf8_length(numbers)).field("counts")
    one_length = pc.max(lengths).as_py() >= 0.9 * len(numbers)
    coded = pc.mean(pc.match_substring_regex(numbers, _CODE)).as_py() or 0.0
    return others > MOST_OTHERS or (one_length and coded > 0.9)


def _finding(
    kind: str,
    column: Column,
    found: tuple[str, tuple[int, ...]],
    marked: tuple[tuple[str, ...], bool],
) -> Finding:
    """`found` are the message without its end and rows, `marked` the marks and whether such cells
    are read as numbers."""
    (message, rows), (marks, is_read), name = found, marked, (column.name,)
    if is_read:
        if column.decision == DecidedBy.USER:
            fix = f"{DONE} read as numbers, without the mark."
            back = undo(column.name)
            return Finding(kind, name, "info", f"{message}.", fix, "fixed", back, rows, True)
        fix = "They are read as numbers; what the mark says is not used."
        return Finding(kind, name, "info", f"{message}.", fix, "noted", None, rows)
    if marks:
        action = FixAction("numbers", "Read as numbers", name, marks)
        fix = "Read them as numbers without the mark, if the numbers are what counts."
    else:
        action = FixAction("role", "Read as numbers", name, ("numeric",))
        fix = "Read it as numbers, with the other cells missing, if the numbers are what counts."
    read = {"id": "a key, and left out", "ignored": "nothing"}.get(column.role, "words")
    end = f". The column is read as {read}." if marks else "."
    if marks and column.parse.kind == "number":
        end = ". These cells count as missing."
    return Finding(kind, name, "warning", message + end, fix, "to_review", action, rows)


def _rows_of(words: pa.Array, counts: NDArray[np.int64]) -> dict[str, int]:
    """Rows of each different word, the most frequent first."""
    encoded = words.dictionary_encode()
    rows = np.bincount(encoded.indices.to_numpy(), counts, len(encoded.dictionary))
    found = zip(encoded.dictionary.to_pylist(), rows, strict=True)
    return {str(w): int(n) for w, n in sorted(found, key=lambda item: -item[1])}


def _flags(mask: pa.Array) -> Rows:
    return np.asarray(pc.fill_null(mask, False).to_numpy(zero_copy_only=False), np.bool_)
