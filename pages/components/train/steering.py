"""Buttons that change a run while it goes on: more time, pause and go on, stop.

Each sends a command to the run's inbox; its coordinator heeds it, in whichever process it is.
"""

from __future__ import annotations

import streamlit as st

from automl_core.runs import get_manager
from automl_core.runs.record import RunFolder
from automl_core.types import CommandName, RunStatus
from pages.components.shared import RunView, steer, withdraw

MORE_MINUTES = (1, 5)
PAUSE_HELP = (
    "Nothing new starts, and the budget's clock stands still. What trains now goes on to its end. "
    "Runs that wait for this one go on waiting."
)


def draw_stop(view: RunView) -> None:
    """The button that ends the run."""
    stopping = view.status == RunStatus.STOPPING
    if view.waits:
        st.button(
            "Cancel",
            icon=":material/cancel:",
            key="stop",
            help="It stays as it had ended.",
            disabled=not get_manager().is_active(view.folder.path),  # another process has it
            on_click=withdraw,
            args=(view.folder,),
        )
        return
    st.button(
        "Stopping …" if stopping else _stop_words(view),
        icon=":material/stop_circle:",
        key="stop",
        disabled=stopping,
        on_click=steer,
        args=(view.folder, CommandName.STOP),
    )


def draw_steering(view: RunView) -> None:
    """More time, and pause or go on; nothing once the run stops."""
    if view.status not in (RunStatus.RUNNING, RunStatus.PAUSED):
        return
    if view.state.budget_seconds is not None:
        for minutes in MORE_MINUTES:
            st.button(
                f"+{minutes} min",
                key=f"add_{minutes}",
                help="Add to the budget of this run.",
                on_click=_add,
                args=(view.folder, minutes),
            )
    if view.status == RunStatus.PAUSED:
        name = CommandName.CONTINUE
        command_button("Go on", view.folder, name, icon=":material/play_arrow:")
    else:
        name = CommandName.PAUSE
        command_button("Pause", view.folder, name, text=PAUSE_HELP, icon=":material/pause:")


def _stop_words(view: RunView) -> str:
    if view.status == RunStatus.WAITING:
        return "Cancel"
    has_model = any(t.usable for t in view.state.trials.values())
    return "Stop, keep the best" if has_model else "Stop"


def _add(folder: RunFolder, minutes: int) -> None:
    steer(folder, CommandName.ADD_TIME, f"{60 * minutes:g}")


def command_button(
    words: str,
    folder: RunFolder,
    name: CommandName,
    argument: str = "",
    text: str = "",
    icon: str = "",
) -> None:
    """A button that sends a command to the run; `text` is its help."""
    st.button(
        words,
        icon=icon or None,
        key=name,
        help=text or None,
        on_click=steer,
        args=(folder, name, argument),
    )
