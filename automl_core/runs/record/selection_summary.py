"""Lists of columns, one for all folds or one a fold, as one event, and that in words.

Pure: lists in, an event out; an event in, words out.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from automl_core.feature_selection import Chosen, Dropped, Step
from automl_core.metrics import METRICS, loss_of
from automl_core.runs.record.events import FeaturesSelected

SAID = {
    "noise": "no better than chance",
    "spare": "not needed beside the others",
    "constant": "the same in every row that trains",
    "copy": "saying what another column says",
}
"""Why columns leave, for people."""


def summarised(
    lists: Sequence[Chosen], columns: Sequence[str], metric: str, seconds: float
) -> FeaturesSelected:
    """A column is dropped where all lists (at least one) drop it; kept ones in a common order."""
    dropped = _dropped(lists, set(_kept(lists)))
    combined = [chosen.combined for chosen in lists if chosen.combined is not None]
    pairs = tuple(dict.fromkeys(pair.name for one in combined for pair in one.pairs))
    steps = lists[0].steps if len(lists) == 1 else _ends(lists, metric)
    return FeaturesSelected(
        lists=len(lists),
        kept=tuple(name for name in _kept(lists) if name in set(columns)),
        dropped=tuple(d.name for d in dropped),
        why=tuple(d.why for d in dropped),
        of=tuple(d.of for d in dropped),
        gain=tuple(d.gain for d in dropped),
        chance=float(np.mean([chosen.chance for chosen in lists])),
        columns=tuple(s.columns for s in steps),
        score=tuple(s.score for s in steps),
        better=tuple(s.better for s in steps),
        error=tuple(s.error for s in steps),
        seconds=seconds,
        pairs=pairs,
        proposed=max((c.proposed for c in combined), default=0),
        brought=float(np.mean([c.better for c in combined])) if pairs else 0.0,
        brought_error=float(np.mean([c.error for c in combined])) if pairs else 0.0,
        unfinished=any(c.unfinished for c in combined),
    )


def features_words(event: FeaturesSelected | None, metric: str) -> str:
    """`Features: 38 of 79 used; ...` on one line; "" where columns were not chosen."""
    if event is None:
        return ""
    kept, every = len(event.kept), len(event.kept) + len(event.dropped)
    words = f"Features: {kept:,} of {every:,} used"
    words += " by every other model" if event.lists > 1 else ""
    reasons = [f"{event.why.count(why):,} {said}" for why, said in SAID.items() if why in event.why]
    words += f"; left out: {', '.join(reasons)}" if reasons else ", none is clearly useless"
    if len(event.columns) > 1 and event.dropped:
        better, error = event.better[0], event.error[0]
        low, high = better - 1.96 * error, better + 1.96 * error
        words += (
            f"; all of them back would improve {METRICS[metric].title} by {better:+.3g} "
            f"(95 % interval {low:+.3g} to {high:+.3g})"
        )
    return f"{words}."


def pairs_words(event: FeaturesSelected, metric: str) -> str:
    """Which pairs of columns became features and what they brought; "" where none were sought."""
    if event.unfinished and not event.pairs:
        return "Whether pairs of columns pay as features was not settled in the time there was."
    if not event.proposed:
        return ""
    if not event.pairs:
        return f"None of {event.proposed:,} pairs of columns pays as a feature."
    low, high = (event.brought + side * 1.96 * event.brought_error for side in (-1, 1))
    names = ", ".join(repr(name) for name in event.pairs)
    folds = " of some folds" if event.lists > 1 else ""
    return (
        f"Pairs of columns that pay, of {event.proposed:,}: {names} are features{folds} too; they "
        f"improve {METRICS[metric].title} by {event.brought:.3g} (95 % interval {low:.3g} to "
        f"{high:.3g}) on rows that neither proposed nor fitted."
    )


def steps_back(event: FeaturesSelected) -> dict[str, int]:
    """For each dropped column the place of the shortest tried list that has it back.

    The lists are nested as far as the order goes; columns that are the same in every row, or
    say what another says, are in none.
    """
    places: dict[str, int] = {}
    rank = len(event.kept)
    for name, why in zip(event.dropped, event.why, strict=True):
        if why in ("constant", "copy") or not event.columns:
            continue
        rank += 1
        fits = [i for i, count in enumerate(event.columns) if count >= rank]
        places[name] = fits[-1] if fits else 0
    return places


def _kept(lists: Sequence[Chosen]) -> list[str]:
    """Columns that any list keeps: those of most lists first, then by their mean place."""
    places: dict[str, list[int]] = {}
    for chosen in lists:
        for place, name in enumerate(chosen.kept):
            places.setdefault(name, []).append(place)
    return sorted(places, key=lambda name: (-len(places[name]), float(np.mean(places[name])), name))


def _dropped(lists: Sequence[Chosen], kept: set[str]) -> list[Dropped]:
    """Columns that no list keeps, with the reason that most lists give and their mean gain."""
    if len(lists) == 1:
        return list(lists[0].dropped)  # in the order that lists were cut in
    found: dict[str, list[Dropped]] = {}
    for chosen in lists:
        for column in chosen.dropped:
            if column.name not in kept:
                found.setdefault(column.name, []).append(column)
    told = []
    for name, columns in found.items():
        reasons = [c.why for c in columns]
        why = max(reasons, key=reasons.count)
        of = next(c.of for c in columns if c.why == why)
        told.append(Dropped(name, why, of, float(np.mean([c.gain for c in columns]))))
    return sorted(told, key=lambda c: (c.why in ("constant", "copy"), -c.gain))


def _ends(lists: Sequence[Chosen], metric: str) -> list[Step]:
    """All columns and those that each list keeps, averaged over the lists.

    Their rows overlap: the mean of their standard errors is taken, as if they were the same.
    """
    pairs = [(chosen.steps[0], _own(chosen)) for chosen in lists if chosen.steps]
    if not pairs:
        return []
    whole, own = ([pair[i] for pair in pairs] for i in (0, 1))
    scores = [float(np.mean([s.score for s in side])) for side in (whole, own)]
    better = loss_of(metric, scores[1]) - loss_of(metric, scores[0])
    error = float(np.mean([s.error for s in whole]))
    counts = [round(float(np.mean([s.columns for s in side]))) for side in (whole, own)]
    return [Step(counts[0], scores[0], better, error), Step(counts[1], scores[1], 0.0, 0.0)]


def _own(chosen: Chosen) -> Step:
    """The step of the list that was kept."""
    return min(chosen.steps, key=lambda s: abs(s.columns - len(chosen.kept)))
