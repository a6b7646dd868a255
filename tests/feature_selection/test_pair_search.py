"""Which pairs become features: those that pay, none of noise, none that columns already say."""

from __future__ import annotations

import numpy as np
import pytest

from automl_core.feature_selection.pair_search import combine
from automl_core.feature_selection.sample import Sample
from automl_core.table.typed_table import TypedColumn, TypedTable
from automl_core.types import StopReason
from tests.feature_selection.generated import never, question, table, words


def numbers(rows: int, seed: int = 0) -> tuple[dict[str, TypedColumn], np.ndarray]:
    rng = np.random.default_rng(seed)
    x = rng.uniform(1, 9, size=(rows, 4))
    names = ("length", "width", "other", "noise")
    return {n: TypedColumn(n, numbers=x[:, i]) for i, n in enumerate(names)}, x


def test_a_ratio_that_decides_is_found() -> None:
    columns, x = numbers(1_500)
    y = x[:, 0] / x[:, 1] + 0.1 * x[:, 2]
    sample = Sample(TypedTable(columns, 1_500), y, None)
    found = combine(question(list(columns), "regression"), sample, 0, never)
    assert "length ÷ width" in {pair.name for pair in found.pairs}
    assert found.better > 2 * found.error > 0


def test_categories_that_only_tell_together_are_joined() -> None:
    rng = np.random.default_rng(0)
    a, b = (rng.integers(0, 30, 3_000) for _ in range(2))
    chance = rng.uniform(0.02, 0.98, (30, 30))[a, b]
    y = (rng.random(3_000) < chance).astype(np.int64)
    columns = {n: words(n, [f"{n}{v}" for v in values]) for n, values in (("a", a), ("b", b))}
    sample = Sample(TypedTable(columns, 3_000), y, None)
    found = combine(question(["a", "b"], words=("a", "b")), sample, 0, never)
    assert [pair.how for pair in found.pairs] == ["joined"]


@pytest.mark.parametrize("seed", range(4))
def test_where_columns_add_up_no_pair_is_kept(seed: int) -> None:
    sample, names = table(1_200, 4, seed)
    found = combine(question(names), sample, seed, never)
    assert found.pairs == ()
    assert found.proposed > 0


def test_the_same_seed_gives_the_same_pairs_and_no_time_gives_none() -> None:
    columns, x = numbers(800)
    sample = Sample(TypedTable(columns, 800), x[:, 0] / x[:, 1], None)
    asked = question(list(columns), "regression")
    assert combine(asked, sample, 3, never) == combine(asked, sample, 3, never)
    assert combine(asked, sample, 3, lambda: StopReason.TIME).pairs == ()
    assert combine(asked, sample.take(np.arange(100)), 3, never).proposed == 0
