"""The time of a run: reserves, limits and deadlines, held against values of version 0.5.0."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from automl_core.runs.record.state import Trial
from automl_core.runs.schedule import limits
from automl_core.runs.schedule.time_budget import TimeBudget

ROWS_TEST = 1000
BEST = Trial(
    1, "forest-1", "extra_trees", {}, "portfolio", 0.0, predict_ms_per_row=2.0,
    size_bytes=50_000_000,
)  # fmt: skip


@dataclass(frozen=True)
class Fit:
    """A refit as the budget sees it."""

    seconds: float
    encode_seconds: float
    encoding: str
    saved_ms: float = 0.0


REFITS = [Fit(5.0, 1.0, "a"), Fit(3.0, 1.0, "a"), Fit(12.0, 2.0, "b")]


def budget(seconds: float | None, workers: int = 1, elapsed: float = 0.0) -> TimeBudget:
    return TimeBudget(seconds, workers, 1000.0, lambda: 1000.0 + elapsed)


# Budget, workers, elapsed; the end's reserve, training left, to collect, until refits are there
# (from Start), grace, limit of one of five folds. Computed by the formulas of version 0.5.0.
OF_0_5_0 = [
    (4.0, 1, 1.0, 1.4, 1.6, 1.2, 2.68, 0.4, 0.3),
    (20.0, 2, 3.0, 2.38, 14.62, 6.8, 17.816, 0.4, 1.1696),
    (20.0, 2, 15.0, 2.38, 2.62, 2.0, 17.816, 0.4, 0.48),
    (60.0, 2, 10.0, 2.54, 39.96, 17.0, 57.688, 0.48, 3.7968),
    (120.0, 4, 100.0, 2.33, 2.17, 1.8, 117.946, 0.96, 5.76),
    (600.0, 8, 20.0, 4.025, 560.475, 225.8, 596.635, 4.8, 184.312),
    (3600.0, 1, 3000.0, 17.6, 557.9, 230.2, 3585.46, 28.8, 43.2),
]


@pytest.mark.parametrize("row", OF_0_5_0, ids=lambda row: f"{row[0]:g} s, {row[1]} workers")
def test_the_run_is_divided_as_it_was(row: tuple[float, ...]) -> None:
    seconds, workers, elapsed, end, left, collect, refits_by, grace, fold = row
    time = budget(seconds, int(workers), elapsed)
    assert time.end_reserve(BEST, ROWS_TEST) == pytest.approx(end)
    assert time.training_left(BEST, ROWS_TEST, REFITS) == pytest.approx(left)
    assert time.collect_seconds(False, REFITS) == pytest.approx(collect)
    refit_seconds = time.refit_seconds(BEST, ROWS_TEST, REFITS)
    assert refit_seconds is not None
    assert elapsed + refit_seconds == pytest.approx(refits_by)
    assert time.grace_seconds(stopped=False) == pytest.approx(grace)
    limit = time.fold_limit(seconds - end - elapsed, 5, int(workers))
    assert limit == pytest.approx(fold, abs=1e-4)


def test_many_rows_take_less_time_each() -> None:
    time = budget(600.0)
    few, many = (time.end_reserve(BEST, rows) - time.end_reserve(BEST, 0) for rows in (500, 30_000))
    loaded = time.end_reserve(BEST, 1) - time.end_reserve(BEST, 0)
    assert 30 * (few - loaded) < many < 60 * (few - loaded)


def test_refits_that_make_the_model_faster_leave_more_time_to_train() -> None:
    time = budget(60.0, 2, elapsed=10.0)
    faster = [replace(REFITS[0], saved_ms=1.5), *REFITS[1:]]
    too_long = [replace(REFITS[0], seconds=100.0, saved_ms=1.5)]
    as_slow = [replace(REFITS[0], seconds=100.0)]

    def left(refits: list[Fit]) -> float:
        seconds = time.training_left(BEST, ROWS_TEST, refits)
        assert seconds is not None
        return seconds

    assert left(REFITS) + 0.4 < left(faster) < left(REFITS) + time.end_reserve(BEST, ROWS_TEST)
    assert left(too_long) == left(as_slow)  # it will not be there
    until = [time.refit_seconds(BEST, ROWS_TEST, r) for r in (REFITS, faster)]
    assert None not in until
    assert until[0] < until[1]


@pytest.mark.parametrize(
    ("seconds", "workers", "tasks", "is_wide", "columns", "pairs"),
    [
        (20.0, 2, 1, False, 2.4, 1.6),
        (60.0, 2, 5, True, 2.4, 0.96),
        (120.0, 4, 8, False, 3.6, 2.4),
        (600.0, 8, 8, True, 60.0, 24.0),
        (3600.0, 1, 5, False, 12.0, 12.0),
    ],
)
def test_a_selection_takes_the_share_that_it_took(
    seconds: float, workers: int, tasks: int, is_wide: bool, columns: float, pairs: float
) -> None:
    time = budget(seconds, workers)
    assert time.selection_seconds(tasks, is_wide) == pytest.approx(columns)
    assert time.pairs_seconds(tasks) == pytest.approx(pairs)


def test_without_a_clock_nothing_is_reserved_or_limited() -> None:
    time = budget(None, 2, 10.0)
    assert not time.has_clock and not time.is_short and not time.has_probes
    assert time.remaining is None
    assert time.training_left(BEST, ROWS_TEST, REFITS) is None
    assert (time.end_reserve(BEST, ROWS_TEST), time.refit_reserve(REFITS, 9.0)) == (0.0, 0.0)
    assert time.fold_limit(None, 5, 2) is None
    assert time.selection_seconds(1, False) is time.pairs_seconds(1) is None
    assert time.embedding_seconds() is time.refit_seconds(BEST, ROWS_TEST, REFITS) is None
    assert (time.collect_seconds(False, REFITS), time.last_tasks_seconds(False)) == (1.3, 60.0)
    assert (time.last_importance_seconds(False), time.grace_seconds(False)) == (5.0, 0.0)
    assert time.ensemble_seconds(last=True) == 60.0
    assert time.unused_seconds() == 0.0


def test_who_stops_does_not_wait_however_much_is_left() -> None:
    for seconds in (None, 5.0, 3600.0):
        time = budget(seconds)
        assert time.collect_seconds(True, REFITS) == 1.3
        assert time.last_tasks_seconds(True) == 0.6
        assert time.last_importance_seconds(True) == pytest.approx(0.36)
        assert time.grace_seconds(True) == 0.0


def test_the_end_leaves_time_to_train() -> None:
    for seconds in (1.0, 10.0, 60.0, 3600.0):
        assert 0 < budget(seconds).end_reserve(None, 0) <= 0.1 * seconds
        assert budget(seconds).end_reserve(BEST, 10**9) < 0.5 * seconds


def test_all_folds_of_a_trial_fit_into_what_is_left() -> None:
    for seconds, left in ((10.0, 8.0), (120.0, 110.0), (120.0, 4.0), (3600.0, 60.0)):
        for folds, workers in ((1, 1), (1, 4), (5, 2), (8, 3)):
            limit = budget(seconds, workers).fold_limit(left, folds, workers)
            rounds = -(-folds // workers)
            assert limit is not None
            assert limit * rounds <= max(0.3 * rounds, 1.8 * left)
            assert limit <= left


def test_an_early_trial_leaves_time_for_others_and_a_late_one_may_use_what_is_there() -> None:
    early, late = (budget(100.0).fold_limit(left, 1, 1) for left in (100.0, 5.0))
    assert early is not None and early <= 0.35 * 100.0
    assert late is not None and late >= 0.8 * 5.0


def test_importance_takes_its_share_of_the_workers_seconds_in_short_tasks() -> None:
    assert budget(60.0, 4, 1.0).importance_seconds(0.0) == pytest.approx(0.12)
    assert budget(60.0, 4, 1.0).importance_seconds(0.1) == 0.0  # the rest is too short
    assert budget(60.0, 4, 50.0).importance_seconds(0.0) == limits.IMPORTANCE_SLICE


def test_what_is_left_over_is_worth_a_word_beyond_the_tolerance() -> None:
    assert budget(60.0, 1, 50.0).unused_seconds() == pytest.approx(10.0)
    assert budget(60.0, 1, 59.0).unused_seconds() == 0.0
    assert budget(60.0, 1, 61.0).unused_seconds() == 0.0
