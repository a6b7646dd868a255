"""Words for a missing value, among numbers and among words."""

from __future__ import annotations

from automl_core.table.inference.missing_marks import MARKS, WORD_MARKS
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
