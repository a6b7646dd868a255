"""The leaderboard: the ensemble, then all trials of a run, best first, from its state alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from automl_core.metrics import loss_of
from automl_core.models import model_spec
from automl_core.runs.record.events import ENSEMBLE
from automl_core.runs.record.state import RunState, Trial
from automl_core.types import Origin, TrialStatus

ENSEMBLE_TITLE = "Weighted ensemble"


@dataclass(frozen=True)
class LeaderRow:
    """One model or trial as the leaderboard shows it."""

    rank: int | None  # from 1; None where there is no score
    trial: int  # ENSEMBLE for the ensemble
    name: str
    family: str
    title: str
    status: TrialStatus
    score: float | None  # natural sign
    metric: str
    delta: float | None  # against the constant baseline, > 0: better
    train_seconds: float
    predict_ms_per_row: float | None
    size_bytes: int | None
    message: str


def baseline_score(state: RunState) -> float | None:
    """The constant's score; None as long as it is not in."""
    for trial in state.trials.values():
        if trial.origin == Origin.BASELINE:
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
    TrialStatus.FAILED: 4,
}


def build_leaderboard(state: RunState, metric: str) -> tuple[LeaderRow, ...]:
    """The ensemble, scored trials best first, running ones, then those without a score."""
    baseline = baseline_score(state)
    later = _come_later(state)

    def place(t: Trial) -> tuple[int, bool, float, int]:
        order = 0 if t.usable else _ORDER.get(t.status, 5)
        return order, t.number in later, _loss(t, metric), t.number

    trials = sorted(state.trials.values(), key=place)
    rows, rank = [], 0
    if (ensemble := state.models.get(ENSEMBLE)) is not None and state.ensemble is not None:
        rank = 1
        row = _row(ensemble, rank, metric, baseline, state.clock)
        trials_in = len(state.ensemble.trials)
        words = f"average of {trials_in} trial{'s' if trials_in > 1 else ''}"
        rows.append(replace(row, message=f"{words}, {ensemble.folds} fitted models"))
    for trial in trials:
        rank += trial.usable
        row = _row(trial, rank if trial.usable else None, metric, baseline, state.clock)
        if is_partial(trial, state) and state.started:
            row = replace(row, message=f"{trial.folds} of {state.started.folds} folds")
        rows.append(row)
    return tuple(rows)


def _row(
    trial: Trial, rank: int | None, metric: str, baseline: float | None, clock: float
) -> LeaderRow:
    delta = None
    if trial.score is not None and baseline is not None:
        delta = loss_of(metric, baseline) - loss_of(metric, trial.score)
    running = trial.status == TrialStatus.RUNNING
    return LeaderRow(
        rank=rank,
        trial=trial.number,
        name=trial.name,
        family=trial.family,
        title=ENSEMBLE_TITLE if trial.number == ENSEMBLE else model_spec(trial.family).title,
        status=trial.status,
        score=trial.score,
        metric=metric,
        delta=delta,
        train_seconds=clock - trial.started if running else trial.train_seconds,
        predict_ms_per_row=trial.predict_ms_per_row,
        size_bytes=trial.size_bytes,
        message=trial.message,
    )
