"""Scaling: robust against outliers, finite for every float, exact where it must be."""

from __future__ import annotations

import numpy as np
import pytest

from automl_core.errors import ModelError
from automl_core.features.scaling import LIMIT, Scaling, fit_scaling


def _fitted(values: list[float] | np.ndarray, smooth: bool = True) -> Scaling:
    scaling = fit_scaling(np.asarray(values, dtype=np.float64), smooth)
    assert scaling is not None
    return scaling


def test_median_and_quartiles_decide() -> None:
    scaling = _fitted(np.arange(101.0))
    assert (scaling.centre, scaling.scale) == (50.0, 50.0)
    outlier = _fitted([*range(101), 1e300])
    assert 45 <= outlier.centre <= 55 and 45 <= outlier.scale <= 55


def test_smooth_clipping_is_nearly_linear_inside_and_bounded_outside() -> None:
    scaled = Scaling(0.0, 1.0, smooth=True).apply(np.array([0.0, 0.1, 3.0, -3.0, 1e300, -1e300]))
    expected = [0.0, 0.1, 3 / np.sqrt(2), -3 / np.sqrt(2), 3.0, -3.0]
    assert scaled == pytest.approx(expected, abs=1e-4)


def test_two_values_become_minus_one_and_one() -> None:
    for low, high in ((0.0, 1.0), (-5.0, 1e300), (-1.7e308, 1.7e308), (1e9, 1e9 + 1)):
        scaling = _fitted([low, low, low, high], smooth=False)
        assert scaling.apply(np.array([low, high])) == pytest.approx([-1, 1])


def test_a_mostly_constant_column_keeps_its_other_values_apart() -> None:
    values = np.r_[np.zeros(950), np.linspace(1, 100, 50)]
    scaled = _fitted([*values, 1e300], smooth=True).apply(values)
    assert np.diff(scaled[950:]).min() > 1e-4


@pytest.mark.parametrize(
    "values", [[], [3.0], [3.0, 3.0], [0.3, 0.1 + 0.2], [1e300] * 5, [0.0, 5e-324], [-0.0, 0.0]]
)
def test_constant_values_have_no_scale(values: list[float]) -> None:
    assert fit_scaling(np.array(values), smooth=True) is None


@pytest.mark.parametrize("smooth", [False, True])
def test_every_float_becomes_finite_in_float32(smooth: bool) -> None:
    r = np.random.default_rng(0)
    for size in (2, 3, 5, 17):
        for _ in range(200):
            values = r.choice([-1, 1], size) * 10.0 ** r.uniform(-320, 308, size)
            scaling = fit_scaling(values, smooth)
            if scaling is not None:
                scaled = scaling.apply(np.r_[values, 1.7e308, -1.7e308, 0.0])
                assert np.isfinite(scaled.astype(np.float32)).all()
                assert np.abs(scaled).max() <= LIMIT


def test_missing_stays_missing_and_order_is_kept() -> None:
    scaled = _fitted([1.0, 2.0, 5.0, 9.0]).apply(np.array([1.0, np.nan, 2.0, 5.0]))
    assert np.isnan(scaled[1]) and scaled[0] < scaled[2] < scaled[3]


def test_an_impossible_scale_is_refused() -> None:
    for centre, scale in ((0.0, 0.0), (0.0, -1.0), (np.nan, 1.0), (0.0, np.inf)):
        with pytest.raises(ModelError):
            Scaling(centre, scale, smooth=True)
