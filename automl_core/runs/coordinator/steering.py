"""Carries out the commands of people in a run: logs each that can be heeded, with a note."""

from __future__ import annotations

from automl_core.runs.record import MAX_SECONDS, Note, RunLog, length_words
from automl_core.runs.record import events as e
from automl_core.types import CommandName, RunStatus, Severity


def obey(log: RunLog, name: str, argument: str, is_ending: bool) -> None:
    """Log a command that can be heeded now, with a note for everyone who watches.

    `is_ending`: training is over. Then, and in a run without a clock, no time can be added; a note
    says so. Commands of other names, and those that change nothing, are dropped.
    """
    match name:
        case CommandName.STOP if log.state.status != RunStatus.STOPPING:
            _heed(log, name, "Stop was asked for: the run ends with the best that it has.")
        case CommandName.ADD_TIME:
            _add_time(log, argument, is_ending)
        case CommandName.PAUSE if log.state.status == RunStatus.RUNNING and not is_ending:
            _heed(log, name, "Paused: what trains goes on to its end, and nothing new starts.")
        case CommandName.CONTINUE if log.state.status == RunStatus.PAUSED:
            _heed(log, name, "Training goes on.")


def _add_time(log: RunLog, argument: str, is_ending: bool) -> None:
    seconds, before = e.seconds_of(argument), log.state.budget_seconds
    if seconds <= 0:
        return
    words = length_words(seconds)
    if before is None:
        log.write(Note(Severity.INFO, f"{words} not added: the budget of this run is its trials."))
    elif is_ending or log.state.status == RunStatus.STOPPING:
        log.write(Note(Severity.INFO, f"{words} not added: training is over already."))
    elif before + seconds > MAX_SECONDS:
        log.write(Note(Severity.INFO, f"{words} not added: a run takes 7 days at most."))
    else:
        total = length_words(before + seconds)
        _heed(log, CommandName.ADD_TIME, f"{words} added: the budget is {total} now.", argument)


def _heed(log: RunLog, name: str, words: str, argument: str = "") -> None:
    log.write(e.Command(name, argument), durable=True)
    log.write(Note(Severity.INFO, words))
