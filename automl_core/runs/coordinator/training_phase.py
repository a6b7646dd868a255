"""The training phase of a run: a loop that keeps every worker busy until training is over."""

from __future__ import annotations

from automl_core.errors import RunError
from automl_core.runs.coordinator.context import RunContext
from automl_core.runs.coordinator.live_ensemble import update_ensemble
from automl_core.runs.coordinator.message_handler import MessageHandler
from automl_core.runs.coordinator.reopening import reopen
from automl_core.runs.coordinator.task_scheduler import TaskScheduler
from automl_core.runs.coordinator.trackers import Trackers
from automl_core.runs.executor import DevicePlacement
from automl_core.runs.record import Note
from automl_core.runs.schedule import EndReason, limits
from automl_core.types import Severity, TrialStatus

POLL_SECONDS = 0.1
RELIEF_SECONDS = 3.0  # after a training was ended for want of memory, until its memory is back


class TrainingPhase:
    """Made once, run once."""

    def __init__(self, context: RunContext, messages: MessageHandler, trackers: Trackers) -> None:
        self._context, self._messages, self._trackers = context, messages, trackers
        self._log, self._state = context.log, context.state
        placement = self._place_devices()
        reopen(context, trackers, messages, placement.joins_folds)
        self._scheduler = TaskScheduler(context, trackers, placement)
        self._relieve_from = 0.0  # on the run's clock
        self._left_out: set[str] = set()  # families whose absence is in the log

    def _place_devices(self) -> DevicePlacement:
        """The placement of tasks on workers, as the first worker to be ready reports.

        Without a GPU where none is ready in time.
        """
        budget, dispatcher = self._context.budget, self._context.dispatcher
        until = budget.now() + limits.PLACEMENT_WAIT
        while not (s := dispatcher.status()).ready and not s.broken and budget.now() < until:
            self._messages.receive(POLL_SECONDS)
            if self._context.is_stopping:
                break
        return dispatcher.placement(ordered=not budget.has_clock)

    def run(self) -> EndReason:
        """Train until the budget, its reserve apart, is used up, or a command stops the run.

        Returns why training ended.
        """
        self._messages.read_commands()
        while not (reason := self._end_reason()):
            self._context.dispatcher.cancel_hung()
            self._heed_memory()
            self._log_left_out()
            if not self._context.is_paused:
                self._scheduler.fill_workers()
            self._messages.receive(POLL_SECONDS)
            if self._trackers.ensemble.due():
                update_ensemble(self._context, self._trackers.ensemble)
        return reason

    def _end_reason(self) -> EndReason | None:
        """The reason for the end of training; None while it goes on."""
        if self._context.is_stopping:
            return EndReason.STOPPED
        if broken := self._context.dispatcher.status().broken:
            raise RunError(broken, "The workers' log has the details.")
        ended = [t for t in self._state.trials.values() if t.status != TrialStatus.RUNNING]
        left = self._scheduler.seconds_left()
        if left is None and len(ended) > (self._context.spec.options.budget.trials or 0):
            return EndReason.TRIALS_DONE
        if (
            left is not None and left <= 0 and (ended or left < -limits.PATIENCE)
        ):  # none: wait for one
            return EndReason.BUDGET_USED_UP
        return self._scheduler.nothing_left

    def _heed_memory(self) -> None:
        """End a training where memory runs short, one at a time: what it held takes a moment."""
        now = self._log.clock
        if self._context.dispatcher.status().short_of_memory and now >= self._relieve_from:
            self._messages.relieve_memory()
            self._relieve_from = now + RELIEF_SECONDS

    def _log_left_out(self) -> None:
        for family, words in self._scheduler.left_out.items():
            if family not in self._left_out:
                self._left_out.add(family)
                self._log.write(Note(Severity.INFO, words))
