"""Sets of columns at prices: the front, the cheapest that ties, and what prices change."""

from __future__ import annotations

import pytest

from automl_core.errors import SpecError
from automl_core.evaluation.column_costs import (
    ColumnSet,
    MeasuredColumns,
    order_of_leaving,
    price_sets,
)
from automl_core.evaluation.paired_comparison import ComparedScore

WORTH = {"a": 0.3, "b": 0.1, "c": 0.02, "d": -0.001}
ONES = dict.fromkeys(WORTH, 1.0)


def compared(score: float, behind_low: float | None, behind: float = 0.02) -> ComparedScore:
    high = None if behind_low is None else behind + 0.01
    ends = (None, None) if behind_low is None else (score - 0.01, score + 0.01)
    return ComparedScore(score, *ends, behind, behind_low, high)


def measured(*sets: ColumnSet) -> MeasuredColumns:
    every = ColumnSet(("a", "b", "c", "d"), ComparedScore(0.9, 0.89, 0.91, 0.0, 0.0, 0.0))
    return MeasuredColumns("roc_auc", 500, WORTH, ONES, (every, *sets))


THREE = ColumnSet(("a", "b", "c"), compared(0.902, -0.01, -0.002))
TWO = ColumnSet(("a", "b"), compared(0.89, -0.001, 0.01))
ONE = ColumnSet(("a",), compared(0.8, 0.05, 0.1))


def test_the_cheapest_set_within_the_band_is_named() -> None:
    found = price_sets(measured(ONE, THREE, TWO), {}, "EUR")
    assert [(len(s.columns), s.price) for s in found.sets] == [(1, 1), (2, 2), (3, 3), (4, 4)]
    assert [s.on_front for s in found.sets] == [True, True, True, False]
    assert found.cheapest is not None and found.cheapest.columns == ("a", "b")
    assert found.sentence == (
        "2 of 4 columns (a, b) give a score that is not told apart from that of all 4: Area under "
        "the ROC curve 0.89 against 0.9, for 2 instead of 4 EUR (50 %). At most 0.02 of it is "
        "lost, by the 95 % interval."
    )
    assert not found.stale


def test_other_prices_need_no_other_sets_until_they_change_the_order() -> None:
    sets = measured(ONE, THREE, TWO)
    dear = price_sets(sets, {"a": 2.0})
    assert [s.price for s in dear.sets] == [2, 3, 4, 5] and not dear.stale
    other = price_sets(sets, {"a": 100.0})
    assert other.stale and other.cheapest is not None and other.cheapest.price == 101
    free = price_sets(sets, dict.fromkeys(WORTH, 0.0))
    assert free.cheapest is not None and "instead of" not in free.sentence
    assert sum(s.on_front for s in free.sets) == 1


def test_nothing_is_claimed_without_evidence() -> None:
    worse = price_sets(measured(ONE), {})
    assert worse.cheapest is not None and len(worse.cheapest.columns) == 4
    assert "None of 1 smaller set gives" in worse.sentence
    assert "no time for fewer" in price_sets(measured(), {}).sentence
    unknown = ComparedScore(0.9, None, None, 0.0, None, None)
    few = MeasuredColumns("roc_auc", 6, WORTH, ONES, (ColumnSet(tuple(WORTH), unknown),))
    assert price_sets(few, {}).cheapest is None and "too few" in price_sets(few, {}).sentence
    one = MeasuredColumns("rmse", 90, {"a": 1.0}, {"a": 1.0}, (ColumnSet(("a",), ONE.compared),))
    assert "nothing to leave out" in price_sets(one, {}).sentence


@pytest.mark.parametrize("price", [-1.0, float("nan"), float("inf")])
def test_what_is_no_price_is_refused(price: float) -> None:
    with pytest.raises(SpecError, match="is no price of 'a'"):
        price_sets(measured(TWO), {"a": price})
    with pytest.raises(SpecError, match="do not see a column 'e'"):
        price_sets(measured(TWO), {"e": 1.0})


def test_columns_leave_by_what_they_give_for_their_price() -> None:
    assert order_of_leaving(WORTH, ONES) == ["d", "c", "b", "a"]
    assert order_of_leaving(WORTH, ONES | {"a": 1000.0}) == ["d", "a", "c", "b"]
    assert order_of_leaving(WORTH, ONES | {"c": 0.0}) == ["d", "b", "a", "c"]
    useless = {"x": 0.0, "y": 0.0, "z": 1.0}
    assert order_of_leaving(useless, {"x": 1.0, "y": 9.0, "z": 1.0}) == ["y", "x", "z"]
