"""Which rows train, which validate, which are touched only once, at the end.

Row numbers only: knows nothing of columns. Deterministic in the seed.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl_core.errors import TableError
from automl_core.table.target import Task

Rows = NDArray[np.int64]

HOLDOUT_SHARE = 0.2
MAX_HOLDOUT = 20_000
MAX_TEST = 20_000
TEST_FROM = 2_000  # fewer rows than this are too precious for a test part
FORMAT_VERSION = 1


@dataclass(frozen=True, eq=False)
class Folds:
    """Row numbers of the stored table, ascending; one train and valid part a fold."""

    train: tuple[Rows, ...]
    valid: tuple[Rows, ...]
    test: Rows  # in no fold; empty where there is no test part

    def __len__(self) -> int:
        return len(self.train)


def auto_folds(rows: int) -> int:
    """10 folds up to 500 rows, 5 below 4,000, else one holdout of 20 % (1).

    A score over few rows is noisy: there, each row validates once. From 4,000 rows on a
    holdout has 800 rows or more, and a fold costs less time than it brings precision.
    """
    if rows <= 500:
        return 10
    return 5 if rows < 4_000 else 1


def make_folds(
    y: NDArray[Any], rows: Rows, task: Task, folds: int, test_fraction: float, seed: int
) -> Folds:
    """Set rows apart: `y` (n,) is the target at the row numbers `rows` (n,).

    folds: 0 auto, 1 a holdout, k >= 2 k-fold. test_fraction: -1 auto (10 % from 2,000 rows
    on, at most 20,000 rows), 0 none. For classification both are stratified; a class
    with a single row stays in training. Raises TableError where no row is left to validate.
    """
    if len(y) != len(rows):
        raise ValueError(f"{len(y)=} and {len(rows)=} must be equal")
    rng = np.random.default_rng(seed)
    strata = np.zeros(len(y), np.int64)
    if task != "regression":
        strata = np.unique(np.asarray(y), return_inverse=True)[1].astype(np.int64)
    rows = np.asarray(rows, np.int64)
    test = _chosen(strata, _test_rows(len(y), test_fraction), rng)
    kept = np.flatnonzero(~test)
    parts = _parts(strata[kept], folds or auto_folds(len(kept)), rng)
    train, valid = [], []
    for part in parts:
        if part.any() and not part.all():
            train.append(np.sort(rows[kept[~part]]))
            valid.append(np.sort(rows[kept[part]]))
    if not train:
        raise TableError(
            f"{len(y)} rows with a target are too few to train and to check a model.",
            "At least two rows are needed, and for classes two of one class.",
        )
    return Folds(tuple(train), tuple(valid), np.sort(rows[test]))


def _test_rows(rows: int, fraction: float) -> int:
    if fraction < 0:
        return min(MAX_TEST, round(0.1 * rows)) if rows >= TEST_FROM else 0
    if fraction >= 1:
        raise TableError(f"A test share of {fraction:g} leaves no row.", "Give 0 to 0.9.")
    return round(fraction * rows)


def _parts(strata: Rows, folds: int, rng: np.random.Generator) -> list[NDArray[np.bool_]]:
    """One mask a fold: the rows that validate."""
    rows = len(strata)
    if folds == 1:
        wanted = min(MAX_HOLDOUT, max(1, round(HOLDOUT_SHARE * rows)))
        return [_chosen(strata, wanted, rng)]
    # Classes one after the other, shuffled within: dealing them out like cards gives every
    # fold its share of each class, and folds that differ by one row at most.
    order = rng.permutation(rows)
    order = order[np.argsort(strata[order], kind="stable")]
    single = np.bincount(strata)[strata[order]] == 1
    number = np.full(rows, -1)
    dealt = order[~single]
    number[dealt] = np.arange(len(dealt)) % min(folds, max(1, len(dealt)))
    return [number == fold for fold in range(folds)]


def _chosen(strata: Rows, wanted: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    """A mask of `wanted` rows, each stratum in proportion and never all of one.

    Largest remainders decide who gives one row more; ties go to the larger stratum.
    """
    mask = np.zeros(len(strata), np.bool_)
    if wanted <= 0 or not len(strata):
        return mask
    counts = np.bincount(strata)
    exact = counts * (wanted / len(strata))
    take = np.minimum(np.floor(exact).astype(np.int64), np.maximum(counts - 1, 0))
    for stratum in np.lexsort((-counts, -(exact - np.floor(exact)))):
        if take.sum() >= wanted:
            break
        if take[stratum] < counts[stratum] - 1:
            take[stratum] += 1
    order = rng.permutation(len(strata))
    order = order[np.argsort(strata[order], kind="stable")]
    starts = np.concatenate(([0], np.cumsum(counts)[:-1]))
    for start, number in zip(starts, take, strict=True):
        mask[order[start : start + number]] = True
    return mask


def folds_to_bytes(folds: Folds) -> bytes:
    """The folds as an .npz file of plain arrays."""
    arrays: dict[str, Any] = {"format_version": np.int64(FORMAT_VERSION), "test": folds.test}
    for i, (train, valid) in enumerate(zip(folds.train, folds.valid, strict=True)):
        arrays[f"train{i}"], arrays[f"valid{i}"] = train, valid
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


def folds_from_bytes(data: bytes) -> Folds:
    """The folds that `folds_to_bytes` wrote; raises TableError where they are damaged."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            if int(arrays["format_version"]) != FORMAT_VERSION:
                raise TableError("The folds were written by another version.", "Update Torchlight.")
            count = sum(name.startswith("train") for name in arrays.files)
            train = tuple(arrays[f"train{i}"].astype(np.int64) for i in range(count))
            valid = tuple(arrays[f"valid{i}"].astype(np.int64) for i in range(count))
            return Folds(train, valid, arrays["test"].astype(np.int64))
    except (ValueError, KeyError, EOFError, OSError, zipfile.BadZipFile):
        raise TableError("The stored folds are damaged.", "Start the run again.") from None
