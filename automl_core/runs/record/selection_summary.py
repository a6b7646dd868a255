"""Selected columns, by one list for all folds or one a fold, as one event, and that in words.

Pure: lists in, an event out; an event in, words out.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from automl_core.feature_selection import Chosen, Dropped, Step
from automl_core.metrics import METRICS, loss_of
from automl_core.runs.record.events import DroppedColumn, FeaturesSelected, PairSearch, TriedList
from automl_core.types import DropReason

REASON_WORDS = {
    DropReason.NOISE: "no better than chance",
    DropReason.SPARE: "not needed beside the others",
    DropReason.WEAK: "telling less, each alone, than those that were looked at",
    DropReason.CONSTANT: "the same in every row that trains",
    DropReason.COPY: "saying what another column says",
}
"""Why columns leave, for people."""


def summarize_selection(
    lists: Sequence[Chosen], columns: Sequence[str], metric: str, seconds: float
) -> FeaturesSelected:
    """The event of these lists (at least one) of a table's `columns`.

    A column is dropped where all lists drop it; kept ones come in a common order.
    """
    kept, known = _kept(lists), set(columns)
    steps = lists[0].steps if len(lists) == 1 else _first_and_kept(lists, metric)
    return FeaturesSelected(
        lists=len(lists),
        kept=tuple(name for name in kept if name in known),
        dropped=tuple(_dropped(lists, set(kept))),
        chance=float(np.mean([chosen.chance for chosen in lists])),
        tried=tuple(TriedList(s.columns, s.score, s.better, s.error) for s in steps),
        seconds=seconds,
        pairs=_pairs(lists),
    )


def features_words(event: FeaturesSelected | None, metric: str) -> str:
    """`Features: 38 of 79 used; ...` on one line; "" where columns were not chosen."""
    if event is None:
        return ""
    kept, every = len(event.kept), len(event.kept) + len(event.dropped)
    words = f"Features: {kept:,} of {every:,} used"
    words += " by every other model" if event.lists > 1 else ""
    counted = [d.reason for d in event.dropped]
    reasons = [f"{counted.count(r):,} {said}" for r, said in REASON_WORDS.items() if r in counted]
    words += f"; left out: {', '.join(reasons)}" if reasons else ", none is clearly useless"
    if len(event.tried) > 1 and event.dropped:
        better, error = event.tried[0].better, event.tried[0].error
        low, high = better - 1.96 * error, better + 1.96 * error
        looked = event.tried[0].columns
        idle = sum(reason.adds_nothing for reason in counted)
        them = "all of them" if looked + idle >= every else f"those of the best {looked:,}"
        words += (
            f"; {them} back would improve {METRICS[metric].title} by {better:+.3g} "
            f"(95 % interval {low:+.3g} to {high:+.3g})"
        )
    return f"{words}."


def pairs_words(event: FeaturesSelected, metric: str) -> str:
    """The pairs of columns that became features and their gain; "" where none were looked for."""
    pairs = event.pairs
    if pairs is None:
        return ""
    if pairs.unfinished and not pairs.names:
        return "There was not enough time to test whether pairs of columns help as features."
    if not pairs.names:
        return f"No interaction feature helped ({pairs.proposed:,} pairs of columns tried)."
    low, high = (pairs.better + side * 1.96 * pairs.error for side in (-1, 1))
    names = ", ".join(repr(name) for name in pairs.names)
    folds = " of some folds" if event.lists > 1 else ""
    return (
        f"Pairs of columns that pay, of {pairs.proposed:,}: {names} are features{folds} too; they "
        f"improve {METRICS[metric].title} by {pairs.better:.3g} (95 % interval {low:.3g} to "
        f"{high:.3g}) on rows that neither proposed nor fitted."
    )


def shortest_lists_with(event: FeaturesSelected) -> dict[str, TriedList]:
    """For each dropped column the shortest tried list that has it again.

    The lists are nested as far as the order goes; columns that add nothing are in none.
    """
    found: dict[str, TriedList] = {}
    rank = len(event.kept)
    for column in event.dropped:
        if column.reason.adds_nothing or column.reason == DropReason.WEAK or not event.tried:
            continue
        rank += 1
        fits = [tried for tried in event.tried if tried.columns >= rank]
        found[column.name] = fits[-1] if fits else event.tried[0]
    return found


def _kept(lists: Sequence[Chosen]) -> list[str]:
    """Columns that any list keeps: those of most lists first, then by their mean place."""
    places: dict[str, list[int]] = {}
    for chosen in lists:
        for place, name in enumerate(chosen.kept):
            places.setdefault(name, []).append(place)
    return sorted(places, key=lambda name: (-len(places[name]), float(np.mean(places[name])), name))


def _dropped(lists: Sequence[Chosen], kept: set[str]) -> list[DroppedColumn]:
    """Columns that no list keeps, with the reason that most lists give and their mean gain."""
    if len(lists) == 1:  # in the order that the lists of several lengths were cut in
        return [DroppedColumn(d.name, d.why, d.of, d.gain) for d in lists[0].dropped]
    found: dict[str, list[Dropped]] = {}
    for chosen in lists:
        for column in chosen.dropped:
            if column.name not in kept:
                found.setdefault(column.name, []).append(column)
    dropped = []
    for name, columns in found.items():
        reasons = [c.why for c in columns]
        reason = max(reasons, key=reasons.count)
        copy_of = next(c.of for c in columns if c.why == reason)
        gain = float(np.mean([c.gain for c in columns]))
        dropped.append(DroppedColumn(name, reason, copy_of, gain))
    return sorted(dropped, key=lambda c: (c.reason.adds_nothing, -c.gain))


def _pairs(lists: Sequence[Chosen]) -> PairSearch | None:
    combined = [chosen.combined for chosen in lists if chosen.combined is not None]
    if not any(c.proposed or c.unfinished for c in combined):
        return None  # no pair was looked at
    names = tuple(dict.fromkeys(pair.name for one in combined for pair in one.pairs))
    return PairSearch(
        names=names,
        proposed=max(c.proposed for c in combined),
        better=float(np.mean([c.better for c in combined])) if names else 0.0,
        error=float(np.mean([c.error for c in combined])) if names else 0.0,
        unfinished=any(c.unfinished for c in combined),
    )


def _first_and_kept(lists: Sequence[Chosen], metric: str) -> list[Step]:
    """All columns and those that each list keeps, averaged over the lists.

    Their rows overlap: the mean of their standard errors is taken, as if they were the same.
    """
    pairs = [(chosen.steps[0], _kept_step(chosen)) for chosen in lists if chosen.steps]
    if not pairs:
        return []
    whole, own = ([pair[i] for pair in pairs] for i in (0, 1))
    scores = [float(np.mean([s.score for s in side])) for side in (whole, own)]
    better = loss_of(metric, scores[1]) - loss_of(metric, scores[0])
    error = float(np.mean([s.error for s in whole]))
    counts = [round(float(np.mean([s.columns for s in side]))) for side in (whole, own)]
    return [Step(counts[0], scores[0], better, error), Step(counts[1], scores[1], 0.0, 0.0)]


def _kept_step(chosen: Chosen) -> Step:
    """The step of the list that was kept."""
    return min(chosen.steps, key=lambda s: abs(s.columns - len(chosen.kept)))
