"""The quick look at all pairs: close to what the measures say, and blind to nothing strong."""

from __future__ import annotations

import numpy as np
import pytest

from automl_core.profile.association_screening import WIDTH, screened
from automl_core.profile.associations import correlation_ratio, cramers_v, rank_correlation

RANDOM = np.random.default_rng(0)
N = 2_000
X = RANDOM.normal(size=N)
GROUP = np.sort(RANDOM.integers(0, 4, N))


def test_it_agrees_with_the_measures() -> None:
    other = np.where(RANDOM.random(N) < 0.8, GROUP, 0)
    number = GROUP + 0.5 * X
    gaps = np.where(np.arange(N) % 3 == 0, np.nan, X + 0.1 * RANDOM.normal(size=N))
    found, compared = screened(
        [(X, None), (gaps, None), (number, None), (None, GROUP), (None, other)]
    )
    assert compared == 5
    assert found[0, 1] == pytest.approx(rank_correlation(X, gaps), abs=0.03)
    assert found[2, 3] == pytest.approx(correlation_ratio(GROUP, number), abs=0.03)
    assert found[3, 4] == pytest.approx(cramers_v(GROUP, other), abs=0.05)
    assert found[0, 3] < 0.1
    assert np.allclose(found, found.T) and not np.diag(found).any()


def test_constants_gaps_and_nothing_at_all_are_no_trouble() -> None:
    nothing = np.full(N, np.nan)
    found, _ = screened([(np.zeros(N), None), (nothing, None), (None, np.full(N, -1)), (X, None)])
    assert not found.any()
    assert screened([])[1] == 0


def test_so_many_columns_are_compared_as_fit() -> None:
    columns = [(RANDOM.normal(size=30), None) for _ in range(WIDTH + 5)]
    assert screened(columns)[1] == WIDTH
