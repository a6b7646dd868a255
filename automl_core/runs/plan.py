"""What a run does next: pure functions of its state, its spec and the clock.

Nothing here starts, waits or writes; the coordinator obeys.
"""

from __future__ import annotations

import statistics

from automl_core.evaluation.metrics import loss_of
from automl_core.runs.state import Curve, RunState, Trial

ROUND = 4  # proposals a round where the number of trials is the budget
PORTFOLIO_SHARE = 0.7  # of the time that is left, for all folds of the portfolio together
LARGEST_SHARE = 0.5  # of the time that is left, for one fold of the portfolio
SEARCH_SHARE = 0.35  # of the budget, for one searched trial
SHORTEST_FIT = 0.6  # seconds; less is not worth a start
PRUNE_AT = (0.3, 0.5, 0.75)  # progress at which a trial is held against its peers
FEWEST_PEERS = 3


def tail_seconds(budget: float, scoring: float) -> float:
    """What is kept back for stopping the workers, final scores and writing; in seconds.

    `scoring` is the measured time to predict the test rows.
    """
    return min(0.12 * budget, 1.2 + 0.005 * budget) + scoring


def portfolio_limit(left: float, jobs: int, workers: int) -> float:
    """Seconds that one fold of a portfolio trial may take; `jobs` folds, it included, must fit.

    What ends early leaves its time to the others.
    """
    fair = PORTFOLIO_SHARE * left * workers / max(1, jobs)
    return max(0.3, min(left, max(1.0, min(fair, LARGEST_SHARE * left))))


def search_limit(budget: float, left: float, folds: int, workers: int) -> float:
    """Seconds that one fold of a searched trial may take."""
    share = SEARCH_SHARE * budget * min(folds, workers) / folds
    return max(0.3, min(left, max(1.0, share)))


def worth_starting(state: RunState, family: str, left: float, folds: int, workers: int) -> bool:
    """Whether a trial of this family can end well in `left` seconds.

    Judged by the fastest of its finished trials; schedules shrink, so a third of it will do. As
    long as there is nothing but the baseline, anything is worth a start.
    """
    if not any(t.usable and t.origin != "baseline" for t in state.trials.values()):
        return left > 0
    if left < SHORTEST_FIT:
        return False
    peers = [t.train_seconds for t in _peers(state, family) if t.status == "finished"]
    if not peers:
        return folds == 1 or left > 2 * SHORTEST_FIT
    rounds = max(1.0, folds / max(1, workers)) / folds
    return left > 0.35 * min(peers) * rounds


def round_of(trial: int) -> int:
    """The round of a trial; the baseline (0) is in the first."""
    return max(0, trial - 1) // ROUND


def round_may_open(state: RunState, trial: int) -> bool:
    """Whether all trials of the rounds before this trial's have ended."""
    mine = round_of(trial)
    earlier = [t for t in state.trials.values() if round_of(t.number) < mine]
    return all(t.status != "running" for t in earlier)


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
        and t.status == "finished"
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
    """Whether a trial's score on one fold is worse than the median of all others there."""
    mine = trial.fold_scores.get(fold)
    scores = [
        score
        for t in state.trials.values()
        if t.status == "finished"
        and t.origin != "baseline"
        and (score := t.fold_scores.get(fold)) is not None
        and (before is None or round_of(t.number) < before)
    ]
    if mine is None or len(scores) <= FEWEST_PEERS:
        return False
    return loss_of(metric, mine) > statistics.median(loss_of(metric, s) for s in scores)


def _peers(state: RunState, family: str) -> list[Trial]:
    return [t for t in state.trials.values() if t.family == family]


def _best_loss(curve: Curve, progress: float, metric: str) -> float | None:
    losses = [
        loss_of(metric, score)
        for p, score in zip(curve.progress, curve.valid_score, strict=True)
        if p <= progress and score is not None
    ]
    return min(losses, default=None)
