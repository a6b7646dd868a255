"""The live ensemble of a run: solved again after finished trials, and once more at the end.

Where models that lead have predicted more rows than the others, weights are chosen among those on
all these rows, unless the average of all is clearly better on the rows that all have predicted.

Knows out-of-fold predictions and the selection; nothing of workers or the log.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from automl_core.ensemble import (
    Candidate,
    Limits,
    Problem,
    Selection,
    select,
    share_close,
    smallest_tied,
    standard_error,
)
from automl_core.evaluation import apply_temperature
from automl_core.metrics import loss_of, score
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
FEWEST_AHEAD, SHARE_AHEAD = 3, 0.65  # models with more rows, that weights are chosen among them
LEADING = 6  # models that are looked at, whether their scores differ
LUCK = 2.0  # standard errors that the best of all may be better by, on few rows, by luck
CLOSE = 0.5  # of them, less than an error behind the best: they hardly differ


@dataclass(frozen=True, eq=False)
class _Held:
    trial: Trial
    oof: OutOfFold  # rows in ascending order

    def on(self, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """The predictions for these rows, which are among its own, ascending."""
        if len(rows) == len(self.oof.rows):
            return self.oof.prediction
        return self.oof.prediction[np.searchsorted(self.oof.rows, rows)]


class LiveEnsemble:
    """Holds the predictions of finished trials and finds their best average."""

    def __init__(self, spec: RunSpec, state: RunState, budget: TimeBudget) -> None:
        self._spec, self._state, self._budget = spec, state, budget
        self._held: dict[int, _Held] = {}
        self._baseline: _Held | None = None  # taken where nothing is better
        self.leaders_are_close = False  # the best models differ by less than their error
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
        held = _Held(trial, _ascending(oof))
        if trial.origin == Origin.BASELINE:
            self._baseline = held
            return
        self._held[trial.number] = held
        if len(self._held) > KEPT:
            worst = max(self._in_order, key=self._loss)
            del self._held[worst.trial.number]
        self._news = True

    def drop(self, trial: int) -> None:
        """Find averages without this trial from now on."""
        if self._held.pop(trial, None) is not None:
            self._news = True
            self._next = 0.0  # the ensemble with it is void: there is none until the next

    @property
    def is_current(self) -> bool:
        """True where the last solution knows all trials that have ended."""
        return not self._news

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
        ahead = self._ahead(held)
        times = 1 if len(ahead) == len(held) else 2
        selection = self._select(held, last, is_stopped, times)
        value = None if selection is None else selection.score
        self._look_at_leaders(held)
        if times > 1 and not is_stopped():
            further = self._select(ahead, last, is_stopped, times)
            if further is not None and selection is not None:
                better = self._compared(held, ahead, selection, further)
                if better is not None:
                    held, selection, value = ahead, further, better
        if self._baseline is not None and self._is_beaten(value):
            constant = self._select([self._baseline], last, is_stopped)
            if constant is not None:
                held, selection, value = [self._baseline], constant, constant.score
        self._next = time.monotonic() + limits.ENSEMBLE_PAUSE * (time.monotonic() - began)
        if selection is None or value is None:
            return None
        return _solved(held, selection, value)

    def _ahead(self, held: list[_Held]) -> list[_Held]:
        """Those that have predicted more rows than the others; all where these are too few."""
        fewest = min(len(h.oof.rows) for h in held)
        counts = sorted((n for h in held if (n := len(h.oof.rows)) > fewest), reverse=True)
        needed = max(FEWEST_AHEAD, math.ceil(SHARE_AHEAD * len(counts)))
        least = counts[needed - 1] if len(counts) >= needed else fewest
        return [h for h in held if len(h.oof.rows) >= least]

    def _compared(
        self, held: list[_Held], ahead: list[_Held], every: Selection, further: Selection
    ) -> float | None:
        """The score of `further` on the rows that all have predicted; None where it is worse.

        By more than LUCK standard errors of the difference to `every`.
        """
        rows = _common(held)
        prediction = further.prediction[np.isin(_common(ahead), rows, assume_unique=True)]
        problem, metric = self._problem(held), self._spec.metric
        value = score(metric, problem.y, prediction, problem.weight)
        worse = loss_of(metric, value) - loss_of(metric, every.score)
        if worse > LUCK * standard_error(problem, prediction, every.prediction):
            return None
        return float(value)

    def _look_at_leaders(self, held: list[_Held]) -> None:
        best, *others = sorted(held, key=self._loss)[:LEADING]
        if len(others) + 1 < LEADING:
            return
        rows = _common(held)
        share = share_close(self._problem(held), best.on(rows), [h.on(rows) for h in others])
        self.leaders_are_close = share >= CLOSE

    def smallest_tied(self, solved: EnsembleSolved | None) -> int | None:
        """The smallest trial that is statistically as good as the ensemble; None: there is none.

        Paired over the rows, which all held trials have predicted.
        """
        parts = [] if solved is None else [self._held.get(n) for n in solved.trials]
        if solved is None or None in parts:
            return None
        shares, held = zip(parts, solved.weights, strict=True), self._in_order
        rows = _common(held)
        winner = np.sum([w * h.on(rows) for h, w in shares if h], axis=0)
        if self._spec.task != "regression":
            winner = apply_temperature(winner, solved.temperature)
        candidates = [_candidate(h, rows) for h in held]
        chosen = smallest_tied(self._problem(held), winner, candidates)
        return None if chosen is None else held[chosen].trial.number

    def _is_beaten(self, value: float | None) -> bool:
        """True where the constant is better, or limits leave nothing but that."""
        constant = None if self._baseline is None else self._baseline.trial.score
        if value is None or constant is None:
            return self._limits != Limits()
        metric = self._spec.metric
        return loss_of(metric, constant) < loss_of(metric, value)

    def _select(
        self, held: list[_Held], last: bool, is_stopped: Callable[[], bool], times: int = 1
    ) -> Selection | None:
        """The best average of these, in the time for one of so many selections."""
        is_stopping = self._state.status == RunStatus.STOPPING
        rows = _common(held)
        return select(
            self._problem(held),
            [_candidate(h, rows) for h in held],
            self._limits,
            rows=LAST_ROWS if last else LIVE_ROWS,
            seconds=self._budget.ensemble_seconds(last, is_stopping) / times,
            is_stopped=is_stopped,
        )

    @property
    def _in_order(self) -> list[_Held]:
        """By number: the order in which workers finish must not matter."""
        return [self._held[number] for number in sorted(self._held)]

    def _problem(self, held: list[_Held]) -> Problem:
        """The rows that all of these have predicted."""
        fewest = min(held, key=lambda h: len(h.oof.rows)).oof
        return Problem(self._spec.metric, self._spec.task, fewest.y, fewest.weight)

    def _loss(self, held: _Held) -> float:
        score = held.trial.score
        return float("inf") if score is None else loss_of(self._spec.metric, score)


def _ascending(oof: OutOfFold) -> OutOfFold:
    """The same with rows in ascending order."""
    order = np.argsort(oof.rows)
    weight = None if oof.weight is None else oof.weight[order]
    return OutOfFold(oof.rows[order], oof.y[order], oof.prediction[order], weight)


def _common(held: list[_Held]) -> NDArray[np.int64]:
    """The rows that all of these have predicted: folds come in one order, so the fewest rows."""
    return min(held, key=lambda h: len(h.oof.rows)).oof.rows


def _candidate(held: _Held, rows: NDArray[np.int64]) -> Candidate:
    trial = held.trial
    return Candidate(
        family=trial.family,
        prediction=held.on(rows),
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


def _solved(held: list[_Held], selection: Selection, value: float) -> EnsembleSolved:
    chosen = [i for i, weight in enumerate(selection.weights) if weight > 0]
    return EnsembleSolved(
        score=value,
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
