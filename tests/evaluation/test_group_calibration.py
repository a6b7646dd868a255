"""Calibration by group: a group that is off is named, chance is not, and coverage is as claimed."""

from __future__ import annotations

import numpy as np
import pytest

from automl_core.evaluation.group_calibration import FEWEST_ROWS, group_calibration
from automl_core.evaluation.group_fairness import Predicted
from automl_core.evaluation.slices import Parts


def seen(rng: np.random.Generator, n: int, shift: np.ndarray | float = 0.0) -> Predicted:
    """Calibrated probabilities of class 1, where `shift` moves what is said."""
    truth = rng.uniform(0.1, 0.9, n)
    y = (rng.random(n) < truth).astype(np.int64)
    said = np.clip(truth + shift, 0.0, 1.0)
    return Predicted(y, np.stack([1 - said, said], axis=1), None, "log_loss", 1, y)


def parts(rng: np.random.Generator, n: int) -> Parts:
    return Parts("g", ("a", "b", "c"), rng.choice(3, n, p=(0.5, 0.3, 0.2)).astype(np.int64))


def test_a_group_that_is_off_is_named_with_the_gap() -> None:
    rng = np.random.default_rng(0)
    groups = parts(rng, 3000)
    found = group_calibration(groups, seen(rng, 3000, np.where(groups.part == 2, 0.1, 0.0)))
    assert found.off == ("c",) and found.gap is not None and found.gap.high == "c"
    assert found.gap.ends[0] > 0 and "less well calibrated for c" in found.sentence
    c = found.groups[2]
    assert c.error_low <= 0.1 <= c.error_high and c.error == pytest.approx(0.1, abs=0.04)
    assert c.rows == (groups.part == 2).sum() and len(c.predicted) == len(c.actual) == 10
    assert np.mean(c.actual) < np.mean(c.predicted) - 0.05
    inside = [low <= a <= high for a, low, high in zip(c.actual, c.low, c.high, strict=True)]
    assert all(inside) and list(c.predicted) == sorted(c.predicted)


def test_where_all_are_calibrated_chance_is_seldom_named() -> None:
    rng, named, apart, missed = np.random.default_rng(1), 0, 0, 0
    for _ in range(60):
        found = group_calibration(parts(rng, 900), seen(rng, 900))
        named += bool(found.off)
        missed += sum(group.error_low > 0 for group in found.groups)
        assert found.gap is not None
        apart += found.gap.ends[0] > 0
    assert named <= 8 and apart <= 6  # 5 % of 60 are 3
    assert missed <= 14  # 2.5 % of 180 are 5


def test_the_interval_holds_the_true_error() -> None:
    rng, held = np.random.default_rng(2), 0
    one = Parts("g", ("a",), np.zeros(600, np.int64))
    for _ in range(60):
        group = group_calibration(one, seen(rng, 600, 0.08)).groups[0]
        held += group.error_low <= 0.08 <= group.error_high
    assert held >= 53


def test_of_values_the_unit_is_that_of_the_target() -> None:
    rng = np.random.default_rng(0)
    groups = parts(rng, 2000)
    prediction = rng.normal(50, 10, 2000)
    y = prediction + rng.normal(0, 5, 2000) + np.where(groups.part == 1, 6.0, 0.0)
    weight = rng.uniform(0.5, 1.5, 2000)
    found = group_calibration(groups, Predicted(y, prediction, weight, "rmse"))
    assert not found.share and found.off == ("b",)
    assert found.groups[1].error == pytest.approx(6, abs=1)
    assert found.groups[0].error < 1 and "Predictions are less well" in found.sentence


def test_groups_too_small_are_listed_and_one_class_can_be_off_too() -> None:
    rng = np.random.default_rng(0)
    part = np.repeat([0, 1, 2], [400, FEWEST_ROWS - 1, 300])
    data = seen(rng, len(part))
    data.y[part == 2] = 0  # what never comes, and is said to
    found = group_calibration(Parts("g", ("a", "few", "never"), part), data)
    assert found.too_few == ("few",) and [g.label for g in found.groups] == ["a", "never"]
    assert "never" in found.off and found.groups[1].error == pytest.approx(0.5, abs=0.05)
    small = group_calibration(Parts("g", ("a",), np.zeros(20, np.int64)), seen(rng, 20))
    assert not small.groups and small.gap is None and "nothing can be said" in small.sentence


def test_one_prediction_for_all_is_one_bin() -> None:
    y = np.arange(400) % 2
    same = np.full((400, 2), 0.5)
    groups = Parts("g", ("a", "b"), np.repeat([0, 1], 200))
    found = group_calibration(groups, Predicted(y, same, None, "log_loss", 1, y))
    assert [len(g.predicted) for g in found.groups] == [1, 1] and not found.off
