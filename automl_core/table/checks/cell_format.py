"""Checks how cells are written: units behind numbers, words among numbers, wrong encodings."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from automl_core.table import (
    NUMBER,
    Column,
    Finding,
    FixAction,
    is_text,
    listed,
    shown,
    undo,
    use_as_words,
)
from automl_core.table.checks.found_rows import rows_with
from automl_core.table.inference import ColumnStats, may_be_missing
from automl_core.table.parsing import BROKEN, mend_text, numbers_of_text

_UNIT = r"^[+-]?(\d{1,3}([ ,]\d{3})+|\d+)([.,]\d+)?\s?[\p{L}°µ/]{1,6}\d?$"
WITH_UNIT = 0.7  # share of the rows with a value
LEAST_NUMBERS, MOST_WORDS, LEAST_MIXED = 20, 30, 0.005
MOST_TEXTS, LEAST_BROKEN = 20_000, 2


def unit(stats: ColumnStats, column: Column) -> Finding | None:
    """Numbers that carry a unit."""
    readable = column.role in ("category", "numeric") and is_text(stats.values.type)
    if not readable or len(stats.values) < 10:
        return None
    has_unit = _mask(pc.match_substring_regex(stats.text, _UNIT))
    if stats.counts[has_unit].sum() < WITH_UNIT * stats.present:
        return None
    examples = stats.text.filter(pa.array(has_unit)).slice(0, 2).to_pylist()
    name, kind = column.name, "unit"
    message = (
        f"{shown(name)} holds numbers with units, such as "
        f"{' and '.join(shown(str(e)) for e in examples)}"
    )
    if column.role == "numeric":
        fix = "They are read as numbers in one unit."
        return Finding(kind, (name,), "info", f"{message}.", fix, "fixed", use_as_words(name))
    fix = "Write the column as plain numbers in one unit."
    return Finding(kind, (name,), "warning", f"{message}: they are read as words.", fix)


def mixed_types(stats: ColumnStats, column: Column, cells: pa.ChunkedArray) -> Finding | None:
    """A column of numbers with a few different words among them."""
    if not is_text(stats.values.type) or column.role not in ("category", "numeric", "text"):
        return None
    present = pc.is_valid(stats.text)
    number = _mask(pc.match_substring_regex(stats.text, NUMBER))
    word = ~number & _mask(present) & ~_mask(may_be_missing(stats.text))
    if column.parse.kind == "number":  # "$5" and "~12" are read as what they are
        word &= np.isnan(numbers_of_text(stats.written, column.parse))
    rows, kinds = int(stats.counts[word].sum()), int(word.sum())
    few = 0 < kinds <= min(MOST_WORDS, int(number.sum()))
    half = stats.counts[number].sum() >= 0.5 * stats.present
    if not few or not half or number.sum() < LEAST_NUMBERS or rows < LEAST_MIXED * stats.present:
        return None
    words = stats.text.filter(pa.array(word)).slice(0, 4).to_pylist()
    name = column.name
    message = (
        f"{shown(name)} holds numbers, but {listed(tuple(map(str, words)), 3)} in {rows:,} rows"
    )
    where = rows_with(cells, stats.values.filter(pa.array(word)))
    if column.role == "numeric":
        fix = "It is read as numbers; these cells count as missing."
        return Finding(
            "mixed_types", (name,), "info", f"{message}.", fix, "fixed", undo(name), where
        )
    action = FixAction("role", "Read as numbers", (name,), ("numeric",))
    message += ": all of it is read as words, without order."
    fix = "Read it as numbers, with these cells missing, if the numbers are what counts."
    return Finding("mixed_types", (name,), "info", message, fix, "to_review", action, where)


def wrong_encoding(stats: ColumnStats, column: Column, cells: pa.ChunkedArray) -> Finding | None:
    """Text whose bytes were read by the wrong table of characters."""
    if not is_text(stats.values.type) or column.role == "ignored":
        return None
    text = stats.values.slice(0, MOST_TEXTS)
    foreign = _mask(pc.match_substring_regex(text, r"[^\x00-\x7F]"))
    if not foreign.any():
        return None
    counts = stats.counts[: len(text)]
    mended = [(i, str(text[int(i)].as_py())) for i in np.flatnonzero(foreign)]
    wrong = [i for i, t in mended if BROKEN in t or mend_text(t) != t]
    rows = int(counts[wrong].sum())
    if rows < LEAST_BROKEN:
        return None
    first, name = str(text[int(wrong[0])].as_py()), column.name
    where = rows_with(cells, text.take(pa.array(wrong)))
    lost = sum(int(counts[i]) for i in wrong if BROKEN in str(text[int(i)].as_py()))
    return _encoding_finding(column, first, (rows, lost), where) if name else None


def _encoding_finding(
    column: Column, first: str, counts: tuple[int, int], where: tuple[int, ...]
) -> Finding:
    rows, lost = counts
    name, kind = column.name, "mojibake"
    message = f"{shown(name)} has {rows:,} cells in a wrong text encoding, such as {shown(first)}"
    if mend_text(first) != first:
        message += f" for {shown(mend_text(first))}"
    if column.parse.mend:
        fix = "They are read as they were meant."
        return Finding(kind, (name,), "info", f"{message}.", fix, "fixed", undo(name), where)
    if lost * 2 > rows:
        fix = "Read the file again with another encoding: what was lost here is still in it."
        return Finding(kind, (name,), "info", f"{message}.", fix, "to_review", None, where)
    action = FixAction("mend_text", "Repair the text", (name,))
    fix = (
        "Repair each such cell, now and in every prediction; or read the file in another encoding."
    )
    return Finding(kind, (name,), "info", f"{message}.", fix, "to_review", action, where)


def _mask(found: pa.Array) -> NDArray[np.bool_]:
    filled = pc.fill_null(found, False).to_numpy(zero_copy_only=False)
    return np.asarray(filled, dtype=np.bool_)
