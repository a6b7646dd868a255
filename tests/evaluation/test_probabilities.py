"""Calibration bins have the right shares and intervals; histograms are shares of a class."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest

from automl_core.evaluation import reliability, score_histogram
from automl_core.evaluation.probabilities import wilson
from tests.evaluation.rankings import ranked, rows


@pytest.mark.parametrize(("found", "number"), [(0, 20), (3, 20), (10, 37), (20, 20)])
def test_wilson_equals_scipy(found: int, number: int) -> None:
    low, high = wilson(np.array([found / number]), np.array([float(number)]))
    expected = binomtest(found, number).proportion_ci(method="wilson")
    assert (low[0], high[0]) == pytest.approx((expected.low, expected.high), abs=1e-6)


def test_bins_hold_about_equally_many_rows_and_their_shares() -> None:
    y, p = rows(1000)
    bins = reliability(ranked(y, p))
    assert bins is not None and len(bins.rows) == 10
    assert sum(bins.rows) == 1000 and min(bins.rows) > 40 and max(bins.rows) < 160
    first = (
        p <= np.sort(np.unique(p))[np.cumsum(np.unique(p, return_counts=True)[1]) == bins.rows[0]]
    )
    assert bins.predicted[0] == pytest.approx(p[first].mean())
    assert bins.actual[0] == pytest.approx(y[first].mean())
    assert list(bins.predicted) == sorted(bins.predicted)
    assert all(lo <= a <= h for lo, a, h in zip(bins.low, bins.actual, bins.high, strict=True))


def test_probabilities_that_are_too_high_are_said_to_be() -> None:
    y, p = rows(2000)
    honest, flattering = reliability(ranked(y, p)), reliability(ranked(y, np.sqrt(p)))
    assert honest is not None and flattering is not None
    assert flattering.error > 5 * honest.error
    assert "too high on the whole" in flattering.sentence
    assert "too" not in honest.sentence
    assert "0 of 10 intervals include" in flattering.sentence


def test_a_row_of_weight_2_is_one_row_that_counts_twice() -> None:
    y, p = rows(300)
    once, twice = reliability(ranked(y, p)), reliability(ranked(y, p, np.full(300, 2.0)))
    assert once == twice  # not two rows: the intervals stay as wide
    weight = np.where(np.arange(300) % 3 == 0, 5.0, 0.5)
    uneven = reliability(ranked(y, p, weight))
    assert once is not None and uneven is not None
    wide = [np.mean(np.subtract(bins.high, bins.low)) for bins in (once, uneven)]
    assert wide[1] > wide[0]


@pytest.mark.parametrize(
    ("probability", "bins"), [([0.3] * 30, 1), ([0.1] * 20 + [0.6] * 20, 2), ([0.3] * 19, 0)]
)
def test_few_rows_or_probabilities_make_few_bins(probability: list[float], bins: int) -> None:
    y = np.arange(len(probability)) % 2
    found = reliability(ranked(y, probability))
    assert (0 if found is None else len(found.rows)) == bins
    if found is not None and bins == 1:
        assert found.sentence.endswith("The interval does not include the predicted probability.")


def test_a_histogram_is_made_of_shares_of_each_class() -> None:
    histogram = score_histogram(
        ranked([0, 0, 0, 1, 1], [0.0, 0.01, 0.5, 0.99, 1.0], [1, 1, 2, 1, 1])
    )
    assert histogram.labels == ("no", "yes")
    other, found = histogram.shares
    assert (other[0], other[12], found[-1]) == pytest.approx((0.5, 0.5, 1.0))
    assert sum(other) == pytest.approx(1) and sum(found) == pytest.approx(1)
    assert (
        "Half of “yes” get 0.99 or more" in histogram.sentence or "get 1 or" in histogram.sentence
    )
