"""The end of a run: stop what still trains, score the untouched rows once, name the winner.

Runs in the coordinator's thread, within the tail that the plan keeps back.
"""

from __future__ import annotations

import math
import time

from automl_core.files import dump_json, write_atomic
from automl_core.models.base import StopReason
from automl_core.runs.events import Note, RunFinished
from automl_core.runs.executor import Executor
from automl_core.runs.intake import Intake, Parts
from automl_core.runs.leaderboard import best_trial, is_partial
from automl_core.runs.state import Trial
from automl_core.runs.tasks import Message

COLLECT_SECONDS = 1.3  # for workers that were asked to stop, after a Stop
SCORING_SHARE = 0.4  # of what is left of the budget that is kept for final scores
STOP_SECONDS = 0.6  # for final scores after a Stop
SCORE_SECONDS = 60.0  # for final scores where there is no clock
IMPORTANCE_SECONDS = 5.0  # at most, for the winner's last repeats


class Ending:
    """Ends one run; made once, used once."""

    def __init__(self, parts: Parts, intake: Intake, executor: Executor) -> None:
        self._parts, self._intake, self._executor = parts, intake, executor
        self._stopped = parts.diary.state.status == "stopping"
        self._scored: dict[str, float] = {}

    def finish(self) -> None:
        """From the last training step to the last line of the log."""
        self._collect()
        diary = self._parts.diary
        best = best_trial(diary.state, self._parts.spec.metric)
        if best is None:
            reason = "No model could be trained; the trials say why."
            if self._stopped:
                reason = "Stopped by you before the first model was there."
            diary.write(RunFinished("failed", reason, None, None, None, None), durable=True)
            return
        self._last_tasks(best)
        self._intake.say_importance(final=True)
        self._write_final(best)

    def _collect(self) -> None:
        """Take what the workers have, then let go of the rest."""
        desk, flight = self._parts.desk, self._parts.flight
        desk.withdraw()
        flight.cancel_all(StopReason.STOPPED if self._stopped else StopReason.TIME)
        seconds = COLLECT_SECONDS
        if self._parts.spec.budget.seconds is not None and not self._stopped:
            seconds = max(0.3, (1 - SCORING_SHARE) * self._seconds_left())
        until = time.monotonic() + seconds
        while flight.count and time.monotonic() < until:
            for message in self._executor.poll(0.05):
                self._intake.handle(message)
        for trial in desk.open_trials:  # workers did not answer; folds that came in are kept
            desk.miss(trial)
            self._intake.settle(trial)

    def _seconds_left(self) -> float:
        """Seconds that the last tasks may take."""
        budget = self._parts.spec.budget.seconds
        if self._stopped:
            return STOP_SECONDS
        if budget is None:
            return SCORE_SECONDS
        return max(0.4, budget - self._parts.diary.clock)

    def _last_tasks(self, best: Trial) -> None:
        """Score the test rows, and give the winner's importance its last repeats."""
        parts = self._parts
        seconds = self._seconds_left()
        deadline = time.monotonic() + seconds
        files = parts.folder.model_files(best.number)
        test = parts.flight.score_test(files) if len(parts.setting.folds.test) else None
        known = best.origin != "baseline" and not is_partial(best, parts.diary.state)
        if known and not self._stopped:  # who stops does not want to wait
            last = min(0.6 * seconds, IMPORTANCE_SECONDS)
            task = parts.ranking.next_task(best.number, 0.0, last)
            if task is not None:
                parts.flight.importance(task, files)
        while parts.flight.count and time.monotonic() < deadline:
            for message in self._executor.poll(0.02):
                self._take(message, test)
        parts.flight.cancel_all(StopReason.STOPPED)
        if test is not None and _finite(self._scored.get("score")) is None:
            text = "The test rows could not be scored in the time that was left."
            if self._scored:
                text = "The test rows have no score: none of them has a weight above 0."
            parts.diary.write(Note("warning", text))

    def _take(self, message: Message, test: int | None) -> None:
        if message.kind == "scored" and message.task == test:
            self._scored = message.plain
        else:
            self._intake.handle(message)

    def _write_final(self, best: Trial) -> None:
        scores = {n: _finite(self._scored.get(n)) for n in ("score", "low", "high")}
        plain = {"format_version": 1, "trial": best.number, "name": best.name, "test": scores}
        write_atomic(self._parts.folder.path / "final" / "final.json", dump_json(plain))
        event = RunFinished(
            status="stopped" if self._stopped else "finished",
            reason=self._reason(),
            best=best.number,
            test_score=scores["score"],
            test_low=scores["low"],
            test_high=scores["high"],
        )
        self._parts.diary.write(event, durable=True)

    def _reason(self) -> str:
        if self._stopped:
            return "Stopped by you; the best model so far is kept."
        if self._parts.spec.budget.trials is not None:
            return "All trials are done."
        return "The budget is used up."


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
