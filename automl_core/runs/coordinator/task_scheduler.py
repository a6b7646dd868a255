"""Decides which task a free worker gets next, in order of precedence, and has it sent.

Importance of the best trial; folds that were proposed; columns to select and texts to embed;
a further fold of a model that leads; a probe of a family; a new trial.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import partial

from automl_core.errors import RunError
from automl_core.models import model_spec
from automl_core.runs.coordinator.context import RunContext
from automl_core.runs.coordinator.trackers import Trackers
from automl_core.runs.executor import (
    Blobs,
    DevicePlacement,
    FamilyFilter,
    FoldTask,
    ProbeTask,
    VisibleFeatures,
)
from automl_core.runs.record import Note, TrialStarted, best_trial, choose_final_model, trial_files
from automl_core.runs.record import events as e
from automl_core.runs.schedule import EndReason, Proposer, RaceTime, limits
from automl_core.runs.setup import resources_of
from automl_core.types import FailReason, Origin, Severity, TrialStatus


class TaskScheduler:
    """Gives every free worker a task."""

    def __init__(self, context: RunContext, trackers: Trackers, placement: DevicePlacement) -> None:
        self._context, self._trackers, self._placement = context, trackers, placement
        self._state, self._dispatcher = context.state, context.dispatcher
        resources = resources_of(
            context.data, context.spec.task, placement, context.memory.too_large
        )
        self._proposer = Proposer(
            context.spec, context.state, resources, context.budget, trackers.fit_seconds
        )
        self._limits: dict[int, float | None] = {}  # seconds a fold, by trial
        # on the run's clock: the number of workers is from then
        self._shrunk_at = context.log.clock
        # the first model has been proposed once more; in a run that goes on, before its end
        self._repeated_first = any(t.selected or t.sentences for t in self._state.trials.values())

    @property
    def left_out(self) -> Mapping[str, str]:
        """Families that are not tried, and why, in words."""
        return self._proposer.left_out

    @property
    def nothing_left(self) -> EndReason | None:
        """The reason why no task will follow; None while one is out or may follow."""
        idle = not self._trackers.trials.open_trials and not self._dispatcher.out
        return self._proposer.finished if idle else None

    def seconds_left(self) -> float | None:
        """Seconds of training left before refits and the end begin; None without a clock."""
        return self._left_without(self._trackers.race.waiting)

    def _left_without(self, trials: Collection[int]) -> float | None:
        """The same, where these trials need no refit."""
        context = self._context
        best = choose_final_model(context.spec, self._state)
        rows = len(context.data.test_set.rows)
        refits = [r for r in self._trackers.refits.of(best) if r.job.trial not in trials]
        return context.budget.training_left(best, rows, refits)

    def fill_workers(self) -> None:
        """Start tasks until no worker is free, or there is nothing to start."""
        self._heed_memory()
        while not self._context.is_stopping:
            free = self._placement.free_families(self._dispatcher.out)
            if free is None:
                return
            left = self.seconds_left()
            is_last = left is not None and left <= limits.START_LEAST
            if is_last and any(
                t.status != TrialStatus.RUNNING for t in self._state.trials.values()
            ):
                return
            self._start_importance()
            if self._start_folds(left, free):
                continue
            if is_last and self._state.trials:
                return
            if not (
                self._start_asked(free)
                or self._start_selection(left)
                or self._start_further_fold(left, free)
                or self._start_probe(left, free)
                or self._start_gain_probe(left, free)
                or self._start_trial(left, free)
                or self._start_further_fold(left, free, self._proposer.finished is not None)
            ):
                return

    def _heed_memory(self) -> None:
        """Use half of the workers from now on where memory ran out under as many as now."""
        failed = [t for t in self._state.trials.values() if t.fail_reason == FailReason.MEMORY]
        if all(t.started < self._shrunk_at for t in failed):
            return
        before = self._placement.workers
        after = max(1, self._placement.gpus, before // 2)
        self._shrunk_at = self._context.log.clock
        if after == before:
            return
        self._placement = replace(self._placement, workers=after)
        self._dispatcher.use_workers(after)
        words = f"Memory ran out: {after} of {before} workers {'go' if after > 1 else 'goes'} on."
        self._context.log.write(Note(Severity.WARNING, words))

    def _start_importance(self) -> None:
        best = best_trial(self._state, self._context.spec.metric)
        if best is None or best.origin == Origin.BASELINE:
            return
        task = self._trackers.importance.next_task(best)
        if task is not None:
            files = trial_files(self._context.folder, best.number)
            self._dispatcher.importance(task, files, best.folds)

    def _start_folds(self, left: float | None, free: FamilyFilter) -> bool:
        """Start folds of a trial that goes on; False where none waits."""
        following = partial(self._trackers.trials.next_jobs, free, self._placement.joins_folds)
        jobs = self._trackers.columns.next_jobs(following, self._state)
        if not jobs:
            return False
        limit = self._limit_of(jobs[0], left)
        if left is not None and limit is not None:
            limit = max(limits.FOLD_LEAST, min(len(jobs) * limit, left))
        stacked = len({job.trial for job in jobs}) > 1
        if stacked and left is not None and limit is not None:
            limit = min(limit, limits.STACK_MOST * left)
        if not stacked:
            self._dispatcher.train(jobs, limit, self._interrupted(jobs))
            return True
        gain = self._trackers.gains[jobs[0].family]
        self._dispatcher.train(
            jobs, limit, self._interrupted(jobs), limits.STACK_MEMBERS, max(1.0, gain)
        )
        return True

    def _limit_of(self, job: FoldTask, left: float | None) -> float | None:
        """Seconds for a fold of a trial; of one that was interrupted, as if it started now."""
        if job.trial not in self._limits:
            self._limits[job.trial] = self._proposer.limit(left, job.family)
        return self._limits[job.trial]

    def _interrupted(self, jobs: tuple[FoldTask, ...]) -> Blobs:
        """The interrupted trainings of these folds; where a file is damaged they begin anew."""
        try:
            return self._trackers.kept.states(jobs)
        except RunError as error:
            name = self._state.trials[jobs[0].trial].name
            words = f"{error.message} {name} is trained from its beginning again."
            self._context.log.write(Note(Severity.WARNING, words))
            return {}

    def _start_selection(self, left: float | None) -> bool:
        """Start a selection of columns, or embed texts; False where neither is asked for."""
        if not self._has_first_model():
            return False
        selection = self._trackers.columns.next_task(left)
        if selection is not None:
            self._dispatcher.select(*selection)
            return True
        embedding = self._trackers.columns.sentences.next_task()
        if embedding is not None:
            self._dispatcher.embed(embedding)
        return embedding is not None

    def _has_first_model(self) -> bool:
        """True where a model beside the baseline, of all columns, has been started."""
        return any(t.origin == Origin.PORTFOLIO for t in self._state.trials.values())

    def _start_further_fold(
        self, left: float | None, free: FamilyFilter, idle: bool = False
    ) -> bool:
        """Train a model that leads on one more part of the rows; False where none can start now.

        `idle`: no new configuration is worth starting.
        """
        if left is None:
            return False
        trackers, race = self._trackers, self._trackers.race
        idle = idle or self._proposer.has_enough
        if trackers.ensemble.is_current:  # it says who leads
            race.may_begin(self._race_time(), trackers.ensemble.leaders_are_close, idle)
        trial = race.next_trial(left, free, trackers.columns.seconds_until)
        if trial is None:
            return False
        jobs = trackers.columns.with_columns((trackers.further.job(trial),), self._state)
        if not jobs:  # its columns are being chosen
            return False
        self._context.log.write(e.TrialExtended(trial.number, jobs[0].fold))
        trackers.further.admit(jobs[0])
        seconds = max(self._limits.get(trial.number) or 0.0, limits.RACE_MOST * race.seconds(trial))
        self._dispatcher.train(jobs, min(left, seconds), self._interrupted(jobs))
        return True

    def _race_time(self) -> RaceTime:
        spent, left = self._context.budget.elapsed, self.seconds_left() or 0.0
        share = spent / max(1e-9, spent + left)

        def left_without(trials: Collection[int]) -> float:
            return self._left_without(trials) or 0.0

        choosing = self._trackers.columns.seconds_until
        return RaceTime(left_without, share, self._dispatcher.workers, choosing)

    def _start_probe(self, left: float | None, free: FamilyFilter) -> bool:
        """Probe the family that would be next; False where none needs it.

        One at a time: the other workers go on with what is known.
        """
        if not self._has_first_model() or self._dispatcher.count(ProbeTask):
            return False  # the first model comes first
        proposal = self._proposer.to_probe(left, free)
        if proposal is None:
            return False
        columns = self._trackers.columns
        seen = replace(columns.seen(0) or VisibleFeatures(), sentences=columns.sentences.ready)
        self._dispatcher.probe(proposal, limits.PROBE_SECONDS, seen)
        return True

    def _start_gain_probe(self, left: float | None, free: FamilyFilter) -> bool:
        """Measure what a network gains where several are trained as one; False where no family
        needs that: each is measured once, when a trial of it has ended."""
        least = limits.STACK_FROM if self._placement.gpus else limits.STACK_FROM_CPU
        if left is None or left < least or self._dispatcher.count(ProbeTask):
            return False
        gains, wanted = self._trackers.gains, self._proposer.stackable()
        proposal = next((p for p in wanted if p.family not in gains and free(p.family)), None)
        if proposal is None:
            return False
        gains[proposal.family] = 0.0  # until it is known
        seen = self._trackers.columns.seen(0) or VisibleFeatures()
        self._dispatcher.probe(proposal, 0.0, seen, limits.STACK_MEMBERS)
        return True

    def _start_asked(self, free: FamilyFilter) -> bool:
        """Log the next trial that a person asked for; False where none waits."""
        found = self._proposer.asked()
        if found is None or not free(found[0].family):
            return False
        started, seconds = found
        self._limits[started.trial] = seconds
        self._context.log.write(started)
        self._trackers.trials.admit(started, self._placement.joins_folds(started.family))
        return True

    def _start_trial(self, left: float | None, free: FamilyFilter) -> bool:
        """Log the next trial and queue its folds; False where none should start now."""
        columns, selected = self._trackers.columns, self._has_first_model()
        choosing = selected and not (
            (self._state.features or columns.is_answered) and columns.sentences.is_answered
        )
        if choosing and left is None:
            return False  # how many start meanwhile would be up to chance
        if choosing:  # meanwhile those that useless columns harm least go on with all of them
            free = partial(_interruptible, free)
        elif selected and columns.changes and not self._repeated_first:
            self._repeated_first = True
            self._proposer.repeat_first()
        started = self._proposer.propose(left, free)
        if started is None:
            return False
        if selected and not choosing:
            whole = self._proposer.may_see_all(started.family, left, columns.share)
            narrow = columns.sees_selected(started.family, self._state, whole)
            started = started.with_features(narrow, columns.sentences.ready)
        gain = self._trackers.gains.get(started.family, 0.0)
        self._admit(
            started, left, [] if left is None else self._proposer.companions(started, left, gain)
        )
        return True

    def _admit(
        self, first: TrialStarted, left: float | None, companions: list[TrialStarted]
    ) -> None:
        """Log a trial and those that are trained as one with it, and queue their folds."""
        group = first.trial if companions else None
        if companions:
            gain = self._trackers.gains[first.family]
            words = (
                f"{1 + len(companions)} configurations of {model_spec(first.family).title} are "
                f"trained as one network: {gain:.1f} times as fast here, as measured."
            )
            self._context.log.write(Note(Severity.INFO, words))
        joins = self._placement.joins_folds(first.family)
        for started in (first, *companions):
            self._limits[started.trial] = self._proposer.limit(left, started.family)
            self._context.log.write(started)
            self._trackers.trials.admit(started, joins, group)


def _interruptible(free: FamilyFilter, family: str) -> bool:
    return model_spec(family).interruptible and free(family)
