"""answer.json: a threshold decides the class, intervals stand around values; damage is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from automl_core.errors import ModelError
from automl_core.evaluation import prediction_intervals
from automl_core.export.answer import (
    ANSWER_FILE,
    AnswerRecord,
    Intervals,
    Threshold,
    measured_intervals,
)
from automl_core.export.predictor import load_predictor, predictor_files
from automl_core.export.predictor_files import split_members
from automl_core.export.scoring import predictions_table
from automl_core.files import dump_json
from automl_core.types import Task
from tests import small


@pytest.mark.parametrize("above", [0.0, 0.2, 0.9, 1.0])
@pytest.mark.parametrize("label", ["yes", "no"])
def test_a_threshold_decides_the_class_and_leaves_the_probabilities(
    label: str, above: float
) -> None:
    plain = small.predictor("binary", "lightgbm")
    answer = AnswerRecord(threshold=Threshold(label, above))
    files = predictor_files(replace(plain, answer=answer))
    model = load_predictor(files)
    assert model.answer == answer and len(split_members(files)) == len(plain.members)
    table = small.table(60, seed=3)
    got, before = predictions_table(model, table), predictions_table(plain, table)
    other = {"yes": "no", "no": "yes"}[label]
    chances = before.column(f"probability_{label}").to_pylist()
    expected = [label if p > above else other for p in chances]
    assert got.column("prediction").to_pylist() == expected
    assert got.drop(["prediction"]).equals(before.drop(["prediction"]))


def test_intervals_stand_beside_values_and_take_their_width_from_them() -> None:
    plain = small.predictor("regression", "lightgbm")
    table = small.table(60, seed=3)
    values = plain.predict_table(table)
    middle = float(np.median(values))
    model = replace(plain, answer=AnswerRecord(intervals=Intervals(0.9, (middle,), (5.0, 50.0))))
    got = predictions_table(load_predictor(predictor_files(model)), table)
    assert got.column_names == ["prediction", "low_90", "high_90"]
    half = np.where(values < middle, 5.0, 50.0)
    assert got.column("low_90").to_numpy() == pytest.approx(values - half)
    assert got.column("high_90").to_numpy() == pytest.approx(values + half)


def test_measured_intervals_hold_the_rows_that_they_promise() -> None:
    random = np.random.default_rng(0)
    prediction = random.uniform(0, 100, 8000)
    y = prediction + random.normal(0, 1 + prediction / 10)
    found = prediction_intervals(y[:4000], prediction[:4000])
    assert found is not None and found.is_local
    low, high = measured_intervals(found).around(prediction[4000:])
    assert np.mean((low <= y[4000:]) & (y[4000:] <= high)) == pytest.approx(0.9, abs=0.03)


DAMAGED = (
    {"threshold": {"label": "yes", "above": 1.5}},
    {"threshold": {"label": "perhaps", "above": 0.5}},
    {"threshold": {"label": "yes"}},
    {"intervals": {"level": 0.9, "starts": [], "half_widths": [1.0]}},  # of two classes
    {"unknown": 1},
    {"format_version": 2},
)


@pytest.mark.parametrize("plain", DAMAGED)
def test_what_makes_no_sense_for_two_classes_is_refused(plain: dict[str, object]) -> None:
    _refused("binary", plain)


@pytest.mark.parametrize(
    "intervals",
    [
        {"level": 0.9, "starts": [1.0], "half_widths": [1.0]},
        {"level": 0.9, "starts": [2.0, 1.0], "half_widths": [1.0, 1.0, 1.0]},
        {"level": 90, "starts": [], "half_widths": [1.0]},
        {"level": 0.9, "starts": [], "half_widths": [-1.0]},
    ],
)
def test_intervals_that_make_no_sense_are_refused(intervals: dict[str, object]) -> None:
    _refused("regression", {"intervals": intervals})


def _refused(task: Task, plain: dict[str, object]) -> None:
    files = predictor_files(small.predictor(task, "constant"))
    with pytest.raises(ModelError):
        load_predictor(files | {ANSWER_FILE: dump_json(plain)})
