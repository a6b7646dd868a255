"""The target's distribution: classes by size with shares, and a histogram of values."""

from __future__ import annotations

from automl_core.charts.target_distribution import MOST_CLASSES, draw_target
from automl_core.table.inference.target import TargetSummary


def test_classes_are_sorted_by_size_and_only_the_largest_are_drawn() -> None:
    labels = tuple(f"<i>{i}</i>" for i in range(15))
    counts = tuple(range(15, 0, -1))
    summary = TargetSummary("y", "multiclass", 120, 0, labels, counts, (), (), None, "", ())
    drawing = draw_target(summary)
    trace = drawing.traces[0]
    assert trace["x"] == list(counts[:MOST_CLASSES])
    assert trace["text"][0] == "15 (12 %)"
    assert "5 not shown" in drawing.layout["xaxis"]["title"]["text"]
    assert drawing.layout["yaxis"]["ticktext"][0].strip() == "&lt;i&gt;0&lt;/i&gt;"
    drawing.figure()


def test_numbers_are_a_histogram_with_bars_as_wide_as_their_bins() -> None:
    summary = TargetSummary("y", "regression", 6, 0, (), (), (0.0, 1.0, 3.0), (2, 4), None, "", ())
    trace = draw_target(summary).traces[0]
    assert trace["x"] == [0.5, 2.0]
    assert trace["width"] == [1.0, 2.0]
    assert trace["y"] == [2, 4]
