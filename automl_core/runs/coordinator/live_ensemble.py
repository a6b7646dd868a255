"""The live ensemble of a run: solved again after finished trials, and once more at the end.

Knows out-of-fold predictions and the selection; nothing of workers or the log.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from automl_core.ensemble import Candidate, Limits, Problem, Selection, select, smallest_tied
from automl_core.evaluation import apply_temperature
from automl_core.metrics import loss_of
from automl_core.models import model_spec
from automl_core.runs.coordinator.context import RunContext
from automl_core.runs.record import (
    EnsembleRecord,
    EnsembleSolved,
    OutOfFold,
    RunSpec,
    RunState,
    Trial,
    save_ensemble,
)
from automl_core.runs.schedule import TimeBudget, limits
from automl_core.types import Origin, RunStatus, TrialStatus

KEPT = 60  # trials whose predictions are held, the best ones
LIVE_ROWS, LAST_ROWS = 6_000, 20_000  # rows that weights are chosen on


@dataclass(frozen=True, eq=False)
class _Held:
    trial: Trial
    prediction: NDArray[np.float64]  # rows in ascending order


class LiveEnsemble:
    """Holds the predictions of finished trials and finds their best average."""

    def __init__(self, spec: RunSpec, state: RunState, budget: TimeBudget) -> None:
        self._spec, self._state, self._budget = spec, state, budget
        self._held: dict[int, _Held] = {}
        self._baseline: _Held | None = None  # taken where nothing is better
        self._y: NDArray[np.float64] | NDArray[np.int64] = np.zeros(0)
        self._weight: NDArray[np.float64] | None = None
        self._news = False
        self._next = 0.0  # time.monotonic() before which it is not solved again
        size = spec.options.max_size_mb
        self._limits = Limits(
            most_ms=spec.options.max_predict_ms,
            most_bytes=None if size is None else round(size * 1e6),
        )

    def take(self, trial: Trial, oof: OutOfFold) -> None:
        """A trial has finished with predictions for every row."""
        if trial.status != TrialStatus.FINISHED or trial.score is None:
            return
        order = np.argsort(oof.rows)
        if trial.origin == Origin.BASELINE:
            self._baseline = _Held(trial, oof.prediction[order])
            return
        self._y = oof.y[order]
        self._weight = None if oof.weight is None else oof.weight[order]
        self._held[trial.number] = _Held(trial, oof.prediction[order])
        if len(self._held) > KEPT:
            worst = max(self._in_order, key=self._loss)
            del self._held[worst.trial.number]
        self._news = True

    def due(self) -> bool:
        """True where there is something new, and time to look at it."""
        return self._news and time.monotonic() >= self._next

    def solve(self, last: bool, is_stopped: Callable[[], bool]) -> EnsembleSolved | None:
        """The best average of what there is; None where it is not better than nothing.

        Ends early, with what it has, when `is_stopped` turns true.
        """
        began = time.monotonic()
        self._news = False
        held = self._in_order
        if not held:
            return None
        selection = self._select(held, last, is_stopped)
        if self._baseline is not None and self._is_beaten(selection):
            constant = self._select([self._baseline], last, is_stopped)
            if constant is not None:
                held, selection = [self._baseline], constant
        self._next = time.monotonic() + limits.ENSEMBLE_PAUSE * (time.monotonic() - began)
        return None if selection is None else _solved(held, selection)

    def smallest_tied(self, solved: EnsembleSolved | None) -> int | None:
        """The smallest trial that is statistically as good as the ensemble; None: there is none.

        Paired over the rows, which all held trials have predicted.
        """
        parts = [] if solved is None else [self._held.get(n) for n in solved.trials]
        if solved is None or None in parts:
            return None
        shares = zip(parts, solved.weights, strict=True)
        winner = np.sum([w * h.prediction for h, w in shares if h], axis=0)
        if self._spec.task != "regression":
            winner = apply_temperature(winner, solved.temperature)
        held = self._in_order
        chosen = smallest_tied(self._problem, winner, [_candidate(h) for h in held])
        return None if chosen is None else held[chosen].trial.number

    def _is_beaten(self, selection: Selection | None) -> bool:
        """True where the constant is better, or limits leave nothing but that."""
        constant = None if self._baseline is None else self._baseline.trial.score
        if selection is None or constant is None:
            return self._limits != Limits()
        metric = self._spec.metric
        return loss_of(metric, constant) < loss_of(metric, selection.score)

    def _select(
        self, held: list[_Held], last: bool, is_stopped: Callable[[], bool]
    ) -> Selection | None:
        return select(
            self._problem,
            [_candidate(h) for h in held],
            self._limits,
            rows=LAST_ROWS if last else LIVE_ROWS,
            seconds=self._budget.ensemble_seconds(last, self._state.status == RunStatus.STOPPING),
            is_stopped=is_stopped,
        )

    @property
    def _in_order(self) -> list[_Held]:
        """By number: the order in which workers finish must not matter."""
        return [self._held[number] for number in sorted(self._held)]

    @property
    def _problem(self) -> Problem:
        return Problem(self._spec.metric, self._spec.task, self._y, self._weight)

    def _loss(self, held: _Held) -> float:
        score = held.trial.score
        return float("inf") if score is None else loss_of(self._spec.metric, score)


def _candidate(held: _Held) -> Candidate:
    trial = held.trial
    return Candidate(
        family=trial.family,
        prediction=held.prediction,
        members=trial.folds,
        predict_ms_per_row=trial.predict_ms_per_row or 0.0,
        size_bytes=trial.size_bytes or 0,
    )


def update_ensemble(
    context: RunContext,
    ensemble: LiveEnsemble,
    last: bool = False,
    is_stopped: Callable[[], bool] = lambda: False,
) -> None:
    """Solve the ensemble again; where it changed, it is on disk before it is in the log."""
    solved = ensemble.solve(last, is_stopped)
    if solved is not None and solved != context.state.ensemble:
        record = EnsembleRecord(solved.trials, solved.weights, solved.temperature)
        save_ensemble(context.folder, record)
        context.log.write(solved, durable=last)


def _solved(held: list[_Held], selection: Selection) -> EnsembleSolved:
    chosen = [i for i, weight in enumerate(selection.weights) if weight > 0]
    return EnsembleSolved(
        score=selection.score,
        trials=tuple(held[i].trial.number for i in chosen),
        weights=tuple(float(selection.weights[i]) for i in chosen),
        temperature=selection.temperature,
        members=selection.members,
        predict_ms_per_row=selection.predict_ms_per_row,
        size_bytes=selection.size_bytes,
    )


def best_network(state: RunState, metric: str) -> int | None:
    """The number of the best whole trial that is a deep network; None where there is none."""
    networks = [
        t
        for t in state.trials.values()
        if t.status == TrialStatus.FINISHED and t.score is not None and model_spec(t.family).is_deep
    ]
    best = min(networks, key=lambda t: loss_of(metric, t.score or 0.0), default=None)
    return None if best is None else best.number
