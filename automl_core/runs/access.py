"""What a person may do with a run: the one rule that pages ask.

A run is its owner's, and lies in its owner's workspace. Admins may do what its owner may. A link to
it lets its holder see it, and some links also steer it. What lies outside of all workspaces is for
everyone whom the server's owner lets open its path. Where nobody signs in, everyone may do all.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from automl_core.errors import AccessError
from automl_core.files import workspace, workspace_of
from automl_core.people import Person
from automl_core.runs.record import link_of_secret


class Action(StrEnum):
    """What somebody wants with a run."""

    SEE = "see"
    STEER = "steer"  # more time, pause, stop, go on
    CHANGE = "change"  # all else: name it, delete it, share it, download its models


def may(person: Person | None, action: Action, run: Path, secret: str = "") -> bool:
    """True where a person may do this with the run in this folder; `secret` is that of their link.

    `person` None: nobody signs in here.
    """
    if person is None or person.admin or workspace_of(run) == person.root:
        return True
    if not run.is_relative_to(workspace()):
        return True
    link = link_of_secret(run, secret)
    return link is not None and (action == Action.SEE or (action == Action.STEER and link.steers))


def check_may(person: Person | None, action: Action, run: Path, secret: str = "") -> None:
    """Raises AccessError where `may` says no, in the words of a run that is not there."""
    if not may(person, action, run, secret):
        raise AccessError(f"There is no run {run.name!r}.", "Ask its owner for a link to it.")
