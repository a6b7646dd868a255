"""Yes and no in words, and words for a missing value."""

from __future__ import annotations

import pytest

from automl_core.table.inference.missing_and_boolean import MARKS, WORD_MARKS
from tests.table.guessed import guessed, numbers_of


@pytest.mark.parametrize(
    "values",
    [
        ["Yes", "No ", " yes", ""], ["Y", "no", "N", "yes"], ["ja", "Nein", "k.A."], ["on", "off"],
        ["true", "F", "false", "T"], ["1", "0", "yes", "no"], ["sí", "no", "si"], ["да", "нет"],
        ["oui", "non", "?"], ["是", "否"], ["tak", "nie"],
    ],
)  # fmt: skip
def test_yes_and_no_in_words(values: list[str]) -> None:
    assert guessed(values * 30).role == "boolean"
    assert set(numbers_of(values * 30)) - {None} == {0.0, 1.0}


@pytest.mark.parametrize(
    "values",
    [["y", "n", "maybe"], ["t", "n"], ["m", "f"], ["yes", "nein"], ["yes", "yes", ""], ["a", "b"]],
)
def test_two_other_words_are_categories(values: list[str]) -> None:
    assert guessed(values * 30).role == "category"


def test_zero_and_one_stay_numbers() -> None:
    assert guessed(["0", "1"] * 30).role == "numeric"


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
