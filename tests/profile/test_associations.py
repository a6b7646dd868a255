"""Strengths of associations: known cases, and cases without any relation."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from automl_core.profile import associations as associations_module
from automl_core.profile.associations import (
    COLUMNS,
    associations,
    correlation_ratio,
    cramers_v,
    rank_correlation,
)
from automl_core.profile.sample import take_sample
from automl_core.table.inference.schema_inference import infer_schema

RANDOM = np.random.default_rng(1)
N = 2_000
X = RANDOM.normal(size=N)
GROUP = RANDOM.integers(0, 4, N)


def test_ranks_count_and_not_values() -> None:
    assert rank_correlation(X, np.exp(5 * X)) == pytest.approx(1.0)
    assert rank_correlation(X, -(X**3)) == pytest.approx(-1.0)
    assert abs(rank_correlation(X, RANDOM.normal(size=N)) or 0) < 0.08


def test_missing_cells_and_constants_say_nothing() -> None:
    gaps = np.where(np.arange(N) % 2 == 0, X, np.nan)
    assert rank_correlation(gaps, X) == pytest.approx(1.0)
    assert rank_correlation(np.where(np.arange(N) < 5, X, np.nan), X) is None
    assert rank_correlation(X, np.zeros(N)) is None
    assert cramers_v(GROUP, np.full(N, -1)) is None
    assert correlation_ratio(np.zeros(N, np.int64), X) is None


def test_the_same_groups_under_other_names_belong_together_fully() -> None:
    assert cramers_v(GROUP, (GROUP + 1) % 4) == pytest.approx(1.0, abs=0.01)
    assert (cramers_v(GROUP, RANDOM.integers(0, 4, N)) or 0) < 0.05


def test_the_bias_of_many_groups_is_taken_off() -> None:
    many = RANDOM.integers(0, 30, 300)
    assert (cramers_v(many, RANDOM.integers(0, 30, 300)) or 0) < 0.15  # 0.3 without it
    assert (correlation_ratio(many, RANDOM.normal(size=300)) or 0) < 0.25


def test_groups_that_order_numbers_explain_them() -> None:
    ratio = correlation_ratio(GROUP, GROUP + 0.01 * X)
    assert ratio is not None and ratio > 0.95


def test_the_matrix_is_symmetric_and_ids_and_texts_are_not_in_it() -> None:
    table = pa.table(
        {
            "key": [f"k-{i:05d}" for i in range(N)],
            "x": X,
            "y": X + RANDOM.normal(size=N),
            "colour": np.array(["red", "green", "blue", "grey"])[GROUP],
        }
    )
    found = associations(take_sample(table, infer_schema(table)), "colour")
    assert found.names == ("colour", "x", "y")
    matrix = np.array(found.strengths, dtype=float)
    assert np.allclose(matrix, matrix.T) and np.allclose(np.diag(matrix), 1)
    assert (found.pairs[0].first, found.pairs[0].second) == ("x", "y")
    assert found.pairs[0].sign == 1 and found.left_out == 0


def test_of_many_columns_those_that_go_with_the_target_are_kept() -> None:
    columns = {f"n{i}": RANDOM.normal(size=300) for i in range(COLUMNS + 5)}
    target = RANDOM.normal(size=300)
    table = pa.table({**columns, "close": target + 0.1 * RANDOM.normal(size=300), "y": target})
    found = associations(take_sample(table, infer_schema(table)), "y")
    assert found.names[:2] == ("y", "close")
    assert len(found.names) == COLUMNS and found.left_out == 7


@pytest.mark.parametrize("target", [None, "n3"])
def test_the_strongest_pair_is_found_wherever_it_stands(target: str | None) -> None:
    random = np.random.default_rng(3)
    columns = {f"n{i}": random.normal(size=300) for i in range(COLUMNS + 16)}
    columns["n31"] = columns["n30"] + 0.1 * random.normal(size=300)
    colour = random.integers(0, 3, 300)
    words = {"shade": [f"s{c}" for c in colour], "colour": [f"c{c}" for c in colour]}
    table = pa.table({**columns, **words})
    found = associations(take_sample(table, infer_schema(table)), target)
    first = {(pair.first, pair.second) for pair in found.pairs[:2]}
    assert first == {("n30", "n31"), ("shade", "colour")}
    assert (len(found.names), found.left_out, found.compared) == (COLUMNS, 18, COLUMNS + 18)
    assert ("n30" in found.names) == (target is None)


@pytest.mark.parametrize("target", [None, "y"])
def test_of_a_very_wide_table_the_first_columns_are_compared(
    monkeypatch: pytest.MonkeyPatch, target: str | None
) -> None:
    monkeypatch.setattr(associations_module, "COMPARED", 60)
    monkeypatch.setattr(associations_module, "QUICKLY", 50)
    random = np.random.default_rng(4)
    columns = {f"n{i}": random.normal(size=300) for i in range(100)}
    columns["n50"] = columns["n40"] + 0.1 * random.normal(size=300)
    y = np.where(columns["n45"] + 0.2 * random.normal(size=300) > 0, "yes", "no")
    table = pa.table({**columns, "y": y})
    sample = take_sample(table, infer_schema(table))
    found = associations(sample, target)
    assert (found.compared, len(found.names), found.left_out) == (60, COLUMNS, 101 - COLUMNS)
    assert (found.pairs[0].first, found.pairs[0].second) == ("n40", "n50")
    if target is not None:
        assert found.names[:2] == ("y", "n45")
    assert "n99" not in sample._typed  # nobody has looked at it
