"""Carries out the commands of people in a run: logs each that can be heeded, with a note."""

from __future__ import annotations

from collections.abc import Callable
from typing import assert_never

from automl_core.models import CATALOG, model_spec
from automl_core.runs.record import Note, RunLog, Trial, length_words, most_seconds, most_words
from automl_core.runs.record import events as e
from automl_core.types import CommandName, Origin, RunStatus, Severity, TrialStatus


def obey(log: RunLog, name: str, argument: str, is_ending: bool) -> bool:
    """Log a command that can be heeded now, with a note for everyone who watches; True then.

    `is_ending`: training is over. Then nothing about trials can change; a note says so. Commands
    of other names, and those that change nothing, are dropped.
    """
    if name not in set(CommandName):
        return False
    found = _answer(log, CommandName(name), argument, is_ending)
    if found is None:
        return False
    heeded, words = found
    if heeded:
        log.write(e.Command(name, argument), durable=True)
    log.write(Note(Severity.INFO, words))
    return heeded


Answer = tuple[bool, str] | None
"""Whether the command is heeded, and the words for those who watch; None: it changes nothing."""


def _answer(log: RunLog, name: CommandName, argument: str, is_ending: bool) -> Answer:
    status = log.state.status
    over = is_ending or status == RunStatus.STOPPING
    match name:
        case CommandName.STOP:
            words = "Stop was asked for: the run ends with the best that it has."
            return None if status == RunStatus.STOPPING else (True, words)
        case CommandName.PAUSE:
            words = "Paused: what trains goes on to its end, and nothing new starts."
            return (True, words) if status == RunStatus.RUNNING and not is_ending else None
        case CommandName.CONTINUE:
            return (True, "Training goes on.") if status == RunStatus.PAUSED else None
        case CommandName.ADD_TIME:
            return _add_time(log, argument, over)
        case CommandName.LEAVE_OUT | CommandName.TAKE_BACK:
            return _choose_family(log, argument, name == CommandName.LEAVE_OUT, over)
        case CommandName.DROP:
            return _about_trial(log, argument, over, _drop)
        case CommandName.MORE_FOLDS:
            return _about_trial(log, argument, over, _more_folds)
        case CommandName.TRAIN_AGAIN:
            return _train_again(log, argument, over)
    assert_never(name)


def _add_time(log: RunLog, argument: str, over: bool) -> Answer:
    seconds, before = e.seconds_of(argument), log.state.budget_seconds
    if seconds <= 0:
        return None
    words = length_words(seconds)
    if before is None:
        return False, f"{words} not added: the budget of this run is its trials."
    if over:
        return False, f"{words} not added: training is over already."
    if before + seconds > most_seconds():
        return False, f"{words} not added: a run takes {most_words()} at most."
    return True, f"{words} added: the budget is {length_words(before + seconds)} now."


def _choose_family(log: RunLog, family: str, leave_out: bool, over: bool) -> Answer:
    known = {entry.name for entry in CATALOG if entry.kind != "baseline"}
    if family not in known or (family in log.state.left_out) == leave_out:
        return None
    title = model_spec(family).title
    if over:
        return False, f"{title} stays as it is: training is over already."
    if leave_out:
        return True, f"{title} is left out from now on, as asked. What trains goes on to its end."
    return True, f"{title} may be trained again, as asked."


def _about_trial(
    log: RunLog, argument: str, over: bool, answer: Callable[[RunLog, Trial], Answer]
) -> Answer:
    """What is to be said of the trial that the argument names."""
    number = e.trial_of(argument)
    trial = None if number is None else log.state.trials.get(number)
    if trial is None or trial.status == TrialStatus.DROPPED:
        return None
    if over:
        return False, f"{trial.name} stays as it is: training is over already."
    return answer(log, trial)


def _drop(log: RunLog, trial: Trial) -> Answer:
    del log
    if trial.origin == Origin.BASELINE:
        return False, "The baseline stays: other models are compared with it."
    if trial.status == TrialStatus.FAILED:
        return None
    return True, f"{trial.name} is dropped, as asked: it is no part of the model."


def _more_folds(log: RunLog, trial: Trial) -> Answer:
    parts = (log.state.started and log.state.started.parts) or 0
    if trial.number in log.state.more_folds:
        return None
    if log.state.budget_seconds is None:
        return False, "No further parts: a run of a number of trials trains all models alike."
    if trial.status != TrialStatus.FINISHED or trial.origin == Origin.BASELINE or trial.repeat:
        return False, f"{trial.name} gets no further parts: only a model that is complete can."
    if trial.folds >= parts:
        return False, f"{trial.name} is trained on all parts of the rows already."
    return True, f"{trial.name} is trained on all {parts} parts of the rows, as asked."


def _train_again(log: RunLog, argument: str, over: bool) -> Answer:
    asked = e.again_of(argument)
    trial = None if asked is None else log.state.trials.get(asked.trial)
    if asked is None or trial is None or trial.origin == Origin.BASELINE:
        return None
    if over:
        return False, f"{trial.name} is not trained again: training is over already."
    words = length_words(asked.seconds)
    return True, f"{trial.name} is trained once more, with another seed and up to {words}."
