"""The end of a run: stop what still trains, solve the ensemble, fit it on all rows, score it once.

Runs in the coordinator's thread, within the time that is reserved for it.
"""

from __future__ import annotations

import time

from automl_core.files import dump_json, write_atomic
from automl_core.runs.coordinator.context import RunContext
from automl_core.runs.coordinator.final_score import FinalScore
from automl_core.runs.coordinator.live_ensemble import best_network, update_ensemble
from automl_core.runs.coordinator.message_handler import MessageHandler
from automl_core.runs.coordinator.refit import RefitRunner
from automl_core.runs.coordinator.trackers import Trackers
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
from automl_core.types import Origin, RunStatus, Severity, StopReason

USED_UP = "The budget is used up."


class Finalizer:
    """Ends one run; made once, used once."""

    def __init__(self, context: RunContext, messages: MessageHandler, trackers: Trackers) -> None:
        self._context, self._messages, self._trackers = context, messages, trackers
        self._log, self._state = context.log, context.state
        self._stopped = self._state.status == RunStatus.STOPPING

    def finish(self, reason: str) -> None:
        """From the last training step to the last line of the log; `reason` is why it ended."""
        self._collect()
        spec = self._context.spec
        if best_model(self._state, spec.metric) is None:
            reason = "No model could be trained; the trials say why."
            if self._stopped:
                reason = "Stopped by you before the first model was there."
            self._log.write(
                RunFinished(RunStatus.FAILED, reason, None, None, None, None), durable=True
            )
            return
        update_ensemble(self._context, self._trackers.ensemble, last=True)
        model = choose_final_model(spec, self._state)
        assert model is not None
        for note in closing_remarks(spec, self._state, model):
            self._log.write(note)
        refitted = self._refit(model)
        score = self._run_last_tasks(model)
        self._messages.log_importance(final=True)
        unused = self._context.budget.unused_seconds()
        if reason == USED_UP and unused and not self._stopped:
            reason += f" {unused:.1f} s that were kept for the end were not needed."
        self._write_final(model, refitted, score, reason)

    def _collect(self) -> None:
        """Take what the workers have, then let go of the rest."""
        trials, dispatcher = self._trackers.trials, self._context.dispatcher
        trials.withdraw()
        dispatcher.cancel_all(StopReason.STOPPED if self._stopped else StopReason.TIME)
        model = choose_final_model(self._context.spec, self._state)
        refits = self._trackers.refits.of(model)
        seconds = self._context.budget.collect_seconds(self._stopped, refits)
        until = time.monotonic() + seconds
        while dispatcher.out and time.monotonic() < until:
            self._messages.receive(0.05)
        for trial in trials.open_trials:  # workers did not answer; folds that came in are kept
            trials.miss(trial)
            self._messages.end_if_done(trial)

    def _refit(self, model: Trial) -> tuple[int, ...]:
        """Fit the model's members on all rows; the trials of which that came in time."""
        context, trackers = self._context, self._trackers
        if self._stopped:  # who stops does not want to wait
            return ()
        seconds = context.budget.refit_seconds(model, len(context.data.test_set.rows))
        until = None if seconds is None else time.monotonic() + seconds
        runner = RefitRunner(context, self._messages, trackers.refits, trackers.columns)
        refitted = runner.run(model, until)
        self._stopped = self._state.status == RunStatus.STOPPING
        return refitted

    def _run_last_tasks(self, model: Trial) -> FinalScore:
        """Score the test rows, and give the best trial's importance its last repeats."""
        budget, dispatcher = self._context.budget, self._context.dispatcher
        final_score = self._trackers.final_score
        deadline = time.monotonic() + budget.last_tasks_seconds(self._stopped)
        late = deadline + budget.grace_seconds(self._stopped)
        files = self._context.folder.model_files(model.number)
        final_score.expect(dispatcher.score_test(files))
        self._start_importance(budget.last_importance_seconds(self._stopped))
        while dispatcher.out:
            if time.monotonic() >= (deadline if final_score.is_complete else late):
                break
            self._messages.receive(0.02)
        dispatcher.cancel_all(StopReason.STOPPED)
        score, words = final_score.score()
        if words:
            self._log.write(Note(Severity.WARNING, words))
        return score

    def _start_importance(self, seconds: float) -> None:
        context = self._context
        best = best_trial(self._state, context.spec.metric)
        if best is None or self._stopped:  # who stops does not want to wait
            return
        if best.origin == Origin.BASELINE or is_partial(best, self._state):
            return
        task = self._trackers.importance.next_task(best, seconds)
        if task is not None:
            context.dispatcher.importance(task, trial_files(context.folder, best.number))

    def _write_final(
        self, model: Trial, refitted: tuple[int, ...], score: FinalScore, reason: str
    ) -> None:
        test = {"score": score.value, "low": score.low, "high": score.high}
        plain = {"format_version": 1, "trial": model.number, "name": model.name, "test": test}
        plain["refitted"] = list(refitted)
        write_atomic(self._context.folder.path / "final" / "final.json", dump_json(plain))
        event = RunFinished(
            status=RunStatus.STOPPED if self._stopped else RunStatus.FINISHED,
            reason=reason,
            best=model.number,
            test_score=score.value,
            test_low=score.low,
            test_high=score.high,
            network=best_network(self._state, self._context.spec.metric),
            smallest=self._trackers.ensemble.smallest_tied(self._state.ensemble),
            refitted=refitted,
        )
        self._log.write(event, durable=True)
