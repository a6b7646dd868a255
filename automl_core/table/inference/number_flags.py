"""Marks beside numbers that tell something about them: "100.0 p", "12*", "<5", "5 (est.)", "5 est".

Statistical offices and laboratories write them so. Dropped, they leave numbers; what they say
is lost, so that a user has to know of them.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from automl_core.table.inference.column_stats import ColumnStats
from automl_core.table.inference.units import DIMENSIONS, MAGNITUDES
from automl_core.table.parsing import BEFORE, FOOTNOTE

_CELL = (
    rf"^(?P<before>{BEFORE})?\s?[+-]?[\d.,'\s]*\d[.,]?(?:[eE][+-]?\d+)?"
    rf"(?P<blank>\s)?(?P<behind>{FOOTNOTE}|\p{{L}}{{1,2}}|\p{{L}}{{3,20}}\.?)?$"
)
_MOST = 12
_LETTERS = 2  # of a mark that is no word
_LEAST_PLAIN = 0.4  # of the rows
_MOST_GLUED = 0.2  # of the rows with a letter and no blank before it, as house numbers have
_LEAST_DIFFERENT, _LEAST_DIFFERENT_GLUED = 5, 20  # plain numbers


def flags_among(stats: ColumnStats) -> tuple[str, ...]:
    """Marks beside some of the numbers, the most frequent first; none where most have one.

    A letter that may be a unit or a magnitude, "5 k" beside "900", is none.
    """
    parts = pc.extract_regex(stats.shapes.plain, _CELL)
    fits = pc.is_valid(parts).to_numpy(zero_copy_only=False)
    if not fits.any():
        return ()
    before, blank, behind = (pc.struct_field(parts, i) for i in range(3))
    rows: dict[str, int] = {}
    for marks in (before, behind):
        for mark, count in _rows_of(marks, stats).items():
            rows[mark] = rows.get(mark, 0) + count
    flagged = _filled(before) | _filled(behind)
    plain = fits & ~flagged
    letters = pc.match_substring_regex(behind, r"^\p{L}")
    glued = fits & pc.fill_null(letters, False).to_numpy(zero_copy_only=False) & ~_filled(blank)
    every = stats.counts[fits].sum()
    least = _LEAST_DIFFERENT_GLUED if glued.any() else _LEAST_DIFFERENT
    usable = rows and len(rows) <= _MOST and plain.sum() >= least
    if not usable or stats.counts[plain].sum() < _LEAST_PLAIN * every:
        return ()
    if pc.any(pc.match_substring_regex(behind.filter(pa.array(glued)), r"^\p{L}{3}")).as_py():
        return ()
    if stats.counts[glued].sum() > _MOST_GLUED * every or any(map(_may_multiply, rows)):
        return ()
    return tuple(sorted(rows, key=lambda mark: (-rows[mark], mark)))


def has_words(flags: tuple[str, ...]) -> bool:
    """True if a mark is a word, such as "est": it might be a unit that is not known here."""
    return any(sum(map(str.isalpha, flag)) > _LETTERS for flag in flags)


def names_magnitude(mark: str) -> bool:
    """True for a word that multiplies, such as million, and for M and B."""
    lower = mark.lower().strip("()[]. ")
    return lower in MAGNITUDES and (mark in ("M", "B") or len(lower) > _LETTERS)


def _may_multiply(mark: str) -> bool:
    """True for a magnitude, and for a unit whose name is more than a letter."""
    lower = mark.lower().strip("()[].")
    unit = len(lower) > 1 and any(lower in table for table in DIMENSIONS.values())
    return lower in ("k", "mm", "mn", "bn", "tn", "cr") or unit or names_magnitude(mark)


def _rows_of(marks: pa.Array, stats: ColumnStats) -> dict[str, int]:
    rows: dict[str, int] = {}
    for mark, count in zip(marks.to_pylist(), stats.counts.tolist(), strict=True):
        if mark:
            rows[mark] = rows.get(mark, 0) + count
    return rows


def _filled(marks: pa.Array) -> np.ndarray:
    return np.asarray(
        pc.fill_null(pc.not_equal(marks, ""), False).to_numpy(zero_copy_only=False), np.bool_
    )
