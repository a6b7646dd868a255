"""Words for a missing value, among numbers and among words."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from automl_core.table.inference.missing_marks import (
    MARKS,
    WORD_MARKS,
    is_missing_mark,
    may_be_missing,
)
from tests.table.guessed import guessed


def test_a_word_that_may_be_a_level_is_kept_and_said() -> None:
    levels = guessed(["Gd", "TA", "None", "Fa"] * 30)
    assert (levels.missing, levels.distinct) == (0, 4)
    assert "'none' kept as a value of its own" in levels.reason
    gaps = guessed(["red", "green", "?", "N/A"] * 30)
    assert (gaps.missing, gaps.distinct) == (60, 2)
    assert "missing where it says '?', 'n/a'" in gaps.reason


def test_marks_among_words_are_marks_everywhere() -> None:
    assert WORD_MARKS < MARKS
    assert all(mark == mark.strip().lower() for mark in MARKS)


FAILED = [
    *("1.#INF", "-1.#IND", "1.#QNAN", "1.#SNAN", "-1.#inf00", "NaN", "-nan", "+NAN", "nan(ind)"),
    *("Infinity", "-Infinity", "+inf", "-INF", "\u221e", "\u2212inf"),
    *("#DIV/0!", "#div/0!", "#REF!", "#NUM!", "#NAME?", "#WERT!", "#¡VALOR!", "#SPILL!", "Err:502"),
    *("#N/A", "#n/a", "N/A"),
]


@pytest.mark.parametrize("mark", FAILED)
def test_results_that_are_no_numbers_are_missing_in_any_case_and_sign(mark: str) -> None:
    assert is_missing_mark(mark) and may_be_missing(pa.array([mark, " " + mark])).to_pylist() == (
        [True, True]
    )
    column = guessed([*map(str, np.arange(40) / 3), *[mark] * 9])
    assert (column.role, column.missing) == ("numeric", 9)


@pytest.mark.parametrize("word", ["infant", "information", "#1", "nancy", "1.#", "-1", ""])
def test_words_and_numbers_are_no_such_results(word: str) -> None:
    assert not is_missing_mark(word) and may_be_missing(pa.array([word, None])).to_pylist() == (
        [False, False]
    )
