"""The rule that chooses folds: by rows, classes, budget and speed, and it says why."""

from __future__ import annotations

from itertools import pairwise

import pytest

from automl_core.runs.record import Budget, RunOptions, RunSpec, TableLink
from automl_core.runs.setup.machine_speed import FASTEST, SLOWEST, measure_speed
from automl_core.runs.setup.validation import ValidationPlan, as_done, choose_validation, planned
from tests.options import changed

SPEC = RunSpec(
    TableLink("0" * 32, "t.csv", 900, {}), "y", "binary", "roc_auc", RunOptions(Budget(60.0))
)


def chosen(
    rows: int, seconds: float | None = 3600.0, classes: int = 2, columns: int = 14,
    smallest: int = 1_000, speed: float = 1.0,
) -> ValidationPlan:  # fmt: skip
    return choose_validation(rows, classes, columns, smallest, seconds, 2, speed)


@pytest.mark.parametrize(
    ("rows", "k", "repeats"),
    [(100, 8, 5), (1_000, 8, 5), (1_001, 8, 3), (10_000, 8, 3), (10_001, 5, 1), (60_000, 5, 1)],
)
def test_with_time_enough_the_rows_decide(rows: int, k: int, repeats: int) -> None:
    plan = chosen(rows)
    assert (plan.k, plan.repeats) == (k, repeats)


@pytest.mark.parametrize(
    ("rows", "k"), [(1_000, 8), (10_000, 8), (10_001, 3), (50_000, 3), (50_001, 1)]
)
def test_without_a_clock_only_the_rows_decide(rows: int, k: int) -> None:
    assert {chosen(rows, None, columns=c, speed=s).k for c in (1, 999) for s in (0.1, 9.0)} == {k}


def test_more_time_never_means_fewer_folds() -> None:
    for rows in (300, 5_000, 20_000, 200_000):
        plans = [chosen(rows, seconds) for seconds in (10, 30, 60, 120, 600, 3_600, 36_000)]
        assert all(a.started <= b.started for a, b in pairwise(plans))
        assert plans[-1].started > 1
    assert chosen(200_000, 60).k == 1
    assert chosen(700, 1).started == 3  # one part of 88 rows would be mere luck


@pytest.mark.parametrize(
    ("rows", "seconds", "started", "parts"),
    [
        (20_000, 40, 1, 5),
        (120_000, 60, 1, 15),  # a part has no more rows than a holdout
        (6_500, 15, 1, 8),
        (5_000, 60, 3, 8),  # where three folds have time, enough rows to compare models on
        (500, 1, 3, 8),
        (500_000, 60, 1, 1),  # one holdout: no model could have further folds
    ],
)
def test_where_time_is_short_trials_start_on_the_first_parts(
    rows: int, seconds: float, started: int, parts: int
) -> None:
    plan = chosen(rows, seconds, columns=60 if rows == 5_000 else 14)
    assert (plan.started, plan.k) == (started, parts)
    assert chosen(rows, None).started == chosen(rows, None).k  # without a clock there is no race


def test_the_reason_says_where_models_are_compared() -> None:
    words = chosen(20_000, 40).reason
    assert words.startswith("The rows are dealt into 5 parts, and models are compared on the first")
    assert "first one (4,000 rows)," in words and "further parts" in words
    assert "the first 3 (" in chosen(500, 1).reason


def test_speed_and_classes_count() -> None:
    slow, fast = chosen(20_000, 60, speed=0.3), chosen(20_000, 60, speed=6.0)
    assert slow.started < fast.started
    assert chosen(20_000, 300).started > chosen(20_000, 300, classes=26).started


@pytest.mark.parametrize(("rows", "smallest", "k"), [(10, 5, 3), (3, 1, 2), (24, 12, 8)])
def test_a_fold_has_three_rows(rows: int, smallest: int, k: int) -> None:
    assert chosen(rows, smallest=smallest).k == k


def test_of_two_classes_each_fold_has_a_row() -> None:
    assert chosen(800, smallest=4).k == 4
    assert chosen(800, classes=3, smallest=4).k == 8


def test_the_reason_is_in_words() -> None:
    assert chosen(20_000, 600.0).reason == (
        "5-fold cross-validation: every row validates once; chosen for 20,000 rows, 600 s on "
        "2 workers."
    )
    assert "where 5 folds would leave time for too few models" in chosen(20_000, 40).reason
    assert chosen(500_000, 60).reason.startswith("One holdout: 8,000 rows validate; chosen for")
    assert "trained on 4 further partitions." in chosen(500).reason
    assert "worker" not in chosen(500, None).reason


def plan_of(spec: RunSpec, rows: int = 900) -> ValidationPlan:
    return planned(spec, (), (rows // 2, rows // 2), rows, 2, 1.0)


def test_what_was_asked_for_wins() -> None:
    plan = plan_of(changed(SPEC, folds=3))
    assert (plan.k, plan.repeats) == (3, 5) and "as asked for" in plan.reason
    plan = plan_of(changed(SPEC, folds=1))
    assert (plan.k, plan.repeats) == (1, 1) and "180 rows validate" in plan.reason


def test_groups_and_time_are_in_the_reason() -> None:
    assert plan_of(changed(SPEC, group="shop")).reason.endswith("Rows of one 'shop' stay together.")
    plan = plan_of(changed(SPEC, time="day"))
    assert (plan.k, plan.repeats) == (1, 1) and "latest 20 % by 'day'" in plan.reason


def test_fewer_folds_than_planned_are_said() -> None:
    plan = as_done(chosen(5_000), 4, 2, 0)
    assert (plan.k, plan.repeats) == (4, 2)
    assert plan.reason.startswith("4-fold") and "More than 4 folds are not" in plan.reason
    assert "on 1 further partition." in plan.reason
    assert "(7)" in as_done(ValidationPlan(1, 1, 90, time="day"), 1, 1, 7).reason


def test_the_speed_is_a_plain_ratio() -> None:
    assert SLOWEST <= measure_speed() <= FASTEST
