"""Target means: training rows never see their own target, new rows see everybody's."""

from __future__ import annotations

import numpy as np
import pytest

from automl_core.features.target_mean import (
    PARTS,
    TargetMeanEncoder,
    fit_target_mean,
    standardised_outcome,
)
from automl_core.table.typed_table import TypedColumn


def _column(codes: np.ndarray) -> TypedColumn:
    words = tuple(f"w{i}" for i in range(int(codes.max()) + 1))
    return TypedColumn("shop", codes=codes.astype(np.int32), words=words)


def _fit(codes, y, task="binary", classes=2, fill=False):
    fitted = fit_target_mean(_column(codes), standardised_outcome(y, task, classes, 0), fill)
    assert fitted is not None
    return fitted


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_means_of_training_rows_are_out_of_fold(task: str) -> None:
    r = np.random.default_rng(0)
    codes, y = r.integers(0, 40, 400), r.integers(0, 3 if task == "multiclass" else 2, 400)
    outcome = standardised_outcome(y.astype(float) if task == "regression" else y, task, 3, 0)
    encoder, matrix = fit_target_mean(_column(codes), outcome, False) or pytest.fail()
    full = np.empty_like(matrix)
    encoder.write(_column(codes), full)
    k = len(encoder.titles)
    for row in range(0, 400, 11):
        same = codes == codes[row]
        others = same & (outcome.part != outcome.part[row])
        for c in range(k):
            # The stored mean gives away how many overall rows it was shrunk by.
            stored = encoder.means[encoder.words.index(f"w{codes[row]}")][c]
            shrinkage = outcome.values[same, c].sum() / stored - same.sum()
            expected = outcome.values[others, c].sum() / (others.sum() + shrinkage)
            assert matrix[row, c] == pytest.approx(expected, rel=1e-4, abs=1e-6)
            assert full[row, c] == pytest.approx(stored, rel=1e-6)


def test_a_nearly_unique_category_does_not_leak() -> None:
    r = np.random.default_rng(1)
    y = r.integers(0, 2, 2_000)
    codes = np.arange(2_000)
    codes[::50] = codes[1::50]  # a few pairs, so that there is an encoder at all
    _, matrix = _fit(codes, y)
    single = np.bincount(codes)[codes] == 1
    assert (matrix[single, 0] == 0).all()
    assert abs(np.corrcoef(matrix[:, 0], y)[0, 1]) < 0.05


def test_pure_noise_of_many_small_groups_does_not_leak() -> None:
    r = np.random.default_rng(2)
    y, codes = r.normal(size=6_000), r.integers(0, 2_000, 6_000)
    encoder, matrix = _fit(codes, y, "regression", 0)
    full = np.empty_like(matrix)
    encoder.write(_column(codes), full)
    assert np.corrcoef(full[:, 0], y)[0, 1] > 0.3  # what a mean with a row's own target leaks
    assert abs(np.corrcoef(matrix[:, 0], y)[0, 1]) < 0.06


def test_a_row_without_company_in_other_parts_gets_exactly_the_overall_mean() -> None:
    r = np.random.default_rng(3)
    y, codes = r.normal(size=500), r.integers(0, 120, 500)
    outcome = standardised_outcome(y, "regression", 0, 0)
    _, matrix = _fit(codes, y, "regression", 0)
    parts = [set(outcome.part[codes == code]) for code in codes]
    alone = np.array([len(p) == 1 for p in parts])
    assert alone.any()
    assert (matrix[alone, 0] == 0).all()


def test_means_follow_the_target_and_are_shrunk_for_small_groups() -> None:
    codes = np.array([0] * 100 + [1] * 100 + [2] * 2 + [3] * 2)
    y = np.r_[np.ones(90), np.zeros(10), np.zeros(90), np.ones(10), [1, 1], [0, 0]].astype(int)
    encoder, _ = _fit(codes, y)
    means = {word: mean[0] for word, mean in zip(encoder.words, encoder.means, strict=True)}
    assert means["w0"] > means["w2"] > 0 > means["w3"] > means["w1"]
    assert encoder.words[:2] == ("w0", "w1")
    assert encoder.log_rows == pytest.approx(np.log([100, 100, 2, 2]))


def test_missing_and_unseen_words() -> None:
    codes = np.array([0, 0, 0, 1, 1, 1, -1, -1])
    y = np.array([1, 1, 1, 0, 0, 0, 1, 0])
    for fill in (False, True):
        encoder, matrix = _fit(codes, y, fill=fill)
        assert matrix.shape == (8, 3 if fill else 2)
        if fill:
            assert matrix[6:].tolist() == [[0, 0, 1], [0, 0, 1]]
        else:
            assert np.isnan(matrix[6:]).all()
        new = np.empty((1, matrix.shape[1]), dtype=np.float32)
        encoder.write(TypedColumn("shop", codes=np.array([0], np.int32), words=("new",)), new)
        assert (new == 0).all()


@pytest.mark.parametrize("y", [np.full(40, 5.0), np.tile([1e300, -1e300], 20), np.zeros(40)])
def test_any_target_gives_finite_means(y: np.ndarray) -> None:
    encoder, matrix = _fit(np.repeat(np.arange(20), 2), y, "regression", 0)
    assert np.isfinite(matrix).all() and np.isfinite(encoder.means).all()


def test_parts_are_balanced_and_depend_on_the_seed_only() -> None:
    part = standardised_outcome(np.arange(103.0), "regression", 0, 7).part
    assert set(np.bincount(part, minlength=PARTS)) == {10, 11}
    assert (part == standardised_outcome(np.ones(103), "binary", 2, 7).part).all()
    assert (part != standardised_outcome(np.ones(103), "binary", 2, 8).part).any()


def test_without_a_word_that_occurs_twice_there_is_no_encoder() -> None:
    outcome = standardised_outcome(np.arange(5.0), "regression", 0, 0)
    assert fit_target_mean(_column(np.arange(5)), outcome, False) is None
    assert isinstance(_fit(np.array([0, 0, 1]), np.array([0, 1, 1]))[0], TargetMeanEncoder)
