"""The threshold is near the best that could be known, and its gain is claimed honestly."""

from __future__ import annotations

import numpy as np
import pytest

from automl_core.evaluation import Decision, Worth, at_threshold, decide, gain_at
from automl_core.evaluation.decision import RESAMPLES
from tests.evaluation.rankings import ranked, rows

WORTH = Worth(hit=10, alarm=-3, miss=-1, rest=0.5)


def gain(y: np.ndarray, flagged: np.ndarray, weight: np.ndarray, worth: Worth = WORTH) -> float:
    """Per 1,000 rows, row by row."""
    acted = np.where(y == 1, worth.hit, worth.alarm)
    value = np.where(flagged, acted, np.where(y == 1, worth.miss, worth.rest))
    return float(1000 * np.average(value, weights=weight))


def decided(*given: object, capacity: float = 1.0, worth: Worth = WORTH) -> Decision:
    found = decide(ranked(*given), worth, capacity)  # type: ignore[arg-type]
    assert isinstance(found, Decision), found
    return found


def true_gain(p: np.ndarray, threshold: float | None, worth: Worth = WORTH) -> float:
    """Per 1,000 rows, where probabilities are true, of what the model adds to acting on none."""
    flagged = p > (-1.0 if threshold is None else threshold)
    added = p * (worth.hit - worth.miss) + (1 - p) * (worth.alarm - worth.rest)
    return float(1000 * (flagged * added).mean())


@pytest.mark.parametrize("capacity", [1.0, 0.1])
@pytest.mark.parametrize("weighted", [False, True])
def test_the_threshold_is_nearly_the_best_that_can_be_handled(
    capacity: float, weighted: bool
) -> None:
    y, p = rows(3000)
    weight = np.random.default_rng(1).uniform(0.5, 3, len(y)) if weighted else np.ones(len(y))
    found = decided(y, p, weight, capacity=capacity)
    possible = [t for t in np.unique(p) if np.average(p > t, weights=weight) <= capacity]
    best = max(true_gain(p, t) for t in possible)
    assert true_gain(p, found.threshold) >= 0.98 * best
    assert found.threshold is not None
    assert found.share == pytest.approx(np.average(p > found.threshold, weights=weight))
    assert found.share <= capacity
    assert found.limited == (capacity < 1) == ("More could be earned" in found.sentence)
    assert found.gain.low < found.gain.value < found.gain.high
    assert found.gain.value <= max(found.gains)


def test_noise_of_a_few_rows_does_not_choose() -> None:
    _, fresh = rows(50_000, seed=99)
    best = max(true_gain(fresh, t) for t in np.unique(fresh))
    lost, lost_by_trying = [], []
    for seed in range(40):
        y, p = rows(300, seed)
        lost.append(best - true_gain(fresh, decided(y, p).threshold))
        tried = max(np.unique(p), key=lambda t: gain(y, p > t, np.ones(300)))
        lost_by_trying.append(best - true_gain(fresh, tried))
    assert np.mean(lost) < 0.5 * np.mean(lost_by_trying)
    assert np.mean(lost) < 0.03 * best


def test_probabilities_that_are_off_are_seen_through() -> None:
    y, p = rows(3000)
    off = 1 / (1 + ((1 - p) / np.clip(p, 1e-3, 1)) ** 2 * np.exp(2))  # too sure, and too low
    found = decided(y, off)
    assert found.threshold is not None
    flagged = off > found.threshold
    assert true_gain(p, p[flagged].min() - 1e-6) >= 0.98 * max(
        true_gain(p, t) for t in np.unique(p)
    )


@pytest.mark.parametrize("capacity", [1.0, 0.04])
def test_the_other_ways_are_counted_and_handle_what_can_be_handled(capacity: float) -> None:
    y, p = rows(600)
    one, found = np.ones(len(y)), decided(*rows(600), capacity=capacity)
    none = gain(y, p > 2, one)
    ways = {way.name: way for way in found.policies}
    for name, flagged in (
        ("Act on all", p >= 0),
        ("Act on none", p > 2),
        ("Model at 0.5", p > 0.5),
    ):
        part = min(1.0, capacity / max(flagged.mean(), 1e-9))
        expected = none + part * (gain(y, flagged, one) - none)
        way = ways[name]
        assert way.gain.value == pytest.approx(expected)
        assert way.gain.low <= way.gain.value <= way.gain.high
        assert way.behind.value == pytest.approx(found.gain.value - expected)


def test_intervals_hold_the_gain_on_fresh_rows_and_claims_are_not_flattered() -> None:
    y, p = rows(50_000, seed=99)
    held, claimed, flattered = [], [], []
    for seed in range(100):
        found = decided(*rows(150, seed))
        lowest = -1.0 if found.threshold is None else found.threshold
        fresh = gain(y, p > lowest, np.ones(len(y)))
        held.append(found.gain.low <= fresh <= found.gain.high)
        claimed.append(found.gain.value - fresh)
        flattered.append(max(found.gains) - fresh)
    assert np.mean(held) > 0.87  # of 95 %; the rows are few
    assert np.mean(flattered) > 100  # what the best of all thresholds seems to earn too much
    assert abs(np.mean(claimed)) < 0.5 * np.mean(flattered)


def test_many_rows_are_grouped_without_loss() -> None:
    random = np.random.default_rng(3)
    p = random.beta(1, 4, 20_000)
    y = (random.random(len(p)) < p).astype(np.int64)
    found = decided(y, p)
    assert len(found.gains) < 1100
    order = np.argsort(-p)
    more = np.where(y == 1, WORTH.hit - WORTH.miss, WORTH.alarm - WORTH.rest)[order].cumsum()
    best = 1000 * (more.max() + WORTH.miss * y.sum() + WORTH.rest * (1 - y).sum()) / len(y)
    assert found.threshold is not None
    reached = gain(y, p > found.threshold, np.ones(len(y)))
    place = int(np.argmax(found.smooth))
    assert reached == pytest.approx(found.gains[place])  # the threshold is the one of that gain
    assert best - reached < 0.01 * abs(best)
    half = at_threshold(ranked(y, p), 0.5)
    flagged = 1000 * half.share
    assert f"{flagged:.0f}" == f"{1000 * (p > 0.5).mean():.0f}"
    (ours,) = (way.gain.value for way in found.policies if way.name == "Model at 0.5")
    assert ours == pytest.approx(gain(y, p > 0.5, np.ones(len(y))))


@pytest.mark.parametrize(
    ("worth", "threshold", "share", "said"),
    [
        (Worth(10, 0.1, 0), None, 1.0, "Flagging all rows earns most."),
        (Worth(1, -1000, 0), 1.0, 0.0, "Flagging no row earns most."),
    ],
)
def test_at_the_edge_it_is_the_same_as_acting_on_all_or_none(
    worth: Worth, threshold: float | None, share: float, said: str
) -> None:
    y, p = rows(400)
    y[p > 0.7] = 0  # no threshold is sure
    found = decided(y, p, worth=worth)
    assert (found.threshold, found.share) == (threshold, share)
    assert found.sentence.startswith(said)
    (same,) = (way for way in found.policies if way.behind.low == way.behind.high == 0)
    assert same.gain == found.gain
    assert f"“{same.name}”" not in found.sentence


def test_the_gain_at_a_threshold_is_that_of_its_rows() -> None:
    y, p = rows(200)
    weight = np.where(y == 1, 3.0, 1.0)
    at = at_threshold(ranked(y, p, weight), 0.3)
    assert gain_at(at, WORTH) == pytest.approx(gain(y, p > 0.3, weight))


def test_equal_probabilities_leave_all_or_none() -> None:
    y = np.arange(40) % 2
    found = decided(y, np.full(40, 0.5))
    assert (found.threshold, found.share, len(found.gains)) == (None, 1.0, 2)


def test_the_same_question_has_the_same_answer() -> None:
    assert decided(*rows(300)) == decided(*rows(300))


def test_weights_widen_the_intervals() -> None:
    y, p = rows(1000)
    plain = decided(y, p)
    uneven = decided(y, p, np.where(np.arange(1000) % 10 == 0, 20.0, 1.0))
    assert uneven.gain.high - uneven.gain.low > 1.5 * (plain.gain.high - plain.gain.low)
    assert decided(y, p, np.full(1000, 7.0)).gain == plain.gain
    assert RESAMPLES >= 200  # for quantiles of 2.5 %


@pytest.mark.parametrize(
    ("y", "worth", "capacity", "said"),
    [
        ([1, 0, 0], WORTH, 1.0, "Only 1 unseen row is “yes”"),
        ([0] * 9 + [1] * 30, WORTH, 1.0, "Only 9 unseen rows are “no”"),
        ([0, 1] * 30, Worth(2, 1, 2, 1), 1.0, "nothing to decide"),
        ([0, 1] * 30, Worth(-10, 1, 0), 1.0, "A cost is a negative number"),
        ([0, 1] * 30, Worth(10, 0, 0, -10), 1.0, "worth 0 together, a false alarm and a miss 0"),
        ([0, 1] * 30, WORTH, 0.0, "No case can be handled"),
        ([0, 1] * 30, WORTH, 0.3, "flags 1,000 of 1,000"),
    ],
)
def test_where_nothing_can_be_decided_a_sentence_says_why(
    y: list[int], worth: Worth, capacity: float, said: str
) -> None:
    found = decide(ranked(y, np.full(len(y), 0.4)), worth, capacity)
    assert isinstance(found, str) and said in found
