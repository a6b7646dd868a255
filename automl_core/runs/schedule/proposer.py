"""The next configuration of a run: the baseline, the portfolio, the study, then repeats.

Knows the search and the plan; nothing of workers, folds' contents or the log.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace

from automl_core.models import SETTING, ModelSpec, model_spec
from automl_core.runs.executor import FamilyFilter, any_family
from automl_core.runs.record import RunSpec, RunState, Trial, TrialStarted, length_words
from automl_core.runs.schedule import limits, policy, repeats
from automl_core.runs.schedule.end_reason import EndReason
from automl_core.runs.schedule.failures import repeats_failure
from automl_core.runs.schedule.ordering import in_turn, near_the_best
from automl_core.runs.schedule.time_budget import TimeBudget
from automl_core.runs.setup import Resources, offered
from automl_core.search import Proposal, Study, families, make_portfolio
from automl_core.types import FailReason, Origin, TrialStatus
from automl_core.words import size

BASELINES = 2  # trials of the constant, at most
FAILURES = 2  # trials of a family, and none that did not fail, after which it is left out
NEARBY_FROM = 8  # number of a trial from which on every second one is a neighbour of the best
NEARBY_ROWS = 2_500  # on fewer, the best is best by luck, and its neighbours narrow the ensemble
ASKS = 3  # proposals that may be thrown away because their family has no time left


class Proposer:
    """Proposes trials for one run."""

    def __init__(
        self,
        spec: RunSpec,
        state: RunState,
        resources: Resources,
        budget: TimeBudget,
        probed: dict[str, float],
    ) -> None:
        """`probed` (family -> seconds of a fit) is filled as probes come back."""
        self._spec, self._state = spec, state
        self._resources, self._budget, self._probed = resources, budget, probed
        wanted = families(spec.options.families)
        # where all that was asked for is slow here, it is slow
        self.model_specs = tuple(c for c in wanted if offered(c, resources)) or wanted
        self.left_out = {
            c.name: f"{c.title} is left out: {_why_not_offered(c, resources)}."
            for c in wanted
            if c not in self.model_specs
        }  # families that are not tried, and why
        if resources.accelerator:
            self.model_specs = tuple(
                replace(c, defaults=c.defaults | c.on_accelerator) for c in self.model_specs
            )
        self._portfolio = list(make_portfolio(self.model_specs, resources.log_target))
        self._told: set[int] = set()
        self._promised: set[str] = set()  # networks that are trained although they hardly fit
        self.finished: EndReason | None = None  # why nothing more is proposed
        seed, known = spec.options.seed, len(state.trials)
        if spec.options.budget.trials is None:  # where the run goes on, other random numbers come
            self._study = Study(self.model_specs, seed + known)
            self._leave_out(t for t in state.trials.values() if t.status != TrialStatus.STOPPED)
            self._leave_out(t for t in state.trials.values() if t.usable)
        else:
            self._study = Study(self.model_specs, seed)
            self._catch_up()

    def _leave_out(self, trials: Iterable[Trial]) -> None:
        """Do not propose again what these trials have tried."""
        tried = [(t.family, t.config) for t in trials]
        self._portfolio = [p for p in self._portfolio if (p.family, p.config) not in tried]

    def _catch_up(self) -> None:
        """Propose the trials of the run once more, in order, so that the search stands after them.

        What a run of a number of trials proposes follows from the trials of earlier rounds alone:
        one that was interrupted goes on as if it had not been.
        """
        whole, self._state = self._state, RunState()
        repeats = any(t.selected or t.sentences for t in whole.trials.values())
        for number, trial in sorted(whole.trials.items()):
            if repeats and any(t.origin == Origin.PORTFOLIO for t in self._state.trials.values()):
                self.repeat_first()
                repeats = False
            self._tell()
            waiting = list(self._portfolio)
            found = None if trial.asked else self._next_proposal(number, None, any_family)
            if found is None or (found[0].family, found[0].config) != (trial.family, trial.config):
                self._study.tell(number, trial.family, trial.config, None)  # void: it was another
                self._portfolio = waiting
                self._leave_out([trial])
            self._state.trials[number] = trial
        self._state = whole

    @property
    def has_enough(self) -> bool:
        """True if more configurations would fit the validation rows of a table of this size."""
        return repeats.is_enough(self._state, self._resources.rows)

    def repeat_first(self) -> None:
        """The first model once more, which has seen all columns: now with those chosen."""
        first = next((t for t in self._state.trials.values() if t.origin == Origin.PORTFOLIO), None)
        if first is not None:
            self._portfolio.insert(0, Proposal(first.family, first.config, Origin.PORTFOLIO))

    def to_probe(self, left: float | None, is_free: FamilyFilter = any_family) -> Proposal | None:
        """The default of the family whose turn it is, where nobody knows its pace yet.

        None: something may start without a probe.
        """
        if self.has_enough:
            return None
        for proposal in in_turn(self._portfolio, self._known_trials(), self._spec.metric):
            if not is_free(proposal.family):
                continue
            if self._is_unknown(proposal.family):
                known = next(c for c in self.model_specs if c.name == proposal.family)
                return Proposal(known.name, known.defaults, Origin.PORTFOLIO)
            if self._fits(proposal.family, left):
                return None
        return None

    def _is_unknown(self, family: str) -> bool:
        """True where the family waits for a probe, or for what it says."""
        if not self._budget.has_probes or model_spec(family).interruptible:
            return False
        if self._fails_for_good(family):  # nobody will probe it
            return False
        return policy.natural_seconds(self._state, family, self._probed) is None

    def limit(self, left: float | None, family: str) -> float | None:
        """Seconds that a fold of a trial of this family may take that starts now."""
        at_once, folds = self._resources.placement.workers_for(family), self._resources.folds
        usual = self._budget.fold_limit(left, folds, at_once)
        if usual is None or left is None or family not in self._promised:
            return usual
        return max(usual, self._budget.network_limit(left, folds, at_once))

    def may_see_all(self, family: str, left: float | None, share: float) -> bool:
        """True if a fit of all columns is worth starting with so many seconds `left`.

        As long as those took that saw all; where none has ended, as much longer than those of
        the selected columns as these are a `share` of all.
        """
        limit = self.limit(left, family)
        if limit is None:
            return True
        natural = policy.natural_seconds(self._state, family, {}, selected=False)
        if natural is None:
            of_some = policy.natural_seconds(self._state, family, {}, selected=True)
            natural = None if of_some is None else of_some / max(share, 1e-9)
        interruptible = model_spec(family).interruptible
        return policy.worth_starting(self._state, limit, natural, interruptible)

    def asked(self) -> tuple[TrialStarted, float] | None:
        """The next trial that a person asked for, and the seconds of each fold, if there is one.

        The configuration of an earlier trial, with another seed, as its number is another.
        """
        for asked in self._state.waiting_again[:1]:
            number, like = len(self._state.trials), self._state.trials[asked.trial]
            folds = self._resources.folds
            at_once = min(folds, self._resources.placement.workers_for(like.family))
            started = TrialStarted(
                number, f"{like.family}-{number}", like.family, like.config, Origin.REPEAT,
                like.repeat, like.selected, like.sentences, asked=True,
            )  # fmt: skip
            return started, asked.seconds * at_once / folds
        return None

    def propose(
        self, left: float | None, is_free: FamilyFilter = any_family
    ) -> TrialStarted | None:
        """The next trial, if one may and should start now; `left` seconds (None: no clock).

        Only of families that `is_free` allows: those for whose fits a worker is free.
        """
        number = len(self._state.trials)
        trials = self._spec.options.budget.trials
        if trials is not None and (
            number > trials or not policy.round_may_open(self._state, number)
        ):
            return None
        self._tell()
        self.finished = None
        found = self._next_proposal(number, left, is_free)
        if found is None:
            return None
        proposal, repeat = found
        name = f"{proposal.family}-{number}"
        if proposal.origin == Origin.BASELINE and not number:
            name = proposal.family
        return TrialStarted(number, name, proposal.family, proposal.config, proposal.origin, repeat)

    def stackable(self) -> list[Proposal]:
        """The defaults of networks of which a trial has ended well, while configurations lack."""
        if self.has_enough:
            return []
        ended = {t.family for t in self._state.trials.values() if t.usable}
        return [
            Proposal(c.name, c.defaults, Origin.PORTFOLIO)
            for c in self.model_specs
            if c.kind == "network" and c.name in ended and not self._fails_for_good(c.name)
        ]

    def companions(self, first: TrialStarted, left: float, gain: float) -> list[TrialStarted]:
        """Trials of the same architecture to be trained as one with a searched one, if that pays.

        `gain`: how many times as fast that is. Empty where time does not suffice for a few.
        """
        natural = policy.natural_seconds(self._state, first.family, self._probed)
        room = int(limits.STACK_ROOM * repeats.room(self._state, self._resources.rows))
        if first.origin != Origin.SEARCH or gain < limits.STACK_GAIN or not natural:
            return []
        time = limits.STACK_SHARE * left * gain / (natural * self._resources.folds)
        count = min(int(time), limits.STACK_TRIALS, room) - 1
        if count + 1 < limits.STACK_FEWEST:
            return []
        like = Proposal(first.family, first.config, first.origin)
        numbers = range(first.trial + 1, first.trial + 1 + count)
        return [self._companion(first, number, self._study.ask_alike(like)) for number in numbers]

    @staticmethod
    def _companion(first: TrialStarted, number: int, proposal: Proposal) -> TrialStarted:
        return TrialStarted(
            number, f"{proposal.family}-{number}", proposal.family, proposal.config,
            proposal.origin, first.repeat, first.selected, first.sentences,
        )  # fmt: skip

    def _next_proposal(
        self, number: int, left: float | None, is_free: FamilyFilter
    ) -> tuple[Proposal, int] | None:
        if self._portfolio and self._portfolio[0].origin == Origin.BASELINE:
            return self._portfolio.pop(0), 0
        if (lost := self._lost_baseline()) is not None:
            return lost, 0
        if left is not None and self.has_enough:
            found = self._repeated(left, is_free)
            if found is None and self._repeated(left, any_family) is None:
                self.finished = EndReason.ENOUGH_CONFIGURATIONS
            return found
        if left is not None and (promised := self._promised_network(left)) is not None:
            if not is_free(promised.family):
                return None
            self._promised.add(promised.family)
            self._portfolio.remove(promised)
            return promised, 0
        nearby = number >= NEARBY_FROM and self._resources.rows >= NEARBY_ROWS
        if self._portfolio and nearby and number % 2 == 0:
            seed = (self._spec.options.seed, number)
            near = near_the_best(self.model_specs, self._known_trials(), self._spec.metric, seed)
            if near is not None and is_free(near.family) and not self._fails_for_good(near.family):
                limit = self.limit(left, near.family)
                if policy.may_end(self._state, near.family, limit, self._probed):
                    return near, 0
        for proposal in in_turn(self._portfolio, self._known_trials(), self._spec.metric):
            if is_free(proposal.family) and self._fits(proposal.family, left):
                self._portfolio.remove(proposal)
                return proposal, 0
        fitting = [c.name for c in self.model_specs if self._fits(c.name, left)]
        if any(self._is_unknown(c.name) for c in self.model_specs):
            return None  # wait for what the probes say
        if not fitting:
            no_clock = left is None
            self.finished = EndReason.ALL_FAMILIES_FAIL if no_clock else EndReason.NOTHING_FITS
            return None
        free = [name for name in fitting if is_free(name)]
        return (self._searched(number, free), 0) if free else None

    def _lost_baseline(self) -> Proposal | None:
        """The baseline again, once, where memory ran out under it: now fewer workers go on."""
        tried = [t for t in self._state.trials.values() if t.origin == Origin.BASELINE]
        lost = all(t.fail_reason == FailReason.MEMORY for t in tried)
        if not lost or len(tried) not in range(1, BASELINES):
            return None
        return Proposal(tried[0].family, tried[0].config, Origin.BASELINE)

    def _promised_network(self, left: float) -> Proposal | None:
        """The network that a run trains in any case, once it is time for that; else None.

        The first waiting proposal of the lightest family; of any, where that one is not searched.
        """
        spent, deep = self._budget.elapsed, {c.name: c for c in self.model_specs if c.is_deep}
        begun = any(
            t.family in deep and (t.usable or t.status == TrialStatus.RUNNING)
            for t in self._state.trials.values()
        )
        if begun or self._budget.is_short or spent < limits.NETWORK_FROM * (spent + left):
            return None
        waiting = [
            p for p in self._portfolio if p.family in deep and not self._fails_for_good(p.family)
        ]
        return min(waiting, key=lambda p: not deep[p.family].lightest, default=None)

    def _repeated(self, left: float, is_free: FamilyFilter) -> tuple[Proposal, int] | None:
        """The next repeat of a family that `is_free` allows."""

        def limit(family: str) -> float:
            may = is_free(family) and not self._fails_for_good(family)
            return (self.limit(left, family) or 0.0) if may else 0.0

        return repeats.next_repeat(self._state, self._spec.metric, self._resources.repeats, limit)

    def _searched(self, number: int, fitting: list[str]) -> Proposal:
        for _ in range(ASKS):
            proposal = self._study.ask(number)
            if proposal.family in fitting:
                return proposal
            self._study.tell(number, proposal.family, proposal.config, None)
        return self._study.ask(number, fitting[number % len(fitting)])

    def _fails_for_good(self, family: str) -> bool:
        """True where another trial of the family is unwanted, or would fail as earlier ones."""
        if family in self._state.left_out:
            return True
        words = repeats_failure(self._known_trials(), model_spec(family))
        if words:
            self.left_out.setdefault(family, words)
        return bool(words)

    def _fits(self, family: str, left: float | None) -> bool:
        if self._fails_for_good(family):
            return False
        limit = self.limit(left, family)
        ended = [t for t in self._known_trials() if t.family == family]
        if sum(t.status == TrialStatus.FAILED for t in ended) >= FAILURES and not any(
            t.usable for t in ended
        ):
            words = f"{model_spec(family).title} is left out: all of its trials failed."
            self.left_out.setdefault(family, words)
            return False
        if limit is None:
            return True
        tried = {t.family for t in self._state.trials.values() if t.origin != Origin.BASELINE}
        if tried and self._is_unknown(family):
            return False  # until its probe has said something
        natural = policy.natural_seconds(self._state, family, self._probed)
        fits = policy.worth_starting(self._state, limit, natural, model_spec(family).interruptible)
        if not fits and natural is not None and family not in tried:
            words = (
                f"{model_spec(family).title} is left out: a fit takes about {natural:.0f} s here, "
                f"as measured. With a budget of {self._needed(family, natural)} it would be tried."
            )
            self.left_out.setdefault(family, words)
        return fits

    def _needed(self, family: str, natural: float) -> str:
        """The budget, in words, with which a fit of `natural` seconds would have been worth it."""
        at_once = self._resources.placement.workers_for(family)
        fold = limits.FIT_SHRUNK * natural * self._resources.folds / at_once
        training = fold / limits.TRIAL_SHARE / (1 - limits.REFIT_SHARE)
        spent = min(self._budget.elapsed, limits.NETWORK_FROM * training)
        return length_words(60 * math.ceil((training + spent) / 60))

    def _known_trials(self) -> list[Trial]:
        """Trials that a proposal may know of, in order.

        Where the number of trials is the budget: those of earlier rounds, so that the number
        of workers cannot matter.
        """
        trials = sorted(self._state.trials.values(), key=lambda t: t.number)
        if self._spec.options.budget.trials is None:
            return trials
        return [t for t in trials if policy.round_of(t.number) < policy.round_of(len(trials))]

    def _tell(self) -> None:
        """Tell the study what has ended and it has not been told."""
        for trial in self._known_trials():
            if trial.number in self._told or trial.status == TrialStatus.RUNNING:
                continue
            self._told.add(trial.number)
            if trial.origin != Origin.REPEAT and SETTING not in trial.config:  # not in its spaces
                loss = repeats.known_loss(trial, self._spec.metric)
                self._study.tell(trial.number, trial.family, trial.config, loss)


def _why_not_offered(entry: ModelSpec, resources: Resources) -> str:
    if entry.name in resources.too_large:
        need = entry.memory.bytes_for(resources.rows, resources.columns)
        return f"it would need about {size(need)} of memory, more than there is"
    return "it is for smaller tables, or fewer classes"
