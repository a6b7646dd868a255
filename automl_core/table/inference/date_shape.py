"""Cells that look like dates, whether or not any format reads them."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from automl_core.table.parsing import is_date_word

_TOKEN = re.compile(r"\d+|[^\W\d_]+|[^\w\s]+")
_CLOCK = re.compile(r"(?<![\d:])\d{1,2}:\d\d(?::\d\d(?:[.,]\d+)?)?(?![\d:])")
_LONGEST = 45  # characters of a date with weekday, time and zone
_FIRST_YEAR, _LAST_YEAR = 1700, 2239
_BETWEEN = frozenset("-/.:")


def dated(text: pa.Array) -> NDArray[np.bool_]:
    """(n,) whether each cell has the numbers, words and separators of a date and of nothing else.

    Null is no date. Numbers without a separator and times of day are none either.
    """
    cells = text.to_pylist()
    return np.array([cell is not None and _is_dated(cell) for cell in cells], np.bool_)


def _is_dated(cell: str) -> bool:
    if len(cell) > _LONGEST:
        return False
    date = _CLOCK.sub(" ", cell)
    tokens = _TOKEN.findall(date)
    numbers = [t for t in tokens if t.isdecimal()]
    words = [t for t in tokens if t.isalpha()]
    if (
        len(numbers) + len(words) < 2
        or not numbers
        or not all(is_date_word(word, cell) for word in words)
    ):
        return False
    if any(is_date_word(word, cell) == "month" for word in words):
        return len(numbers[0]) <= 4
    if _is_year(numbers[0]):
        return len(numbers) > 1 and int(numbers[1]) <= 366
    if len(numbers) < 3 or not _BETWEEN.intersection(tokens):
        return False
    small = len(numbers[0]) <= 2 and len(numbers[1]) <= 2
    day_and_month = sorted((int(numbers[0]), int(numbers[1])))
    fits = small and 1 <= day_and_month[0] <= 12 and day_and_month[1] <= 31
    return fits and (len(numbers[2]) == 2 or _is_year(numbers[2]))


def _is_year(number: str) -> bool:
    return len(number) == 4 and _FIRST_YEAR <= int(number) <= _LAST_YEAR
