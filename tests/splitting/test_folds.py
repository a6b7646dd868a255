"""Rows are set apart once, in proportion, and each has one place."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest

from automl_core.errors import TableError
from automl_core.splitting.folds import (
    Folds,
    SplitConfig,
    folds_from_bytes,
    folds_to_bytes,
    make_folds,
)


def split(
    y: Any, task: Any = "binary", folds: int = 5, test: float = -1.0, seed: int = 0,
    repeats: int = 1,
) -> Folds:  # fmt: skip
    y = np.asarray(y)
    rows = np.arange(len(y), dtype=np.int64) * 3 + 7  # row numbers of a table with gaps
    made = make_folds(y, rows, task, SplitConfig(folds, repeats, test, seed))
    for train, valid in zip(made.train, made.valid, strict=True):
        together = np.concatenate([train, valid, made.test])
        assert np.array_equal(np.sort(together), rows)
        assert (np.diff(train) > 0).all()
        assert len(valid)
        assert train.dtype == np.int64
    return made


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
    assert (len(big.test), len(big.valid[0])) == (20_000, 56_000)
    held = split(np.linspace(0, 1, 300_000), "regression", folds=1)
    assert (len(held.test), len(held.valid[0])) == (20_000, 8_000)


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
    for folds in (1, 3, 8):
        assert len(split(np.arange(10) % 2, folds=folds)) == folds


def test_partitions_are_stored_one_after_the_other_over_the_same_rows() -> None:
    y = np.array([0] * 60 + [1] * 39 + [2])  # the last row can never validate
    made = split(y, "multiclass", folds=4, repeats=3)
    assert (len(made), made.k, made.repeats, len(made.valid)) == (4, 4, 3, 12)
    covered = [np.sort(np.concatenate(made.valid[4 * r : 4 * r + 4])) for r in range(3)]
    assert len(covered[0]) == 99
    assert all(np.array_equal(c, covered[0]) for c in covered)
    assert not np.array_equal(made.valid[0], made.valid[4])


def test_further_partitions_do_not_change_the_first() -> None:
    y = np.arange(3_000) % 2
    one, three = split(y, folds=5), split(y, folds=5, repeats=3)
    assert np.array_equal(one.test, three.test)
    assert all(np.array_equal(a, b) for a, b in zip(one.valid, three.valid[:5], strict=True))


def test_a_holdout_has_one_partition() -> None:
    assert split(np.arange(100) % 2, folds=1, repeats=5).repeats == 1


@pytest.mark.parametrize("folds", [1, 2, 5, 8])
def test_five_hundred_classes_of_two_rows(folds: int) -> None:
    y = np.arange(1_000) % 500
    made = split(y, "multiclass", folds=folds, test=0.0, repeats=2)
    for train in made.train:
        assert len(np.unique(y[(train - 7) // 3])) == 500


def test_a_rare_class_of_a_huge_table_is_in_the_holdout_and_the_test_part() -> None:
    y = np.zeros(1_000_000, np.int64)
    y[:200] = 1  # of 20,000 rows in proportion: 4
    rows = np.arange(len(y), dtype=np.int64)
    made = make_folds(y, rows, "binary", SplitConfig(1))
    assert y[made.valid[0]].sum() == 20
    assert y[made.test].sum() == 20
    assert abs(len(made.valid[0]) - 8_000) <= 20


def test_folds_survive_their_file_and_damage_is_said() -> None:
    made = split(np.arange(2_500) % 2, repeats=2)
    data = folds_to_bytes(made)
    back = folds_from_bytes(data)
    assert (back.k, back.repeats) == (5, 2)
    assert np.array_equal(back.test, made.test)
    assert all(np.array_equal(a, b) for a, b in zip(back.train, made.train, strict=True))
    assert all(np.array_equal(a, b) for a, b in zip(back.valid, made.valid, strict=True))
    for bad in (b"", b"junk", data[: len(data) // 2]):
        with pytest.raises(TableError):
            folds_from_bytes(bad)


def _file(arrays: dict[str, Any]) -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


def test_folds_of_the_first_format_still_load() -> None:
    old = _file(
        {
            "format_version": np.int64(1),
            "test": np.array([9]),
            "train0": np.array([2, 3]),
            "valid0": np.array([0, 1]),
            "train1": np.array([0, 1]),
            "valid1": np.array([2, 3]),
        }
    )
    back = folds_from_bytes(old)
    assert (back.k, back.repeats, back.test.tolist()) == (2, 1, [9])
    assert [part.tolist() for part in back.train] == [[2, 3], [0, 1]]
    assert [part.tolist() for part in back.valid] == [[0, 1], [2, 3]]


def test_folds_of_a_later_format_are_refused() -> None:
    with pytest.raises(TableError, match="another version"):
        folds_from_bytes(_file({"format_version": np.int64(99)}))
