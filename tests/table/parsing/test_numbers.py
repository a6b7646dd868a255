"""Cells as numbers under a rule: what a model does with rows it has never seen."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from automl_core.table.parsing.numbers import CLOCK, numbers_of_text
from automl_core.table.schema import ParseRule

PLAIN = ParseRule("number")
THOUSANDS = ParseRule("number", thousands=",")
UNITS = ParseRule("number", units=(("k", 1e3), ("m", 1e6)))
WEIGHTS = ParseRule("number", units=(("g", 0.001), ("kg", 1.0)))
HOURS = ParseRule("number", formats=(CLOCK,))
RANGES = ParseRule("number", thousands=",", ranges=True)


@pytest.mark.parametrize(
    ("rule", "cell", "number"),
    [
        (PLAIN, "(5)", -5), (PLAIN, "5-", -5), (PLAIN, "-$5", -5), (PLAIN, "$ -5", -5),
        (PLAIN, "5 USD", 5), (PLAIN, "R$ 5.5", 5.5), (PLAIN, "12‰", 12), (PLAIN, "\u22125", -5),
        (PLAIN, "1,5", None), (PLAIN, "5 kg", None), (PLAIN, "USDA 5", None), (PLAIN, "()", None),
        (THOUSANDS, "1,234,567.5", 1_234_567.5), (THOUSANDS, "12,34,567", 1_234_567),
        (THOUSANDS, "1,5", None), (THOUSANDS, "1,2345", None), (THOUSANDS, "$1,200 ", 1200),
        (ParseRule("number", thousands=".", decimal=","), "1.234,5", 1234.5),
        (ParseRule("number", thousands=".", decimal=","), "1.23", None),
        (ParseRule("number", thousands="'"), "1’234", 1234),
        (UNITS, "1.5M", 1.5e6), (UNITS, "2 k", 2e3), (UNITS, "7", 7), (UNITS, "7b", None),
        (UNITS, "$3K", 3e3), (UNITS, "1m 2k", 1_002_000), (UNITS, "k", None),
        (WEIGHTS, "500g", 0.5), (WEIGHTS, "2 KG", 2), (WEIGHTS, "2 mg", None),
        (WEIGHTS, "1kg 250g", 1.25), (WEIGHTS, "1.2.3 kg", None),
        (HOURS, "13:30", 13.5), (HOURS, "1:30 p.m.", 13.5), (HOURS, "12:00 AM", 0),
        (HOURS, "0:00:36", 0.01), (HOURS, "13.5", None), (HOURS, "13:75", None),
        (RANGES, "10-20", 15), (RANGES, "1,000 – 3,000", 2000), (RANGES, "5 to 6", 5.5),
        (RANGES, "65+", 65), (RANGES, "> 65", 65), (RANGES, "<10", 5), (RANGES, "10 or less", 5),
        (RANGES, "7", 7), (RANGES, "a-b", None), (RANGES, "", None), (RANGES, "1-2-3", None),
    ],
)  # fmt: skip
def test_a_cell_under_a_rule(rule: ParseRule, cell: str, number: float | None) -> None:
    (found,) = numbers_of_text(pa.array([cell]), rule)
    if number is None:
        assert np.isnan(found)
    else:
        assert found == pytest.approx(number)


@pytest.mark.parametrize("rule", [PLAIN, THOUSANDS, UNITS, HOURS, RANGES])
def test_no_cells_and_none(rule: ParseRule) -> None:
    assert len(numbers_of_text(pa.array([], pa.string()), rule)) == 0
    assert np.isnan(numbers_of_text(pa.array([None, "", " "], pa.string()), rule)).all()
