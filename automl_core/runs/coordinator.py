"""Runs one run, from Start to its final model: plans, polls, logs; it never trains.

A thread of the app's process, or the command line's main thread. The only writer of the run's
folder. It knows the executor by its protocol, people by the inbox.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path

from automl_core.errors import AutoMLError, RunError
from automl_core.models.base import StopReason
from automl_core.runs import events as e
from automl_core.runs import plan
from automl_core.runs.desk import TrialDesk
from automl_core.runs.diary import Diary
from automl_core.runs.ending import Ending
from automl_core.runs.executor import Executor, ExecutorClosedError
from automl_core.runs.folder import RunFolder
from automl_core.runs.inbox import take_commands
from automl_core.runs.inflight import InFlight
from automl_core.runs.intake import Intake, Parts
from automl_core.runs.leaderboard import best_trial
from automl_core.runs.proposer import Proposer
from automl_core.runs.ranking import ImportanceDesk
from automl_core.runs.setting import Setting, set_up
from automl_core.runs.state import RunState
from automl_core.runs.tasks import Job

POLL_SECONDS = 0.1
WORKERS_EVERY = 0.5  # seconds between two events about the workers
PATIENCE = 60.0  # seconds over the budget that a run without any model waits for one
LAST_LOOK = 0.2  # seconds of training left below which nothing is handed out any more

logger = logging.getLogger(__name__)


def conduct(
    folder: RunFolder, executor: Executor, root: Path, began: float, workers: int
) -> RunState:
    """Run to the end and return the last state; the log says how it ended, whatever happens.

    `began` is time.monotonic() at Start; `workers` is how many tasks may be out at once. The
    caller holds the run's lock (`inbox.hold`).
    """
    diary = Diary(folder.log_path, began)
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


def _fail(diary: Diary, reason: str) -> None:
    diary.write(e.RunFinished("failed", reason, None, None, None, None), durable=True)


def _conduct(folder: RunFolder, executor: Executor, root: Path, diary: Diary, workers: int) -> None:
    spec = folder.spec()
    setting = set_up(spec, folder.schema(), root)
    folder.save_folds(setting.folds)
    diary.write(_started(setting, spec.budget.seconds, spec.budget.trials), durable=True)
    _say_what_groups_do(folder, diary)
    parts = Parts(
        spec=spec,
        folder=folder,
        setting=setting,
        diary=diary,
        desk=TrialDesk(spec, diary.state, setting.folds, setting.truth),
        ranking=ImportanceDesk(setting.link),
        flight=InFlight(executor, setting, spec.device),
    )
    intake = Intake(parts)
    try:
        Coordinator(parts, intake, executor, workers).run()
        Ending(parts, intake, executor).finish()
    finally:  # a run that fails leaves the workers to the next one
        parts.flight.cancel_all(StopReason.STOPPED)


def _say_what_groups_do(folder: RunFolder, diary: Diary) -> None:
    for column in folder.schema().columns:
        if column.role == "group":
            text = f"{column.name!r} is left out; rows of one group are not kept together yet."
            diary.write(e.Note("warning", text))


def _started(setting: Setting, seconds: float | None, trials: int | None) -> e.RunStarted:
    folds = setting.folds
    return e.RunStarted(
        budget_seconds=seconds,
        budget_trials=trials,
        folds=len(folds.valid),
        rows_train=len(folds.train[0]) + len(folds.valid[0]),
        rows_test=len(folds.test),
        rows_without_target=setting.rows_without_target,
        process=os.getpid(),
    )


class Coordinator:
    """The loop: look around, keep every worker busy, take in what they send."""

    def __init__(self, parts: Parts, intake: Intake, executor: Executor, workers: int) -> None:
        self._parts, self._intake, self._executor = parts, intake, executor
        self._workers = workers
        self._diary, self._state = parts.diary, parts.diary.state
        self._folds = len(parts.setting.folds.valid)
        self._proposer = Proposer(parts.spec, self._state, self._folds)
        self._workers_said = -WORKERS_EVERY

    def run(self) -> None:
        """Until the budget, its tail apart, is used up, or somebody stops the run."""
        while not self._over():
            self._look_around()
            self._hand_out()
            for message in self._executor.poll(POLL_SECONDS):
                self._intake.handle(message)

    def _left(self) -> float | None:
        """Seconds of training left before the tail begins; None without a clock."""
        budget = self._parts.spec.budget.seconds
        if budget is None:
            return None
        best = best_trial(self._state, self._parts.spec.metric)
        ms = (best.predict_ms_per_row or 0.0) if best else 0.0
        scoring = min(0.25 * budget, 1.2 * ms * len(self._parts.setting.folds.test) / 1000)
        return budget - plan.tail_seconds(budget, scoring) - self._diary.clock

    def _over(self) -> bool:
        if self._state.status == "stopping":
            return True
        if broken := self._executor.status().broken:
            raise RunError(broken, "The workers' log has the details.")
        ended = [t for t in self._state.trials.values() if t.status != "running"]
        left = self._left()
        if left is not None:  # without any model the run goes on until there is one
            return left <= 0 and (bool(ended) or left < -PATIENCE)
        return len(ended) > (self._parts.spec.budget.trials or 0)

    def _look_around(self) -> None:
        """Commands, hung workers, and the state of all."""
        for name, argument in take_commands(self._parts.folder.path):
            if name == "stop":
                self._diary.write(e.Command(name, argument), durable=True)
        self._parts.flight.cancel_hung()
        s = self._executor.status()
        count, busy = min(s.count, self._workers), min(s.busy, self._workers)
        said = self._state.workers
        news = said is None or busy != said.busy or s.memory_bytes != said.memory_bytes
        if news and self._diary.clock - self._workers_said >= WORKERS_EVERY:
            self._workers_said = self._diary.clock
            title = s.device_title or "starting"
            self._diary.write(e.Workers(title, count, busy, s.memory_bytes))

    def _hand_out(self) -> None:
        """Keep every worker busy: importance, folds that wait, new trials."""
        parts = self._parts
        while parts.flight.count < self._workers and self._state.status != "stopping":
            left = self._left()
            late = left is not None and left <= LAST_LOOK
            if late and any(t.status != "running" for t in self._state.trials.values()):
                return
            self._ask_importance()
            job = parts.desk.next_job()
            if job is not None:
                parts.flight.train(job, self._limit(job, left))
                continue
            if late and self._state.trials:
                return
            started = self._proposer.propose(left, self._workers)
            if started is None:
                return
            self._diary.write(started)
            parts.desk.admit(started)

    def _limit(self, job: Job, left: float | None) -> float | None:
        budget = self._parts.spec.budget.seconds
        if left is None or budget is None:
            return None
        if self._state.trials[job.trial].origin == "search":
            return plan.search_limit(budget, left, self._folds, self._workers)
        ahead = 1 + self._parts.desk.waiting + self._proposer.portfolio_left * self._folds
        return plan.portfolio_limit(left, ahead, self._workers)

    def _ask_importance(self) -> None:
        parts = self._parts
        best = best_trial(self._state, parts.spec.metric)
        if best is None or best.origin == "baseline":
            return
        task = parts.ranking.next_task(best.number, self._diary.clock * self._workers)
        if task is not None:
            parts.flight.importance(task, parts.folder.model_files(best.number))
