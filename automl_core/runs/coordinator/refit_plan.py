"""The fits of a run that are worth making once more on all rows, with their expected seconds.

Where a model has one fit, the rows that validate it have not trained it. At the end such members
of the final one are fitted again on all rows that train and validate, with the settings that their
first fits found (rounds, trees, neighbours). With folds each row has trained most members already:
only families whose one fit serves as well as the average over folds (`ModelSpec.refit_on_all`) are
fitted again, which leaves one model instead of one a fold. Starts nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from automl_core.features import Encoding
from automl_core.models import model_spec
from automl_core.runs.coordinator.trial_tracker import seed_of
from automl_core.runs.executor import FoldTask, Refitted
from automl_core.runs.record import ENSEMBLE, FitFacts, RunSpec, RunState, Trial
from automl_core.runs.schedule import limits
from automl_core.splitting import Folds
from automl_core.types import Config

LIGHT = 0.1  # of the weights, below which a member is not worth a second fit
TREES = 2  # times as many trees in the one forest that stands for those of the folds


@dataclass(frozen=True, eq=False)
class Refit:
    """One fit that is worth making again."""

    job: FoldTask
    weight: float  # in the final model
    seconds: float  # that the fit takes, as expected
    encode_seconds: float  # before it, where a worker has not encoded the rows that way yet
    encoding: Encoding
    saved_ms: float  # a row that the final model predicts faster with it, as expected


@dataclass(frozen=True)
class _First:
    """The first fit of a trial."""

    early_stopped: Config
    seconds: float
    encoding: Encoding


class RefitPlanner:
    """Remembers the first fits, of those that are worth making again."""

    def __init__(self, spec: RunSpec, state: RunState, folds: Folds, started: int) -> None:
        """Every trial is trained on `started` folds at least."""
        self._spec, self._state = spec, state
        self._holdout = started == 1
        self.rows: NDArray[np.int64] = np.sort(np.concatenate([folds.train[0], folds.valid[0]]))
        self._growth = limits.REFIT_SLACK * len(self.rows) / max(1, len(folds.train[0]))
        self._first: dict[int, _First] = {}
        self._encode_seconds: dict[Encoding, float] = {}
        self.results: dict[int, Refitted] = {}  # by trial

    def take_refit(self, trial: int, result: Refitted) -> None:
        """A fit on all rows came back."""
        self.results[trial] = result

    def take(self, trial: int, part: FitFacts) -> None:
        """A first fit came back."""
        encoding = model_spec(self._state.trials[trial].family).encoding
        longest = max(part.encode_seconds, self._encode_seconds.get(encoding, 0.0))
        self._encode_seconds[encoding] = longest
        on_all = model_spec(self._state.trials[trial].family).refit_on_all
        if (
            part.early_stopped is not None
            and trial not in self._first
            and (self._holdout or on_all)
        ):
            curve = self._state.trials[trial].curves.get(0)
            done = curve.epoch[-1] if curve is not None and curve.epoch else part.epochs
            best = min(1.0, part.epochs / max(1, done))
            share = (1.0 + best) / 2  # after the best round it only waited for a better one
            seconds = share * max(0.0, part.train_seconds - part.encode_seconds)
            self._first[trial] = _First(part.early_stopped, seconds, encoding)

    def of(self, model: Trial | None) -> list[Refit]:
        """The fits that the model is made of; those first that weigh most for their time."""
        if model is None:
            return []
        weights = {model.number: 1.0}
        if model.number == ENSEMBLE and self._state.ensemble is not None:
            solved = self._state.ensemble
            weights = dict(zip(solved.trials, solved.weights, strict=True))
        found = [self._refit(n, w) for n, w in weights.items() if w >= LIGHT and self._gains(n)]
        return sorted(found, key=lambda r: (-r.weight / max(1e-3, r.seconds), r.job.trial))

    def _gains(self, number: int) -> bool:
        """True where one fit on all rows is better than the fits there are."""
        trial = self._state.trials[number]
        on_all = model_spec(trial.family).refit_on_all
        return number in self._first and (trial.folds <= 1 or on_all)

    def _refit(self, number: int, weight: float) -> Refit:
        first, trial = self._first[number], self._state.trials[number]
        seed, found, seconds = seed_of(self._spec, number, 0), first.early_stopped, first.seconds
        fits = 1  # as many of the first ones predict as slowly
        if trial.folds > 1 and "trees" in found:
            found, seconds = found | {"trees": TREES * int(found["trees"])}, TREES * seconds
            fits = TREES
        saved = (trial.predict_ms_per_row or 0.0) * (1 - fits / max(1, trial.folds))
        return Refit(
            FoldTask(number, 0, trial.family, trial.config | found, seed),
            weight,
            self._growth * seconds,
            self._growth * self._encode_seconds[first.encoding],
            first.encoding,
            max(0.0, saved),
        )
