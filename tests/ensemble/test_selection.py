"""The selection beats its parts where they differ, and is not fooled where they do not."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest

from automl_core.ensemble.candidates import Candidate, Limits, Problem, take
from automl_core.ensemble.selection import SHARED, Selection, rounds_for, select
from automl_core.evaluation.calibration import apply_temperature
from automl_core.metrics import better, loss_of, score
from tests.ensemble.synthetic import METRICS, Floats, candidate, case, softmax


def _value(problem: Problem, prediction: Floats) -> float:
    return score(problem.metric, problem.y, prediction, problem.weight)


def _average(selection: Selection, candidates: list[Candidate]) -> Floats:
    pairs = zip(selection.weights, candidates, strict=True)
    mean = np.sum([w * c.prediction for w, c in pairs], axis=0)
    return apply_temperature(mean, selection.temperature) if mean.ndim == 2 else mean


def test_a_stop_ends_the_rounds_with_what_they_have() -> None:
    problem, candidates = case("log_loss", rows=2_000)
    asked = iter(range(1_000))
    stopped = select(problem, candidates, seconds=60.0, is_stopped=lambda: next(asked) >= 3)
    full = select(problem, candidates, seconds=60.0)
    assert stopped is not None and full is not None
    assert next(asked) < 20  # once more in each of the parts, not in all their rounds
    assert stopped.weights != full.weights


def _halves(
    problem: Problem, candidates: list[Candidate]
) -> tuple[tuple[Problem, list[Candidate]], tuple[Problem, list[Candidate]]]:
    """The same candidates on the first and on the second half of the rows."""
    middle = len(problem.y) // 2
    parts = np.arange(middle), np.arange(middle, len(problem.y))
    first, second = (
        (take(problem, rows), [replace(c, prediction=c.prediction[rows]) for c in candidates])
        for rows in parts
    )
    return first, second


@pytest.mark.parametrize("metric", METRICS)
def test_beats_every_single_one_on_rows_it_has_not_seen(metric: str) -> None:
    (problem, candidates), (fresh, parts) = _halves(*case(metric, rows=4_000))
    selection = select(problem, candidates)
    assert selection is not None and selection.rounds > 1
    assert sum(selection.weights) == pytest.approx(1.0, abs=1e-12)
    assert min(selection.weights) >= 0 and len(selection.weights) == len(candidates)
    value = _value(fresh, _average(selection, parts))
    assert all(better(metric, value, _value(fresh, c.prediction)) for c in parts)


@pytest.mark.parametrize("metric", METRICS)
def test_is_deterministic(metric: str) -> None:
    problem, candidates = case(metric, rows=400)
    assert select(problem, candidates) == select(problem, candidates)


def test_the_score_is_no_better_than_fresh_rows_say() -> None:
    """Fifty candidates of noise and sixty rows: a score on the same rows would be far too good."""
    claimed, chosen, real = [], [], []
    for seed in range(30):
        rng = np.random.default_rng(seed)
        y = rng.normal(size=1_060)
        guesses = [candidate(rng.normal(size=1_060)) for _ in range(50)]
        whole = Problem("rmse", "regression", y, None)
        few, many = np.arange(60), np.arange(60, 1_060)
        near = [replace(c, prediction=c.prediction[few]) for c in guesses]
        selection = select(take(whole, few), near)
        assert selection is not None
        claimed.append(selection.score)
        chosen.append(_value(take(whole, few), _average(selection, near)))
        real.append(_value(take(whole, many), _average(selection, guesses)[many]))
    assert np.mean(real) - np.mean(chosen) > 0.1  # what it would believe of its own rows
    assert abs(np.mean(real) - np.mean(claimed)) < 0.03


def test_a_single_candidate_that_won_claims_no_more_than_fresh_rows_say() -> None:
    """The best of forty on eighty rows is lucky; a candidate picked beforehand shows by how much
    the rows themselves are easy.
    """
    claimed, alone = [], 0
    for seed in range(30):
        rng = np.random.default_rng(seed)
        logit = 1.5 * rng.normal(size=680)
        y = (rng.random(680) < 1 / (1 + np.exp(-logit))).astype(np.int64)
        shared = logit + 3 * rng.normal(size=680)
        own = 3 * rng.normal(size=(40, 680))
        guesses = [candidate(softmax(np.stack([0 * y, shared + o], axis=1))) for o in own]
        whole = Problem("f1", "binary", y, None)
        few, many = np.arange(80), np.arange(80, 680)
        near = [replace(c, prediction=c.prediction[few]) for c in guesses]
        selection = select(take(whole, few), near)
        assert selection is not None
        alone += sum(w > 0 for w in selection.weights) == 1
        luck = _value(take(whole, few), near[0].prediction) - _value(
            take(whole, many), guesses[0].prediction[many]
        )
        fresh = _value(take(whole, many), _average(selection, guesses)[many])
        claimed.append(selection.score - fresh - luck)
    assert alone >= 5
    assert abs(np.mean(claimed)) < 0.04


def test_noise_seldom_leaves_one_of_equals_alone() -> None:
    """Five that err alike: whichever looks better than their average is lucky."""
    alone = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        logit = 1.5 * rng.normal(size=60)
        y = (rng.random(60) < 1 / (1 + np.exp(-logit))).astype(np.int64)
        values = logit + rng.normal(size=60) + rng.normal(size=(5, 60))
        guesses = [candidate(softmax(np.stack([0 * y, v], axis=1))) for v in values]
        selection = select(Problem("roc_auc", "binary", y, None), guesses)
        assert selection is not None
        alone += sum(w > 0 for w in selection.weights) == 1
    assert alone <= 7  # twelve, where one standard error is enough


def test_one_that_is_far_better_stays_alone() -> None:
    """Averaging with what only looks useful costs more than it brings."""
    problem, noise = case("roc_auc", rows=120, count=20, noise=20.0)
    truth = np.eye(2)[problem.y] * 0.6 + 0.2
    selection = select(problem, [*noise, candidate(truth)])
    assert selection is not None
    assert int(np.argmax(selection.weights)) == 20
    assert selection.score == pytest.approx(1.0)


def test_a_single_candidate_keeps_its_own_score() -> None:
    problem, (only, *_) = case("rmse")
    selection = select(problem, [only])
    assert selection is not None and selection.weights == (1.0,) and selection.rounds == 1
    assert selection.score == _value(problem, only.prediction)
    assert (selection.members, selection.size_bytes) == (5, 1000)


def test_rounds_are_few_on_few_rows() -> None:
    assert [rounds_for(n) for n in (3, 500, 1_000, 10**6)] == [10, 10, 20, 40]


def test_limits_hold_for_members_milliseconds_and_bytes() -> None:
    problem, candidates = case("log_loss")
    free = select(problem, candidates)
    assert free is not None and free.members == 40
    for limits in (
        Limits(most_members=17),
        Limits(most_ms=0.035),
        Limits(most_bytes=3_999),
        Limits(most_members=15, most_ms=0.04, most_bytes=10**9),
    ):
        held = select(problem, candidates, limits)
        assert held is not None and held.members == 15
        assert sum(w > 0 for w in held.weights) == 3
        assert held.size_bytes == 3_000 and held.predict_ms_per_row == pytest.approx(0.03)
        assert held.score > free.score


def test_what_exceeds_the_limits_alone_is_left_out() -> None:
    problem, candidates = case("rmse")
    huge = [replace(candidates[0], size_bytes=10**9), *candidates[1:]]
    selection = select(problem, huge, Limits(most_bytes=10**6))
    assert selection is not None and selection.weights[0] == 0
    assert select(problem, huge[:1], Limits(most_bytes=10**6)) is None


def test_nothing_to_choose_from() -> None:
    problem, candidates = case("rmse", rows=20)
    assert select(problem, []) is None
    broken = replace(candidates[0], prediction=np.full(20, np.nan))
    assert select(problem, [broken]) is None
    selection = select(problem, [broken, candidates[1]])
    assert selection is not None and selection.weights == (0.0, 1.0)
    none = replace(problem, weight=np.zeros(20))
    assert select(none, candidates) is None


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("rows", [1, 2, 5, 9])
def test_very_few_rows(metric: str, rows: int) -> None:
    problem, candidates = case(metric, rows=rows, count=3)
    selection = select(problem, candidates)
    assert selection is not None and sum(selection.weights) == pytest.approx(1.0)
    assert np.isfinite(selection.score)


@pytest.mark.parametrize("metric", ["log_loss", "mae", "rmse"])
def test_rows_without_weight_do_not_count(metric: str) -> None:
    problem, candidates = case(metric, rows=1_000)
    heavy = np.arange(1_000) % 2 == 0
    wild = [
        replace(c, prediction=np.where(heavy if c.prediction.ndim == 1 else heavy[:, None],
                                       c.prediction, c.prediction[::-1]))
        for c in candidates
    ]  # fmt: skip
    one = select(replace(problem, weight=heavy * 1.0), candidates)
    two = select(replace(problem, weight=heavy * 1.0), wild)
    assert one is not None and two is not None
    assert one.score == pytest.approx(two.score)
    assert one.weights == two.weights


def test_no_time_gives_a_selection_all_the_same() -> None:
    problem, candidates = case("log_loss", rows=20_000, count=30)
    began = time.monotonic()
    selection = select(problem, candidates, seconds=0.0)
    hasty = time.monotonic() - began
    assert selection is not None and sum(selection.weights) == pytest.approx(1.0)
    began = time.monotonic()
    select(problem, candidates, rows=20_000)
    assert hasty < time.monotonic() - began


@pytest.mark.parametrize("most", [40, 15])
def test_families_that_are_tied_with_the_best_keep_a_share(most: int) -> None:
    """Five families that err alike, one of which looks a little better, and one that is worse."""
    rng = np.random.default_rng(0)
    logit, shared = rng.normal(size=(2, 600))
    y = (rng.random(600) < 1 / (1 + np.exp(-4 * logit))).astype(np.int64)

    def guess(family: str, noise: float) -> Candidate:
        value = 4 * logit + shared + noise * rng.normal(size=600)
        return candidate(softmax(np.stack([0 * y, value], axis=1)), family)

    candidates = [guess("a", 0.1), *(guess(f, 0.4) for f in "bcde"), guess("worse", 20.0)]
    problem = Problem("roc_auc", "binary", y, None)
    selection = select(problem, candidates, Limits(most_members=most))
    assert selection is not None and selection.members <= most
    assert selection.weights[5] == 0
    kept = [w for w in selection.weights if w > 0]
    assert len(kept) == min(5, most // 5)
    assert min(kept) >= SHARED / 5 - 1e-12


def test_equal_candidates_are_not_piled_up() -> None:
    problem, (best, *_) = case("rmse")
    selection = select(problem, [best] * 10)
    assert selection is not None and sum(w > 0 for w in selection.weights) == 1


def test_a_family_that_ranks_low_is_still_heard() -> None:
    """Thirty copies with one error in common; a worse one of another family cancels it."""
    rng = np.random.default_rng(0)
    y = rng.normal(size=1_000)
    shared = rng.normal(size=1_000)
    copies = [candidate(y + shared + 0.01 * rng.normal(size=1_000)) for _ in range(30)]
    other = candidate(y - 1.5 * shared, family="b")
    selection = select(Problem("rmse", "regression", y, None), [*copies, other])
    assert selection is not None and selection.weights[-1] > 0.2


def test_temperature_calibrates_the_average_by_whatever_metric_it_was_chosen() -> None:
    problem, candidates = case("log_loss", rows=3_000)
    sure = [replace(c, prediction=softmax(3 * np.log(c.prediction))) for c in candidates]
    selection = select(problem, sure)
    assert selection is not None and selection.temperature > 1.2
    average = _average(selection, sure)
    assert loss_of("log_loss", selection.score) == pytest.approx(_value(problem, average), abs=0.01)
    other = select(replace(problem, metric="accuracy"), sure)
    assert other is not None and other.temperature > 1.2
    assert _value(problem, _average(other, sure)) < _value(
        problem, _average(replace(other, temperature=1.0), sure)
    )


def test_target_of_any_size() -> None:
    """Twelve orders of magnitude, in either direction, change nothing but the unit."""
    problem, candidates = case("mae")
    for scale in (1e-12, 1e12):
        moved = Problem("mae", "regression", problem.y * scale, None)
        scaled = [replace(c, prediction=c.prediction * scale) for c in candidates]
        one, two = select(problem, candidates), select(moved, scaled)
        assert one is not None and two is not None
        assert two.weights == pytest.approx(one.weights)
        assert two.score == pytest.approx(one.score * scale)
