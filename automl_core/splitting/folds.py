"""Splits rows into training rows, validation rows and test rows, which are scored once at the end.

Row numbers only: knows nothing of columns. Deterministic in the seed.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl_core.errors import TableError
from automl_core.splitting.splitters import ByClass, ByGroup, ByTime, Mask, RowIndex, Splitter
from automl_core.table.inference import Task

AUTO_TEST = 0.1
MAX_TEST = 20_000
TEST_FROM = 2_000  # fewer rows than this are too precious for a test part
FORMAT_VERSION = 2


@dataclass(frozen=True, eq=False)
class Folds:
    """Row numbers of the stored table, ascending; one train and valid part a fold.

    `repeats` partitions of the same rows into `k` folds lie one after the other: fold
    repeat * k + j is fold j of that partition. A trial has the k folds of one partition.
    """

    train: tuple[RowIndex, ...]  # repeats * k parts
    valid: tuple[RowIndex, ...]
    test: RowIndex  # in no fold; empty where there is no test part
    k: int  # folds of one partition; 1: a single holdout

    def __post_init__(self) -> None:
        if self.k < 1 or len(self.train) != len(self.valid) or len(self.valid) % self.k:
            raise ValueError(
                f"{len(self.train)=} and {len(self.valid)=} must be repeats of {self.k=}"
            )

    def __len__(self) -> int:
        return self.k

    @property
    def repeats(self) -> int:
        """The number of partitions of the rows."""
        return len(self.valid) // self.k


@dataclass(frozen=True)
class SplitConfig:
    """The parts to set apart."""

    folds: int  # 1 a holdout of 20 % (at most 20,000 rows), k >= 2 k-fold
    repeats: int = 1  # different partitions into k folds, at most; a holdout has one
    test_fraction: float = -1.0  # -1 auto: 10 % from 2,000 rows on, at most 20,000 rows; 0 none
    seed: int = 0


def make_folds(
    y: NDArray[Any],
    rows: RowIndex,
    task: Task,
    cut: SplitConfig,
    *,
    groups: RowIndex | None = None,
    times: NDArray[np.float64] | None = None,
) -> Folds:
    """Set rows apart: `y` (n,) is the target at the row numbers `rows` (n,).

    For classification all parts are stratified; a class with a single row stays in training.
    With `groups` (n,), numbers from 0 on, rows of one group are never on both sides. With
    `times` (n,), NaN where unknown, the latest rows are the test part, and the latest of the
    others the only fold. Raises TableError where no row is left to validate.
    """
    n = len(y)
    if len(rows) != n:
        raise ValueError(f"{len(y)=} and {len(rows)=} must be equal")
    rows = np.asarray(rows, np.int64)
    splitter = _splitter(y, task, cut.seed, groups, times)
    test = _test_part(splitter, n, cut.test_fraction)
    kept = np.flatnonzero(~test)
    partitions = [splitter.kfold(kept, cut.folds)]
    if not partitions[0] and cut.test_fraction < 0 and test.any():
        return make_folds(
            y, rows, task, replace(cut, test_fraction=0.0), groups=groups, times=times
        )
    if not partitions[0]:
        raise TableError(
            f"{n} rows with a target are too few to train and to check a model.", splitter.trouble
        )
    k = len(partitions[0])
    others = [splitter.kfold(kept, k) for _ in range(cut.repeats - 1 if k > 1 else 0)]
    partitions = _different(partitions + others)
    masks = [mask for partition in partitions for mask in partition]
    train = tuple(np.sort(rows[kept[~mask]]) for mask in masks)
    valid = tuple(np.sort(rows[kept[mask]]) for mask in masks)
    return Folds(train, valid, np.sort(rows[test]), k)


def _different(partitions: list[list[Mask]]) -> list[list[Mask]]:
    """Few groups can be dealt in few ways: a partition that was there before adds nothing."""
    different: dict[frozenset[bytes], list[Mask]] = {}
    for partition in partitions:
        different.setdefault(frozenset(mask.tobytes() for mask in partition), partition)
    return list(different.values())


def _splitter(
    y: NDArray[Any],
    task: Task,
    seed: int,
    groups: RowIndex | None,
    times: NDArray[np.float64] | None,
) -> Splitter:
    if times is not None:
        return ByTime(times)
    strata = np.zeros(len(y), np.int64)
    if task != "regression":
        strata = np.unique(np.asarray(y), return_inverse=True)[1].astype(np.int64)
    rng = np.random.default_rng(seed)
    return ByClass(strata, rng) if groups is None else ByGroup(groups, strata, rng)


def count_test(rows: int, fraction: float) -> int:
    """The number of rows that the test part takes of so many, as near as classes, groups and times
    allow; `fraction` as in Cut."""
    if fraction >= 1:
        raise TableError(f"A test share of {fraction:g} leaves no row.", "Give 0 to 0.9.")
    if fraction >= 0:
        return round(fraction * rows)
    return min(MAX_TEST, round(AUTO_TEST * rows)) if rows >= TEST_FROM else 0


def _test_part(splitter: Splitter, n: int, fraction: float) -> Mask:
    wanted = count_test(n, fraction)
    share = fraction if fraction >= 0 else AUTO_TEST
    test = splitter.holdout(np.arange(n, dtype=np.int64), share, wanted)
    # Large groups, or many rows of one time, may ask for far more than anybody would give.
    too_many = fraction < 0 and test.sum() > 2 * wanted
    return np.zeros(n, np.bool_) if too_many else test


def folds_to_bytes(folds: Folds) -> bytes:
    """The folds as an .npz file of plain arrays: what validates, and all rows that train.

    A fold trains on all rows but those that validate, so these need not be stored.
    """
    rows = np.sort(np.concatenate([folds.train[0], folds.valid[0]]))
    arrays: dict[str, Any] = {
        "format_version": np.int64(FORMAT_VERSION),
        "k": np.int64(folds.k),
        "test": folds.test,
        "rows": rows,
    }
    for i, (train, valid) in enumerate(zip(folds.train, folds.valid, strict=True)):
        if len(train) + len(valid) != len(rows):
            raise ValueError(f"fold {i} does not cover the {len(rows)} rows of the first")
        arrays[f"valid{i}"] = valid
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def folds_from_bytes(data: bytes) -> Folds:
    """The folds that `folds_to_bytes` wrote; raises TableError where they are damaged."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            version = int(arrays["format_version"])
            if not 1 <= version <= FORMAT_VERSION:
                raise TableError("The folds were written by another version.", "Update Torchlight.")
            count = sum(name.startswith("valid") for name in arrays.files)
            valid = tuple(arrays[f"valid{i}"].astype(np.int64) for i in range(count))
            test = arrays["test"].astype(np.int64)
            if version == 1:  # one partition, its training rows written out
                train = tuple(arrays[f"train{i}"].astype(np.int64) for i in range(count))
                return Folds(train, valid, test, count)
            rows = arrays["rows"].astype(np.int64)
            train = tuple(np.setdiff1d(rows, part, assume_unique=True) for part in valid)
            return Folds(train, valid, test, int(arrays["k"]))
    except (ValueError, KeyError, EOFError, OSError, zipfile.BadZipFile):
        raise TableError("The stored folds are damaged.", "Start the run again.") from None
