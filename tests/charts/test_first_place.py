"""First places as bars."""

from __future__ import annotations

from automl_core.charts.first_place import draw_first_place
from automl_core.evaluation.first_place import FirstPlace, Standing


def test_bars_are_as_long_as_the_share_of_first_places() -> None:
    models = (Standing("best<1>", 0.715, 1, 2), Standing("next", 0.285, 1, 3))
    drawing = draw_first_place(FirstPlace(models, 200, 5000, "best<1> leads."))
    (bars,) = drawing.traces
    assert bars["x"] == [71.5, 28.5] and bars["y"] == [0, 1]
    assert bars["customdata"][1] == ["next", "1 to 3"]
    assert drawing.layout["yaxis"]["ticktext"] == ["best&lt;1&gt; ", "next "]
    assert drawing.layout["xaxis"]["title"]["text"] == "First in so much of 200 draws"
    assert "best&lt;1&gt;: 72 %" in drawing.alt
    drawing.figure()
