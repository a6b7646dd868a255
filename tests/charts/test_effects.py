"""Charts of what a model learned: their numbers, their words, and figures that Plotly takes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from automl_core.charts import (
    column_bars,
    draw_column_importance,
    draw_effect,
    draw_pair,
    draw_words,
    effect_view,
    pair_view,
)
from automl_core.explain import Effect, Explanation, PairEffect, Question, WordEffects, explain
from tests.explain.made import sample


@pytest.fixture(scope="module")
def found() -> Explanation:
    made = sample(lambda c: 3 * c["a"] * c["b"] + 2 * (c["word"] == 2), rows=300)
    *_, last = explain(made, Question("rmse"))
    return last


def _effect(found: Explanation, column: str) -> Effect:
    return next(effect for effect in found.effects if effect.axis.column == column)


def test_importance_has_bars_intervals_and_a_sentence(found: Explanation) -> None:
    assert found.importance is not None
    bars = column_bars(found.importance, most=3)
    assert (len(bars.groups), bars.others) == (3, 1)
    assert bars.sentence.startswith(("a + twin matters most", "b matters most"))
    assert "1 other matters by no more than chance" in bars.sentence
    assert bars.axis == "Increase of RMSE when shuffled"
    figure = draw_column_importance(bars).figure()
    assert list(figure.data[0].x) == [pytest.approx(g.mean, rel=1e-4) for g in bars.groups]
    nothing = replace(found.importance, groups=found.importance.groups[-1:])
    assert "No column matters" in column_bars(nothing).sentence


def test_an_effect_says_where_it_is_lowest_and_highest(found: Explanation) -> None:
    view = effect_view(_effect(found, "word"), 0, "<price>")
    assert view.x == ("red", "green", "blue") and view.bars == pytest.approx(
        (0.6, 0.3, 0.1), abs=0.08
    )
    assert "the predicted <price> is lowest at word = " in view.sentence
    assert "highest at blue" in view.sentence
    drawing = draw_effect(view)
    assert drawing.layout["xaxis"]["ticktext"] == ["red", "green", "blue"]
    assert "&lt;price&gt;" in drawing.figure().layout.yaxis.title.text
    numbers = draw_effect(effect_view(_effect(found, "a"), 0, "price"))
    names = [trace["name"] for trace in numbers.traces]
    assert names.count("single rows") == 20 and names[-1] == "where the data lies"
    assert len(numbers.figure().data) == 24


def test_a_log_axis_is_said_and_drawn(found: Explanation) -> None:
    effect = _effect(found, "a")
    points = tuple(np.geomspace(1, 1_000, len(effect.axis.points)).tolist())
    axis = replace(effect.axis, points=points, edges=(1.0, 100.0, 10_000.0), bars=(0.5, 0.5))
    view = effect_view(replace(effect, axis=replace(axis, log=True)), 0, "price")
    figure = draw_effect(view).figure()
    bars, shape = figure.data[-1], figure.layout
    assert [(x - w / 2, x + w / 2) for x, w in zip(bars.x, bars.width, strict=True)] == [
        (1.0, 100.0),
        (100.0, 10_000.0),
    ]
    assert shape.xaxis.type == "log" and shape.xaxis.title.text == "a, log scale"
    plain = draw_effect(effect_view(effect, 0, "price")).figure().layout
    assert plain.xaxis.type != "log" and plain.xaxis.title.text == "a"


def test_dates_are_dates(found: Explanation) -> None:
    effect = _effect(found, "a")
    days = tuple(86_400.0 * 30 * i for i in range(len(effect.axis.points)))
    axis = replace(effect.axis, kind="datetime", points=days, edges=(0.0, 86_400.0, 2 * 86_400.0))
    view = effect_view(replace(effect, axis=replace(axis, bars=(0.5, 0.5))), 0, "price")
    assert view.x[:2] == ("1970-01-01", "1970-01-31")
    assert " = 19" in view.sentence
    draw_effect(view).figure()


def test_words_have_bars_and_say_which_moves_most() -> None:
    words = WordEffects(
        "<note>", ("yes",), ("refund", "fine"), (0.5, 0.2), ((-0.25, 0.0),), ((-0.3, -0.1),),
        ((-0.2, 0.1),), 300,
    )  # fmt: skip
    drawing = draw_words(words, 0, "churn")
    assert (
        "'refund' moves most: where it stands, the probability of 'yes' is 0.2500 lower"
        in drawing.alt
    )
    assert list(drawing.figure().data[0].x) == [-0.25, 0.0]
    assert len(set(drawing.traces[0]["marker"]["color"])) == 2  # one is no more than chance


def test_a_pair_is_a_map_with_the_share_of_their_interaction(found: Explanation) -> None:
    pair: PairEffect = found.pairs[0]
    assert {pair.x.column, pair.y.column} in ({"a", "b"}, {"twin", "b"})
    view = pair_view(pair, 0, "price")
    assert "is more than the two effects added up" in view.sentence
    for beyond in (False, True):
        drawing = draw_pair(view, beyond)
        z = np.array(drawing.figure().data[0].z)
        assert z.shape == (len(view.y), len(view.x))
        source = view.beyond if beyond else view.mean
        assert pytest.approx(np.array(source), rel=1e-3) == z.T
    assert "no interaction" in pair_view(replace(pair, strength=0.01), 0, "price").sentence
