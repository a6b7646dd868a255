"""The threshold that earns most, by what outcomes are worth and how many cases can be handled.

The threshold is the best by a smooth curve of what probabilities come true as on these rows, so
that no few of them decide. It still looks a little better there than it is. So each bootstrap
resample of the rows chooses a threshold of its own, and what it claims there is compared with what
the same threshold earns on all rows. The mean of these differences is taken off the claim, and
their quantiles give its interval (Efron & Tibshirani, "An Introduction to the Bootstrap", 1993,
chapter 17). Acting on all, on none and at 0.5 choose nothing: nothing is taken off for them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from automl_core.evaluation.beta_calibration import calibrated_shares
from automl_core.evaluation.number_words import plain_number
from automl_core.evaluation.ranking import (
    AtThreshold,
    Floats,
    Integers,
    Ranking,
    sum_groups,
    threshold_below,
)
from automl_core.words import count

LEAST_ROWS = 10
"""Rows of each class without which a gain means nothing."""

MOST_THRESHOLDS = 1000
RESAMPLES = 400
PER_ROWS = 1000  # gains are sums over so many rows
ROUNDING = 1e-9


@dataclass(frozen=True)
class Worth:
    """The value of a row by its class and by whether it is flagged, all four in one unit."""

    hit: float  # true positive: flagged, and of the class
    alarm: float  # false positive
    miss: float  # false negative
    rest: float = 0.0  # true negative


@dataclass(frozen=True)
class Estimate:
    """A gain per 1,000 rows with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Policy:
    """Another way to decide, and how far the best threshold is ahead of it."""

    name: str
    gain: Estimate
    behind: Estimate  # the best threshold's gain minus this one's


@dataclass(frozen=True)
class Decision:
    """The best threshold, what it earns, and what would be earned without it."""

    threshold: float | None  # rows above it are flagged; None: all of them are
    pays_above: float | None  # the threshold if all cases could be handled; None: all rows pay
    share: float  # of the rows, flagged
    gain: Estimate
    policies: tuple[Policy, ...]  # acting on all, on none, at 0.5
    shares: tuple[float, ...]  # of rows flagged, from 0 to 1
    gains: tuple[float, ...]  # per 1,000 rows at these shares, on the rows as they are
    smooth: tuple[float, ...]  # the same by the smooth curve that the threshold is the best of
    limited: bool  # whether more would be earned if more cases could be handled
    sentence: str


@dataclass(frozen=True)
class _Gains:
    """By resample and number of flagged groups: gain per 1,000 rows and share of rows flagged."""

    gain: Floats  # (resamples, groups + 1)
    share: Floats  # (resamples, groups + 1)


@dataclass(frozen=True)
class _Claim:
    """What the chosen threshold earns on the rows as they are, and how far such a claim is off."""

    value: float
    off: Floats  # (resamples,): what each one's own threshold claims there, less what it earns
    optimism: float


def decide(ranking: Ranking, worth: Worth, capacity: float = 1.0, seed: int = 0) -> Decision | str:
    """The best threshold at which a share of at most `capacity` of the rows is flagged.

    Of thresholds that earn the same the highest is taken. Or why there is none, as a sentence:
    fewer than 10 rows of a class, no capacity, more rows of the highest probability than that,
    values that do not depend on what is done.
    """
    if (why := _nothing_to_decide(ranking, worth, capacity)) is not None:
        return why
    coarse = _coarse(ranking, capacity)
    here, smooth = _both(coarse, coarse.weight[None], worth)
    there, smooth_there = _both(coarse, _resampled(coarse, np.random.default_rng(seed)), worth)
    best, claims = int(_best(smooth, capacity)[0]), _best(smooth_there, capacity)
    if best in (0, len(coarse.probability)):
        claims[:] = best  # the same as acting on none or on all
    off = there.gain[np.arange(len(claims)), claims] - here.gain[0, claims]
    optimism = 0.0 if (claims == best).all() else float(off.mean())
    claim = _Claim(float(here.gain[0, best]), off, optimism)
    gain = _estimate(claim.value, off, optimism)
    half = int((coarse.probability > 0.5).sum())
    policies = tuple(
        _policy(name, claim, _handled(here, groups, capacity), _handled(there, groups, capacity))
        for name, groups in (("Act on all", -1), ("Act on none", 0), ("Model at 0.5", half))
    )
    share, paying = float(here.share[0, best]), int(_best(smooth, 1.0)[0])
    threshold, pays_above = _threshold(ranking, coarse, best), _threshold(ranking, coarse, paying)
    limited = paying > best
    what = _what_to_flag(ranking.label, threshold, share)
    if limited:
        what += f" {_first_come_words(pays_above)}"
    chosen = "Act on all" if threshold is None else "Act on none" if best == 0 else ""
    return Decision(
        threshold=threshold,
        pays_above=pays_above,
        share=share,
        gain=gain,
        policies=policies,
        shares=tuple(here.share[0].tolist()),
        gains=tuple(here.gain[0].tolist()),
        smooth=tuple(smooth.gain[0].tolist()),
        limited=limited,
        sentence=f"{what} {_gain_words(gain, policies, chosen)}",
    )


def _policy(name: str, claim: _Claim, here: Floats, there: Floats) -> Policy:
    """A way that earns `here` (1,) on the rows as they are, and `there` (resamples,)."""
    value = float(here[0])
    spread = there - value
    behind = _estimate(claim.value - value, claim.off - spread, claim.optimism)
    return Policy(name, _estimate(value, spread, 0.0), behind)


def _threshold(ranking: Ranking, coarse: Ranking, groups: int) -> float | None:
    """The threshold that flags the first groups of the coarse ranking; None: all of them."""
    if groups == 0:
        return threshold_below(ranking, 0)
    flagged = int((ranking.probability >= coarse.probability[groups - 1]).sum())
    everything = flagged == len(ranking.probability)
    return None if everything else threshold_below(ranking, flagged)


def _first_come_words(pays_above: float | None) -> str:
    """What to do with other rows where the capacity is the limit."""
    pays = "each would pay" if pays_above is None else f"each above {pays_above:g} would pay"
    return (
        f"More could be earned if more cases could be handled: {pays}. So of other rows, too, "
        "flag the most probable first, until no more can be handled."
    )


def _what_to_flag(label: str, threshold: float | None, share: float) -> str:
    if threshold is None:
        return "Flagging all rows earns most."
    if share == 0:
        return "Flagging no row earns most."
    rows = plain_number(PER_ROWS * share)
    return (
        f"Flag the rows whose probability of “{label}” is above {threshold:g}: {rows} of "
        f"{PER_ROWS:,}."
    )


def _gain_words(gain: Estimate, policies: tuple[Policy, ...], chosen: str) -> str:
    """The gain with its interval, against the best of the other ways than the chosen one."""
    others = [policy for policy in policies if policy.name != chosen]
    other = max(others, key=lambda policy: policy.gain.value)
    words = f"Expected: {interval_words(gain)} per {PER_ROWS:,} rows."
    if other.behind.low > 0:
        words += (
            f" That is more than “{other.name}”, the next best: by {interval_words(other.behind)}."
        )
    else:
        words += f" That is not clearly more than “{other.name}”."
    return words


def gain_at(at: AtThreshold, worth: Worth) -> float:
    """The gain of these rows at a threshold, per 1,000 rows, in the unit of `worth`."""
    acted = at.hits * worth.hit + at.alarms * worth.alarm
    left = at.misses * worth.miss + at.rest * worth.rest
    return PER_ROWS * (acted + left) / (at.hits + at.alarms + at.misses + at.rest)


def interval_words(estimate: Estimate) -> str:
    """`1,240 (95 % interval 1,010 to 1,480)`."""
    low, high = plain_number(estimate.low), plain_number(estimate.high)
    return f"{plain_number(estimate.value)} (95 % interval {low} to {high})"


def _nothing_to_decide(ranking: Ranking, worth: Worth, capacity: float) -> str | None:
    each = ranking.rows.sum(axis=0)
    fewest = int(each.argmin())
    if each[fewest] < LEAST_ROWS:
        name = (ranking.other, ranking.label)[fewest]
        have = count(int(each[fewest]), "unseen row")
        verb = "is" if each[fewest] == 1 else "are"
        return (
            f"Only {have} {verb} “{name}”: a gain means something from {LEAST_ROWS} of each "
            "class on."
        )
    if worth.hit == worth.miss and worth.alarm == worth.rest:
        return "These values are the same whether a row is flagged or not: nothing to decide."
    right, wrong = worth.hit + worth.rest, worth.alarm + worth.miss
    if right <= wrong:
        return (
            f"A true positive and a true negative are worth {plain_number(right)} together, a "
            f"false alarm and a miss {plain_number(wrong)}: right answers have to be worth more "
            "than wrong ones. A cost is a negative number."
        )
    if capacity <= 0:
        return "No case can be handled: there is nothing to decide."
    first = ranking.weight[0].sum() / ranking.totals.sum()
    if first > capacity + ROUNDING:
        rows = plain_number(PER_ROWS * first)
        return (
            f"The highest threshold that flags any row flags {rows} of {PER_ROWS:,}: more than can "
            "be handled."
        )
    return None


def _coarse(ranking: Ranking, capacity: float) -> Ranking:
    """The ranking in about 1,000 groups: fine among the first rows, even over the others.

    A group ends where the model's own 0.5 is, and another at the capacity.
    """
    most = len(ranking.probability)
    if most <= MOST_THRESHOLDS:
        return ranking
    rows, each = np.cumsum(ranking.rows.sum(axis=1)), MOST_THRESHOLDS // 2
    steps = np.append(np.geomspace(1, rows[-1], each), np.linspace(1, rows[-1], each))
    half = int((ranking.probability > 0.5).sum()) - 1
    share = np.cumsum(ranking.weight.sum(axis=1)) / ranking.totals.sum()
    handled = int(np.searchsorted(share, capacity + ROUNDING, side="right")) - 1
    ends = np.append(np.searchsorted(rows, np.floor(steps)), (half, handled, most - 1))
    return sum_groups(ranking, np.unique(np.clip(ends, 0, most - 1)))


def _resampled(ranking: Ranking, random: np.random.Generator) -> Floats:
    """Weights (resamples, groups, 2) of as many rows drawn with replacement.

    Rows of a group and class differ in their weights only: how many are drawn is multinomial, and
    the sum of their weights follows from its mean and variance.
    """
    rows = ranking.rows.ravel()
    drawn = random.multinomial(rows.sum(), rows / rows.sum(), size=RESAMPLES).astype(np.float64)
    if ranking.weighted:
        each = np.maximum(rows, 1)
        mean = ranking.weight.ravel() / each
        deviation = np.sqrt(np.maximum(ranking.square.ravel() / each - mean**2, 0.0))
        noise = random.standard_normal(drawn.shape) * deviation * np.sqrt(drawn)
        drawn = np.maximum(drawn * mean + noise, 0.0)
    return drawn.reshape(RESAMPLES, -1, 2)


def _both(ranking: Ranking, weight: Floats, worth: Worth) -> tuple[_Gains, _Gains]:
    """Of the rows as they are, and with the classes as the smooth curve has them."""
    share = calibrated_shares(ranking.probability, weight)
    rows = weight.sum(axis=2)
    smooth = np.stack([rows * (1 - share), rows * share], axis=2)
    return _gains(weight, worth), _gains(smooth, worth)


def _gains(weight: Floats, worth: Worth) -> _Gains:
    """Of weights (resamples, groups, 2), with none, one, two ... of the groups flagged."""
    other, found = weight[:, :, 0], weight[:, :, 1]
    totals = weight.sum(axis=(1, 2))[:, None]
    none = found.sum(axis=1) * worth.miss + other.sum(axis=1) * worth.rest
    more = found * (worth.hit - worth.miss) + other * (worth.alarm - worth.rest)
    start = np.zeros((len(weight), 1))
    gain = none[:, None] + np.hstack([start, np.cumsum(more, axis=1)])
    share = np.hstack([start, np.cumsum(other + found, axis=1)]) / totals
    return _Gains(PER_ROWS * gain / totals, share)


def _best(gains: _Gains, capacity: float) -> Integers:
    """The number of flagged groups that earn most, (resamples,), within the capacity."""
    possible = np.where(gains.share <= capacity + ROUNDING, gains.gain, -np.inf)
    best: Integers = possible.argmax(axis=1)
    return best


def _handled(gains: _Gains, groups: int, capacity: float) -> Floats:
    """Gains (resamples,) of flagging so many groups; at random, where they exceed the capacity."""
    none, share = gains.gain[:, 0], gains.share[:, groups]
    part = np.minimum(1.0, capacity / np.maximum(share, ROUNDING))
    return none + part * (gains.gain[:, groups] - none)


def _estimate(value: float, off: Floats, mean: float) -> Estimate:
    """The value as claimed on the rows, less what such a claim is off by in resamples."""
    low, high = np.quantile(off, [0.025, 0.975]).tolist()
    return Estimate(value - mean, value - high, value - low)
