"""A race over further folds: its beginning, who takes part, and who leaves it."""

from __future__ import annotations

from collections.abc import Collection

import pytest

from automl_core.runs.record import EnsembleSolved, RunState, Trial
from automl_core.runs.schedule.fold_race import FoldRace, RaceTime
from automl_core.types import Origin, TrialStatus

PARTS = 5


def any_family(_family: str) -> bool:
    return True


def state_of(seconds: list[float], weights: dict[int, float]) -> RunState:
    """Finished trials of one fold each, the better the lower their number, and an ensemble."""
    state = RunState()
    for number, length in enumerate(seconds, start=1):
        state.trials[number] = Trial(
            number, f"lightgbm-{number}", "lightgbm", {}, Origin.PORTFOLIO, 0.0,
            TrialStatus.FINISHED, 0.9 - number / 100, train_seconds=length, folds=1,
        )  # fmt: skip
    solve(state, weights)
    return state


def solve(state: RunState, weights: dict[int, float]) -> None:
    state.ensemble = EnsembleSolved(
        0.9, tuple(weights), tuple(weights.values()), 1.0, len(weights), 0.1, 10
    )


def extend(state: RunState, number: int) -> None:
    trial = state.trials[number]
    trial.train_seconds += trial.train_seconds / trial.folds
    trial.folds += 1


def race_time(left: float, share: float, workers: int) -> RaceTime:
    return RaceTime(lambda _trials: left, share, workers)


def begun(race: FoldRace, time: RaceTime, close: bool = False, idle: bool = False) -> list[int]:
    """The trials of a race in the order in which they get their next fold; [] where none began."""
    race.may_begin(time, close, idle)
    found = []
    while (trial := race.next_trial(time.left(()), any_family)) is not None:
        found.append(trial.number)
        trial.extending = trial.folds
    return found


SIX = [1.0] * 6
HALF = {1: 0.5, 2: 0.3, 3: 0.2}


def test_new_configurations_are_tried_until_a_race_takes_all_that_is_left() -> None:
    whole = race_time(13.2, 0.7, 2).needed(list(state_of(SIX, HALF).trials.values()), PARTS)
    assert whole == pytest.approx(1.1 * 6 * 4 / 2)
    race = FoldRace(state_of(SIX, HALF), "roc_auc", 1, PARTS)
    assert begun(race, race_time(30.0, 0.7, 2)) == []
    assert begun(race, race_time(13.0, 0.7, 2)) == [1, 2, 3, 4, 5]  # the sixth would be too late


def test_a_race_begins_early_where_the_leading_models_hardly_differ() -> None:
    race = FoldRace(state_of(SIX, HALF), "roc_auc", 1, PARTS)
    assert begun(race, race_time(90.0, 0.1, 2), close=True) == []
    assert begun(race, race_time(90.0, 0.3, 2), close=True) == [1, 2, 3, 4, 5, 6]


def test_a_race_begins_where_nothing_else_is_worth_starting() -> None:
    race = FoldRace(state_of([1.0, 1.0], {1: 1.0}), "roc_auc", 1, PARTS)
    assert begun(race, race_time(90.0, 0.1, 2)) == []
    assert begun(race, race_time(90.0, 0.1, 2), idle=True) == [1, 2]


def test_no_race_begins_that_most_of_the_ensemble_could_not_run() -> None:
    slow = state_of([50.0, 1.0, 1.0, 1.0], {1: 0.9, 2: 0.1})
    assert begun(FoldRace(slow, "roc_auc", 1, PARTS), race_time(20.0, 0.7, 2)) == []
    light = state_of([50.0, 1.0, 1.0, 1.0], {1: 0.1, 2: 0.9})
    assert begun(FoldRace(light, "roc_auc", 1, PARTS), race_time(20.0, 0.7, 2)) == [2, 3, 4]


def test_time_for_fits_on_all_rows_is_kept_for_those_that_do_not_race() -> None:
    light = state_of([50.0, 1.0, 1.0, 1.0], {1: 0.2, 2: 0.8})
    seen: list[set[int]] = []

    def left(trials: Collection[int]) -> float:
        seen.append(set(trials))
        return 20.0 if 1 in trials else 7.0  # the heavy one needs 13 s

    race = FoldRace(light, "roc_auc", 1, PARTS)
    race.may_begin(RaceTime(left, 0.7, 2), False, False)
    assert race.waiting == {2, 3, 4} and {2, 3, 4} in seen


def test_a_race_that_nobody_can_finish_any_more_gives_way_to_another() -> None:
    state = state_of([60.0, 1.0, 1.0, 1.0], {1: 0.1, 2: 0.9})
    extend(state, 1)
    race = FoldRace(state, "roc_auc", 1, PARTS)  # the run goes on: its race is that of the slow one
    assert race.waiting == {1}
    assert begun(race, race_time(20.0, 0.9, 2), close=True) == [2, 3, 4]


def test_folds_of_one_trial_follow_each_other() -> None:
    (trial, *_) = state_of([10.0], {1: 1.0}).trials.values()
    assert race_time(0.0, 0.7, 2).needed([trial], 3) == pytest.approx(1.1 * 20.0)


def test_the_time_until_the_columns_of_a_fold_are_chosen_counts_once_a_fold() -> None:
    state = state_of(SIX, HALF)
    for number in (1, 2):
        state.trials[number].selected = True

    def choosing(fold: int) -> float:
        return 0.0 if fold < 2 else 5.0

    time = RaceTime(lambda _trials: 12.0, 0.7, 2, choosing)
    trials = list(state.trials.values())
    assert time.needed(trials, 2) == pytest.approx(1.1 * 6 / 2)
    assert time.needed(trials, 3) == pytest.approx(1.1 * (12 + 5) / 2)
    assert time.needed(trials[2:], 3) == pytest.approx(1.1 * 8 / 2)
    race = FoldRace(state, "roc_auc", 1, PARTS)
    race.may_begin(time, True, False)
    for trial in trials:
        extend(state, trial.number)
    left = 4.0  # not enough for columns and a fit
    found = race.next_trial(left, any_family, choosing)
    assert found is not None and not found.selected


def test_fewer_parts_are_run_over_where_time_is_short() -> None:
    state = state_of(SIX, dict.fromkeys(range(1, 7), 1 / 6))
    race = FoldRace(state, "roc_auc", 1, PARTS)
    assert begun(race, race_time(8.0, 0.7, 2)) != []
    most = 1
    for trial in state.trials.values():
        trial.extending = None
    while (trial := race.next_trial(8.0, any_family)) is not None:
        extend(state, trial.number)
        most = max(most, trial.folds)
    assert most == 3  # all six on three, rather than four of them on all five


def test_what_has_no_weight_on_more_rows_leaves_and_an_excluded_one_too() -> None:
    state = state_of(SIX, HALF)
    race = FoldRace(state, "roc_auc", 1, PARTS)
    race.may_begin(race_time(90.0, 0.3, 2), True, False)
    for number in (1, 2, 3, 4):
        extend(state, number)
    solve(state, {1: 0.6, 4: 0.4})  # on the rows of two parts
    race.excluded.add(4)
    order = []
    while (trial := race.next_trial(90.0, any_family)) is not None:
        order.append(trial.number)
        trial.extending = 1
    assert order == [5, 6, 1]  # the fewest folds first; 2 and 3 are of no use


def test_a_race_goes_on_where_the_run_does_and_none_begins_without_parts() -> None:
    state = state_of(SIX, HALF)
    extend(state, 2)
    race = FoldRace(state, "roc_auc", 1, PARTS)
    found = race.next_trial(90.0, any_family)
    assert found is not None and found.number == 2
    assert begun(FoldRace(state, "roc_auc", 5, 5), race_time(1.0, 0.9, 2), idle=True) == []
