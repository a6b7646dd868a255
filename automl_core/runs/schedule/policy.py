"""Decisions about trials: how many, which are worth starting, and which are stopped early.

Pure functions of a run's state, its spec and the clock. Nothing here starts a task, waits or
writes: the coordinator calls these functions and acts.
"""

from __future__ import annotations

import itertools
import math
import statistics

from automl_core.metrics import loss_of
from automl_core.runs.record import Curve, RunState, Trial
from automl_core.runs.schedule import limits
from automl_core.types import Origin, TrialStatus

ROUND = 4  # proposals a round where the number of trials is the budget
PRUNE_AT = (0.3, 0.5, 0.75)  # progress at which a trial is compared with its peers
FEWEST_PEERS = 3

# (training rows, largest number of configurations); between two points it is interpolated on the
# logarithm of the rows. Beyond it a search fits the noise of the validation rows (AutoGluon's
# `best_v150` preset also trains fewer and larger models).
CONFIGURATIONS = ((100, 8), (500, 14), (2_500, 24), (10_000, 50), (100_000, 120))


def most_configurations(rows: int) -> int:
    """The largest number of configurations to try on a table with `rows` training rows."""
    points = [(math.log(n), count) for n, count in CONFIGURATIONS]
    at = math.log(max(1, rows))
    if at <= points[0][0]:
        return points[0][1]
    for (low, few), (high, many) in itertools.pairwise(points):
        if at <= high:
            return round(few + (many - few) * (at - low) / (high - low))
    return points[-1][1]


def natural_seconds(
    state: RunState, family: str, probes: dict[str, float], selected: bool | None = None
) -> float | None:
    """Seconds a fit of this family takes without a time limit; None: not known.

    The median of its finished trials; of those only that see the `selected` columns (True), or
    all (False). Without one, the longest of the trials that the clock cut short and of the probe,
    which is a lower bound.
    """
    finished = [
        t
        for t in _peers(state, family)
        if t.status == TrialStatus.FINISHED and t.folds and selected in (None, t.selected)
    ]
    seconds = [(t.train_seconds / t.folds, t.cut) for t in finished]
    complete = [s for s, cut in seconds if not cut]
    if complete:
        return statistics.median(complete)
    known = [s for s, _ in seconds] + ([probes[family]] if family in probes else [])
    return max(known, default=None)


def may_end(state: RunState, family: str, limit: float | None, probes: dict[str, float]) -> bool:
    """True if a fit can finish within `limit` seconds; always true without a limit (None)."""
    natural = natural_seconds(state, family, probes)
    return limit is None or (natural is not None and natural <= limit)


def worth_starting(
    state: RunState, limit: float, natural: float | None, interruptible: bool = False
) -> bool:
    """True if a fit that takes `natural` seconds gives a good model within `limit` seconds.

    A share of `natural` is enough, because learning rate schedules are shortened to the limit; a
    smaller share for a family that is `interruptible` (models/base.py). While the baseline is
    the only model, every fit is worth starting.
    """
    if not any(t.usable and t.origin != Origin.BASELINE for t in state.trials.values()):
        return True
    if limit < limits.FIT_LEAST:
        return False
    shrunk = limits.FIT_SHRUNK_INTERRUPTIBLE if interruptible else limits.FIT_SHRUNK
    return natural is None or limit >= shrunk * natural


def round_of(trial: int) -> int:
    """The round of a trial; the baseline (0) is in the first."""
    return max(0, trial - 1) // ROUND


def round_may_open(state: RunState, trial: int) -> bool:
    """True if all trials of earlier rounds than this trial's have ended."""
    mine = round_of(trial)
    earlier = [t for t in state.trials.values() if round_of(t.number) < mine]
    return all(t.status != TrialStatus.RUNNING for t in earlier)


def prune_rule(
    state: RunState, family: str, metric: str, fold: int, before: int | None
) -> tuple[tuple[float, float], ...]:
    """Pairs (progress, loss): a fit with a larger loss at that progress is pruned.

    The loss is the median of the finished trials of the same family; with `before`, only of
    rounds before it. Empty with fewer than FEWEST_PEERS of them.
    Source: median stopping rule, Golovin et al., Google Vizier, 2017.
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
    """True if a trial's score on a fold is worse than both medians: of all trials and its family.

    Being better than the median of its own family is enough to go on: a weak family can still
    improve an ensemble.
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
