"""Numbers and dates in the digits of any script, at training and in new rows."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from automl_core.table.cell_text import with_ascii_digits
from automl_core.table.inference import infer_schema
from automl_core.table.parsing import numbers_of_text, parse_column
from automl_core.table.schema import ParseRule

DIGITS = {
    "arabic": ("٠١٢٣٤٥٦٧٨٩", "٫", "٬"),
    "persian": ("۰۱۲۳۴۵۶۷۸۹", "٫", "،"),
    "devanagari": ("०१२३४५६७८९", ".", ","),
    "full width": ("０１２３４５６７８９", "．", "，"),
}
PLAIN = [f"{12_000 + 997.25 * i:,.2f}" for i in range(30)]
DAYS = [f"2020-{1 + i % 12:02}-{1 + i:02}" for i in range(28)]


def _in(script: str, cells: list[str]) -> list[str]:
    digits, decimal, thousands = DIGITS[script]
    table = str.maketrans("0123456789.,", digits + decimal + thousands)
    return [cell.translate(table) for cell in cells]


@pytest.mark.parametrize("script", DIGITS)
def test_numbers_and_dates_are_read_in_any_script(script: str) -> None:
    numbers = pa.table({"x": _in(script, PLAIN)})
    days = pa.table({"d": _in(script, DAYS)})
    column = infer_schema(numbers).column("x")
    day = infer_schema(days).column("d")
    assert (column.role, day.role) == ("numeric", "datetime")
    expected = [float(cell.replace(",", "")) for cell in PLAIN]
    assert parse_column(numbers["x"], "x", column.parse).numbers == pytest.approx(expected)
    seconds = np.array(DAYS, "datetime64[s]").astype(float)
    assert parse_column(days["d"], "d", day.parse).numbers == pytest.approx(seconds)


@pytest.mark.parametrize("script", DIGITS)
def test_new_rows_may_be_in_another_script_than_the_training_rows(script: str) -> None:
    rule = infer_schema(pa.table({"x": PLAIN})).column("x").parse
    cells = pa.array(_in(script, PLAIN[:3]))
    assert numbers_of_text(cells, rule) == pytest.approx([12_000, 12_997.25, 13_994.5])
    seconds = parse_column(pa.array(_in(script, DAYS[:1])), "d", ParseRule("datetime")).numbers
    assert seconds == pytest.approx([1_577_836_800])


def test_arabic_marks_are_the_rules_marks() -> None:
    rule = ParseRule("number", decimal=",", thousands=".")
    cells = pa.array(["١٬٢٣٤٫٥", "1.234,5", "\u200f12\u200e", "٤٥٪", None])
    found = numbers_of_text(cells, rule)
    assert found[:4] == pytest.approx([1234.5, 1234.5, 12, 45]) and np.isnan(found[4])


@pytest.mark.parametrize(
    ("cells", "role"),
    [
        ([f"{i:05}" for i in range(0, 900, 30)], "id"),  # with leading zeros
        (["10", "20", "30"] * 20, "numeric"),
    ],
)
def test_codes_stay_codes(cells: list[str], role: str) -> None:
    found = infer_schema(pa.table({"a": cells, "b": _in("arabic", cells)}))
    assert found.column("a").role == found.column("b").role == role


def test_cells_without_such_digits_are_as_they_were() -> None:
    cells = pa.array(["Straße ５", "Größe", "½", None, "12"])
    assert with_ascii_digits(cells).to_pylist() == ["Straße 5", "Größe", "½", None, "12"]
