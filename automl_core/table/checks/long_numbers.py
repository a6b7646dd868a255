"""Whole numbers of 16 digits and more: what of them is exact, and what was rounded.

A float holds whole numbers up to 2^53 exactly; spreadsheets keep 15 digits. Ids of such length
lose their last digits where they pass through either.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from automl_core.table import Column, Finding, FixAction, is_text, shown
from automl_core.table.inference import ColumnStats

KIND = "long_numbers"
EXACT = 2.0**53
LEAST, LONG = 8, 0.5  # different values; share of them that are long
SAME_LENGTH = 0.9  # share of the values with as many digits as most: amounts differ in length
ROUNDED = 0.95  # share of the values that end in zeros
NEARLY_EACH = 0.9  # different values a row, from which on they name the rows
_CLOCKS = ((9e14, 4.2e15), (9e17, 4.2e18))  # micro- and nanoseconds since 1970
_DIGITS = r"^[+-]?\d{16,}$"
_SCIENTIFIC = r"^[+-]?\d(?:[.,]\d{1,8})?[eE]\+?(?:1[5-9]|2\d|3\d)$"


def long_numbers(stats: ColumnStats, column: Column) -> Finding | None:
    """The finding about long whole numbers, also where they are kept exactly."""
    kind = stats.values.type
    if len(stats.values) < LEAST or column.role in ("datetime", "time", "boolean"):
        return None
    if is_text(kind):
        return _of_text(stats, column)
    if not (pa.types.is_integer(kind) or pa.types.is_floating(kind)):
        return None
    floats = stats.values.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    long = np.abs(floats) >= EXACT
    if long.mean() < LONG or not _one_length(floats[long]) or _is_clock(floats):
        return None
    if pa.types.is_floating(kind):
        return _rounded(stats, column, "stored as decimals, which keep 15 digits of them")
    whole = np.abs(stats.values.filter(pa.array(long)).cast(pa.int64(), safe=False).to_numpy())
    if (whole % 100 == 0).mean() >= ROUNDED:
        return _rounded(stats, column, "ending in zeros, as if a spreadsheet had rounded them")
    return _exact(stats, column, len(np.unique(floats)))


def _of_text(stats: ColumnStats, column: Column) -> Finding | None:
    head = stats.text.slice(0, 2_000)
    if (pc.mean(pc.match_substring_regex(head, _SCIENTIFIC)).as_py() or 0.0) >= LONG:
        return _rounded(stats, column, "written with an exponent, as a spreadsheet shows them")
    if (pc.mean(pc.match_substring_regex(head, _DIGITS)).as_py() or 0.0) < LONG:
        return None
    if (pc.mean(pc.match_substring_regex(head, r"\d{14}00$")).as_py() or 0.0) >= ROUNDED:
        return _rounded(stats, column, "ending in zeros, as if a spreadsheet had rounded them")
    numbers = stats.text.filter(pc.fill_null(pc.match_substring_regex(stats.text, _DIGITS), False))
    return _exact(stats, column, len(pc.unique(numbers.cast(pa.float64()))))


def _exact(stats: ColumnStats, column: Column, as_floats: int) -> Finding | None:
    """`as_floats`: how many different values are left where they are read as numbers."""
    name, example = column.name, shown(str(stats.values[0].as_py()))
    message = f"{shown(name)} holds whole numbers of 16 digits and more, such as {example}"
    if column.parse.kind != "number":
        fix = "They are kept digit by digit, as words."
        return Finding(KIND, (name,), "info", f"{message}.", fix, "noted")
    message += ", and numbers are exact up to 9,007,199,254,740,992 only: "
    message += (
        f"{len(stats.values):,} different values become {as_floats:,}."
        if as_floats < len(stats.values)
        else "their last digits are lost."
    )
    role = "id" if len(stats.values) >= NEARLY_EACH * stats.present else "category"
    label = "Use as id" if role == "id" else "Use as category"
    action = FixAction("role", label, (name,), (role,))
    fix = "Let them be an id or words, which keep every digit."
    return Finding(KIND, (name,), "warning", message, fix, "to_review", action)


def _rounded(stats: ColumnStats, column: Column, how: str) -> Finding:
    name = column.name
    message = (
        f"{shown(name)} holds long whole numbers, such as {_written(stats)}, {how}: their last "
        "digits are lost, and different ids may have become one."
    )
    fix = "Write the column as text where the table comes from; what is lost cannot be read here."
    return Finding(KIND, (name,), "warning", message, fix)


def _written(stats: ColumnStats) -> str:
    value = stats.values[0].as_py()
    return shown(f"{value:.0f}" if isinstance(value, float) else str(value))


def _one_length(numbers: NDArray[np.float64]) -> bool:
    """True if nearly all have the same number of digits, 20 at most."""
    digits = np.floor(np.log10(np.abs(numbers))).astype(np.int64) + 1
    most = int(np.bincount(digits).argmax())
    return bool(most <= 20 and (np.abs(digits - most) <= 1).mean() >= SAME_LENGTH)


def _is_clock(numbers: NDArray[np.float64]) -> bool:
    low, high = np.nanmin(numbers), np.nanmax(numbers)
    return any(first <= low and high <= last for first, last in _CLOCKS)
