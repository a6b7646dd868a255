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
    assert drawing.traces[1]["customdata"][1][1] == "80 %"


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


def test_ranges_are_named_by_their_beginnings_and_labels_stand_side_by_side() -> None:
    days = tuple(f"2019-{i:02}-06 to 2019-{i + 1:02}-05" for i in range(10, 34))
    axis = draw_spread(Distribution("day", days, ((1,) * 24,), (), (), 0, 24), None).layout["xaxis"]
    assert axis["ticktext"][:2] == ["2019-10-06", "2019-15-06"] and axis["tickangle"] == 0
    assert sum(len(text) + 2 for text in axis["ticktext"]) <= 60 + 12


def test_each_of_a_few_values_has_its_label() -> None:
    names = tuple(f"a rather long name {i}" for i in range(10))
    axis = draw_spread(Distribution("x", names, ((1,) * 10,), (), (), 0, 10), None).layout["xaxis"]
    assert axis["tickvals"] == list(range(10))
    assert all(len(text) <= 10 for text in axis["ticktext"])
