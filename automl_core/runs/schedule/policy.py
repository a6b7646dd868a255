"""What a run does next: pure functions of its state, its spec and the clock.

Nothing here starts, waits or writes; the coordinator obeys.
"""

from __future__ import annotations

import itertools
import math
import statistics

from automl_core.metrics import loss_of
from automl_core.runs.record import Curve, RunState, Trial
from automl_core.types import Origin, TrialStatus

ROUND = 4  # proposals a round where the number of trials is the budget
TRIAL_SHARE = 0.2  # of the time that is left, for all folds of one trial
ALWAYS_SHARE = 0.06  # of the budget, for all folds of one trial, however late it is
LAST_SHARE = 0.9  # of the time that is left, at most, for all folds of one trial
SHRUNK = 0.2  # share of its natural time with which a fit is still worth a start
INTERRUPTIBLE_SHRUNK = 0.15  # the same of a family whose fits are fair models whenever they end
SHORTEST_FIT = 0.3  # seconds; less is not worth a start
PRUNE_AT = (0.3, 0.5, 0.75)  # progress at which a trial is held against its peers
FEWEST_PEERS = 3
LOADED_A_SECOND = 100e6  # bytes of a model that reach a worker and are read there
PROBES_FROM = 15.0  # seconds of budget; a shorter run has no time to try how fast families are

# Configurations that a table of so many rows is tried with, at most; between them interpolated
# on the logarithm of rows. More of them only fit the validation rows (cf. AutoGluon's
# `best_v150` preset, whose models are fewer and larger).
CONFIGURATIONS = ((100, 8), (500, 14), (2_500, 24), (10_000, 50), (100_000, 120))


def tail_seconds(budget: float, scoring: float) -> float:
    """What is kept back for stopping the workers, the last ensemble, scores and writing; seconds.

    `scoring` is the time to predict the test rows, as estimated.
    """
    return min(0.1 * budget, 0.9 + 0.004 * budget) + scoring


def scoring_seconds(rows: int, predict_ms_per_row: float, size_bytes: int, workers: int) -> float:
    """Seconds until all workers together have predicted so many rows, the model's way included."""
    return 0.9 * rows / workers * predict_ms_per_row / 1000 + size_bytes / LOADED_A_SECOND


def end_seconds(budget: float, best: Trial | None, rows_test: int, workers: int) -> float:
    """What is kept back for the end of a run whose best model is `best`; seconds."""
    scoring = 0.0
    if best is not None and rows_test:
        ms, size = best.predict_ms_per_row or 0.0, best.size_bytes or 0
        scoring = min(0.25 * budget, scoring_seconds(rows_test, ms, size, workers))
    return tail_seconds(budget, scoring)


def most_configurations(rows: int) -> int:
    """How many configurations a table of so many training rows is tried with."""
    points = [(math.log(n), count) for n, count in CONFIGURATIONS]
    at = math.log(max(1, rows))
    if at <= points[0][0]:
        return points[0][1]
    for (low, few), (high, many) in itertools.pairwise(points):
        if at <= high:
            return round(few + (many - few) * (at - low) / (high - low))
    return points[-1][1]


def fold_limit(budget: float, left: float, folds: int, workers: int) -> float:
    """Seconds that one fold of a trial may take, which is about to start.

    All its folds together get a share of what is left, so that those which are first in the
    portfolio get most and there is always time for another family; what ends early leaves its
    time to the others.
    """
    wall = max(TRIAL_SHARE * left, min(LAST_SHARE * left, ALWAYS_SHARE * budget))
    return max(0.3, min(LAST_SHARE * left, wall * workers / folds))


def natural_seconds(state: RunState, family: str, probes: dict[str, float]) -> float | None:
    """Seconds that a fit of this family takes if it is left alone; None where nobody knows.

    From its finished trials; before there is one, from the probe. Those that the clock cut
    short tell only that it is longer.
    """
    finished = [t for t in _peers(state, family) if t.status == TrialStatus.FINISHED and t.folds]
    seconds = [(t.train_seconds / t.folds, t.cut) for t in finished]
    whole = [s for s, cut in seconds if not cut]
    if whole:
        return statistics.median(whole)
    known = [s for s, _ in seconds] + ([probes[family]] if family in probes else [])
    return max(known, default=None)


def may_end(state: RunState, family: str, limit: float | None, probes: dict[str, float]) -> bool:
    """Whether a fit has all the time that it likes to take; without a clock (None) it has."""
    natural = natural_seconds(state, family, probes)
    return limit is None or (natural is not None and natural <= limit)


def worth_starting(
    state: RunState, limit: float, natural: float | None, interruptible: bool = False
) -> bool:
    """Whether a fit that takes `natural` seconds can end well within its limit.

    Schedules shrink, so a part of the time will do, and a small one for a family that is
    `anytime` (models/base.py). As long as there is nothing but the baseline, anything is worth
    a start.
    """
    if not any(t.usable and t.origin != Origin.BASELINE for t in state.trials.values()):
        return True
    if limit < SHORTEST_FIT:
        return False
    return natural is None or limit >= (INTERRUPTIBLE_SHRUNK if interruptible else SHRUNK) * natural


def round_of(trial: int) -> int:
    """The round of a trial; the baseline (0) is in the first."""
    return max(0, trial - 1) // ROUND


def round_may_open(state: RunState, trial: int) -> bool:
    """Whether all trials of the rounds before this trial's have ended."""
    mine = round_of(trial)
    earlier = [t for t in state.trials.values() if round_of(t.number) < mine]
    return all(t.status != TrialStatus.RUNNING for t in earlier)


def prune_rule(
    state: RunState, family: str, metric: str, fold: int, before: int | None
) -> tuple[tuple[float, float], ...]:
    """(progress, loss): a fit that is worse there than the median of its peers is pruned.

    Peers are finished trials of the family, those of rounds before `before` only where given.
    Median stopping: Golovin et al., Google Vizier, 2017.
    """
    curves = [
        t.curves[fold]
        for t in _peers(state, family)
        if fold in t.curves
        and t.status == TrialStatus.FINISHED
        and (before is None or round_of(t.number) < before)
    ]
    if len(curves) < FEWEST_PEERS:
        return ()
    rule = []
    for progress in PRUNE_AT:
        losses = [loss for c in curves if (loss := _best_loss(c, progress, metric)) is not None]
        if len(losses) >= FEWEST_PEERS:
            rule.append((progress, statistics.median(losses)))
    return tuple(rule)


def fold_is_hopeless(
    state: RunState, trial: Trial, metric: str, fold: int, before: int | None
) -> bool:
    """Whether a trial's score on one fold is worse than the median there, of all and its family.

    A family that is weak alone may still be what an ensemble lacks: being good among its own
    is enough to go on.
    """
    mine = trial.fold_scores.get(fold)
    others = [
        (t.family, loss_of(metric, score))
        for t in state.trials.values()
        if t.status == TrialStatus.FINISHED
        and t.origin != Origin.BASELINE
        and (score := t.fold_scores.get(fold)) is not None
        and (before is None or round_of(t.number) < before)
    ]
    own = [loss for family, loss in others if family == trial.family]
    if mine is None or not own or len(others) <= FEWEST_PEERS:
        return False
    bars = statistics.median(own), statistics.median(loss for _, loss in others)
    return loss_of(metric, mine) > max(bars)


def _peers(state: RunState, family: str) -> list[Trial]:
    return [t for t in state.trials.values() if t.family == family]


def _best_loss(curve: Curve, progress: float, metric: str) -> float | None:
    losses = [
        loss_of(metric, score)
        for p, score in zip(curve.progress, curve.valid_score, strict=True)
        if p <= progress and score is not None
    ]
    return min(losses, default=None)
