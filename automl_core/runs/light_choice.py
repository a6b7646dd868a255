"""Chooses lighter models of what a run trained: averages of fewer trials, and single trials.

Averages are chosen under a ladder of limits on size and time, by the same selection as the run's
own, on rows that their trials predicted unseen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from automl_core.ensemble import Candidate, Limits, Problem, select
from automl_core.metrics import loss_of, score
from automl_core.models import TABM, model_spec
from automl_core.runs.record import RunState, Trial
from automl_core.runs.shared_rows import SharedRows
from automl_core.types import Task

SHARES = (0.5, 0.25, 0.1, 0.05, 0.02)  # of the size, or the time, of the run's model
CHOOSING_ROWS, CHOOSING_SECONDS = 6_000, 2.0  # of one selection
MOST_SINGLES = 6

Values = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class FoundModel:
    """A model that is not yet timed."""

    name: str
    trials: tuple[int, ...]
    weights: tuple[float, ...]
    temperature: float
    prediction: Values  # for the shared rows

    @property
    def is_trial(self) -> bool:
        """It is a trial as it is, not calibrated."""
        return len(self.trials) == 1 and self.temperature == 1.0


@dataclass(frozen=True, eq=False)
class Choice:
    """What the models are chosen from."""

    state: RunState
    final: Trial  # the run's model
    metric: str
    task: Task
    shared: SharedRows

    def models(self, given_up: Callable[[], bool]) -> list[FoundModel]:
        """The run's model first, then averages under limits and single trials, each once.

        The heaviest first. Where the search is `given_up`, fewer averages.
        """
        own = self._own()
        predictions = self.shared.predictions
        numbers = [n for n in predictions if n in self.state.trials]
        if not numbers:
            return [own]
        candidates = [self._candidate(n, predictions[n]) for n in numbers]
        problem = Problem(self.metric, self.task, self.shared.y, self.shared.weight)
        found = []
        for limits in _ladder(candidates, [numbers.index(n) for n in own.trials if n in numbers]):
            if given_up():
                break
            chosen = select(
                problem, candidates, limits, rows=CHOOSING_ROWS, seconds=CHOOSING_SECONDS
            )
            if chosen is None:
                continue
            inside = [i for i, weight in enumerate(chosen.weights) if weight > 0]
            found.append(
                FoundModel(
                    "",
                    tuple(numbers[i] for i in inside),
                    tuple(chosen.weights[i] for i in inside),
                    chosen.temperature,
                    chosen.prediction,
                )
            )
        for i in _singles(problem, candidates):
            found.append(FoundModel("", (numbers[i],), (1.0,), 1.0, candidates[i].prediction))
        return self._named([own, *sorted(found, key=self._bytes, reverse=True)])

    def _own(self) -> FoundModel:
        """The run's model."""
        number, solved = self.final.number, self.state.ensemble
        prediction = self.shared.predictions[number]
        trials: tuple[int, ...] = (number,)
        if solved is not None and number not in self.state.trials:
            trials = solved.trials
        if solved is None or len(trials) == 1:
            return FoundModel(self.final.name, trials, (1.0,), 1.0, prediction)
        return FoundModel(self.final.name, trials, solved.weights, solved.temperature, prediction)

    def _bytes(self, one: FoundModel) -> int:
        return sum(self.state.trials[trial].size_bytes or 0 for trial in one.trials)

    def _candidate(self, number: int, prediction: Values) -> Candidate:
        trial = self.state.trials[number]
        return Candidate(
            trial.family,
            prediction,
            trial.folds,
            trial.predict_ms_per_row or 0.0,
            trial.size_bytes or 0,
        )

    def _named(self, found: Sequence[FoundModel]) -> list[FoundModel]:
        """Each average once; one trial as it is has its name."""
        named: list[FoundModel] = []
        seen: set[tuple[tuple[int, ...], bool]] = set()
        averages = 0
        for one in found:
            if (one.trials, one.is_trial) in seen:
                continue
            seen.add((one.trials, one.is_trial))
            name = one.name
            if not name and one.is_trial:
                name = self.state.trials[one.trials[0]].name
            elif not name:
                averages += 1
                name = f"light-{averages}"
            named.append(replace(one, name=name))
        return named


def _ladder(candidates: Sequence[Candidate], own: Sequence[int]) -> list[Limits]:
    """Limits on size, then on time, from half of the run's model down."""
    parts = [candidates[i] for i in own] or list(candidates)
    every_byte = sum(c.size_bytes for c in parts)
    every_ms = sum(c.predict_ms_per_row for c in parts)
    sizes = [Limits(most_bytes=round(share * every_byte)) for share in SHARES]
    return sizes + [Limits(most_ms=share * every_ms) for share in SHARES]


def _cheapest_front(problem: Problem, candidates: Sequence[Candidate]) -> list[int]:
    """Single candidates that no other one beats in score and size, or in score and time."""
    losses = [
        loss_of(problem.metric, _score(problem, candidate.prediction)) for candidate in candidates
    ]
    front: list[int] = []
    for cost in ([c.size_bytes for c in candidates], [c.predict_ms_per_row for c in candidates]):
        least = float("inf")
        for i in sorted(range(len(candidates)), key=lambda i: (cost[i], losses[i])):
            if losses[i] < least and i not in front:
                front.append(i)
            least = min(least, losses[i])
    return sorted(front, key=lambda i: losses[i])


def _singles(problem: Problem, candidates: Sequence[Candidate]) -> list[int]:
    """The front, and the best network and TabM beside it: versions are made of them."""
    front = _cheapest_front(problem, candidates)
    every = sorted(
        range(len(candidates)),
        key=lambda i: loss_of(problem.metric, _score(problem, candidates[i].prediction)),
    )
    networks = [i for i in every if model_spec(candidates[i].family).kind == "network"]
    tabms = [i for i in networks if candidates[i].family == TABM]
    return list(dict.fromkeys([*front[:MOST_SINGLES], *networks[:1], *tabms[:1]]))


def _score(problem: Problem, prediction: Values) -> float:
    return float(score(problem.metric, problem.y, prediction, problem.weight))
