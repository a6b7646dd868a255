"""Columns leave one after the other: noise first, of copies one, by price where it counts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from automl_core.feature_selection.backward_elimination import eliminate, set_sizes
from automl_core.feature_selection.quick_booster import OutOfTimeError
from automl_core.types import StopReason
from tests.feature_selection.generated import never, question, table


def test_noise_leaves_before_columns_that_tell() -> None:
    sample, names = table(600, 4)
    shares: list[float] = []
    prices = dict.fromkeys(names, 1.0)
    found = eliminate(question(names), sample, prices, 0, never, shares.append)
    assert [len(s) for s in found.sets] == set_sizes(8) == [8, 6, 5, 4, 3, 2, 1]
    assert set(found.sets[3]) == {f"tells {i}" for i in range(4)}
    assert all(set(b) < set(a) for a, b in zip(found.sets, found.sets[1:], strict=False))
    assert shares == sorted(shares) and 0 < shares[-1] < 1
    assert min(found.worth[f"tells {i}"] for i in range(4)) > max(
        found.worth[f"noise {i}"] for i in range(4)
    )


def test_of_a_column_and_its_copy_the_dear_one_leaves() -> None:
    sample, names = table(600, 0)
    typed = sample.typed
    copy = replace(typed.columns["tells 0"], name="copy")
    sample = replace(sample, typed=replace(typed, columns=typed.columns | {"copy": copy}))
    names = [*names, "copy"]
    prices = dict.fromkeys(names, 1.0) | {"copy": 50.0}
    found = eliminate(question(names), sample, prices, 0, never, lambda _: None)
    assert set(found.sets[1]) == set(names) - {"copy"}


def hurried(calls: int) -> Callable[[], StopReason | None]:
    """Interrupts after so many looks."""
    left = iter(range(calls))
    return lambda: None if next(left, None) is not None else StopReason.TIME


def test_without_time_the_order_known_last_goes_on() -> None:
    sample, names = table(300, 2)
    prices = dict.fromkeys(names, 1.0)
    looks: list[int] = []

    def counted() -> None:
        looks.append(1)

    eliminate(question(names), sample, prices, 0, counted, lambda _: None)
    found = eliminate(question(names), sample, prices, 0, hurried(len(looks) // 2), lambda _: None)
    assert [len(s) for s in found.sets] == set_sizes(6)
    with pytest.raises(OutOfTimeError):
        eliminate(question(names), sample, prices, 0, hurried(0), lambda _: None)


def test_rows_that_all_belong_together_give_no_order() -> None:
    sample, names = table(100, 0)
    together = replace(sample, parted=np.zeros(100, np.int64))
    with pytest.raises(OutOfTimeError):
        eliminate(question(names), together, dict.fromkeys(names, 1.0), 0, never, lambda _: None)


def test_sizes_fall_from_all_to_one() -> None:
    assert set_sizes(1) == [1] and set_sizes(2) == [2, 1]
    assert len(set_sizes(500)) <= 20
