"""The maps show each pair and each gap where it belongs, and nobody's markup."""

from __future__ import annotations

from automl_core.charts.heatmap import draw_associations, draw_missing
from automl_core.profile.associations import Associations, Pair
from automl_core.profile.missing_map import MissingMap


def test_pairs_stand_on_both_sides_of_an_empty_diagonal() -> None:
    pairs = (Pair("<b>a", "c", 0.75, "rank correlation", -1),)
    found = Associations(
        ("<b>a", "c", "d"),
        ((1.0, 0.75, None), (0.75, 1.0, None), (None, None, 1.0)),
        pairs,
        9,
        0,
        3,
    )
    drawing = draw_associations(found)
    (trace,) = drawing.traces
    assert trace["z"] == [[None, 0.75, None], [0.75, None, None], [None, None, None]]
    assert trace["text"][1][0].endswith("rank correlation −0.75")
    assert "<b><b>" not in str(trace["text"])
    drawing.figure()  # Plotly takes it


def test_gaps_are_shown_by_column_with_their_share() -> None:
    found = MissingMap(("x", "y"), ((0.0, 1.0), (0.5, 0.5)), (0.5, 0.001), (), 10, 0)
    drawing = draw_missing(found)
    (trace,) = drawing.traces
    assert trace["z"] == [[0.0, 1.0], [0.5, 0.5]]
    assert drawing.layout["yaxis"]["ticktext"] == ["x 50 % ", "y "]
    assert "100 % missing in rows 50 to 100 %" in trace["text"][0][1]
    drawing.figure()
