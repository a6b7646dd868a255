"""The price of columns against the score, as drawn."""

from __future__ import annotations

import pytest

from automl_core.charts.column_costs import CHEAPEST, TIED, USUAL, draw_column_costs
from automl_core.evaluation.column_costs import price_sets
from tests.evaluation.test_column_costs import ONE, THREE, TWO, measured


def test_sets_stand_at_their_price_and_the_cheapest_is_marked() -> None:
    found = price_sets(measured(ONE, THREE, TWO), {"a": 2.0}, "EUR")
    drawing = draw_column_costs(found, "EUR <b>")
    by_name = {trace["name"]: trace for trace in drawing.traces}
    assert by_name[CHEAPEST]["x"] == [3] and by_name[CHEAPEST]["text"] == ["2"]
    assert by_name[TIED]["x"] == [4, 5] and by_name[USUAL]["x"] == [2]
    assert by_name[USUAL]["y"] == [0.8]
    assert by_name[CHEAPEST]["error_y"]["array"][0] == pytest.approx(0.01)
    assert by_name["all columns"]["y"] == [0.9, 0.9]
    front = by_name["front: none cheaper and better"]
    assert front["x"] == [2, 3, 4] and front["y"] == sorted(front["y"])
    assert drawing.layout["xaxis"]["title"]["text"] == "Price of the columns, EUR &lt;b&gt;"
    assert "higher is better" in drawing.layout["yaxis"]["title"]["text"].replace("<br>", " ")
    assert "2 of 4 columns" in drawing.alt and "a, b" in by_name[CHEAPEST]["customdata"][0][1]
    drawing.figure()


def test_one_set_alone_has_no_front() -> None:
    drawing = draw_column_costs(price_sets(measured(), {}))
    assert [trace["name"] for trace in drawing.traces] == ["all columns", CHEAPEST]
    drawing.figure()
