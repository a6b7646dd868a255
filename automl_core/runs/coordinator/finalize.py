"""The end of a run: stop what still trains, solve the ensemble, fit it on all rows, score it once.

Runs in the coordinator's thread, within the tail that the plan keeps back.
"""

from __future__ import annotations

import math
import time

import numpy as np
from numpy.typing import NDArray

from automl_core.files import dump_json, write_atomic
from automl_core.metrics import bootstrap_interval
from automl_core.runs.coordinator import submit
from automl_core.runs.coordinator.live_ensemble import best_network
from automl_core.runs.coordinator.message_handler import MessageHandler, RunContext
from automl_core.runs.coordinator.refit import RefitRunner
from automl_core.runs.executor import Executor, Message, unpack_values
from automl_core.runs.record import (
    Note,
    RunFinished,
    Trial,
    best_model,
    best_trial,
    choose_final_model,
    closing_remarks,
    is_partial,
    trial_files,
)
from automl_core.runs.schedule import policy
from automl_core.types import Files, StopReason

COLLECT_SECONDS = 1.3  # for workers that were asked to stop, after a Stop
AFTER_REFITS = 0.8  # of what is kept back for the end, scoring apart: the rest was before them
SCORING_SHARE = 0.6  # of what is left of the budget that is kept for ensemble and final scores
STOP_SECONDS = 0.6  # for final scores after a Stop
SCORE_SECONDS = 60.0  # for final scores where there is no clock
IMPORTANCE_SECONDS = 5.0  # at most, for the winner's last repeats
NEED_CLASSES = ("roc_auc", "f1")  # metrics that say nothing where all rows are of one class
OFF_SECONDS = 1.0  # that a run may end late, or early without a word: this, or
OFF_SHARE = 0.02  # of the budget, where that is more
GRACE = 0.4  # of that, for test rows that nearly have their score
USED_UP = "The budget is used up."
ROWS_A_PART = 500  # of the test rows, at least, that a worker scores


class Finalizer:
    """Ends one run; made once, used once."""

    def __init__(
        self, parts: RunContext, intake: MessageHandler, executor: Executor, workers: int
    ) -> None:
        self._parts, self._intake, self._executor = parts, intake, executor
        self._workers = workers
        self._stopped = parts.diary.state.status == "stopping"
        self._predicted: dict[int, NDArray[np.float64]] = {}  # by task

    def finish(self, reason: str) -> None:
        """From the last training step to the last line of the log; `reason` is why it ended."""
        self._collect()
        diary, metric = self._parts.diary, self._parts.spec.metric
        if best_model(diary.state, metric) is None:
            reason = "No model could be trained; the trials say why."
            if self._stopped:
                reason = "Stopped by you before the first model was there."
            diary.write(RunFinished("failed", reason, None, None, None, None), durable=True)
            return
        self._intake.solve_ensemble(last=True)
        model = choose_final_model(self._parts.spec, diary.state)
        assert model is not None
        for note in closing_remarks(self._parts.spec, diary.state, model):
            diary.write(note)
        refitted = self._refit(model)
        scores = self._last_tasks(model)
        self._intake.say_importance(final=True)
        words = self._unused() if reason == USED_UP else ""
        self._write_final(model, refitted, scores, reason + words)

    def _collect(self) -> None:
        """Take what the workers have, then let go of the rest."""
        desk, flight = self._parts.desk, self._parts.flight
        desk.withdraw()
        flight.cancel_all(StopReason.STOPPED if self._stopped else StopReason.TIME)
        seconds = COLLECT_SECONDS
        if self._parts.spec.options.budget.seconds is not None and not self._stopped:
            model = choose_final_model(self._parts.spec, self._parts.diary.state)
            left = self._seconds_left()
            refits = self._parts.refits.reserved(model, self._workers, left)
            seconds = max(0.3, (1 - SCORING_SHARE) * (left - refits))
        until = time.monotonic() + seconds
        while flight.count and time.monotonic() < until:
            for message in self._executor.poll(0.05):
                self._intake.handle(message)
        for trial in desk.open_trials:  # workers did not answer; folds that came in are kept
            desk.miss(trial)
            self._intake.settle(trial)

    def _seconds_left(self) -> float:
        """Seconds that the last tasks may take."""
        budget = self._parts.spec.options.budget.seconds
        if self._stopped:
            return STOP_SECONDS
        if budget is None:
            return SCORE_SECONDS
        return max(0.4, budget - self._parts.diary.clock)

    def _unused(self) -> str:
        """What is said of a run that ends well before its budget; "" where it does not."""
        budget = self._parts.spec.options.budget.seconds
        if budget is None or self._stopped:
            return ""
        left = budget - self._parts.diary.clock
        if left <= max(OFF_SECONDS, OFF_SHARE * budget):
            return ""
        return f" {left:.1f} s that were kept for the end were not needed."

    def _refit(self, model: Trial) -> tuple[int, ...]:
        """Fit the model's members on all rows; the trials of which that came in time."""
        parts = self._parts
        budget, until = parts.spec.options.budget.seconds, None
        if self._stopped:  # who stops does not want to wait
            return ()
        if budget is not None:
            scoring = policy.end_seconds(
                budget, model, len(parts.setting.test_set.rows), self._workers
            )
            after = scoring - (1 - AFTER_REFITS) * policy.tail_seconds(budget, 0.0)
            until = parts.diary.began + budget - after
        refitted = RefitRunner(parts, self._intake, self._executor, self._workers).run(model, until)
        self._stopped = parts.diary.state.status == "stopping"
        return refitted

    def _last_tasks(self, model: Trial) -> tuple[float, float, float] | None:
        """Score the test rows, and give the best trial's importance its last repeats."""
        parts = self._parts
        seconds = self._seconds_left()
        deadline = time.monotonic() + seconds
        # who stops does not want to wait
        late = deadline + (0.0 if self._stopped else _grace(parts.spec.options.budget.seconds))
        tasks = self._hand_out_test(parts.folder.model_files(model.number))
        self._ask_importance(min(0.6 * seconds, IMPORTANCE_SECONDS))
        while parts.flight.count:
            if time.monotonic() >= (late if len(self._predicted) < len(tasks) else deadline):
                break
            for message in self._executor.poll(0.02):
                self._take(message, tasks)
        parts.flight.cancel_all(StopReason.STOPPED)
        if not tasks:
            return None
        if len(self._predicted) < len(tasks):
            text = "The test rows could not be scored in the time that was left."
            parts.diary.write(Note("warning", text))
            return None
        return self._score([self._predicted[task] for task in tasks])

    def _hand_out_test(self, files: Files) -> list[int]:
        """The test rows to all workers, a part each; the numbers of their tasks in order."""
        test_set = self._parts.setting.test_set
        rows = test_set.rows
        if not len(rows):
            return []
        count = max(1, min(self._workers, len(rows) // ROWS_A_PART))
        flight, link = self._parts.flight, test_set.link
        parts = np.array_split(rows, count)
        return [submit.score_rows(flight, files, link, part) for part in parts]

    def _ask_importance(self, seconds: float) -> None:
        parts = self._parts
        best = best_trial(parts.diary.state, parts.spec.metric)
        if best is None or self._stopped:  # who stops does not want to wait
            return
        if best.origin == "baseline" or is_partial(best, parts.diary.state):
            return
        task = parts.ranking.next_task(best, 0.0, seconds)
        if task is not None:
            submit.importance(parts.flight, task, trial_files(parts.folder, best.number))

    def _take(self, message: Message, tasks: list[int]) -> None:
        if message.kind == "scored" and message.task in tasks:
            coder = self._parts.setting.link.coder
            columns = 0 if coder.task == "regression" else len(coder.labels)
            self._predicted[message.task] = unpack_values(message.blobs["prediction"], columns)
        else:
            self._intake.handle(message)

    def _score(self, predictions: list[NDArray[np.float64]]) -> tuple[float, float, float] | None:
        """Score of the test rows and its bootstrap interval; None, and a note, without one."""
        parts = self._parts
        test_set, metric = parts.setting.test_set, parts.spec.metric
        prediction, rows, truth = np.concatenate(predictions), test_set.rows, test_set.truth
        value = truth.score(metric, rows, prediction)
        single = metric in NEED_CLASSES and len(np.unique(truth.y[rows])) < 2
        if value is None or single:
            why = "all of them are of one class" if single else "none has a weight above 0"
            text = f"The test rows have no score: {why}."
            parts.diary.write(Note("warning", text))
            return None
        weight = None if truth.weight is None else truth.weight[rows]
        low, high = bootstrap_interval(metric, truth.y[rows], prediction, weight)
        return value, low, high

    def _write_final(
        self,
        model: Trial,
        refitted: tuple[int, ...],
        scores: tuple[float, float, float] | None,
        reason: str,
    ) -> None:
        diary, metric = self._parts.diary, self._parts.spec.metric
        value, low, high = (_finite(x) for x in scores or (math.nan,) * 3)
        test = {"score": value, "low": low, "high": high}
        plain = {"format_version": 1, "trial": model.number, "name": model.name, "test": test}
        plain["refitted"] = list(refitted)
        write_atomic(self._parts.folder.path / "final" / "final.json", dump_json(plain))
        event = RunFinished(
            status="stopped" if self._stopped else "finished",
            reason=reason,
            best=model.number,
            test_score=value,
            test_low=low,
            test_high=high,
            network=best_network(diary.state, metric),
            smallest=self._parts.ensembling.smallest_tied(diary.state.ensemble),
            refitted=refitted,
        )
        diary.write(event, durable=True)


def _grace(budget: float | None) -> float:
    """Seconds after the budget in which test rows may still get their score."""
    return 0.0 if budget is None else GRACE * max(OFF_SECONDS, OFF_SHARE * budget)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
