"""The final model's members, fitted once more on all rows at the end of a run.

Runs in the coordinator's thread, in the time that the plan keeps for it. What does not come
back in time, fails, or breaks a limit leaves the member as it was.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from automl_core.runs.coordinator import submit
from automl_core.runs.coordinator.dispatcher import member_of
from automl_core.runs.coordinator.message_handler import MessageHandler, RunContext
from automl_core.runs.coordinator.refit_plan import SLACK, Refit
from automl_core.runs.executor import Executor, Message
from automl_core.runs.record import (
    Command,
    Note,
    RefitRecord,
    Trial,
    keeps_limits,
    refit_words,
    save_model,
    save_refit,
    take_commands,
)
from automl_core.types import Files, StopReason

POLL_SECONDS = 0.05
SHORTEST_FIT = 0.05  # seconds; less is not worth a start


@dataclass(frozen=True, eq=False)
class _Done:
    """What came back."""

    files: Files  # of the member
    predict_ms_per_row: float
    size_bytes: int


class RefitRunner:
    """Made once, used once."""

    def __init__(
        self, parts: RunContext, intake: MessageHandler, executor: Executor, workers: int
    ) -> None:
        self._parts, self._intake, self._executor = parts, intake, executor
        self._workers = workers
        self._out: dict[int, Refit] = {}  # by task
        self._done: dict[int, _Done] = {}  # by trial

    def run(self, model: Trial, until: float | None) -> tuple[int, ...]:
        """Refit what can be by time.monotonic() `until` (None: there is no clock), and save it.

        Returns the trials whose models on all rows are now parts of `model`.
        """
        waiting = self._parts.refits.of(model)
        if not waiting:
            return ()
        wanted = list(waiting)
        while not self._over(until):
            self._hand_out(waiting, until)
            if not self._out:
                break
            for message in self._executor.poll(POLL_SECONDS):
                self._take(message)
        for task in list(self._out):
            self._executor.cancel(task, StopReason.TIME)
            self._parts.flight.forget(task)
        kept = self._within_limits(model, wanted)
        if kept:
            self._save(model, kept)
        return kept

    def _over(self, until: float | None) -> bool:
        for name, argument in take_commands(self._parts.folder.path):
            if name == "stop":
                self._parts.diary.write(Command(name, argument), durable=True)
        if self._parts.diary.state.status == "stopping" or self._executor.status().broken:
            return True
        return until is not None and time.monotonic() >= until

    def _hand_out(self, waiting: list[Refit], until: float | None) -> None:
        """Keep every worker busy with what can end in time."""
        for refit in list(waiting):
            if len(self._out) >= self._workers:
                return
            left = None if until is None else until - time.monotonic()
            needed = SHORTEST_FIT + (refit.encode_seconds + refit.seconds) / SLACK
            if left is not None and needed > left:
                continue
            waiting.remove(refit)
            (job,) = self._parts.featuring.with_columns((refit.job,), self._parts.diary.state)
            task = submit.refit(self._parts.flight, job, self._parts.refits.rows, left)
            self._out[task] = refit

    def _take(self, message: Message) -> None:
        refit = self._out.get(message.task)
        if refit is None:
            self._intake.handle(message)
            return
        if message.kind == "refitted":
            plain = message.plain
            self._done[refit.job.trial] = _Done(
                member_of(message), plain["predict_ms_per_row"], plain["size_bytes"]
            )
            return
        del self._out[message.task]
        self._parts.flight.forget(message.task)
        if message.kind in ("failed", "lost"):
            name = self._parts.diary.state.trials[refit.job.trial].name
            words = f"{name} could not be fitted on all rows and stays as it was: "
            self._parts.diary.write(Note("warning", words + message.plain["message"]))

    def _within_limits(self, model: Trial, wanted: list[Refit]) -> tuple[int, ...]:
        """The trials whose new models keep the whole within the limits, the heaviest first."""
        spec, trials = self._parts.spec, self._parts.diary.state.trials
        ms, size = model.predict_ms_per_row or 0.0, model.size_bytes or 0
        kept = []
        for refit in sorted(wanted, key=lambda r: -r.weight):
            old, new = trials[refit.job.trial], self._done.get(refit.job.trial)
            if new is None:
                continue
            more = new.predict_ms_per_row - (old.predict_ms_per_row or 0.0)
            larger = new.size_bytes - (old.size_bytes or 0)
            if keeps_limits(spec, ms + more, size + larger) or (more <= 0 and larger <= 0):
                ms, size = ms + more, size + larger
                kept.append(old.number)
        return tuple(sorted(kept))

    def _save(self, model: Trial, kept: tuple[int, ...]) -> None:
        parts = self._parts
        for trial in kept:
            files = self._intake.files_of(trial, [self._done[trial].files])
            save_model(parts.folder, trial, files, refit=True)
        rows = len(parts.refits.rows)
        save_refit(parts.folder, RefitRecord(model.number, kept, rows))
        words = refit_words(parts.diary.state, model.number, kept)
        parts.diary.write(Note("info", words))
