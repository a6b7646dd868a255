"""The error by slice as drawn: the numbers given, small slices apart, names that are no markup."""

from __future__ import annotations

from automl_core.charts.slices import draw_slices
from automl_core.evaluation.slices import Slice

SLICES = (
    Slice("city", "<b>Oslo</b>", 200, 0.2, 0.15, 0.26, 0.3, 0.9),
    Slice("city", "Rome", 100, 0.5, 0.4, 0.6, 0.2, 1e-6),
    Slice("city", "no value", 4, 0.25, None, None, 0.3, None),
    Slice("city", "weightless", 9, None, None, None, None, None),
)


def test_points_stand_at_their_means_with_their_intervals() -> None:
    drawing = draw_slices(SLICES, 0.3, "Share of wrong rows", [SLICES[1]])
    overall, usual, worse, few = drawing.traces
    assert overall["x"] == [0.3, 0.3]
    assert (usual["x"], usual["y"]) == ([0.2], [0])
    assert (worse["x"], worse["y"], worse["name"]) == ([0.5], [1], "among the worst of all columns")
    assert (few["x"], few["y"], few["marker"]["symbol"]) == ([0.25], [2], "circle-open")
    assert worse["error_x"]["array"] == worse["error_x"]["arrayminus"] == [0.1]
    assert few["error_x"]["array"] == [0.0]
    assert [t.strip() for t in drawing.layout["yaxis"]["ticktext"]] == [
        "&lt;b&gt;Oslo&lt;/b&gt;", "Rome", "no value",
    ]  # fmt: skip
    assert drawing.layout["xaxis"]["title"]["text"] == "Share of wrong rows"
    assert "by city" in drawing.alt and "all rows: 0.3" in drawing.alt
    drawing.figure()


def test_of_two_slices_with_one_label_the_worse_is_marked() -> None:
    alike = Slice("city", "Rome", 60, 0.1, 0.05, 0.2, 0.3, 0.9)
    *_, usual, worse = draw_slices((alike, SLICES[1]), 0.3, "Log loss", [SLICES[1]]).traces
    assert (usual["y"], worse["y"]) == ([0], [1])


def test_no_slice_is_an_empty_chart() -> None:
    drawing = draw_slices((), 0.0, "Mean absolute error, in units of <b>price</b>", ())
    assert "<b>" not in drawing.layout["xaxis"]["title"]["text"].replace("<br>", "")
    assert drawing.alt.startswith("Mean absolute error, in units of &lt;b&gt;price")
    assert drawing.figure().data
