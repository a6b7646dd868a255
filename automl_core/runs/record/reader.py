"""Follows a run from its log: pages and the command line read, they never ask the coordinator."""

from __future__ import annotations

import time
from collections.abc import Sequence

from automl_core.runs.record.commands import QUEUED, is_held
from automl_core.runs.record.events import RunFinished
from automl_core.runs.record.folder import RunFolder, load_outcome
from automl_core.runs.record.log_reader import LogDamage, LogReader
from automl_core.runs.record.state import RunState
from automl_core.types import RunStatus

_MOST_NAMED = 10  # trials, in a note


class RunReader:
    """The state of one run, kept up to date by reading on. One reader a thread."""

    def __init__(self, folder: RunFolder) -> None:
        self.folder = folder
        self.spec = folder.spec()
        self._log = LogReader(folder.log_path)
        self._state = RunState()
        self._probed = -10.0
        self._noted = LogDamage()

    @property
    def state(self) -> RunState:
        """The state as of the last `refresh`."""
        return self._state

    def is_same_log(self) -> bool:
        """False where the log was replaced by another since the last `refresh`."""
        return self._log.is_same()

    def refresh(self) -> RunState:
        """Read what is new and return the state; INTERRUPTED where its process is gone.

        What a damaged log lacks, and which files cannot be verified, is told in a note.
        """
        self._read()
        active = self._state.status.active
        if active and time.monotonic() - self._probed > 2:
            self._probed = time.monotonic()
            if not is_held(self.folder.path):
                self._read()  # it may have ended between the two looks
                if self._state.status.active:
                    self._close_without_end()
        return self._state

    def _read(self) -> None:
        entries = self._log.read()
        for entry in entries:
            self._state.apply(entry.event, entry.t, entry.wall)
        if entries or self._state.status.active:
            self._note_damage()

    def _close_without_end(self) -> None:
        """The state of a run whose log lacks the end: its process is gone, or it is damaged."""
        state, outcome = self._state, load_outcome(self.folder)
        if (self.folder.path / QUEUED).exists():  # it went on, and that is of its end before
            outcome = None
        if outcome is None:
            state.status = RunStatus.INTERRUPTED
        else:  # the outcome is written before the last line
            reason = "The last record of its log is missing; its outcome was stored beside it."
            end = RunFinished(
                RunStatus.FINISHED, reason, outcome.trial, outcome.test.score, outcome.test.low,
                outcome.test.high, refitted=outcome.refitted, test_baseline=outcome.test.baseline,
            )  # fmt: skip
            state.apply(end, state.clock, state.wall_started + state.clock)
        self._note_damage()

    def _note_damage(self) -> None:
        damage, state = self._log.damage, self._state
        if state.status.active and damage == self._noted:
            return
        self._noted = damage
        words = [damage_words(damage, state)] if damage.lost else []
        if not state.status.active and state.started is not None and state.started.checksums:
            words += unverified_words(self.folder.unverified())
        if words:
            state.set_damage(" ".join(words))


def damage_words(damage: LogDamage, state: RunState) -> str:
    """What is lost of a log, for people: "3 of 812 records of this run's log are damaged ..."."""
    verb = "is" if damage.lost == 1 else "are"
    words = f"{damage.lost:,} of {damage.written:,} records of this run's log {verb} damaged"
    trials = [] if state.status.active else state.incomplete_trials()
    if not trials:
        return f"{words}; no trial's score is missing."
    more = [f"{len(trials) - _MOST_NAMED} more"] if len(trials) > _MOST_NAMED else []
    names = [str(number) for number in trials[:_MOST_NAMED]] + more
    listed = " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
    what = "the score of trial" if len(trials) == 1 else "scores of trials"
    return f"{words}; {what} {listed} may be missing."


def unverified_words(names: Sequence[str]) -> list[str]:
    """What it means that files have lost their checksums, for people; [] where none has."""
    if not names:
        return []
    words = f"{names[0]} of this run has lost its checksum"
    if len(names) > 1:
        words = f"{len(names):,} files of this run, such as {names[0]}, have lost their checksums"
    return [
        f"{words} and cannot be verified: nobody can tell whether something has changed there. "
        "Bring back checksums.jsonl from a copy of the folder."
    ]
