"""Groups compared: what is planted is named, what is chance is not, intervals hold."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from automl_core.evaluation.group_fairness import Fairness, MeasuredGroups, Predicted, fairness
from automl_core.evaluation.slices import Parts

LABELS = ("a", "b", "c", "few")


def groups(rng: np.random.Generator, rows: int) -> Parts:
    part = rng.choice(3, rows, p=[0.5, 0.3, 0.2])
    part[:5] = 3
    return Parts("group", LABELS, part.astype(np.int64))


def classes(
    rng: np.random.Generator, rows: int, shift: NDArray[np.float64] | float = 0.0
) -> Predicted:
    """Calibrated probabilities; `shift` is added to what the model says, not to what happens."""
    truth = rng.beta(1, 2, rows)
    y = (rng.random(rows) < truth).astype(np.int64)
    said = np.clip(truth + shift, 0.001, 0.999)
    called = (said > 0.4).astype(np.int64)
    return Predicted(y, np.stack([1 - said, said], axis=1), None, "roc_auc", 1, called)


def by_name(found: Fairness) -> dict[str, MeasuredGroups]:
    return {one.measure.name: one for one in found.measured}


def test_values_are_those_of_the_rows() -> None:
    rng = np.random.default_rng(0)
    parts, seen = groups(rng, 2000), classes(rng, 2000)
    found = by_name(fairness(parts, seen))
    inside = parts.part == 1
    chosen, truth = seen.prediction[:, 1] > 0.4, seen.y == 1
    expected = {
        "selected": chosen[inside].mean(),
        "found": chosen[inside & truth].mean(),
        "false_alarm": chosen[inside & ~truth].mean(),
        "right": truth[inside & chosen].mean(),
        "wrong": (chosen != truth)[inside].mean(),
        "calibration": (seen.prediction[:, 1] - truth)[inside].mean(),
    }
    for name, value in expected.items():
        group = found[name].groups[1]
        assert group.mean == pytest.approx(value)
        assert group.low is not None and group.high is not None
        assert group.low < value < group.high
    assert found["score"].groups[1].mean is not None and found["score"].measure.title
    gap = found["selected"].gap
    assert gap is not None and gap.ratio is not None and gap.ratio_ends is not None
    means = {g.label: g.mean for g in found["selected"].groups if g.mean is not None}
    assert gap.difference == pytest.approx(max(means.values()) - min(means.values()))
    assert gap.ratio == pytest.approx(means[gap.low] / means[gap.high])
    assert gap.difference_ends[0] < gap.difference < gap.difference_ends[1]
    assert gap.ratio_ends[0] < gap.ratio < gap.ratio_ends[1]


def test_groups_that_are_too_small_are_named_so() -> None:
    rng = np.random.default_rng(0)
    found = fairness(groups(rng, 400), classes(rng, 400))
    assert found.too_few == ("few",)
    for one in found.measured:
        assert one.groups[3].mean is None and "few" not in one.differ
    tiny = fairness(groups(rng, 20), classes(rng, 20))
    assert all(one.gap is None and not one.differ for one in tiny.measured)


def test_by_chance_hardly_anything_is_named_and_gaps_hold() -> None:
    named = outside = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        found = fairness(groups(rng, 600), classes(rng, 600))
        named += any(one.differ for one in found.measured)
        gap = by_name(found)["wrong"].gap
        assert gap is not None
        outside += gap.difference_ends[0] > 0
    assert named <= 6 and outside <= 6


def test_a_group_that_is_treated_otherwise_is_named() -> None:
    rng = np.random.default_rng(1)
    parts = groups(rng, 3000)
    found = by_name(fairness(parts, classes(rng, 3000, np.where(parts.part == 2, 0.15, 0.0))))
    for name in ("selected", "calibration", "found", "false_alarm"):
        one = found[name]
        assert "c" in one.differ and one.gap is not None and one.gap.high == "c"
        assert one.gap.difference_ends[0] > 0
    assert found["calibration"].groups[2].mean == pytest.approx(0.15, abs=0.05)


def test_of_values_bias_and_size_are_compared() -> None:
    rng = np.random.default_rng(0)
    parts = groups(rng, 1000)
    y = rng.normal(50, 10, 1000)
    prediction = y + rng.normal(0, 2, 1000) + np.where(parts.part == 1, 3.0, 0.0)
    weight = rng.uniform(0.5, 1.5, 1000)
    found = by_name(fairness(parts, Predicted(y, prediction, weight, "rmse")))
    assert set(found) == {"score", "bias", "size", "mean"}
    inside = parts.part == 1
    expected = np.average((prediction - y)[inside], weights=weight[inside])
    assert found["bias"].groups[1].mean == pytest.approx(expected)
    assert "b" in found["bias"].differ and found["bias"].gap is not None
    assert found["bias"].gap.ratio is None
    assert found["score"].gap is not None and math.isfinite(found["score"].overall)


def test_a_group_of_one_class_has_no_ranking_and_no_weight_is_no_number() -> None:
    rng = np.random.default_rng(0)
    seen = classes(rng, 600)
    parts = Parts("g", ("only", "rest"), np.where(seen.y == 1, 0, 1).astype(np.int64))
    found = by_name(fairness(parts, seen))
    assert found["score"].groups[0].mean is None and found["found"].groups[1].mean is None
    none = Predicted(seen.y, seen.prediction, np.zeros(600), "log_loss", 1, seen.called)
    assert all(g.mean is None for one in fairness(parts, none).measured for g in one.groups)
