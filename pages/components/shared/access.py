"""The door: who this browser session is, and which workspace and runs it may open.

Pages have no other way to them; tests/test_shape.py lets nothing else in pages/ ask the core for a
workspace, a list of runs or a run by its name. Everyone who signs in has a workspace of their own,
so what is listed or found there is theirs. An admin may look at another one. A link opens one run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import streamlit as st

from automl_core import files
from automl_core.errors import AccessError, AutoMLError
from automl_core.people import Person, known_people, person_of, person_root, remember_person
from automl_core.runs import (
    Action,
    RunSummary,
    check_may,
    find_run,
    get_manager,
    list_runs,
    may,
)
from automl_core.runs.record import RunFolder, send_command
from automl_core.settings import ADMINS, USERS
from automl_core.types import CommandName
from pages.components.shared.allowed_paths import allowed_folder
from pages.components.shared.text import error_text

RUN, OWNER, SECRET = "run", "of", "link"  # in the address of a link
NOT_SIGNED_IN = "You are not signed in."
_LOOKS_AT, _ENTERED = "_looks_at", "_entered"


@dataclass(frozen=True)
class SharedRun:
    """A run that a link opens, and what its holder may do with it."""

    id: str
    folder: RunFolder
    may_steer: bool


def is_signed_in() -> bool:
    """True where somebody is signed in, who may be here or not."""
    return bool(st.user.get("is_logged_in"))


def person() -> Person | None:
    """The person who is signed in; None: nobody signs in on this server.

    Raises AccessError where nobody is signed in now, or this person may not be here.
    """
    if "is_logged_in" not in st.user:  # there is no [auth] among the secrets
        if USERS.entries() or ADMINS.entries():
            raise AccessError(
                "This server is to know its users, but nobody can sign in.",
                "Its owner should look at the section [auth] of .streamlit/secrets.toml.",
            )
        return None
    if not is_signed_in():
        raise AccessError(NOT_SIGNED_IN)
    return person_of(st.user.to_dict())


def enter() -> None:
    """Raises as `person`; whoever may enter for the first time is given a workspace.

    What a session keeps of somebody else is gone: it has names of their tables and columns.
    """
    who = person()
    before = st.session_state.get(_ENTERED)
    if who is None or before == who.key:
        return
    if before is not None:
        st.session_state.clear()
    remember_person(who)
    st.session_state[_ENTERED] = who.key


def workspace() -> Path:
    """The workspace that this session looks at. Raises as `person`."""
    who = person()
    if who is None:
        return files.workspace()
    other: Path | None = st.session_state.get(_LOOKS_AT) if who.admin else None
    return other or who.root


def other_workspaces() -> dict[Path, str]:
    """Those that an admin may look at, with what they are called; their own is the first."""
    who = person()
    if who is None or not who.admin:
        return {}
    found = {who.root: "My own"}
    found |= {known.root: known.email for known in known_people() if known.key != who.key}
    return found | {files.workspace(): "the server, from before anyone signed in"}


def look_at(root: Path) -> None:
    """Have an admin's session look at this workspace. Raises AccessError for anyone else."""
    if root not in other_workspaces():
        raise AccessError("There is no such workspace.")
    st.session_state[_LOOKS_AT] = root


def listed_runs() -> tuple[RunSummary, ...]:
    """The runs that this session may see, newest first. Raises as `person` and `list_runs`."""
    return list_runs(workspace())


def visible_run(run: str) -> RunFolder:
    """The run with this id, or in this folder; RunError where there is none to be seen.

    The address is anyone's to write, so the rule for paths holds for runs too.
    """
    folder_of = allowed_folder if Path(run).is_absolute() else None
    folder = find_run(run, workspace(), folder_of)
    check_may(person(), Action.SEE, folder.path)
    return folder


def shared_run() -> SharedRun | None:
    """The run that the secret of the address opens; None where there is no secret in it.

    Raises AccessError where it opens nothing: of a run that is not there nothing else is said.
    """
    who, secret = person(), _secret()
    if who is None or not secret:
        return None
    run, owner = st.query_params.get(RUN, ""), st.query_params.get(OWNER, "")
    try:
        folder = find_run(run, person_root(owner), None)
        check_may(who, Action.SEE, folder.path, secret)
    except AutoMLError:
        raise AccessError(
            "This link opens nothing: it was taken back, the run is gone, or it is not complete.",
            "Ask whoever sent it for a new one.",
        ) from None
    return SharedRun(run, folder, may(who, Action.STEER, folder.path, secret))


def check_later(folder: RunFolder) -> Callable[[], None]:
    """Raises AccessError, each time that it is called, once this session may not see the run.

    For what is done after the page was drawn, such as a download: a link may be taken back.
    """
    return partial(check_may, person(), Action.SEE, folder.path, _secret())


def check_changes(folder: RunFolder) -> None:
    """Raises AccessError where this session may not change the run: a link does not let it."""
    check_may(person(), Action.CHANGE, folder.path)


def check_steers(folder: RunFolder) -> None:
    """Raises AccessError where this session may not steer the run now."""
    check_may(person(), Action.STEER, folder.path, _secret())


def steer(folder: RunFolder, name: CommandName, argument: str = "") -> None:
    """Send a command to a run, as the callback of a button: what is not possible is said."""
    try:
        check_steers(folder)
        send_command(folder.path, name, argument)
    except AutoMLError as error:
        st.toast(error_text(error), icon=":material/error:")


def withdraw(folder: RunFolder) -> None:
    """Take a run that waits to go on out of the queue, as the callback of a button."""
    try:
        check_steers(folder)
        get_manager().withdraw(folder.path)
    except AutoMLError as error:
        st.toast(error_text(error), icon=":material/error:")


def _secret() -> str:
    return st.query_params.get(SECRET, "")
