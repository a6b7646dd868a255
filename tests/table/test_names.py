"""Column names are never empty, unique and on one line."""

from __future__ import annotations

import pytest

from automl_core.table.names import clean_names, name_words


@pytest.mark.parametrize(
    ("names", "cleaned"),
    [
        (["a", "b"], ["a", "b"]),
        (["", " ", "\t"], ["column_1", "column_2", "column_3"]),
        (["a", "a", "a"], ["a", "a_2", "a_3"]),
        (["a", "a_2", "a"], ["a", "a_2", "a_3"]),
        (["", "column_1"], ["column_1_2", "column_1"]),
        (["\ufeffid", " x "], ["id", "x"]),
        (["two\r\nlines", "a\x00b\x1b"], ["two lines", "a b"]),
        (["<b>**`\U0001f600`**</b>", "'\""], ["<b>**`\U0001f600`**</b>", "'\""]),
        (["\ud800"], ["column_1"]),
    ],
)
def test_cleaned(names: list[str], cleaned: list[str]) -> None:
    assert clean_names(names) == cleaned
    assert clean_names(cleaned) == cleaned


def test_long_names_are_cut_and_stay_unique() -> None:
    names = clean_names(["x" * 5_000, "x" * 5_000])
    assert len(set(names)) == 2
    assert max(map(len, names)) <= 203


def test_the_words_of_a_name() -> None:
    for name in ("month_index", "monthIndex", "Month index (1)", "MONTH.index"):
        assert name_words(name) == ("month", "index")
