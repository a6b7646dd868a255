"""The learning curve over rows as drawn."""

from __future__ import annotations

from automl_core.charts.row_curve import draw_row_curve
from automl_core.evaluation.row_curve import RowScores, forecast


def test_points_line_and_band_stand_at_their_rows() -> None:
    scores = ((0.8, 0.81), (0.85, 0.86), (0.88, 0.89), (0.9, 0.91))
    found = forecast(RowScores("roc_auc", (100, 200, 400, 800), scores, 800))
    assert found is not None
    drawing = draw_row_curve(found)
    band, line, points = drawing.traces
    assert points["x"] == [100, 200, 400, 800] and points["y"][0] == 0.805
    assert line["x"][0] == 100 and line["x"][-1] == 1600
    assert len(band["x"]) == 2 * len(line["x"])
    assert "better" in drawing.layout["yaxis"]["title"]["text"]
    assert drawing.layout["shapes"][0]["x0"] == 800
    assert "Twice the rows" in drawing.alt
    drawing.figure()
