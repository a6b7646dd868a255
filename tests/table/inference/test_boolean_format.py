"""Yes and no in words."""

from __future__ import annotations

import pytest

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
