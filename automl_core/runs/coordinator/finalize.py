"""The end of a run: stop what still trains, solve the ensemble, fit it on all rows, score it once.

Runs in the coordinator's thread, within the time that is reserved for it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

import numpy as np

from automl_core.errors import AutoMLError, StorageError
from automl_core.metrics import bootstrap_interval
from automl_core.runs.coordinator.context import RunContext
from automl_core.runs.coordinator.live_ensemble import best_network, update_ensemble
from automl_core.runs.coordinator.message_handler import MessageHandler
from automl_core.runs.coordinator.refit import RefitRunner
from automl_core.runs.coordinator.trackers import Trackers
from automl_core.runs.record import (
    HeldOutScore,
    Note,
    Outcome,
    RunFinished,
    Trial,
    TrialFailed,
    best_model,
    best_trial,
    choose_final_model,
    closing_remarks,
    is_partial,
    load_refit,
    save_outcome,
    trial_files,
)
from automl_core.runs.schedule import EndReason
from automl_core.runs.setup import NO_SCORE
from automl_core.types import Origin, RunStatus, Severity, StopReason

POLL_SECONDS = 0.02
INTERVAL_ROWS = 20_000  # held-out rows; of more, the interval would take time that is not there

logger = logging.getLogger(__name__)


class Finalizer:
    """Ends one run; made once, used once."""

    def __init__(self, context: RunContext, messages: MessageHandler, trackers: Trackers) -> None:
        self._context, self._messages, self._trackers = context, messages, trackers
        self._log, self._state = context.log, context.state

    def finish(self, reason: EndReason) -> None:
        """From the last training step to the last line of the log; `reason` is why it ended."""
        context, spec = self._context, self._context.spec
        self._collect()
        if best_model(self._state, spec.metric) is None:
            stopped = context.is_stopping
            reason = EndReason.STOPPED_WITHOUT_MODEL if stopped else EndReason.NO_MODEL
            self._log.write_last(_without_model(reason.words))
            return
        self._solve_ensemble()
        model = choose_final_model(spec, self._state)
        assert model is not None
        for note in closing_remarks(spec, self._state, model):
            self._log.write(note)
        refitted = self._refit(model)
        score = self._run_last_tasks(model)
        self._messages.log_importance(final=True)
        self._write_final(model, refitted, score, self._words(reason))

    def finish_without_disk(self, error: StorageError) -> None:
        """End a run whose files cannot be written any more, with the best model on the disk.

        What is in the log is on the disk: files are written before their event.
        """
        trials = self._trackers.trials
        trials.withdraw()
        self._context.dispatcher.drop_all()
        self._log.release_reserve()
        words = f"{error.message} {error.hint}".strip()
        model = choose_final_model(self._context.spec, self._state)
        if model is None:
            self._log.write_last(_without_model(words))
            return
        score, refitted = NO_SCORE, tuple[int, ...]()
        try:
            refit = load_refit(self._context.folder)
            refitted = refit.trials if refit is not None and refit.model == model.number else ()
            for trial in trials.open_trials:
                trials.drop(trial)
                self._log.write(TrialFailed(trial, f"It could not be stored. {error.message}"))
            score = self._run_last_tasks(model)
            save_outcome(self._context.folder, _outcome(model, score, refitted))
        except AutoMLError:  # this file system takes, or gives, nothing more
            logger.exception("the run in %s ends early", self._context.folder.path)
        self._write_end(model, score, refitted, f"{words} The best model so far is kept.")

    def _words(self, reason: EndReason) -> str:
        """The reason for the run's end, also where a Stop came after the end of training."""
        if self._context.is_stopping:
            return EndReason.STOPPED.words
        unused = self._context.budget.unused_seconds()
        if reason is EndReason.BUDGET_USED_UP and unused:
            return f"{reason.words} {unused:.1f} s that were kept for the end were not needed."
        return reason.words

    def _receive_until(self, is_done: Callable[[], bool], limit: Callable[[bool], float]) -> None:
        """Take in messages until `is_done`, for at most `limit(stopped)` seconds.

        A Stop meanwhile makes that at most `limit(True)` seconds from then.
        """
        now, stopped = self._context.budget.now, self._context.is_stopping
        until = now() + limit(stopped)
        while not is_done() and now() < until:
            self._messages.receive(POLL_SECONDS)
            if self._context.is_stopping and not stopped:
                stopped, until = True, min(until, now() + limit(True))

    def _solve_ensemble(self) -> None:
        """The last ensemble; a Stop meanwhile ends its rounds, with what they have."""
        self._messages.read_commands()
        was_stopping = self._context.is_stopping

        def is_stopped() -> bool:
            self._messages.read_commands()
            return self._context.is_stopping and not was_stopping

        update_ensemble(self._context, self._trackers.ensemble, True, is_stopped)
        self._messages.read_commands()

    def _collect(self) -> None:
        """Take what the workers have, then let go of the rest."""
        trials, dispatcher = self._trackers.trials, self._context.dispatcher
        trials.withdraw()
        stopped = self._context.is_stopping
        dispatcher.cancel_all(StopReason.STOPPED if stopped else StopReason.TIME)
        refits = self._trackers.refits.of(choose_final_model(self._context.spec, self._state))
        self._receive_until(
            lambda: not dispatcher.out,
            lambda stopped: self._context.budget.collect_seconds(stopped, refits),
        )
        for trial in trials.open_trials:  # workers did not answer; folds that came in are kept
            trials.miss(trial)
            self._messages.end_if_done(trial)
        for trial in self._trackers.further.open_trials:
            self._trackers.further.drop(trial)

    def _refit(self, model: Trial) -> tuple[int, ...]:
        """Fit the model's members on all rows; the trials of which that came in time."""
        context, trackers = self._context, self._trackers
        if context.is_stopping:  # who stops does not want to wait
            return ()
        rows_test, refits = len(context.data.test_set.rows), trackers.refits.of(model)
        seconds = context.budget.refit_seconds(model, rows_test, refits)
        until = None if seconds is None else context.budget.now() + seconds
        runner = RefitRunner(context, self._messages, trackers.refits, trackers.columns)
        return runner.run(model, until)

    def _run_last_tasks(self, model: Trial) -> HeldOutScore:
        """Score the test rows, and give the best trial's importance its last repeats."""
        budget, dispatcher = self._context.budget, self._context.dispatcher
        final_score = self._trackers.final_score
        importance_seconds = budget.last_importance_seconds(self._context.is_stopping)
        files = self._context.folder.model_files(model.number)
        final_score.expect(dispatcher.score_test(files))
        self._start_importance(importance_seconds)
        self._receive_until(lambda: not dispatcher.out, budget.last_tasks_seconds)
        self._receive_until(
            lambda: not dispatcher.out or final_score.is_complete, budget.grace_seconds
        )
        dispatcher.cancel_all(StopReason.STOPPED)
        score, words = final_score.score()
        if words:
            self._log.write(Note(Severity.WARNING, words))
        return score

    def _start_importance(self, seconds: float) -> None:
        context = self._context
        best = best_trial(self._state, context.spec.metric)
        if best is None or context.is_stopping:  # who stops does not want to wait
            return
        if best.origin == Origin.BASELINE or is_partial(best, self._state):
            return
        task = self._trackers.importance.next_task(best, seconds)
        if task is not None:
            files = trial_files(context.folder, best.number)
            context.dispatcher.importance(task, files, best.folds)

    def _write_final(
        self, model: Trial, refitted: tuple[int, ...], score: HeldOutScore, reason: str
    ) -> None:
        self._context.folder.sync(model.number)
        save_outcome(self._context.folder, _outcome(model, score, refitted))
        self._write_end(model, score, refitted, reason)

    def _write_end(
        self, model: Trial, score: HeldOutScore, refitted: tuple[int, ...], reason: str
    ) -> None:
        low, high = self._held_out_interval(model)
        event = RunFinished(
            status=RunStatus.STOPPED if self._context.is_stopping else RunStatus.FINISHED,
            reason=reason,
            best=model.number,
            test_score=score.score,
            test_low=score.low,
            test_high=score.high,
            network=best_network(self._state, self._context.spec.metric),
            smallest=self._trackers.ensemble.smallest_tied(self._state.ensemble),
            refitted=refitted,
            test_baseline=score.baseline,
            valid_low=low,
            valid_high=high,
        )
        self._log.write_last(event)

    def _held_out_interval(self, model: Trial) -> tuple[float | None, float | None]:
        """The interval of the model's score on held-out rows, for runs without test rows."""
        if len(self._context.data.test_set.rows):
            return None, None
        try:
            oof = self._context.folder.out_of_fold(model.number)
        except AutoMLError:  # what is lost is said where it is needed
            logger.exception("the held-out predictions of %s cannot be read", model.name)
            return None, None
        # its score is of the rows that all trials validate; it may have predicted further ones
        data = self._context.data
        kept = np.isin(oof.rows, np.concatenate(data.folds.valid[: data.first]))
        if kept.sum() > INTERVAL_ROWS:
            return None, None
        weight = None if oof.weight is None else oof.weight[kept]
        metric, y, prediction = self._context.spec.metric, oof.y[kept], oof.prediction[kept]
        ends = bootstrap_interval(metric, y, prediction, weight)
        low, high = (float(v) if np.isfinite(v) else None for v in ends)
        return low, high


def _outcome(model: Trial, score: HeldOutScore, refitted: tuple[int, ...]) -> Outcome:
    return Outcome(model.number, model.name, score, refitted)


def _without_model(words: str) -> RunFinished:
    return RunFinished(RunStatus.FAILED, words, None, None, None, None)
