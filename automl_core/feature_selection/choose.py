"""Which columns to keep, from training rows alone: gains against shuffled copies, then fewer.

Columns are ranked by what their splits gain beyond those of a shuffled copy of themselves
(Kursa and Rudnicki 2010; Nembrini, König and Wright 2018); those that gain no more than chance
are noise. How many of the ranking are needed is then asked of rows that neither ranked nor
fitted: every inner fold cuts its own ranking at several lengths, and the shortest that costs
nothing is taken (recursive elimination inside cross-validation: Guyon et al. 2002; why inside:
Ambroise and McLachlan 2002).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from automl_core.feature_selection.booster import Interrupted, OutOfTimeError
from automl_core.feature_selection.inner import Inner, rank_inside, try_length
from automl_core.feature_selection.outcome import Chosen, Dropped, Step, Why
from automl_core.feature_selection.sample import Question, Sample, without_reason
from automl_core.feature_selection.verdict import Attempt, compared, is_hopeless, shortest

Floats = NDArray[np.float64]

SHORTEN_FROM = 30  # columns from which on fewer are looked for; below, only noise leaves
STEP = 0.8  # each length is this share of the one before
SPARED = 0.6  # share of the columns that are not noise which stays, at least: other families
# than the booster that is asked here make more of weak columns
FEWEST_SAMPLES = 6


def choose(question: Question, sample: Sample, seed: int, interrupted: Interrupted) -> Chosen:
    """The columns that are worth their place; all where the time does not suffice to tell.

    `sample` are training rows; nothing else is looked at. The same seed gives the same answer
    unless it is interrupted.
    """
    rng = np.random.default_rng(seed)
    plain = without_reason(sample, question.columns)
    question = question.only([c.name for c in question.columns if c.name not in plain])
    names = tuple(c.name for c in question.columns)
    gone = tuple(Dropped(name, why, of, 0.0) for name, (why, of) in plain.items())
    if len(names) < 2 or len(sample) < FEWEST_SAMPLES:
        return Chosen(names, gone, 0.0, ())
    try:
        folds = rank_inside(question, sample, rng, interrupted)
        attempts = _attempts(question, sample, folds, interrupted)
    except OutOfTimeError:
        return Chosen(names, gone, 0.0, ())
    return _decided(question, sample, folds, attempts, gone)


def _attempts(
    question: Question, sample: Sample, folds: list[Inner], interrupted: Interrupted
) -> list[Attempt]:
    """Lists of several lengths, longest first; what the time did not suffice for is left out.

    Each fold starts from its ranking; once noise is gone, what a column gains beside the
    others that are left says who leaves next. Raises OutOfTimeError where not even two lists
    could be tried.
    """
    worth, chance = _worth(folds)
    clear = int((worth > chance).sum())
    first = [fold.worth for fold in folds]
    standing = first
    attempts: list[Attempt] = []
    for length in _lengths(worth, chance):
        try:
            stands = standing if length < clear else first
            attempt = try_length(question, sample, folds, stands, length, interrupted)
        except OutOfTimeError:
            if len(attempts) < 2:
                raise
            break
        attempts.append(attempt)
        if length <= clear:
            pairs = zip(attempt.gains, folds, strict=True)
            standing = [_together(gains, fold.worth) for gains, fold in pairs]
        if length < clear and is_hopeless(attempts):
            break
    return sorted(attempts, key=lambda a: -a.length)


def _decided(
    question: Question, sample: Sample, folds: list[Inner], attempts: list[Attempt],
    gone: tuple[Dropped, ...],
) -> Chosen:  # fmt: skip
    worth, chance = _worth(folds)
    taken = shortest(attempts)
    length = attempts[taken].length
    stands = worth
    if length < (worth > chance).sum():
        stands = _together(np.mean(attempts[taken].gains, axis=0), worth)
    kept = np.lexsort((-worth, -stands))[:length]
    order = np.argsort(-worth, kind="stable")
    total = max(float(worth[worth > 0].sum()), 1e-300)
    names = [c.name for c in question.columns]

    def dropped(place: int) -> Dropped:
        why: Why = "noise" if worth[place] <= chance else "spare"
        return Dropped(names[place], why, "", float(worth[place]) / total)

    steps = compared(question, sample, attempts, taken)
    return Chosen(
        kept=tuple(names[i] for i in kept),
        dropped=(*(dropped(int(i)) for i in order if i not in set(kept.tolist())), *gone),
        chance=chance / total,
        steps=tuple(Step(a.length, *s) for a, s in zip(attempts, steps, strict=True)),
    )


def _worth(folds: list[Inner]) -> tuple[Floats, float]:
    """What each column (c,) gains beyond chance, and how much chance alone may be.

    A column without any signal loses against its copy as often, and by as much, as it wins:
    the largest loss says how far chance goes (Janitza, Celik and Boulesteix 2018).
    """
    worth = np.mean([fold.worth for fold in folds], axis=0)
    return worth, max(0.0, float(-worth.min())) if len(worth) >= SHORTEN_FROM else 0.0


def _together(gains: Floats, worth: Floats) -> Floats:
    """Both (c,) as one order: gains alone are blind to chance, the first ranking to doubles."""
    return np.asarray(np.sqrt(gains * np.maximum(worth, 0.0)))


def _lengths(worth: Floats, chance: float) -> list[int]:
    """How many of the ranking are tried, the telling ones first: all, all but noise, fewer."""
    count, some, clear = len(worth), int((worth > 0).sum()), int((worth > chance).sum())
    lengths = [count, max(1, clear)]
    at = float(clear) if count >= SHORTEN_FROM else 0.0
    while (at := at * STEP) >= max(2.0, SPARED * clear):
        lengths.append(round(at))
    if some > clear:
        lengths.append(some)
    at = float(some) if count >= SHORTEN_FROM else 0.0
    while (at := at * STEP) > max(2, clear):
        lengths.append(round(at))
    return list(dict.fromkeys(lengths))
