"""Which configuration a run tries next: the baseline, the portfolio, then the study.

Knows the search and the plan; nothing of workers, folds' contents or the log.
"""

from __future__ import annotations

from collections import deque

from automl_core.evaluation.metrics import loss_of
from automl_core.runs import plan
from automl_core.runs.events import TrialStarted
from automl_core.runs.spec import RunSpec
from automl_core.runs.state import RunState, Trial
from automl_core.search.portfolio import Proposal, families, portfolio
from automl_core.search.study import Study

ASKS = 4  # proposals that may be thrown away because their family has no time left


class Proposer:
    """Proposes trials for one run; `folds` is how many each of them has."""

    def __init__(self, spec: RunSpec, state: RunState, folds: int) -> None:
        self._spec, self._state, self._folds = spec, state, folds
        self._cards = families(spec.families)
        self._portfolio = deque(portfolio(self._cards))
        self._study = Study(self._cards, spec.seed)
        self._told: set[int] = set()

    @property
    def portfolio_left(self) -> int:
        """Portfolio trials that have not been proposed."""
        return len(self._portfolio)

    def propose(self, left: float | None, workers: int) -> TrialStarted | None:
        """The next trial, if one may and should start now; `left` seconds (None: no clock)."""
        number = len(self._state.trials)
        trials = self._spec.budget.trials
        if trials is not None and (number > trials or not plan.round_may_open(self._state, number)):
            return None
        self._tell(number)
        proposal = self._next_proposal(number, left, workers)
        if proposal is None:
            return None
        name = f"{proposal.family}-{number}"
        if proposal.origin == "baseline":
            name = proposal.family
        return TrialStarted(number, name, proposal.family, proposal.config, proposal.origin)

    def _next_proposal(self, number: int, left: float | None, workers: int) -> Proposal | None:
        def fits(family: str) -> bool:
            return left is None or plan.worth_starting(
                self._state, family, left, self._folds, workers
            )

        if self._portfolio:
            first = self._portfolio[0]
            if first.origin == "baseline" or fits(first.family):
                return self._portfolio.popleft()
        families = {card.name for card in self._cards if fits(card.name)}
        for _ in range(ASKS if families else 0):
            proposal = self._study.ask(number)
            if proposal.family in families:
                return proposal
            self._study.tell(number, proposal.family, proposal.config, None)
        return None

    def _tell(self, number: int) -> None:
        """Tell the study what has ended before trial `number` is proposed.

        Where the number of trials is the budget: whole earlier rounds in trial order, and
        nothing of this round, so that the number of workers cannot matter.
        """
        by_trials = self._spec.budget.trials is not None
        for trial in sorted(self._state.trials.values(), key=lambda t: t.number):
            mine = by_trials and plan.round_of(trial.number) >= plan.round_of(number)
            if trial.number in self._told or trial.status == "running" or mine:
                continue
            self._told.add(trial.number)
            self._study.tell(trial.number, trial.family, trial.config, self._loss(trial))

    def _loss(self, trial: Trial) -> float | None:
        known = trial.score
        if known is None and trial.fold_scores:  # pruned after its first fold
            known = next(iter(trial.fold_scores.values()))
        return None if known is None else loss_of(self._spec.metric, known)
