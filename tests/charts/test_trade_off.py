"""Score against cost: the front, the sentence, and a figure that Plotly takes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from automl_core.charts import draw_trade_off, light_trade_off, trade_off
from automl_core.evaluation import ComparedScore
from automl_core.runs import BoardRow, LightModel, LightModels
from automl_core.runs.light_models import MeasuredCosts
from automl_core.runs.record import LeaderRow
from automl_core.types import TrialStatus


def line(trial: int, score: float | None, ms: float | None, *badges: str) -> BoardRow:
    family = "constant" if trial == 0 else "linear"
    row = LeaderRow(
        None, trial, f"<b>{trial}", family, "Linear", TrialStatus.FINISHED, score, "roc_auc", None,
        None, 1.0, ms, None if ms is None else int(ms * 1e6), "", True, False,
    )  # fmt: skip
    compared = None
    if score is not None:
        compared = ComparedScore(score, score - 0.01, score + 0.01, 0.0, None, None)
    return BoardRow(row, score, compared, badges, None)


LINES = (
    line(1, 0.90, 8.0, "Best", "Tied"),
    line(2, 0.89, 0.5, "Tied", "Fastest"),
    line(3, 0.80, 2.0),
    line(4, 0.70, 0.1),
    line(0, 0.50, 0.001),
    line(5, None, None),
    line(6, 0.90, 0.0),
)


@pytest.mark.parametrize("cost", ["time", "size"])
def test_the_front_has_what_nothing_beats(cost: str) -> None:
    found = trade_off(LINES, "roc_auc", "time" if cost == "time" else "size", chosen=3)
    assert [point.trial for point in found.points] == [4, 2, 3, 1]
    assert [point.on_front for point in found.points] == [True, True, False, True]
    cheaper = "faster" if cost == "time" else "smaller"
    assert f"3 of 4 models lie on the front: no other one is both better and {cheaper}" in (
        found.sentence
    )
    assert f"<b>2 is 16 times {cheaper} than <b>1, the best, and statistically as good" in (
        found.sentence
    )
    drawing = draw_trade_off(found)
    figure = drawing.figure()
    front, ring, points = figure.data
    assert list(front.x) == [0.1, 0.5, 8.0] and list(ring.x) == [2.0]
    assert [carried[0] for carried in points.customdata] == [4, 2, 3, 1]
    assert points.customdata[1][1] == "&lt;b&gt;2"
    assert list(points.marker.symbol) == ["circle-open", "circle", "circle-open", "circle"]
    assert figure.layout.xaxis.type == "log"
    assert "&lt;b&gt;" in drawing.alt


def test_losses_are_better_where_they_are_less() -> None:
    found = trade_off(LINES, "log_loss", "time")
    assert [point.trial for point in found.points if point.on_front] == [4]
    assert found.sentence.endswith("Best is <b>4.")


def test_the_worst_of_many_lie_outside() -> None:
    many = [line(n, 0.9 - 0.001 * n, float(n)) for n in range(1, 20)] + [line(20, 0.1, 20.0)]
    low, high = draw_trade_off(trade_off(many, "roc_auc", "time")).figure().layout.yaxis.range
    assert 0.8 < low < 0.88 and high > 0.9


def test_one_model_is_nothing_to_compare() -> None:
    assert trade_off(LINES[:1], "roc_auc", "time").sentence == "There are no two models to compare."
    assert draw_trade_off(trade_off((), "roc_auc", "size")).figure().data == ()


def test_lighter_models_are_points_too() -> None:
    compared = ComparedScore(0.8, None, None, 0.0, None, None)
    models = tuple(
        LightModel(
            name, "trial", "mlp", (1,), (1.0,), 1.0, replace(compared, score=value, behind=behind),
            MeasuredCosts(ms, ms, int(ms * 1e6)),
        )
        for name, value, behind, ms in (("a", 0.9, 0.0, 4.0), ("b", 0.8, 0.1, 1.0))
    )  # fmt: skip
    found = light_trade_off(LightModels("", "roc_auc", 9, models, True), "size")
    assert [(p.trial, p.name, p.cost, p.on_front) for p in found.points] == [
        (1, "b", 1.0, True),
        (0, "a", 4.0, True),
    ]
