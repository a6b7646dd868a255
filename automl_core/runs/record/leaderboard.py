"""The leaderboard: the ensemble and all trials of a run by their score, from its state alone.

The rule: rows stand in the order of the score that they show, so that none stands below one that
it beats. A trial that was scored on some of the folds stands at its score, too, but has no rank:
its rows may be easier. The run's model is marked; `ranking_words` says why where it is not first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from automl_core.evaluation import relative_gain
from automl_core.metrics import loss_of
from automl_core.models import model_spec
from automl_core.runs.record.events import ENSEMBLE, EnsembleSolved
from automl_core.runs.record.state import RunState, Trial
from automl_core.types import Origin, TrialStatus

ENSEMBLE_TITLE = "Weighted ensemble"


@dataclass(frozen=True)
class LeaderRow:
    """One model or trial as the leaderboard shows it."""

    rank: int | None  # from 1; None where there is no score, or one of a part of the folds only
    trial: int  # ENSEMBLE for the ensemble
    name: str
    family: str
    title: str
    status: TrialStatus
    score: float | None  # natural sign
    metric: str
    delta: float | None  # against the constant baseline, > 0: better
    gain: float | None  # the same as a share of the baseline's score; see `relative_gain`
    train_seconds: float
    predict_ms_per_row: float | None
    size_bytes: int | None
    message: str
    usable: bool  # it has a score, and a model on disk
    best: bool  # the run's model, or what it would be if the run ended now
    devices: tuple[str, ...] = ()  # that trained it, for people


def count_models(rows: Sequence[LeaderRow]) -> int:
    """The number of models that a run trained: rows with a model, without baseline and ensemble."""
    return sum(row.usable and row.family not in ("constant", "ensemble") for row in rows)


def baseline_score(state: RunState) -> float | None:
    """The constant's score; None as long as it is not in."""
    for trial in state.trials.values():
        if trial.origin == Origin.BASELINE and trial.score is not None:
            return trial.score
    return None


def best_trial(
    state: RunState, metric: str, fits: Callable[[Trial], bool] | None = None
) -> Trial | None:
    """The usable trial with the best score, the earliest where equal; of those that fit only.

    Scores of a part of the folds come after those of all rows, which they cannot be compared
    with; unless the run was stopped when there was nothing else but the baseline.
    """
    usable = [t for t in state.trials.values() if t.usable and (fits is None or fits(t))]
    later = _come_later(state)
    return min(usable, key=lambda t: (t.number in later, _loss(t, metric), t.number), default=None)


def best_model(state: RunState, metric: str) -> Trial | None:
    """The run's model: the one it ended with; until then the ensemble, or the best trial."""
    models = state.models
    end = state.finished
    if end is not None and end.best in models:
        return models[end.best]
    return models.get(ENSEMBLE) or best_trial(state, metric)


def is_partial(trial: Trial, state: RunState) -> bool:
    """The trial was stopped before all of its folds were in."""
    folds = state.started.folds if state.started else 1
    return trial.usable and trial.folds < folds


def _come_later(state: RunState) -> set[int]:
    """Trials whose scores are of a part of the rows, where others have all."""
    usable = [t for t in state.trials.values() if t.usable]
    partial = {t.number for t in usable if is_partial(t, state)}
    real = any(t.number not in partial and t.origin != Origin.BASELINE for t in usable)
    return partial if real else set()


def _loss(trial: Trial, metric: str) -> float:
    return loss_of(metric, trial.score) if trial.score is not None else float("inf")


_ORDER = {
    TrialStatus.RUNNING: 1,
    TrialStatus.PRUNED: 2,
    TrialStatus.STOPPED: 3,
    TrialStatus.DROPPED: 4,
    TrialStatus.FAILED: 5,
}


def build_leaderboard(state: RunState, metric: str) -> tuple[LeaderRow, ...]:
    """All with a score by that score, running trials, then those that left none."""
    baseline = baseline_score(state)
    later, models = _come_later(state), state.models
    best = best_model(state, metric)

    def place(t: Trial) -> tuple[int, float, bool, int]:
        order = 0 if t.usable else _ORDER.get(t.status, 6)
        # of equal scores the run's model stands first
        first = best is not None and t.number == best.number
        return order, _loss(t, metric), not first, t.number

    trials = [*state.trials.values()]
    if ENSEMBLE in models and state.ensemble is not None:
        trials.append(models[ENSEMBLE])
    rows, rank = [], 0
    for trial in sorted(trials, key=place):
        ranked = trial.usable and trial.number not in later
        rank += ranked
        row = _row(trial, metric, baseline, state.clock)
        if words := _folds_words(trial, state):
            row = replace(row, message=words)
        if trial.number == ENSEMBLE and state.ensemble is not None:
            row = replace(row, message=_members(state.ensemble))
        first = best is not None and trial.number == best.number
        rows.append(replace(row, rank=rank if ranked else None, best=first))
    return tuple(rows)


def _folds_words(trial: Trial, state: RunState) -> str:
    """The folds of a trial, where it has fewer or more than all trials have; else ""."""
    if state.started is None or trial.number == ENSEMBLE:
        return ""
    if is_partial(trial, state):
        return f"{trial.folds} of {state.started.folds} folds"
    if trial.extending is not None:
        return f"part {trial.folds + 1} of {state.started.parts}"
    return f"{trial.folds} of {state.started.parts} parts" if _is_ahead(trial, state) else ""


def _is_ahead(trial: Trial, state: RunState) -> bool:
    """The trial was trained on further parts, in a run whose trials start on the first ones."""
    started = state.started
    races = started is not None and started.parts is not None and started.parts > started.folds
    return races and trial.repeat == 0 and trial.folds > (started.folds if started else 0)


def _members(solved: EnsembleSolved) -> str:
    trials = len(solved.trials)
    words = f"average of {trials} trial{'s' if trials > 1 else ''}"
    return f"{words}, {solved.members} fitted models"


def _row(trial: Trial, metric: str, baseline: float | None, clock: float) -> LeaderRow:
    delta = gain = None
    if trial.score is not None and baseline is not None:
        delta = loss_of(metric, baseline) - loss_of(metric, trial.score)
        gain = relative_gain(metric, trial.score, baseline)
    running = trial.status == TrialStatus.RUNNING
    return LeaderRow(
        rank=None,
        trial=trial.number,
        name=trial.name,
        family=trial.family,
        title=ENSEMBLE_TITLE if trial.number == ENSEMBLE else model_spec(trial.family).title,
        status=trial.status,
        score=trial.score,
        metric=metric,
        delta=delta,
        gain=gain,
        train_seconds=clock - trial.started if running else trial.train_seconds,
        predict_ms_per_row=trial.predict_ms_per_row,
        size_bytes=trial.size_bytes,
        message=trial.message,
        usable=trial.usable,
        best=False,
        devices=trial.devices,
    )
