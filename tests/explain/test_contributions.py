"""Contributions add up, are the exact values where those are known, and state honest errors."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
import pytest

from automl_core.explain.contributions import Contributions, estimate_contributions, single_players
from automl_core.explain.hybrid_rows import HybridRows, Values, stacked
from automl_core.table import TypedColumn, TypedTable
from automl_core.table.parsing import parse_table
from automl_core.types import Task
from tests import small


def numbers(x: Values) -> TypedTable:
    """A table of the columns a, b, c ..."""
    named = {chr(97 + j): TypedColumn(chr(97 + j), numbers=x[:, j]) for j in range(x.shape[1])}
    return TypedTable(named, len(x))


def of_matrix(function: Callable[[Values], Values]) -> Callable[[TypedTable], Values]:
    return lambda table: function(
        np.stack([c.numbers for c in table.columns.values() if c.numbers is not None], axis=1)
    )


def game(function: Callable[[Values], Values], columns: int, background: int = 12) -> HybridRows:
    x = np.random.default_rng(columns).normal(size=(background + 1, columns))
    table = numbers(x)
    ends = table.take(np.array([0])), table.take(np.arange(1, background + 1))
    return HybridRows(of_matrix(function), *ends, single_players(list(table.columns), columns))


def last(rows: HybridRows, seed: int = 0) -> Contributions:
    *_, found = estimate_contributions(rows, seed)
    assert found is not None and found.finished
    return found


def by_all_orders(rows: HybridRows) -> Values:
    """The definition: the mean over all orders and all background rows."""
    count, of = len(rows.players), np.arange(len(rows.empty))
    found = np.zeros(count)
    for order in itertools.permutations(range(count)):
        mask, before = np.zeros(count, np.bool_), rows.empty
        for player in order:
            mask[player] = True
            after = rows.values(np.tile(mask, (len(of), 1)), of)
            found[player] += (after - before).mean()
            before = after
    return found / len(list(itertools.permutations(range(count))))


def wavy(x: Values) -> Values:
    interactions = x[:, 0] * x[:, 1] * (x[:, 2] > 0) + np.abs(x[:, :4]).prod(axis=1)
    return np.asarray(np.sin(x).sum(axis=1) + 2 * interactions + np.tanh(x.prod(axis=1)))


def check_sum(found: Contributions) -> None:
    assert found.total == pytest.approx(found.prediction - found.base, abs=1e-9)


def test_few_columns_are_exact() -> None:
    rows = game(wavy, 5)
    found = last(rows)
    assert found.exact and set(found.errors) == {0.0}
    assert found.values == pytest.approx(by_all_orders(rows), abs=1e-12)
    assert found.background == 12
    check_sum(found)


def test_sampling_is_exact_for_a_sum_and_every_estimate_adds_up() -> None:
    slopes = np.arange(1.0, 13.0)
    rows = game(lambda x: x @ slopes, 12, 30)
    results = list(estimate_contributions(rows, 3))
    for found in results:
        assert found is None or found.total == pytest.approx(found.prediction - found.base)
    found = last(rows, 3)
    assert not found.exact and max(found.errors) < 1e-6
    x = np.random.default_rng(12).normal(size=(31, 12))
    assert found.values == pytest.approx(slopes * (x[0] - x[1:].mean(axis=0)))


def test_stated_errors_are_those_that_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = game(wavy, 6, 8)
    truth = np.array(last(rows).values)
    monkeypatch.setattr("automl_core.explain.contributions.EXACT_PLAYERS", 0)
    monkeypatch.setattr("automl_core.explain.contributions.MOST_ROUNDS", 4)
    ratios = []
    for seed in range(60):
        found = last(rows, seed)
        check_sum(found)
        ratios.append((np.array(found.values) - truth) / np.array(found.errors))
    assert abs(np.mean(ratios)) < 0.2
    assert 0.8 < np.std(ratios) < 1.25
    assert last(rows, 5) == last(rows, 5) != last(rows, 6)


def test_rows_are_predicted_in_batches_and_equal_ones_once() -> None:
    asked: list[int] = []

    def measure(table: TypedTable) -> Values:
        asked.append(table.rows)
        return np.asarray(table.columns["a"].numbers, np.float64)

    x = np.zeros((5, 10))
    x[0, 0], x[1:, 1] = 1.0, 2.0  # in these two columns alone the row differs
    table = numbers(x)
    ends = table.take(np.array([0])), table.take(np.arange(1, 5))
    found = last(HybridRows(measure, *ends, single_players(list(table.columns), 10)))
    assert found.values[0] == pytest.approx(1.0) and set(found.values[1:]) == {0.0}
    assert asked[0] == 5 and max(asked[1:]) <= 8  # 2 mixtures for each of 4 rows


def test_one_background_row_and_none_of_the_columns() -> None:
    found = last(game(wavy, 12, 1))
    check_sum(found)
    assert found.background == 1
    constant = last(game(lambda x: np.ones(len(x)), 3))
    assert constant.values == (0.0, 0.0, 0.0)
    x = numbers(np.ones((3, 1)))
    alone = HybridRows(lambda t: np.ones(t.rows), x.take(np.array([0])), x, ())
    assert last(alone).values == ()


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_of_a_real_model(task: Task) -> None:
    predictor = small.predictor(task, "lightgbm", "extra_trees")
    typed = parse_table(small.table(), predictor.columns)
    names = [column.name for column in predictor.columns]
    scale = 1.0 if task != "regression" else 1e4

    def measure(table: TypedTable) -> Values:
        values = predictor.predict(table)
        return values if values.ndim == 1 else values[:, 1]

    row, background = typed.take(np.array([3])), typed.take(np.arange(40, 60))
    found = last(HybridRows(measure, row, background, single_players(names, 4)))
    assert found.players == (("age",), ("income",), ("city",), ("code",), tuple(names[4:]))
    assert found.prediction == measure(row)[0]
    assert found.base == pytest.approx(measure(background).mean(), rel=1e-6)
    assert abs(found.total - (found.prediction - found.base)) < 1e-6 * scale


def test_two_tables_one_below_the_other() -> None:
    predictor = small.predictor("binary", "lightgbm")
    raw = small.table()
    parts = [parse_table(raw.slice(*part), predictor.columns) for part in ((0, 7), (200, 30))]
    both = predictor.predict(stacked(*parts))
    apart = np.concatenate([predictor.predict(part) for part in parts])
    assert np.array_equal(both, apart)
    assert len(set(stacked(*parts).columns["city"].words)) <= 4
