"""Options of reading: words for signs, messages for nonsense, kept for the next."""

from __future__ import annotations

from typing import Any

import pytest

from automl_core.errors import SpecError
from automl_core.table.read_options import GIVEN, ReadOptions, options_of_words


@pytest.mark.parametrize(
    ("word", "sign"),
    [("tab", "\t"), ("\\t", "\t"), ("\t", "\t"), ("Semicolon", ";"), ("space", " "), ("~", "~")],
)
def test_a_delimiter_is_a_sign_or_a_word(word: str, sign: str) -> None:
    assert ReadOptions(delimiter=word).delimiter == sign


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"delimiter": "ab"}, "not one character"),
        ({"delimiter": ""}, "not one character"),
        ({"delimiter": "\n"}, "not one character"),
        ({"encoding": "nope"}, "no encoding of text"),
        ({"encoding": "base64"}, "no encoding of text"),
        ({"encoding": "a\0b"}, "no encoding of text"),
        ({"decimal": "x"}, "neither"),
        ({"decimal": "comma", "delimiter": ","}, "cannot part"),
        ({"skip_rows": -1}, "expected 0"),
        ({"footer_rows": 10**7}, "expected 0"),
    ],
)
def test_what_makes_no_sense_is_said(options: dict[str, Any], words: str) -> None:
    with pytest.raises(SpecError, match=words):
        ReadOptions(**options)


def test_options_add_up() -> None:
    own, usual = ReadOptions(header=False), ReadOptions(header=True, sheet="Data")
    assert own.over(usual) == ReadOptions(header=False, sheet="Data")
    assert own.given == ("header",) and usual.without(("header",)) == ReadOptions(sheet="Data")


def test_words_of_a_table_keep_what_the_next_file_shares() -> None:
    words = {"delimiter": "bar", "header": "no", "skipped rows": "2", "encoding": "cp1252"}
    assert options_of_words(words) == ReadOptions()  # nothing was set
    words[GIVEN] = "delimiter header skip_rows footer_rows encoding"
    assert options_of_words(words) == ReadOptions(delimiter="|", header=False, skip_rows=2)
    assert options_of_words({GIVEN: "delimiter", "delimiter": "other words"}) == ReadOptions()
