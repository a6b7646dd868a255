"""The queue of runs: one is at work, the others wait in an order that is fair between owners.

All workers of a process train for the run at work, so there is one at a time. Each owner has a turn
before anyone has the next one. A short run may overtake, a bounded number of times. Each run that
waits has the runs that come before it written in its folder. Knows nothing of how runs are
conducted.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from filelock import BaseFileLock

from automl_core.errors import RunError, StorageError
from automl_core.runs.record import RunAhead, RunFolder, forget_runs_ahead, save_runs_ahead
from automl_core.settings import MAX_QUEUED, MAX_QUEUED_EACH
from automl_core.words import count

SHORT_SECONDS = 60.0
"""The longest budget of a run that may overtake, such as a demo."""
MOST_OVERTAKING = 2
"""Short runs that may overtake the run whose turn it is."""
_EXAMPLE = "a number of runs, such as 10"


@dataclass(frozen=True)
class RunOwner:
    """Whose run it is: owners take turns, and each has a workspace."""

    root: Path  # the workspace of its tables and runs
    session: str = ""  # where everyone has the same workspace: the browser session that asks


@dataclass(frozen=True, eq=False)
class QueuedRun:
    """A run in the queue; its lock is held until it has ended or was withdrawn."""

    folder: RunFolder
    owner: RunOwner
    workers: int
    requested: float  # time.monotonic()
    lock: BaseFileLock
    seconds: float | None  # of its budget when it starts; None: that is a number of trials
    goes_on: bool = False  # it was over, or interrupted
    more: float | None = None  # seconds for which it goes on; None: those that are left
    cluster: str | None = None  # whose nodes train; None: this machine

    @property
    def short(self) -> bool:
        """True where it may overtake."""
        return self.seconds is not None and self.seconds <= SHORT_SECONDS

    def is_in(self, folder: Path) -> bool:
        """True where this is the run in that folder."""
        return self.folder.path == folder

    @property
    def as_ahead(self) -> RunAhead:
        """What those behind it are told of it."""
        return RunAhead(str(self.folder.path), self.seconds)


@dataclass(frozen=True, eq=False)
class _Ticket:
    run: QueuedRun
    number: int  # in the order of arrival
    round: int  # in a round each owner has one turn
    overtaken: int = 0  # times that a short run came before it when it was its turn


@dataclass(frozen=True)
class _Turns:
    """Whose turn it is: a value, so that what will come can be tried without changing it."""

    waiting: tuple[_Ticket, ...] = ()  # in no order
    round: int = 0  # of the last run that had its turn
    arrived: int = 0
    started: int = 0
    last_start: dict[RunOwner, int] = field(default_factory=dict)  # by owner: as `started` counts
    last_round: dict[RunOwner, int] = field(default_factory=dict)  # by owner: of the last ticket

    def joined(self, run: QueuedRun) -> _Turns:
        """With one more run: in the round after this one, or after its owner's last."""
        at = max(self.round, self.last_round.get(run.owner, 0)) + 1
        ticket = _Ticket(run, self.arrived, at)
        return replace(
            self,
            waiting=(*self.waiting, ticket),
            arrived=self.arrived + 1,
            last_round=self.last_round | {run.owner: at},
        )

    def without(self, tickets: Sequence[_Ticket]) -> _Turns:
        """As if these had not come."""
        return replace(self, waiting=tuple(t for t in self.waiting if t not in tickets))

    def next(self) -> tuple[_Ticket, _Turns]:
        """The run that comes next, and the turns once it has begun. Call where one waits."""
        order = sorted(self.waiting, key=self._place)
        first, taken, rest = order[0], order[0], list(order[1:])
        if not first.run.short and first.overtaken < MOST_OVERTAKING:
            taken = next((t for t in order if t.run.short), first)
        if taken is not first:
            late = replace(first, overtaken=first.overtaken + 1)
            rest = [late, *(t for t in rest if t is not taken)]
        owner, started = taken.run.owner, self.started + 1
        starts, rounds = self.last_start | {owner: started}, self.last_round
        if not rest:  # owners that have gone are forgotten
            starts, rounds = {owner: started}, {owner: rounds[owner]}
        now = self.round if taken is not first else max(self.round, first.round)
        return taken, _Turns(tuple(rest), now, self.arrived, started, starts, rounds)

    def _place(self, ticket: _Ticket) -> tuple[int, int, int]:
        """In a round those come first who have waited longest for a turn."""
        return ticket.round, self.last_start.get(ticket.run.owner, 0), ticket.number

    def order(self) -> list[QueuedRun]:
        """The runs in the order in which they would start if no other came."""
        turns, runs = self, []
        while turns.waiting:
            ticket, turns = turns.next()
            runs.append(ticket.run)
        return runs


class RunQueue:
    """The runs of a process that wait, and the one at work. Any thread may call it."""

    def __init__(self) -> None:
        self._changing = threading.Lock()
        self._turns = _Turns()
        self._current: QueuedRun | None = None
        self._free_since = 0.0  # time.monotonic() when the last run ended

    @property
    def current(self) -> QueuedRun | None:
        """The run at work; None where there is none."""
        return self._current

    @property
    def waiting(self) -> int:
        """How many wait."""
        with self._changing:
            return len(self._turns.waiting)

    def check_room(self, owner: RunOwner) -> None:
        """Raises RunError where the owner, or everyone together, has as many runs as are allowed.

        Those are the run at work and those that wait.
        """
        each, together = MAX_QUEUED_EACH.limit(_EXAMPLE), MAX_QUEUED.limit(_EXAMPLE)
        with self._changing:
            runs = [ticket.run for ticket in self._turns.waiting]
            runs += [] if self._current is None else [self._current]
        own = sum(run.owner == owner for run in runs)
        if each is not None and own + 1 > each:
            raise RunError(
                f"You have {count(own, 'run')} at work or waiting, as many as one may have here.",
                f"Stop one, or wait until one has ended ({MAX_QUEUED_EACH.name}).",
            )
        if together is not None and len(runs) + 1 > together:
            raise RunError(
                f"The queue of this server is full: {count(len(runs), 'run')} at work or waiting.",
                f"Try again once one has ended ({MAX_QUEUED.name}).",
            )

    def add(self, run: QueuedRun) -> None:
        """Let a run wait for its turn."""
        with self._changing:
            self._turns = self._turns.joined(run)
            self._tell()

    def take(self) -> QueuedRun | None:
        """The run whose turn it is, at work from now on; None where none waits."""
        with self._changing:
            if not self._turns.waiting:
                return None
            ticket, self._turns = self._turns.next()
            self._current = ticket.run
            _forget(ticket.run)
            self._tell()
            return ticket.run

    def began(self, run: QueuedRun) -> float:
        """When the clock of a run that was taken began, as time.monotonic(): the wait is free."""
        return max(run.requested, self._free_since)

    def end(self, run: QueuedRun) -> None:
        """The run at work has ended; its lock is released."""
        with self._changing:
            self._current = None
            self._free_since = time.monotonic()
            self._tell()
        run.lock.release()

    def withdraw(self, folder: Path) -> None:
        """Take a run that waits to go on out of the queue; one that has not begun waits on."""
        with self._changing:
            gone = [t for t in self._turns.waiting if t.run.is_in(folder) and t.run.goes_on]
            self._turns = self._turns.without(gone)
            self._tell()
        _release([ticket.run for ticket in gone])

    def drain(self) -> None:
        """Take all that wait out of the queue; the one at work goes on."""
        with self._changing:
            gone, self._turns = self._turns.waiting, _Turns()
        _release([ticket.run for ticket in gone])

    def holds(self, folder: Path) -> bool:
        """True where the run in this folder is at work, or waits."""
        with self._changing:
            runs = [ticket.run for ticket in self._turns.waiting]
            return any(run is not None and run.is_in(folder) for run in [*runs, self._current])

    def _tell(self) -> None:
        """Write into the folder of each run that waits which ones come before it."""
        ahead = [] if self._current is None else [self._current.as_ahead]
        for run in self._turns.order():
            with contextlib.suppress(StorageError):  # its folder is gone: it will fail, in words
                save_runs_ahead(run.folder.path, ahead)
            ahead.append(run.as_ahead)


def _release(runs: Sequence[QueuedRun]) -> None:
    for run in runs:
        _forget(run)
        run.lock.release()


def _forget(run: QueuedRun) -> None:
    with contextlib.suppress(OSError):
        forget_runs_ahead(run.folder.path)
