"""Fits the members of the final model once more on all rows, at the end of a run.

Runs in the coordinator's thread, in the time that is reserved for it. A member whose fit does
not end in time, fails, or breaks a limit stays as it was.
"""

from __future__ import annotations

from automl_core.runs.coordinator.column_selection import ColumnSelection
from automl_core.runs.coordinator.context import RunContext
from automl_core.runs.coordinator.message_handler import MessageHandler
from automl_core.runs.coordinator.refit_plan import Refit, RefitPlanner
from automl_core.runs.executor import RefitTask
from automl_core.runs.record import (
    Note,
    RefitRecord,
    Trial,
    keeps_limits,
    refit_words,
    save_model,
    save_refit,
)
from automl_core.runs.schedule import limits
from automl_core.types import Severity

POLL_SECONDS = 0.05


class RefitRunner:
    """Made once, used once."""

    def __init__(
        self,
        context: RunContext,
        messages: MessageHandler,
        refits: RefitPlanner,
        columns: ColumnSelection,
    ) -> None:
        self._context, self._messages = context, messages
        self._refits, self._columns = refits, columns

    def run(self, model: Trial, until: float | None) -> tuple[int, ...]:
        """Refit what can be by `until` (a time of `budget.now`; None: no clock), and save it.

        Returns the trials whose models on all rows are now parts of `model`.
        """
        waiting = self._refits.of(model)
        if not waiting:
            return ()
        wanted = list(waiting)
        while not self._is_over(until):
            self._start(waiting, until)
            if not self._context.dispatcher.count(RefitTask):
                break
            self._messages.receive(POLL_SECONDS)
        self._context.dispatcher.drop_refits()
        kept = self._within_limits(model, wanted)
        if kept:
            self._save(model, kept)
        return kept

    def _is_over(self, until: float | None) -> bool:
        context = self._context
        if context.is_stopping or context.dispatcher.status().broken:
            return True
        return until is not None and context.budget.now() >= until

    def _start(self, waiting: list[Refit], until: float | None) -> None:
        """Start those that can end in time, until every worker is busy."""
        dispatcher = self._context.dispatcher
        for refit in list(waiting):
            if not dispatcher.has_room(RefitTask):
                return
            left = None if until is None else until - self._context.budget.now()
            expected = (refit.encode_seconds + refit.seconds) / limits.REFIT_SLACK
            if left is not None and limits.REFIT_LEAST + expected > left:
                continue
            waiting.remove(refit)
            (job,) = self._columns.with_columns((refit.job,), self._context.state)
            dispatcher.refit(job, self._refits.rows, left)

    def _within_limits(self, model: Trial, wanted: list[Refit]) -> tuple[int, ...]:
        """The trials whose new models keep the final model within its limits.

        Those of the largest weight are added first.
        """
        spec, trials = self._context.spec, self._context.state.trials
        ms, size = model.predict_ms_per_row or 0.0, model.size_bytes or 0
        kept = []
        for refit in sorted(wanted, key=lambda r: -r.weight):
            old, new = trials[refit.job.trial], self._refits.results.get(refit.job.trial)
            if new is None:
                continue
            more = new.predict_ms_per_row - (old.predict_ms_per_row or 0.0)
            larger = new.size_bytes - (old.size_bytes or 0)
            if keeps_limits(spec, ms + more, size + larger) or (more <= 0 and larger <= 0):
                ms, size = ms + more, size + larger
                kept.append(old.number)
        return tuple(sorted(kept))

    def _save(self, model: Trial, kept: tuple[int, ...]) -> None:
        context = self._context
        for trial in kept:
            files = context.predictor_files(trial, [self._refits.results[trial].files])
            save_model(context.folder, trial, files, refit=True)
        rows = len(self._refits.rows)
        save_refit(context.folder, RefitRecord(model.number, kept, rows))
        context.log.write(Note(Severity.INFO, refit_words(context.state, model.number, kept)))
