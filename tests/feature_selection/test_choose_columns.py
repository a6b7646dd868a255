"""Which columns stay: those that tell, without noise, and all where nothing can be told."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from automl_core.feature_selection.choose_columns import choose
from automl_core.feature_selection.sample import Sample
from automl_core.table.typed_table import TypedColumn, TypedTable
from automl_core.types import StopReason
from tests.feature_selection.generated import all_tell, flags_beside_numbers, never, question, table


def test_noise_leaves_and_what_tells_stays() -> None:
    sample, names = table(600, 60)
    chosen = choose(question(names), sample, 0, never)
    assert {f"tells {i}" for i in range(4)} <= set(chosen.kept)
    assert sum(name.startswith("noise") for name in chosen.kept) <= 3
    assert sorted([*chosen.kept, *(d.name for d in chosen.dropped)]) == sorted(names)
    assert {d.why for d in chosen.dropped} <= {"noise", "spare"}
    assert all(d.gain <= chosen.chance for d in chosen.dropped if d.why == "noise")


def test_the_same_seed_gives_the_same_answer() -> None:
    sample, names = table(200, 36)
    assert choose(question(names), sample, 3, never) == choose(question(names), sample, 3, never)


def test_a_table_of_many_more_columns_than_rows_is_cut_to_a_few() -> None:
    sample, names = table(150, 600)
    chosen = choose(question(names), sample, 0, never)
    assert len(chosen.kept) < 60
    assert sum(name.startswith("tells") for name in chosen.kept) >= 3
    whole = chosen.steps[0]
    assert whole.columns == len(names)
    assert whole.better < 0  # with all of them back it would be worse


def test_where_nothing_tells_nothing_is_chosen() -> None:
    for seed in range(3):
        sample, names = table(150, 100, seed, signal=0.0)
        assert len(choose(question(names), sample, seed, never).kept) == len(names)


@pytest.mark.parametrize("seed", range(5))
def test_no_column_leaves_where_each_tells_a_little(seed: int) -> None:
    sample, names = all_tell(450, 19, seed)
    assert set(choose(question(names), sample, seed, never).kept) == set(names)


def test_few_columns_that_all_help_stay() -> None:
    sample, names = table(400, 0)
    assert set(choose(question(names), sample, 0, never).kept) == set(names)


def test_the_kept_list_is_among_those_that_were_tried() -> None:
    sample, names = table(300, 40)
    chosen = choose(question(names), sample, 0, never)
    own = [s for s in chosen.steps if s.columns == len(chosen.kept)]
    assert [(s.better, s.error) for s in own] == [(0.0, 0.0)]
    assert [s.columns for s in chosen.steps] == sorted({s.columns for s in chosen.steps})[::-1]


@pytest.mark.parametrize("after", [0, 40])
def test_who_is_interrupted_early_keeps_all(after: int) -> None:
    sample, names = table(200, 40)
    chosen = choose(question(names), sample, 0, _stops(after))
    assert len(chosen.kept) == len(names)
    assert chosen.steps == ()


def _stops(after: int) -> Callable[[], StopReason | None]:
    calls = iter(range(10**9))
    return lambda: StopReason.TIME if next(calls) >= after else None


def test_values_and_weights() -> None:
    sample, names = table(300, 40)
    values = sum(column.numbers for name, column in sample.typed.columns.items()
                 if name.startswith("tells") and column.numbers is not None)  # fmt: skip
    weight = np.random.default_rng(0).uniform(0.0, 2.0, 300)
    sample = type(sample)(sample.typed, np.asarray(values, dtype=np.float64), weight)
    chosen = choose(question(names, "regression"), sample, 0, never)
    assert {f"tells {i}" for i in range(4)} <= set(chosen.kept)
    assert len(chosen.kept) < 12


def test_columns_of_many_values_do_not_push_out_those_that_tell() -> None:
    """Numbers that tell little gain more in splits than flags that tell much, by chance."""
    sample, names = flags_beside_numbers(1_200)
    chosen = choose(question(names, "regression"), sample, 0, never)
    assert len(chosen.kept) <= 24
    assert sum(name.startswith("flag") for name in chosen.kept) >= 18


def test_a_column_that_only_tells_the_group_leaves_where_groups_stay_together() -> None:
    sample, names = table(900, 40)
    group = np.random.default_rng(0).permutation(np.arange(900) // 10)
    own = np.random.default_rng(1).normal(size=90)[group]
    columns = sample.typed.columns | {"which": TypedColumn("which", numbers=group + 0.0)}
    tell = [columns[f"tells {i}"].numbers for i in range(4)]
    y = np.sum(np.array(tell), axis=0) + own
    kept = {}
    for parted in (None, group):
        whole = Sample(TypedTable(columns, 900), y, None, parted)
        asked = question([*names, "which"], "regression")
        kept[parted is None] = choose(asked, whole, 0, never).kept
    assert "which" in kept[True]
    assert "which" not in kept[False]
    assert {f"tells {i}" for i in range(4)} <= set(kept[False])
