"""Which models stand out: the best, and the fastest and the smallest of those tied with it.

Plain numbers in, words out; the rules are stated in BADGE_RULES.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

RECOMMENDED, BEST, FASTEST, SMALLEST, TIED = "Recommended", "Best", "Fastest", "Smallest", "Tied"
BADGE_RULES = {
    RECOMMENDED: "what the run ended with, or would end with now; it is chosen by the run's metric",
    BEST: "first by the metric that is chosen here",
    FASTEST: "the fewest milliseconds a row among the tied",
    SMALLEST: "the fewest bytes among the tied",
    TIED: "statistically as good as the reference: the 95 % interval of the difference, on the "
    "same resampled rows, holds 0",
}
"""By badge, in the order in which they are shown."""


@dataclass(frozen=True)
class Contender:
    """The prediction and cost by which a model is judged."""

    loss: float | None  # by the metric chosen, smaller is better; None: it has no score
    tied: bool
    recommended: bool
    is_model: bool  # not the constant, nor one that failed
    predict_ms_per_row: float | None
    size_bytes: int | None


def award_badges(contenders: Sequence[Contender]) -> tuple[tuple[str, ...], ...]:
    """The badges of each; the earlier of equals is the fastest or the smallest.

    Fastest and smallest need at least two tied models: of one alone they say nothing.
    """
    tied = [i for i, one in enumerate(contenders) if one.tied and one.is_model]
    apart = tied if len(tied) > 1 else []
    winners = {
        BEST: _least(contenders, range(len(contenders)), lambda c: c.loss),
        FASTEST: _least(contenders, apart, lambda c: c.predict_ms_per_row),
        SMALLEST: _least(contenders, apart, lambda c: c.size_bytes),
    }
    awarded = []
    for place, one in enumerate(contenders):
        mine = [name for name, winner in winners.items() if winner == place]
        mine = [RECOMMENDED, *mine] if one.recommended else mine
        awarded.append(tuple([*mine, TIED] if place in apart else mine))
    return tuple(awarded)


def _least(
    contenders: Sequence[Contender], places: Sequence[int], of: Callable[[Contender], float | None]
) -> int | None:
    known = [(value, i) for i in places if (value := of(contenders[i])) is not None]
    return min(known)[1] if known else None
