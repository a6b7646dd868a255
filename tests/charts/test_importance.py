"""Importance bars: order, intervals, and names from a file that must not become markup."""

from __future__ import annotations

from automl_core.charts.importance import draw_importance, importance_bars
from automl_core.runs.record.events import Importance
from tests.fake_run import importance


def test_the_most_important_column_is_first_and_the_rest_is_counted() -> None:
    event = Importance(3, 5, ("a", "b", "c"), (0.1, 0.3, -0.1), (0.0, 0.2, -0.2), (0.2, 0.5, 0.0), False)  # fmt: skip  # noqa: E501
    bars = importance_bars(event, most=2)
    assert bars.features == ("b", "a")
    assert bars.others == 1
    trace = draw_importance(bars, "roc_auc").traces[0]
    assert trace["x"] == [0.3, 0.1]
    assert trace["error_x"]["array"] == [0.2, 0.1]
    assert trace["error_x"]["arrayminus"] == [0.1, 0.1]


def test_intervals_shrink_with_the_repeats() -> None:
    def width(repeats: int) -> float:
        bars = importance_bars(importance(1, repeats, False))
        return sum(h - v for h, v in zip(bars.high, bars.low, strict=True))

    assert width(1) > width(5) > width(30)


def test_names_are_shown_as_they_are_and_two_equal_short_names_get_two_bars() -> None:
    long = "x" * 60
    names = ("<b>bold</b>", long + "1", long + "2")
    event = Importance(1, 2, names, (0.3, 0.2, 0.1), (0.3, 0.2, 0.1), (0.3, 0.2, 0.1), True)
    drawing = draw_importance(importance_bars(event), "log_loss")
    assert drawing.layout["yaxis"]["ticktext"][0].strip() == "&lt;b&gt;bold&lt;/b&gt;"
    assert drawing.traces[0]["y"] == [0, 1, 2]
    assert drawing.layout["xaxis"]["title"]["text"] == "Increase in Log loss"
    drawing.figure()


def test_one_shuffle_has_no_interval() -> None:
    event = Importance(1, 1, ("a",), (0.3,), (0.1,), (0.5,), True)
    assert "error_x" not in draw_importance(importance_bars(event), "roc_auc").traces[0]
