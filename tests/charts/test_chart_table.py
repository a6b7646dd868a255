"""The table of a chart: the numbers that it draws, under the names that stand on its axes."""

from __future__ import annotations

import pytest

from automl_core.charts.chart_table import chart_table
from automl_core.charts.classification import draw_confusion, draw_roc
from automl_core.charts.contributions import contribution_bars, draw_contributions
from automl_core.charts.drawing import Drawing, drawing_of
from automl_core.charts.heatmap import draw_associations
from automl_core.charts.regression import draw_actual_predicted
from automl_core.charts.slices import draw_slices
from automl_core.evaluation.diagnostics import ActualPredicted, Confusion, RocCurve
from automl_core.evaluation.slices import Slice
from automl_core.explain.contributions import Contributions
from automl_core.export import csv_bytes
from automl_core.profile.associations import Associations


def rows(drawing: Drawing) -> list[dict[str, object]]:
    return chart_table(drawing).to_pylist()


def test_points_have_the_names_and_ends_that_are_drawn() -> None:
    slices = (
        Slice("city", "<b>Oslo</b>", 200, 0.2, 0.15, 0.26, 0.3, 0.9),
        Slice("city", "no value", 4, 0.25, None, None, 0.3, None),
    )
    every, _, oslo, few = rows(draw_slices(slices, 0.3, "Share of wrong rows", ()))
    assert every == {
        "series": "all rows", "Share of wrong rows": 0.3, "y": None, "low": None, "high": None,
        "details": None,
    }  # fmt: skip
    assert (oslo["y"], oslo["Share of wrong rows"]) == ("<b>Oslo</b>", 0.2)
    assert oslo["low"] == pytest.approx(0.15) and oslo["high"] == pytest.approx(0.26)
    assert "200 rows" in str(oslo["details"]) and "<br>" not in str(oslo["details"])
    assert few["series"] == "too few rows to say" and few["low"] is None


def test_of_percent_and_of_maps() -> None:
    curve = RocCurve("yes", (0.0, 0.5, 1.0), (0.0, 0.75, 1.0), 0.7)
    table = chart_table(drawing_of(draw_roc([curve]), ""))
    assert table.column_names == ["series", "False positive rate, %", "True positive rate, %"]
    assert table.column(2).to_pylist()[:3] == [0.0, 75.0, 100.0]
    matrix = Confusion(("no", "yes"), ((3, 1), (0, 4)), 0.75, "")
    first, second, *_ = found = rows(drawing_of(draw_confusion(matrix), ""))
    assert len(found) == 4  # the words in the cells are no further points
    assert (first["Predicted"], first["Actual"], first["value"]) == ("no", "no", 75.0)
    assert second["details"] == "1"
    pairs = Associations(("a", "b"), ((1.0, 0.4), (0.4, 1.0)), (), 10, 2, 0)
    assert [(r["x"], r["y"], r.get("value")) for r in rows(draw_associations(pairs))] == [
        ("a", "a", None), ("b", "a", 0.4), ("a", "b", 0.4), ("b", "b", None),
    ]  # fmt: skip


def test_bars_that_begin_somewhere_end_where_they_are_drawn() -> None:
    found = Contributions(
        (("age",), ("=city",)), (0.4, -0.1), (0.0, 0.0), 0.8, 0.5, 10, 0, True, True
    )
    bars = contribution_bars(found, {"age": "37", "=city": "Rome"})
    table = chart_table(draw_contributions(bars, "Probability of yes", True))
    age, city = table.to_pylist()
    assert (age["from"], age["Probability of yes, %"]) == (50.0, 90.0)
    assert (city["from"], city["Probability of yes, %"]) == (90.0, pytest.approx(80.0))
    assert str(age["y"]).startswith("age = 37")
    assert b"\"'=city" in csv_bytes(table, guard_formulas=True)


def test_a_scale_of_its_own_is_said_and_its_points_told() -> None:
    values = ActualPredicted(
        (1.0, 50.0, 4000.0), (2.0, 40.0, 5000.0), 3, 9.0, 1.0, 0.0, (0.0, 1.0), (3,), 0.0, 1.0, ""
    )  # fmt: skip
    first, *_ = rows(drawing_of(draw_actual_predicted(values, "price"), ""))
    assert "Actual price: place on the axis" in first and first["details"] == "1.0; 2.0"


def test_only_what_is_shown_of_a_point_is_told() -> None:
    trace = {
        "type": "scatter", "name": "models", "x": [1.0, 2.0], "y": [None, 0.5],
        "customdata": [[7, "a<br>b", ""], [8, "c", ", tied"]],
        "hovertemplate": "<b>%{customdata[1]}</b> %{y}%{customdata[2]}<extra></extra>",
    }  # fmt: skip
    first, second = rows(Drawing((trace,), {}, ""))
    assert first == {"series": "models", "x": 1.0, "y": None, "details": "a b"}
    assert second["details"] == "c; tied"
