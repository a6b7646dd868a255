"""Figures of two classes show the numbers they were given, name their axes, and run no markup."""

from __future__ import annotations

from dataclasses import replace

import pytest

from automl_core.charts import (
    Drawing,
    draw_decision,
    draw_gain,
    draw_lift,
    draw_precision_recall,
    draw_reliability,
    draw_score_histogram,
)
from automl_core.evaluation import (
    CumulativeGain,
    Decision,
    Estimate,
    PrecisionRecall,
    Reliability,
    ScoreHistogram,
)

CURVE = PrecisionRecall("<b>", (0.5, 1.0), (0.9, 0.6), (0.8, 0.2), 0.75, 0.3, "Found <b>.")
GAIN = CumulativeGain("<b>", (0, 0.2, 1), (0, 0.6, 1), (3, 3, 1), 0.25, "Holds.", "Three times.")
BINS = Reliability("<b>", (0.1, 0.8), (0.2, 0.7), (0.1, 0.5), (0.4, 0.8), (40, 41), 0.1, "Off.")
SCORES = ScoreHistogram(("no", "<b>"), (0, 0.5, 1), ((0.75, 0.25), (0.1, 0.9)), "Apart.")
EXPECTED = Estimate(8.0, 5.0, 12.0)
DECISION = Decision(
    0.4, 0.3, 0.5, EXPECTED, (), (0, 0.5, 1), (0, 9, -4), (0, 7, -3), False, "Flag them."
)
ALL = {
    "Precision and recall. Found <b>.": draw_precision_recall(CURVE),
    "Cumulative gain. Holds.": draw_gain(GAIN),
    "Lift. Three times.": draw_lift(GAIN),
    "Calibration. Off.": draw_reliability(BINS),
    "Probabilities by class. Apart.": draw_score_histogram(SCORES),
    "Gain by share of rows flagged. Flag them.": draw_decision(DECISION),
}


@pytest.mark.parametrize(("alt", "drawing"), ALL.items())
def test_axes_are_named_words_go_with_it_and_labels_are_no_markup(
    alt: str, drawing: Drawing
) -> None:
    assert drawing.alt == alt
    figure = drawing.figure()
    assert figure.layout.xaxis.title.text and figure.layout.yaxis.title.text
    assert "“<b>”" not in figure.to_json() and "of <b>" not in figure.to_json()


def test_precision_by_recall_beside_guessing() -> None:
    line, random = draw_precision_recall(CURVE).traces
    assert (line["x"], line["y"], line["customdata"]) == ([50, 100], [90, 60], [0.8, 0.2])
    assert line["name"] == "average precision 0.750"
    assert random["y"] == [30, 30]


def test_a_model_that_says_the_same_of_every_row_is_a_point() -> None:
    line, _ = draw_precision_recall(replace(CURVE, recall=(1,), precision=(0.3,))).traces
    assert (line["mode"], line["x"], line["y"]) == ("markers", [100], [30])


def test_gain_beside_a_perfect_ranking_and_lift_without_its_start() -> None:
    line, perfect, random = draw_gain(GAIN).traces
    assert (line["x"], line["y"]) == ([0, 20, 100], [0, 60, 100])
    assert (perfect["x"], perfect["y"]) == ([0, 25, 100], [0, 100, 100])
    assert random["x"] == random["y"] == [0, 100]
    line, random = draw_lift(GAIN).traces
    assert (line["x"], line["y"], random["y"]) == ([20, 100], [3, 1], [1, 1])


def test_calibration_has_its_intervals() -> None:
    points, line = draw_reliability(BINS).traces
    assert (points["x"], points["y"]) == ([10, 80], [20, 70])
    assert points["error_y"]["array"] == pytest.approx([20, 10])
    assert points["error_y"]["arrayminus"] == pytest.approx([10, 20])
    assert points["customdata"][0] == "10 % to 40 %, 40 rows"
    assert line["x"] == line["y"] == [0, 100]


def test_both_classes_lie_over_each_other() -> None:
    drawing = draw_score_histogram(SCORES)
    assert [t["name"] for t in drawing.traces] == ["no", "&lt;b&gt;"]
    assert [t["y"] for t in drawing.traces] == [[75, 25], [10, 90]]
    assert drawing.traces[0]["x"] == [25, 75]
    assert drawing.layout["barmode"] == "overlay"


def test_the_best_share_is_marked_with_what_is_expected_of_it() -> None:
    seen, line, best = draw_decision(DECISION).traces
    assert (seen["x"], seen["y"]) == ([0, 50, 100], [0, 9, -4])
    assert (line["x"], line["y"]) == ([0, 50, 100], [0, 7, -3])
    assert (best["x"], best["y"]) == ([50], [8])
    assert (best["error_y"]["array"], best["error_y"]["arrayminus"]) == ([4], [3])
