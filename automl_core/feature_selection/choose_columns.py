"""Chooses columns from training rows alone: gains against shuffled copies, then shorter lists.

Columns are ranked by what their splits gain beyond those of a shuffled copy of themselves
(Kursa and Rudnicki 2010; Nembrini, König and Wright 2018); those that gain no more than chance
are noise. The others are ranked once more, by what the loss of held-back rows rises by when
their cells are shuffled (Breiman 2001): gains flatter columns of many values. How many of the
ranking are needed is then measured on rows that neither ranked nor fitted: every inner fold cuts
its own ranking at several lengths (recursive elimination inside cross-validation: Guyon et al.
2002; why inside: Ambroise and McLachlan 2002). A booster and ridge regression together judge
each length. All columns stay unless a shorter list is better beyond doubt or, where columns are
many, surely costs next to nothing (list_length.py): that few rows show no use of a column does not
prove that it has none.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from automl_core.feature_selection.inner_folds import (
    Inner,
    order_by_shuffling,
    rank_inside,
    try_length,
    worth_of,
)
from automl_core.feature_selection.list_length import (
    SHORTEN_FROM,
    Attempt,
    compared,
    is_hopeless,
    shortest,
)
from automl_core.feature_selection.outcome import Chosen, Dropped, Step
from automl_core.feature_selection.quick_booster import Interrupted, OutOfTimeError
from automl_core.feature_selection.sample import Question, Sample, without_reason
from automl_core.feature_selection.screening import best_alone
from automl_core.types import DropReason

Floats = NDArray[np.float64]

STEP, FINE_STEP = 0.8, 0.85  # each length is this share of the one before: with noise, without
SPARED = 0.4  # share of the columns that are not noise which stays, at least: other families
# than the booster used here make more of weak columns
FEWEST_SAMPLES = 6


def choose(
    question: Question,
    sample: Sample,
    seed: int,
    interrupted: Interrupted,
    most: int | None = None,
) -> Chosen:
    """The columns to keep; all of them where the time does not suffice to decide.

    `sample` holds training rows only. Of more than `most` columns those are looked at that tell
    most alone, as the training rows of each inner fold say; where the time does not suffice then,
    what is known of them decides, as models of all would take longer still. The same seed gives
    the same result unless it is interrupted.
    """
    rng = np.random.default_rng(seed)
    plain = without_reason(sample, question.columns)
    question = question.only([c.name for c in question.columns if c.name not in plain])
    names = tuple(c.name for c in question.columns)
    gone = tuple(Dropped(name, why, of, 0.0) for name, (why, of) in plain.items())
    if len(names) < 2 or _rows_apart(sample) < FEWEST_SAMPLES:
        return Chosen(names, gone, 0.0, ())
    most = min(most or len(names), len(names))
    folds: list[Inner] = []
    try:
        folds = rank_inside(question, sample, rng, interrupted, most)
        attempts, order = _attempts(question, sample, folds, interrupted)
    except OutOfTimeError:
        return _undecided(question, sample, folds, most, gone)
    return _decided(question, sample, folds, attempts, order, gone)


def _undecided(
    question: Question, sample: Sample, folds: list[Inner], most: int, gone: tuple[Dropped, ...]
) -> Chosen:
    """All columns. Of more than `most`: those that gain more than chance, where the inner folds
    have found some, else those that tell most alone."""
    rows = np.arange(len(sample))
    places = best_alone(question, sample, rows, most, interrupted=lambda: None)
    if folds and most < len(question.columns):
        worth, chance = worth_of(folds)
        found = np.flatnonzero(worth > chance)
        places = found if len(found) else places
    kept = {question.columns[i].name for i in places}
    weak = tuple(
        Dropped(c.name, DropReason.WEAK, "", 0.0) for c in question.columns if c.name not in kept
    )
    names = tuple(c.name for c in question.columns if c.name in kept)
    return Chosen(names, (*weak, *gone), 0.0, ())


def _rows_apart(sample: Sample) -> int:
    """The number of rows, or of sets of rows that stay together."""
    return len(sample) if sample.parted is None else len(np.unique(sample.parted))


def _attempts(
    question: Question, sample: Sample, folds: list[Inner], interrupted: Interrupted
) -> tuple[list[Attempt], Floats]:
    """Lists of several lengths, longest first, and the order (c,) that the shortest are cut from.

    Lists that the time did not suffice for are left out. Raises OutOfTimeError where not even two
    lists could be tried.
    """
    worth, chance = worth_of(folds)
    clear = int((worth > chance).sum())
    first = [fold.worth for fold in folds]
    shorter, order = None, worth
    attempts: list[Attempt] = []
    for length in _lengths(worth, chance, len(folds[0].looked)):
        shortest_yet = min((a.length for a in attempts), default=0)
        if length < min(clear, shortest_yet) and is_hopeless(attempts):
            continue  # lists shorter than one that is far worse are not tried
        try:
            if length < clear and shorter is None:
                shorter, order = order_by_shuffling(question, sample, folds, interrupted)
            orders = first if length >= clear or shorter is None else shorter
            attempts.append(try_length(question, sample, folds, orders, length, interrupted))
        except OutOfTimeError:
            if len(attempts) < 2:
                raise
            break
    return sorted(attempts, key=lambda a: -a.length), order


def _decided(
    question: Question, sample: Sample, folds: list[Inner], attempts: list[Attempt],
    order: Floats, gone: tuple[Dropped, ...],
) -> Chosen:  # fmt: skip
    worth, chance = worth_of(folds)
    taken = shortest(attempts)
    length = attempts[taken].length
    looked = np.zeros(len(worth), np.bool_)
    for fold in folds:
        looked[fold.looked] = True
    if taken == 0 and not looked.all():  # nothing shows that a list is enough: all stay
        length = len(worth)
    stands = order if length < (worth > chance).sum() else worth
    ranked = np.lexsort((-worth, -stands))  # the order that the shorter lists were cut from
    kept = ranked[:length]
    total = max(float(worth[worth > 0].sum()), 1e-300)
    names = [c.name for c in question.columns]

    def dropped(place: int) -> Dropped:
        why = DropReason.NOISE if worth[place] <= chance else DropReason.SPARE
        why = why if looked[place] else DropReason.WEAK
        return Dropped(names[place], why, "", float(worth[place]) / total)

    steps = compared(question, sample, attempts, taken)
    return Chosen(
        kept=tuple(names[i] for i in kept),
        dropped=(*(dropped(int(i)) for i in ranked[length:]), *gone),
        chance=chance / total,
        steps=tuple(Step(a.length, *s) for a, s in zip(attempts, steps, strict=True)),
    )


def _lengths(worth: Floats, chance: float, count: int) -> list[int]:
    """Lengths of the ranking to try, the most informative first: all, all but noise, fewer.

    All are the `count` columns that an inner fold looked at.
    """
    some, clear = (min(count, int((worth > least).sum())) for least in (0.0, chance))
    lengths = [count, max(1, clear)]
    if some > clear:
        lengths.append(some)
    if count >= SHORTEN_FROM:
        lengths += _falling(some, STEP, max(3.0, clear + 1.0))
        least = max(2.0, SPARED * clear)
        shorter = _falling(clear, FINE_STEP, least)
        if least <= count // 2 < clear:  # the first question of most people: would half of them do?
            shorter = sorted({*shorter, count // 2}, reverse=True)
        lengths += [*shorter[1::2], *shorter[::2]]  # where time is short, coarse steps are better
    return list(dict.fromkeys(lengths))


def _falling(above: int, step: float, least: float) -> list[int]:
    """Lengths below `above`, each this share of the one before, down to `least`."""
    found, at = [], step * above
    while at >= least:
        found.append(round(at))
        at *= step
    return found
