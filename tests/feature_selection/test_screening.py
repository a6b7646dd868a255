"""Of very many columns those are looked at that tell something alone, each in its own way."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from automl_core.feature_selection import choose_columns
from automl_core.feature_selection.choose_columns import choose
from automl_core.feature_selection.quick_booster import OutOfTimeError
from automl_core.feature_selection.sample import Sample
from automl_core.feature_selection.screening import best_alone
from automl_core.table.typed_table import TypedColumn, TypedTable
from automl_core.types import DropReason, StopReason
from tests.feature_selection.generated import never, question, table, words


@pytest.mark.parametrize("task", ["binary", "regression"])
def test_straight_bent_and_worded_columns_are_found_among_noise(task: str) -> None:
    rng = np.random.default_rng(0)
    n, noise = 400, 700
    x = rng.normal(size=(n, noise + 2))
    x[::7, 3] = np.nan
    place = rng.integers(0, 5, n)
    value = x[:, noise] + (x[:, noise + 1] ** 2 - 1) + 2 * (place == 2) + rng.normal(size=n)
    names = [*(f"noise {i}" for i in range(noise)), "straight", "bent", "place", "ids"]
    columns = {name: TypedColumn(name, numbers=x[:, i]) for i, name in enumerate(names[:-2])}
    columns["place"] = words("place", [f"p{i}" for i in place])
    columns["ids"] = words("ids", [f"id {i}" for i in range(n)])
    y = value if task == "regression" else (value > 0.5).astype(np.int64)
    asked = question(names, task, words=("place", "ids"))
    rows = rng.permutation(n)[:380]
    sample = Sample(TypedTable(columns, n), y, None)
    found = [names[i] for i in best_alone(asked, sample, rows, 20, never)]
    assert len(found) == 20 and {"straight", "bent", "place"} <= set(found)
    assert "ids" not in found
    assert found == sorted(found, key=names.index)


def test_few_columns_are_all_looked_at() -> None:
    sample, names = table(60, 5)
    every = list(range(len(names)))
    assert best_alone(question(names), sample, np.arange(60), len(names), never).tolist() == every


def test_a_table_wider_than_there_is_time_for_is_cut_to_what_tells() -> None:
    sample, names = table(300, 240)
    chosen = choose(question(names), sample, 0, never, most=50)
    assert {f"tells {i}" for i in range(4)} <= set(chosen.kept) and len(chosen.kept) < 40
    assert {*chosen.kept, *(d.name for d in chosen.dropped)} == set(names)
    reasons = {d.why for d in chosen.dropped}
    assert DropReason.WEAK in reasons and reasons <= {
        DropReason.WEAK, DropReason.NOISE, DropReason.SPARE
    }  # fmt: skip
    assert chosen.steps[0].columns == 50


@pytest.mark.parametrize("after", [0, 1, 7])
def test_where_time_is_over_a_wide_table_is_cut_to_what_tells_alone(after: int) -> None:
    sample, names = table(300, 1_200)
    calls = iter(range(10**9))
    late = choose(
        question(names), sample, 0,
        lambda: StopReason.TIME if next(calls) >= after else None, most=50,
    )  # fmt: skip
    assert late.steps == () and {d.why for d in late.dropped} == {DropReason.WEAK}
    assert len(late.kept) == 50 and {f"tells {i}" for i in range(4)} <= set(late.kept)
    assert {*late.kept, *(d.name for d in late.dropped)} == set(names)


def test_where_time_is_over_after_the_ranking_what_gained_by_chance_leaves(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def late(*_: object) -> None:
        raise OutOfTimeError

    monkeypatch.setattr(choose_columns, "_attempts", late)
    sample, names = table(300, 240)
    chosen = choose(question(names), sample, 0, never, most=50)
    assert {f"tells {i}" for i in range(4)} <= set(chosen.kept) and len(chosen.kept) < 30
    assert len(choose(question(names), sample, 0, never).kept) == len(names)


def test_where_nothing_tells_a_wide_table_stays_whole() -> None:
    sample, names = table(150, 200)
    shuffled = np.random.default_rng(1).permutation(len(sample))
    noise = replace(sample, y=sample.y[shuffled])
    assert len(choose(question(names), noise, 0, never, most=40).kept) == len(names)
