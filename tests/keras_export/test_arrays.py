"""Typed cells become arrays with numpy alone: strings as the numbers of their characters."""

from __future__ import annotations

import numpy as np

from automl_core.keras_export.arrays import NUL, arrays, code_points


def _input(form: str, **more: object) -> dict[str, object]:
    return {"name": "x", "source": "column:x", "form": form, **more}


def _array(cells: list[object], form: str, **more: object) -> np.ndarray:
    return arrays([_input(form, **more)], {"column:x": cells})["x"]


def test_words_are_cut_one_character_behind_the_longest_that_is_known() -> None:
    found = _array(["ab", "", "abcdef", "é🚲"], "word", width=3)
    assert found.dtype == np.int32
    assert found.tolist() == [[97, 98, 0], [0, 0, 0], [97, 98, 99], [233, 0x1F6B2, 0]]
    assert _array([], "word", width=3).shape == (0, 3)


def test_the_character_0_is_no_end() -> None:
    assert _array(["a\0", "a"], "word", width=3).tolist() == [[97, ord(NUL), 0], [97, 0, 0]]


def test_parts_stand_side_by_side_in_as_many_places_as_the_longest_row_needs() -> None:
    found = _array(["a\x1fbc", "", "d"], "items", width=3, pattern="[^\x1f]+")
    assert found.shape == (3, 2, 3)
    assert found[0].tolist() == [[97, 0, 0], [98, 99, 0]]
    assert not found[1].any() and not found[2, 1].any()
    assert _array(["", ""], "words", width=2, pattern="[^ ]+").shape == (2, 1, 2)


def test_texts_numbers_and_signals() -> None:
    assert _array(["ab c", ""], "characters").tolist() == [[97, 98, 32, 99], [0, 0, 0, 0]]
    assert _array(["", ""], "characters").shape == (2, 1)
    numbers = _array([1, np.nan], "number")
    assert numbers.dtype == np.float64 and numbers[0] == 1 and np.isnan(numbers[1])
    assert _array([], "signals", width=7).shape == (0, 7)


def test_long_lists_of_words_need_no_loop_over_characters() -> None:
    words = ["x" * 20_000, "y"]
    assert code_points(words, 5).tolist() == [[120] * 5, [121, 0, 0, 0, 0]]
