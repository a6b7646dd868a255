"""Rows of one group, and rows of one moment, are never parted; parts stay as even as they can."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from automl_core.errors import TableError
from automl_core.splitting.folds import Folds, SplitConfig, make_folds


def grouped(
    groups: Any, y: Any = None, cut: SplitConfig | None = None, task: Any = "binary"
) -> Folds:
    groups = np.asarray(groups, np.int64)
    y = np.arange(len(groups)) % 2 if y is None else np.asarray(y)
    cut = cut or SplitConfig(5, test_fraction=0.0)
    made = make_folds(y, np.arange(len(y)), task, cut, groups=groups)
    for train, valid in zip(made.train, made.valid, strict=True):
        parts = [set(groups[part].tolist()) for part in (train, valid, made.test)]
        assert not (parts[0] & parts[1] or parts[0] & parts[2] or parts[1] & parts[2])
        assert len(train) + len(valid) + len(made.test) == len(y)
        assert len(train) and len(valid)
    return made


def timed(times: Any, cut: SplitConfig | None = None) -> Folds:
    times = np.asarray(times, np.float64)
    cut = cut or SplitConfig(1, test_fraction=0.0)
    y = np.arange(len(times)) % 2
    made = make_folds(y, np.arange(len(times)), "binary", cut, times=times)
    assert (made.k, made.repeats) == (1, 1)
    known = np.nan_to_num(times, nan=-np.inf)
    assert known[made.train[0]].max() < known[made.valid[0]].min()
    if len(made.test):
        assert known[made.valid[0]].max() < known[made.test].min()
    return made


def test_groups_stay_together_and_folds_are_even() -> None:
    rng = np.random.default_rng(0)
    groups = rng.integers(0, 300, 3_000)
    made = grouped(groups, cut=SplitConfig(5, repeats=3))
    assert (made.k, made.repeats) == (5, 3)
    sizes = [len(valid) for valid in made.valid]
    assert max(sizes) - min(sizes) < 0.02 * 3_000
    assert 0.09 < len(made.test) / 3_000 < 0.11
    assert set(made.valid[0].tolist()) != set(made.valid[5].tolist())


def test_classes_are_spread_as_far_as_groups_allow() -> None:
    groups = np.repeat(np.arange(100), 10)
    y = (groups % 10 == 0).astype(int)  # ten groups are all of the rare class
    for valid in grouped(groups, y).valid:
        assert y[valid].sum() == 20


def test_groups_of_very_different_sizes() -> None:
    groups = np.concatenate([np.zeros(500), np.repeat(np.arange(1, 51), 10)])
    made = grouped(groups)
    assert sorted(len(v) for v in made.valid)[-1] == 500  # the large one alone
    assert sorted(len(v) for v in made.valid)[0] >= 110


def test_very_many_groups_are_quick_and_even() -> None:
    groups = np.arange(200_000) // 2
    y = np.arange(200_000) % 26
    made = grouped(groups, y, SplitConfig(5), "multiclass")
    assert {len(valid) for valid in made.valid} <= set(range(35_500, 36_500))
    shares = np.bincount(y[made.valid[0]], minlength=26) / len(made.valid[0])
    assert np.abs(shares - 1 / 26).max() < 0.01


@pytest.mark.parametrize("folds", [1, 2, 5])
def test_two_groups_are_enough(folds: int) -> None:
    made = grouped([0] * 30 + [1] * 10, cut=SplitConfig(folds, test_fraction=0.0))
    assert made.k == min(folds, 2)
    assert len(made.valid[0]) in ((10,) if folds == 1 else (10, 30))


def test_one_group_is_not() -> None:
    with pytest.raises(TableError, match="two different groups"):
        grouped([3] * 40)


def test_no_test_part_where_groups_are_too_large_for_one() -> None:
    groups = np.arange(3_000) % 3
    assert not len(grouped(groups, cut=SplitConfig(5)).test)
    assert grouped(groups, cut=SplitConfig(5)).k == 3


def test_the_seed_decides_about_groups() -> None:
    groups = np.arange(1_000) // 4
    first, again = (grouped(groups, cut=SplitConfig(5, seed=1)) for _ in range(2))
    other = grouped(groups, cut=SplitConfig(5, seed=2))
    assert all(np.array_equal(a, b) for a, b in zip(first.valid, again.valid, strict=True))
    assert not np.array_equal(first.valid[0], other.valid[0])


def test_the_latest_rows_validate_and_the_very_latest_are_the_test_part() -> None:
    times = np.random.default_rng(0).permutation(3_000)
    made = timed(times, SplitConfig(1))
    assert len(made.test) == 300 and len(made.valid[0]) == 540
    assert times[made.test].min() == 2_700
    assert (
        timed(times, SplitConfig(5, repeats=3)).k == 1
    )  # windows that grow would not be comparable


def test_rows_of_one_time_stay_on_one_side() -> None:
    made = timed(np.repeat(np.arange(10), 37))
    assert len(made.valid[0]) == 2 * 37
    assert len(timed([1] * 5 + [2] * 95).valid[0]) == 95
    assert not len(timed(np.arange(3_000) // 1_000, SplitConfig(1)).test)  # a third of all rows


def test_rows_without_a_time_count_as_the_earliest() -> None:
    times = np.arange(100, dtype=np.float64)
    times[90:] = np.nan
    made = timed(times)
    assert set(range(90, 100)) <= set(made.train[0].tolist())
    assert made.valid[0].tolist() == list(range(70, 90))


@pytest.mark.parametrize("times", [[5.0] * 40, [np.nan] * 40])
def test_a_single_time_is_not_enough(times: list[float]) -> None:
    with pytest.raises(TableError, match="two different times"):
        timed(times)


def test_an_automatic_test_part_gives_way_where_nothing_could_validate() -> None:
    made = timed([0.0] * 1_900 + [1.0] * 200, SplitConfig(1))
    assert (len(made.test), len(made.valid[0])) == (0, 200)
