"""Findings about how cells are written: units, words among numbers, wrong text encodings."""

from __future__ import annotations

import pytest

from automl_core.table.checks.cell_format import mixed_types, unit, wrong_encoding
from automl_core.table.parsing.mojibake import mend_text
from tests.table.checks.looked import found, one

NUMBERS = [f"{i * 7 % 131}.5" for i in range(300)]


def test_a_few_words_among_numbers() -> None:
    cells = [*NUMBERS, *["see note"] * 20, *["3 or 4"] * 20]
    finding = mixed_types(*one(cells))
    assert finding is not None and "'see note'" in finding.message
    assert finding.rows == (300, 301, 302, 303, 304)


@pytest.mark.parametrize(
    "cells",
    [NUMBERS, [f"A{i % 50}" for i in range(300)], ["1", "2", "3", "S"] * 80,
     [f"{i}B" if i % 2 else f"C-{i}" for i in range(300)], [*NUMBERS, *["unknown"] * 40]],
)  # fmt: skip
def test_codes_numbers_and_gaps_are_not_mixed(cells: list[str]) -> None:
    assert mixed_types(*one(cells)) is None


def test_units_that_are_read_are_said_as_mended() -> None:
    facts, column, _ = one([f"{i * 7 % 131} kg" for i in range(300)])
    finding = unit(facts, column)
    assert finding is not None
    assert (finding.state == "fixed") == (column.role == "numeric")


def test_text_in_a_wrong_encoding() -> None:
    wrong = "café".encode().decode("cp1252")
    finding = wrong_encoding(*one([wrong, "tea", "milk"] * 40))
    assert finding is not None and "'café'" in finding.message
    assert finding.action is not None and finding.action.kind == "mend_text"
    lost = wrong_encoding(*one(["caf\ufffd", "tea", "milk"] * 40))
    assert lost is not None and lost.action is None


@pytest.mark.parametrize(
    "text", ["SÃO PAULO", "MAÇÃ", "Київ", "東京", "Zoë’s", "Ä–Ö", "ÎLE", "plain", "€ 5", ""]
)
def test_what_is_written_rightly_stays(text: str) -> None:
    assert mend_text(text) == text
    assert wrong_encoding(*one([text, "b", "c"] * 40)) is None


@pytest.mark.parametrize("text", ["café", "it’s", "Łódź", "naïve – “quoted”", "5 €"])
@pytest.mark.parametrize("codec", ["cp1252", "latin-1"])
def test_text_is_mended(text: str, codec: str) -> None:
    try:
        wrong = text.encode().decode(codec)
    except UnicodeDecodeError:
        pytest.skip("bytes that this table of characters has no sign for")
    assert mend_text(wrong) == text


def test_numbers_that_are_read_are_no_words_among_numbers() -> None:
    cells = [str(v) for v in range(200)]
    assert not found({"x": [*cells, "~12", "$5", "7%"]}, "mixed_types")
    (finding,) = found({"x": [*cells, "S", "S"]}, "mixed_types")
    assert finding.state == "fixed" and "'S' in 2 rows" in finding.message
