"""The shortest list that costs nothing, from losses by row alone."""

from __future__ import annotations

import numpy as np

from automl_core.feature_selection.list_length import Attempt, is_hopeless, shortest

ROWS = 400
NOISE = np.random.default_rng(0).normal(scale=0.05, size=ROWS)


def attempt(length: int, loss: float, own: float = 0.0) -> Attempt:
    """A list whose rows have this loss on average; `own` spreads it around that."""
    spread = np.random.default_rng(length).normal(size=ROWS)
    losses = loss + NOISE + own * (spread - spread.mean())
    return Attempt(length, np.zeros((ROWS, 2)), losses, np.full(ROWS, 1.0) + NOISE)


def test_a_shorter_list_that_surely_costs_next_to_nothing_is_taken() -> None:
    lists = [attempt(40, 0.500, 0.01), attempt(20, 0.500, 0.01), attempt(10, 0.600, 0.01)]
    assert shortest(lists) == 1


def test_a_shorter_list_as_good_is_not_taken_where_that_may_be_chance() -> None:
    assert shortest([attempt(40, 0.5), attempt(20, 0.5, own=0.5)]) == 0


def test_few_columns_leave_only_where_that_gains() -> None:
    assert shortest([attempt(20, 0.5), attempt(10, 0.5, own=0.01)]) == 0
    assert shortest([attempt(20, 0.5), attempt(10, 0.49, own=0.5)]) == 0
    assert shortest([attempt(20, 0.5), attempt(10, 0.49, own=0.1)]) == 1


def test_a_clear_loss_is_not_paid_for_fewer_columns() -> None:
    assert shortest([attempt(40, 0.5), attempt(20, 0.52)]) == 0


def test_a_loss_within_chance_is_still_too_much_beyond_the_tolerance() -> None:
    lists = [attempt(40, 0.50), attempt(20, 0.53, own=1.0)]
    assert shortest(lists) == 0


def test_where_no_list_beats_the_constant_the_longest_stays() -> None:
    assert shortest([attempt(40, 1.2), attempt(3, 1.0)]) == 0


def test_a_list_far_behind_ends_the_search_however_it_was_reached() -> None:
    assert is_hopeless([attempt(40, 0.5), attempt(20, 0.7), attempt(30, 0.5)])
    assert is_hopeless([attempt(40, 0.5), attempt(20, 0.7)])
    assert not is_hopeless([attempt(40, 0.5), attempt(20, 0.505)])


def test_a_list_that_is_best_by_luck_does_not_keep_out_one_as_good_as_all_columns() -> None:
    lists = [attempt(40, 0.500, 0.05), attempt(30, 0.4963, 0.05), attempt(20, 0.5000, 0.02)]
    assert shortest(lists) == 2
    lists = [attempt(40, 0.500, 0.01), attempt(30, 0.4963, 0.01), attempt(20, 0.5000, 0.01)]
    assert shortest(lists) == 1  # better beyond luck


def test_a_list_that_is_best_by_luck_alone_does_not_keep_out_one_that_is_sure() -> None:
    lists = [attempt(40, 0.500, 0.01), attempt(30, 0.480, 2.0), attempt(20, 0.500, 0.01)]
    assert shortest(lists) == 2
