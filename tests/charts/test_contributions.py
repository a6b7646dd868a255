"""Steps of a prediction: they lead from the average to it, and say what was computed."""

from __future__ import annotations

import pytest

from automl_core.charts.contributions import (
    contribution_bars,
    contribution_sentence,
    draw_contributions,
)
from automl_core.explain.contributions import Contributions

WORDS = {"age": "37", "<b>city</b>": "Oslo", "vip": "no", "code": "2", "note": "missing"}


def found(exact: bool = True) -> Contributions:
    players = (("vip",), ("age",), ("<b>city</b>",), ("code", "note"))
    values = (0.01, 0.2, -0.05, 0.04)
    errors = (0.0,) * 4 if exact else (0.001, 0.01, 0.002, 0.003)
    return Contributions(players, values, errors, 0.7, 0.5, 100, 0 if exact else 3, exact, True)


def test_steps_lead_from_the_average_to_the_prediction() -> None:
    bars = contribution_bars(found(), WORDS)
    assert bars.labels == ("age = 37", "<b>city</b> = Oslo", "vip = no", "2 other columns")
    assert bars.starts == pytest.approx((0.5, 0.7, 0.65, 0.66))
    assert bars.starts[-1] + bars.values[-1] == pytest.approx(bars.prediction)
    few = contribution_bars(found(), WORDS, most=1)
    assert few.labels == ("age = 37", "4 other columns")
    assert sum(few.values) == pytest.approx(0.2)


@pytest.mark.parametrize("exact", [True, False])
def test_the_drawing_has_these_numbers_and_no_markup(exact: bool) -> None:
    bars = contribution_bars(found(exact), WORDS)
    drawing = draw_contributions(bars, "Probability of <i>yes</i>", share=True)
    trace = drawing.traces[0]
    assert trace["base"][0] == 50.0 and trace["x"][:2] == [20.0, -5.0]
    assert trace["text"][:2] == ["+20.0", "−5.0"]
    assert ("error_x" in trace) is not exact
    ticks = drawing.layout["yaxis"]["ticktext"]
    assert ticks[:2] == ["age = 37  <b>+20.0</b> ", "&lt;b&gt;city&lt;/b&gt; = Oslo  <b>−5.0</b> "]
    assert "<" not in drawing.alt
    assert "<i>" not in drawing.layout["xaxis"]["title"]["text"]
    assert len(drawing.figure().data[0].x) == 4


def test_the_sentence_names_what_counts_most() -> None:
    bars = contribution_bars(found(), WORDS)
    said = contribution_sentence(bars, "The probability of “yes”", share=True)
    assert said.startswith("The probability of “yes” is 70 %; on average it is 50 %.")
    assert "age = 37 raises it by 20.0 points, <b>city</b> = Oslo lowers it by 5.0 points" in said
    nothing = Contributions((), (), (), 3.0, 3.0, 10, 0, True, True)
    empty = contribution_bars(nothing, {})
    assert "No column makes a difference" in contribution_sentence(empty, "spent", share=False)
    draw_contributions(empty, "spent", share=False).figure()
