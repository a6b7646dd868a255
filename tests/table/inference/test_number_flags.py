"""Marks beside numbers: dropped, said, and the same for new rows."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from automl_core.table.parsing import parse_column
from tests.table.guessed import guessed, numbers_of

VALUES = [round(float(v), 1) for v in np.random.default_rng(3).normal(100, 8, 200)]


def every(step: int, form: str) -> list[str]:
    return [form.format(v) if i % step == 1 else f"{v}" for i, v in enumerate(VALUES)]


@pytest.mark.parametrize(
    ("cells", "flags"),
    [
        (every(7, "{} p"), ("p",)), (every(9, "{}*"), ("*",)), (every(9, "<{}"), ("<",)),
        (every(9, "{} (e)"), ("(e)",)), (every(3, "{}²"), ("²",)), (every(5, "{} [1]"), ("[1]",)),
        (every(9, ">{}"), (">",)), (every(4, "{} b"), ("b",)), (every(9, "{}?"), ("?",)),
        (every(7, "{} (est.)"), ("(est.)",)), (every(5, "{} est."), ("est.",)),
        (every(2, "{} estimated"), ("estimated",)), (every(6, "{} [note 3]"), ("[note 3]",)),
        ([c.replace(".", ",") for c in every(5, "{} r")], ("r",)),
        ([f"{v} {'pe'[i % 2]}" if i % 5 < 2 else f"{v}" for i, v in enumerate(VALUES)], ("e", "p")),
    ],
)  # fmt: skip
def test_flags_are_dropped_and_said(cells: list[str], flags: tuple[str, ...]) -> None:
    found = guessed(cells)
    assert (found.role, found.missing, found.parse.flags) == ("numeric", 0, flags)
    assert "the marks are dropped" in found.reason
    assert numbers_of(cells) == VALUES


def test_a_mark_of_a_missing_cell_may_have_a_footnote() -> None:
    for cells in (every(9, "n/a (2)"), [*every(9, "n/a (2)"), *every(7, "{} (1)")]):
        found = guessed(cells)
        assert found.role == "numeric" and found.parse.missing == ("n/a (2)",)


def test_a_rule_with_flags_reads_new_rows() -> None:
    rule = guessed(every(7, "{} p")).parse
    new = parse_column(pa.array(["5 P", "5", "5*", "5 (x)", "<5", "p", "5 kg", None]), "x", rule)
    assert new.numbers is not None
    assert np.nan_to_num(new.numbers, nan=-1).tolist() == [5, 5, 5, 5, 5, -1, -1, -1]


@pytest.mark.parametrize(
    "cells",
    [
        [f"1.{i % 10}k" if i % 9 == 0 else f"{300 + i}" for i in range(200)],  # a magnitude
        [f"{i % 30}{'ABCD'[i % 4]}" for i in range(200)],  # seats
        [f"{i % 9}{'abcx'[i % 4]}".rstrip("x") for i in range(200)],  # codes
        [f"{i % 90 + 1}{' bis' if i % 5 == 1 else ''}" for i in range(200)],  # house numbers
        [
            f"{v / 40 if i % 5 else v} {'' if i % 5 else 'dozen'}".strip()
            for i, v in enumerate(VALUES)
        ],
        every(5, "{} million"),
        every(5, "{} lb"),
    ],
)
def test_what_may_change_the_number_is_no_flag(cells: list[str]) -> None:
    assert guessed(cells).role != "numeric"


@pytest.mark.parametrize("word", ["kg", "#affected +f", "[m/s]"])
@pytest.mark.parametrize("rows", [6, 60])
def test_a_row_of_units_leaves_numbers(word: str, rows: int) -> None:
    cells = [word, *(str(i % 5) for i in range(rows))]
    found = guessed(cells)
    assert (found.role, found.missing, found.distinct) == ("numeric", 1, 5)
    assert word.lower() in found.reason


def test_a_stray_word_anywhere_leaves_numbers_and_a_level_does_not() -> None:
    numbers = [str(i % 7) for i in range(60)]
    assert guessed([*numbers, "tbc.", *numbers]).role == "numeric"
    assert guessed([*numbers, *["crew"] * 9]).role == "category"
    assert guessed(["1", "2", "3", "S"] * 30).role == "category"


PERCENT = [f"{i % 101}%" for i in range(202)]


def test_percent_is_one_unit_with_and_without_its_sign() -> None:
    written, shares = guessed(PERCENT), guessed([i % 101 / 100 for i in range(202)])
    assert "in percent" in written.reason
    both = pa.array(["45%", "45 %", "0.45"]), pa.array([0.45, 0.45, 0.45])
    for cells in both:
        assert parse_column(cells, "x", written.parse).numbers == pytest.approx([45] * 3)
        assert parse_column(cells, "x", shares.parse).numbers == pytest.approx([0.45] * 3)


def test_percent_beside_shares_and_beside_numbers_without_the_sign() -> None:
    mixed = [c if i % 3 else str(i % 101 / 100) for i, c in enumerate(PERCENT)]
    assert numbers_of(mixed) == [float(i % 101) for i in range(202)]
    bare = [c if i % 3 else c.rstrip("%") for i, c in enumerate(PERCENT)]
    assert numbers_of(bare) == [float(i % 101) for i in range(202)]
    assert guessed(bare).parse.percent == ""
