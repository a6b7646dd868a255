"""The chart of a column shows the numbers it was given, and nobody's markup."""

from __future__ import annotations

from automl_core.charts.column_distribution import draw_spread
from automl_core.profile.by_target import Distribution


def test_classes_are_stacked_and_named() -> None:
    spread = Distribution("<b>x</b>", ("a", "b"), ((3, 1), (0, 4)), ("no", "<i>yes"), (), 0, 8)
    drawing = draw_spread(spread, "y")
    assert [trace["y"] for trace in drawing.traces] == [[3, 1], [0, 4]]
    assert drawing.traces[1]["name"] == "&lt;i&gt;yes"
    assert drawing.layout["barmode"] == "stack" and drawing.layout["showlegend"]
    assert "<b>" not in str(drawing.layout)
    assert drawing.traces[1]["customdata"][1][1] == "80.0 %"


def test_numbers_are_drawn_beside_the_rows() -> None:
    quartiles = ((1, 2, 4), (5, 5, 5), None)
    spread = Distribution("x", ("a", "b", "c"), ((3, 1, 0),), (), quartiles, 0, 4)
    drawing = draw_spread(spread, "price")
    line = drawing.traces[-1]
    assert line["x"] == [0, 1] and line["y"] == [2, 5] and line["yaxis"] == "y2"
    assert line["error_y"]["array"] == [2, 0] and line["error_y"]["arrayminus"] == [1, 0]
    assert drawing.layout["yaxis2"]["title"]["text"] == "price"
    drawing.figure()  # Plotly takes it


def test_without_a_target_there_is_one_quiet_set_of_bars() -> None:
    drawing = draw_spread(Distribution("x", ("a",), ((7,),), (), (), 1, 8), None)
    assert len(drawing.traces) == 1 and not drawing.layout["showlegend"]
