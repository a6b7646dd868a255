"""Dates: calendar parts agree with another implementation, missing and absurd dates are handled."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from automl_core.features.dates import FARTHEST, calendar_parts, fit_datetime
from automl_core.features.feature_layout import Encoding
from automl_core.table.typed_table import TypedColumn

NETWORK, TREES = Encoding("code", "fill", "robust"), Encoding("target", "nan", "plain")


def _seconds(*texts: str) -> np.ndarray:
    utc = [dt.datetime.fromisoformat(t).replace(tzinfo=dt.UTC) for t in texts]
    return np.array([t.timestamp() for t in utc])


def _encoded(encoder, numbers) -> np.ndarray:
    out = np.full((len(numbers), len(encoder.features)), 7, dtype=np.float32)
    encoder.write(TypedColumn("day", numbers=np.asarray(numbers, dtype=np.float64)), out)
    return out


def test_parts_agree_with_pandas() -> None:
    r = np.random.default_rng(0)
    seconds = np.r_[r.integers(-6e10, 2e11, 5_000), _seconds("2000-02-29", "1900-03-01")]
    parts = calendar_parts(seconds.astype(np.float64), reference=0.0)
    expected = pd.DatetimeIndex(seconds.astype("datetime64[s]"))
    for part in ("year", "month", "day"):
        assert (parts[part] == getattr(expected, part)).all(), part  # type: ignore[index]
    assert (parts["weekday"] == expected.day_of_week).all()
    assert parts["hour"] == pytest.approx(expected.hour + expected.minute / 60, abs=1 / 60)
    assert (parts["day of year"] == expected.day_of_year).all()
    assert (parts["days to month's end"] == expected.days_in_month - expected.day).all()
    assert parts["age"] == pytest.approx(-seconds / 86_400)


def test_only_parts_that_vary_become_features() -> None:
    days = _seconds("2024-03-04", "2024-03-05", "2024-03-09", "2024-03-20")
    encoder = fit_datetime(TypedColumn("day", numbers=days), TREES)
    assert encoder is not None
    assert [p.part for p in encoder.parts] == ["age", "day", "weekday"]
    assert encoder.reference == days.max()


def test_what_comes_once_a_year_needs_two_years() -> None:
    year = np.arange(0, 700, 7) * 86_400.0
    for days, there in ((year, False), (2 * year, True)):
        encoder = fit_datetime(TypedColumn("day", numbers=days), TREES)
        assert encoder is not None
        assert ("days from new year" in [p.part for p in encoder.parts]) == there


def test_days_from_the_new_year_on_both_sides() -> None:
    days = _seconds("2023-12-25", "2023-12-31", "2024-01-01", "2024-01-08", "2024-06-01")
    turn = calendar_parts(days, 0.0)["days from new year"]
    assert turn.tolist() == [-7, -1, 0, 7, 15]


def test_plain_features_have_the_age_alone() -> None:
    days = np.arange(0, 2000, 9) * 86_400.0
    encoder = fit_datetime(
        TypedColumn("day", numbers=days), Encoding("code", "fill", "robust", rich=False)
    )
    assert encoder is not None and [f.name for f in encoder.features] == ["day: age in days"]


def test_cyclic_parts_close_the_circle() -> None:
    days = _seconds("2023-12-31", "2024-01-01", "2024-07-01", "2024-03-20")
    encoder = fit_datetime(TypedColumn("day", numbers=days), NETWORK)
    assert encoder is not None
    names = [f.name for f in encoder.features]
    at = [names.index(f"day: month ({part})") for part in ("sine", "cosine")]
    december, january, july = _encoded(encoder, days)[:3, at]
    assert np.linalg.norm(december - january) < 0.6
    assert np.linalg.norm(july - january) > 1.7


def test_missing_and_absurd_dates() -> None:
    days = np.r_[_seconds("2024-03-04", "2023-01-05", "2022-07-09"), np.nan, np.inf, 10 * FARTHEST]
    network = fit_datetime(TypedColumn("day", numbers=days), NETWORK)
    trees = fit_datetime(TypedColumn("day", numbers=days), TREES)
    assert network is not None and trees is not None
    assert network.features[-1].name == "day is missing"
    filled = _encoded(network, days)
    assert (filled[3:, :-1] == 0).all() and filled[:, -1].tolist() == [0, 0, 0, 1, 1, 1]
    assert (
        np.isnan(_encoded(trees, days)[3:]).all() and np.isfinite(_encoded(trees, days)[:3]).all()
    )


def test_a_single_date_beside_missing_ones_is_a_flag() -> None:
    days = np.array([0.0, np.nan, 0.0])
    encoder = fit_datetime(TypedColumn("day", numbers=days), TREES)
    assert encoder is not None
    assert _encoded(encoder, days).tolist() == [[0], [1], [0]]
    assert fit_datetime(TypedColumn("day", numbers=np.full(3, np.nan)), NETWORK) is None
    assert fit_datetime(TypedColumn("day", numbers=np.full(3, 5.0)), NETWORK) is None
