"""Rows are set apart once, in proportion, and each has one place."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from automl_core.errors import TableError
from automl_core.table.split import Folds, auto_folds, folds_from_bytes, folds_to_bytes, make_folds


def split(y: Any, task: Any = "binary", folds: int = 0, test: float = -1.0, seed: int = 0) -> Folds:
    y = np.asarray(y)
    rows = np.arange(len(y), dtype=np.int64) * 3 + 7  # row numbers of a table with gaps
    made = make_folds(y, rows, task, folds, test, seed)
    for train, valid in zip(made.train, made.valid, strict=True):
        together = np.concatenate([train, valid, made.test])
        assert np.array_equal(np.sort(together), rows)
        assert (np.diff(train) > 0).all()
        assert len(valid)
        assert train.dtype == np.int64
    return made


@pytest.mark.parametrize(
    ("rows", "folds"), [(100, 10), (500, 10), (501, 5), (3_999, 5), (4_000, 1)]
)
def test_more_folds_the_fewer_rows(rows: int, folds: int) -> None:
    assert auto_folds(rows) == folds
    assert len(split(np.arange(rows) % 2, test=0.0)) == folds


def test_each_row_validates_once_in_k_folds() -> None:
    made = split(np.arange(100) % 3, "multiclass", folds=4)
    assert len(np.unique(np.concatenate(made.valid))) == 100
    assert [len(v) for v in made.valid] == [25] * 4


def test_classes_are_in_proportion() -> None:
    y = np.array([0] * 900 + [1] * 100)
    for valid in split(y, folds=5).valid:
        assert (y[(valid - 7) // 3] == 1).sum() == 20
    holdout = split(y, folds=1)
    assert len(holdout.valid[0]) == 200
    assert (y[(holdout.valid[0] - 7) // 3] == 1).sum() == 20


def test_a_class_with_a_single_row_stays_in_training() -> None:
    y = np.array([0, 1] * 500 + [2])
    for folds in (1, 5):
        made = split(y, "multiclass", folds=folds, test=0.2)
        assert all(1000 * 3 + 7 in train for train in made.train)


@pytest.mark.parametrize("folds", [1, 3, 10])
def test_training_has_every_class(folds: int) -> None:
    y = np.array([0] * 30 + [1] * 2 + [2] * 3 + [3])
    for train in split(y, "multiclass", folds=folds).train:
        assert set(y[(train - 7) // 3]) == {0, 1, 2, 3}


def test_test_part_sizes() -> None:
    assert len(split(np.arange(1_999) % 2).test) == 0
    assert len(split(np.arange(2_000) % 2).test) == 200
    assert len(split(np.arange(2_000) % 2, test=0.25).test) == 500
    big = split(np.linspace(0, 1, 300_000), "regression")
    assert (len(big.test), len(big.valid[0])) == (20_000, 20_000)


def test_the_seed_decides() -> None:
    y = np.arange(1_000) % 2
    first, again, other = split(y, seed=1), split(y, seed=1), split(y, seed=2)
    assert all(np.array_equal(a, b) for a, b in zip(first.valid, again.valid, strict=True))
    assert not np.array_equal(first.valid[0], other.valid[0])


@pytest.mark.parametrize("y", [[0], [], [0, 1, 2]])
def test_too_few_rows(y: list[int]) -> None:
    with pytest.raises(TableError, match="too few"):
        split(np.asarray(y, dtype=np.int64), "multiclass")


def test_tiny_tables_still_split() -> None:
    assert len(split([0.1, 0.2], "regression")) == 2
    assert len(split([0, 0, 1], "binary")) == 2


def test_folds_survive_their_file_and_damage_is_said() -> None:
    made = split(np.arange(2_500) % 2)
    data = folds_to_bytes(made)
    back = folds_from_bytes(data)
    assert np.array_equal(back.test, made.test)
    assert all(np.array_equal(a, b) for a, b in zip(back.train, made.train, strict=True))
    for bad in (b"", b"junk", data[: len(data) // 2]):
        with pytest.raises(TableError):
            folds_from_bytes(bad)
