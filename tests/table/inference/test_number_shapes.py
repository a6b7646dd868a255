"""Text cells taken apart as numbers are written."""

from __future__ import annotations

import pyarrow as pa

from automl_core.table.inference.number_shapes import NumberShapes


def test_units_money_and_signs_come_apart() -> None:
    shapes = NumberShapes(pa.array(["$4.50", "12 kg", "(3)", None, "red"]))
    assert shapes.plain.to_pylist() == ["4.50", "12 kg", "-3", None, "red"]
    assert shapes.money.to_pylist() == ["$", None, None, None, None]
    assert shapes.units.to_pylist() == [None, "kg", None, None, None]
    assert shapes.numbers.to_pylist() == ["4.50", "12", "-3", None, "red"]


def test_both_ends_of_ranges_are_cells_of_their_own() -> None:
    ends = NumberShapes(pa.array(["10-20", "5", None])).both_ends()
    assert ends.cells.to_pylist() == ["10", "5", None, "20", None, None]
    assert ends.present().cells.to_pylist() == ["10", "5", "20"]


def test_sums_of_units_are_found_by_position() -> None:
    shapes = NumberShapes(pa.array(["7", "2h 50m"]))
    assert shapes.compounds == {1: [("2", "h"), ("50", "m")]}
