"""Runs one run, from Start to its final model: plans, polls, logs; it never trains.

A thread of the app's process, or the command line's main thread. The only writer of the run's
folder. It knows the executor by its protocol, people by the inbox.
"""

from __future__ import annotations

import logging
import os
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

from automl_core.errors import AutoMLError, RunError
from automl_core.models import model_spec
from automl_core.runs.coordinator import submit
from automl_core.runs.coordinator.column_selection import ColumnSelection
from automl_core.runs.coordinator.dispatcher import Dispatcher
from automl_core.runs.coordinator.finalize import USED_UP, Finalizer
from automl_core.runs.coordinator.importance import ImportanceScheduler
from automl_core.runs.coordinator.live_ensemble import LiveEnsemble
from automl_core.runs.coordinator.message_handler import MessageHandler, RunContext
from automl_core.runs.coordinator.refit_plan import RefitPlanner
from automl_core.runs.coordinator.start_notes import opening_remarks
from automl_core.runs.coordinator.trial_tracker import TrialTracker
from automl_core.runs.executor import (
    DevicePlacement,
    Executor,
    ExecutorClosedError,
    FamilyFilter,
    VisibleFeatures,
    place_devices,
)
from automl_core.runs.record import (
    RunFolder,
    RunLog,
    RunSpec,
    RunState,
    best_trial,
    choose_final_model,
    take_commands,
    trial_files,
)
from automl_core.runs.record import events as e
from automl_core.runs.schedule import Proposer, policy
from automl_core.runs.setup import RunData, prepare_run_data, resources_of
from automl_core.types import StopReason

POLL_SECONDS = 0.1
PROBE_SECONDS = 0.4  # of training, to see how fast a family is
WORKERS_EVERY = 0.5  # seconds between two events about the workers
PATIENCE = 60.0  # seconds over the budget that a run without any model waits for one
START_SECONDS = 20.0  # that the first worker may take to say what it trains on
LAST_LOOK = 0.2  # seconds of training left below which nothing is handed out any more

logger = logging.getLogger(__name__)


def conduct(
    folder: RunFolder, executor: Executor, root: Path, began: float, workers: int
) -> RunState:
    """Run to the end and return the last state; the log says how it ended, whatever happens.

    `began` is time.monotonic() at Start; `workers` is how many tasks may be out at once. The
    caller holds the run's lock (`inbox.hold`).
    """
    diary = RunLog(folder.log_path, began)
    try:
        _conduct(folder, executor, root, diary, max(1, workers))
    except ExecutorClosedError:  # the process ends: the run is interrupted, not over
        pass
    except AutoMLError as error:
        _fail(diary, str(error))
    except Exception:  # the run's edge: the app goes on
        logger.exception("the run in %s failed", folder.path)
        _fail(diary, "An internal error ended the run; the log of the app has the details.")
    finally:
        diary.close()
    return diary.state


def _fail(diary: RunLog, reason: str) -> None:
    diary.write(e.RunFinished("failed", reason, None, None, None, None), durable=True)


def _conduct(
    folder: RunFolder, executor: Executor, root: Path, diary: RunLog, workers: int
) -> None:
    spec = folder.spec()
    setting = prepare_run_data(spec, folder.schema(), root, workers)
    folder.save_folds(setting.folds)
    diary.write(
        _started(setting, spec.options.budget.seconds, spec.options.budget.trials), durable=True
    )
    diary.write(e.Note("info", setting.validation.reason))
    for note in opening_remarks(spec, folder.schema(), setting):
        diary.write(note)
    parts = RunContext(
        spec=spec,
        folder=folder,
        setting=setting,
        diary=diary,
        desk=TrialTracker(spec, diary.state, setting.folds, setting.truth),
        ranking=ImportanceScheduler(setting.link),
        ensembling=LiveEnsemble(spec, diary.state),
        flight=Dispatcher(executor, setting, spec.options.device),
        refits=RefitPlanner(spec, diary.state, setting.folds),
        featuring=ColumnSelection(spec, setting, workers),
    )
    intake = MessageHandler(parts)
    try:
        reason = Coordinator(parts, intake, executor, workers).run()
        Finalizer(parts, intake, executor, workers).finish(reason)
    finally:  # a run that fails leaves the workers to the next one
        parts.flight.cancel_all(StopReason.STOPPED)


def _started(setting: RunData, seconds: float | None, trials: int | None) -> e.RunStarted:
    folds = setting.folds
    return e.RunStarted(
        budget_seconds=seconds,
        budget_trials=trials,
        folds=folds.k,
        rows_train=len(folds.train[0]) + len(folds.valid[0]),
        rows_test=len(setting.test_set.rows),
        rows_without_target=setting.rows_without_target,
        process=os.getpid(),
    )


class Coordinator:
    """The loop: look around, keep every worker busy, take in what they send."""

    def __init__(
        self, parts: RunContext, intake: MessageHandler, executor: Executor, workers: int
    ) -> None:
        self._parts, self._intake, self._executor = parts, intake, executor
        self._workers = workers
        self._diary, self._state = parts.diary, parts.diary.state
        self._lanes = _lanes(parts.spec, executor, workers)
        ground = resources_of(parts.setting, parts.spec.task, self._lanes)
        self._proposer = Proposer(parts.spec, self._state, ground, parts.probes)
        self._limits: dict[int, float | None] = {}  # seconds a fold, by trial
        self._again = False  # the first model has been proposed once more
        self._workers_said = -WORKERS_EVERY
        self._said: set[str] = set()  # families whose absence has been told

    def run(self) -> str:
        """Until the budget, its tail apart, is used up, or somebody stops the run; why it ended."""
        while not (reason := self._over()):
            self._look_around()
            self._hand_out()
            for message in self._executor.poll(POLL_SECONDS):
                self._intake.handle(message)
            if self._parts.ensembling.due():
                self._intake.solve_ensemble()
        return reason

    def _left(self) -> float | None:
        """Seconds of training left before refits and the tail begin; None without a clock."""
        budget = self._parts.spec.options.budget.seconds
        if budget is None:
            return None
        best = choose_final_model(self._parts.spec, self._state)
        rows = len(self._parts.setting.test_set.rows)
        end = policy.end_seconds(budget, best, rows, self._workers)
        left = budget - end - self._diary.clock
        return left - self._parts.refits.reserved(best, self._workers, left)

    def _over(self) -> str:
        """Why training is over; "" while it is not."""
        if self._state.status == "stopping":
            return "Stopped by you; the best model so far is kept."
        if broken := self._executor.status().broken:
            raise RunError(broken, "The workers' log has the details.")
        ended = [t for t in self._state.trials.values() if t.status != "running"]
        left = self._left()
        if left is None and len(ended) > (self._parts.spec.options.budget.trials or 0):
            return "All trials are done."
        if left is not None and left <= 0 and (ended or left < -PATIENCE):  # none: wait for one
            return USED_UP
        idle = not self._parts.desk.open_trials and not self._parts.flight.count
        if idle and self._proposer.finished:
            return self._proposer.finished
        return ""

    def _look_around(self) -> None:
        """Commands, hung workers, families that are left out, and the state of all."""
        for name, argument in take_commands(self._parts.folder.path):
            if name == "stop":
                self._diary.write(e.Command(name, argument), durable=True)
        self._parts.flight.cancel_hung()
        for family, words in self._proposer.left_out.items():
            if family not in self._said:
                self._said.add(family)
                self._diary.write(e.Note("info", words))
        s = self._executor.status()
        count, busy = min(s.count, self._workers), min(s.busy, self._workers)
        said = self._state.workers
        news = said is None or busy != said.busy or s.memory_bytes != said.memory_bytes
        if news and self._diary.clock - self._workers_said >= WORKERS_EVERY:
            self._workers_said = self._diary.clock
            title = s.device_title or "starting"
            self._diary.write(e.Workers(title, count, busy, s.memory_bytes))

    def _hand_out(self) -> None:
        """Keep every worker busy: importance, folds that wait, probes, new trials."""
        parts = self._parts
        while self._state.status != "stopping":
            takes = self._lanes.free(parts.flight.out)
            if takes is None:
                return
            left = self._left()
            late = left is not None and left <= LAST_LOOK
            if late and any(t.status != "running" for t in self._state.trials.values()):
                return
            self._ask_importance()
            following = partial(parts.desk.next_jobs, takes, self._lanes.together)
            jobs = parts.featuring.next_jobs(following, self._state)
            if jobs:
                limit = self._limits[jobs[0].trial]
                if left is not None and limit is not None:
                    limit = max(0.3, min(len(jobs) * limit, left))
                submit.train(parts.flight, jobs, limit)
                continue
            if late and self._state.trials:
                return
            if not (self._select() or self._probe(left, takes) or self._start_trial(left, takes)):
                return

    def _select(self) -> bool:
        """Hand out a choice of columns, or texts to embed; False where neither is asked for."""
        if not self._has_first_model():
            return False
        asked = self._parts.featuring.next_task()
        if asked is not None:
            submit.select(self._parts.flight, *asked)
            return True
        embed = self._parts.featuring.sentences.next_task()
        if embed is not None:
            submit.embed(self._parts.flight, embed)
        return embed is not None

    def _has_first_model(self) -> bool:
        """Whether a model that is none of the baseline is on its way, of all columns."""
        return any(t.origin == "portfolio" for t in self._state.trials.values())

    def _probe(self, left: float | None, takes: FamilyFilter) -> bool:
        """Hand out a look at the family whose turn it is; False where none needs it.

        One at a time: the other workers go on with what is known.
        """
        if not self._has_first_model() or self._parts.flight.is_probing:
            return False  # the first model comes first
        proposal = self._proposer.to_probe(left, takes)
        if proposal is None:
            return False
        featuring = self._parts.featuring
        seen = replace(featuring.seen(0) or VisibleFeatures(), sentences=featuring.sentences.ready)
        submit.probe(self._parts.flight, proposal, PROBE_SECONDS, seen)
        return True

    def _start_trial(self, left: float | None, takes: FamilyFilter) -> bool:
        featuring, selected = self._parts.featuring, self._has_first_model()
        choosing = selected and not (
            (self._state.features or featuring.settled) and featuring.sentences.settled
        )
        if choosing and left is None:
            return False  # how many start meanwhile would be up to chance
        if choosing:  # meanwhile those that useless columns harm least go on with all of them
            takes = partial(_takes_interruptible, takes)
        elif selected and featuring.changes and not self._again:
            self._again = True
            self._proposer.repeat_first()
        started = self._proposer.propose(left, takes)
        if started is None:
            return False
        if selected and not choosing:
            narrow = featuring.sees_selected(started.family, self._state)
            started = started.with_features(narrow, featuring.sentences.ready)
        self._limits[started.trial] = self._proposer.limit(left, started.family)
        self._diary.write(started)
        self._parts.desk.admit(started, self._lanes.together(started.family))
        return True

    def _ask_importance(self) -> None:
        parts = self._parts
        best = best_trial(self._state, parts.spec.metric)
        if best is None or best.origin == "baseline":
            return
        task = parts.ranking.next_task(best, self._diary.clock * self._workers)
        if task is not None:
            submit.importance(parts.flight, task, trial_files(parts.folder, best.number))


def _takes_interruptible(takes: FamilyFilter, family: str) -> bool:
    return model_spec(family).interruptible and takes(family)


def _lanes(spec: RunSpec, executor: Executor, workers: int) -> DevicePlacement:
    """Who there is, as the first worker tells; none with a GPU where it does not in time."""
    until = time.monotonic() + START_SECONDS
    while not (s := executor.status()).ready and not s.broken and time.monotonic() < until:
        executor.poll(POLL_SECONDS)  # nothing was asked yet: no message is lost
    return place_devices(
        spec.options.device, workers, s.gpus, ordered=spec.options.budget.trials is not None
    )
