"""The space that tables, uploads and vectors take, and a button that frees what nobody needs."""

from __future__ import annotations

import streamlit as st

from automl_core.errors import AutoMLError
from automl_core.limits import Room
from automl_core.runs import Space, free_space, keep_days, look_at_space
from pages.components.shared import frame, session, text, workspace

RULE = (
    "Removed are tables that no run of this workspace was trained or tested on, uploads that no "
    "such table came from, and vectors of texts, {when}. Runs and their models stay; they are "
    "deleted one by one above."
)
OLD = "once nobody has used them for {days:g} days (`TORCHLIGHT_KEEP_DAYS`)"
LIMITED = "unless they were used in the last ten minutes"
FULL = "This workspace is full: no table and no run can be added."
_ERROR = "space_error"


@st.cache_data(ttl=2.0, max_entries=64, show_spinner=False)
def _space(root: str) -> Space:
    del root  # only the key of the cache
    return look_at_space(workspace())


def draw_space() -> None:
    """What is used of what is allowed, and the button where there is something to free."""
    if (error := session.remembered(_ERROR, AutoMLError)) is not None:
        frame.show_error(error)
        session.remember(_ERROR, None)
    space = _space(str(workspace()))
    if space.room is not None:
        _draw_room(space.room)
    if not space.used:
        return
    rule = RULE.format(when=OLD.format(days=keep_days()) if space.room is None else LIMITED)
    with st.container(horizontal=True, vertical_alignment="center", key="space"):
        words = f"Tables, uploads and vectors of texts take {text.size(space.used)}."
        if space.blocked:
            words += f" {space.blocked}"
        elif not space.freeable:
            words += " All of it is needed, or was used lately."
        st.caption(words, width="content", help=rule)
        if space.freeable:
            st.button(
                f"Free {text.size(space.freeable)} now",
                icon=":material/delete_sweep:",
                key="space_free",
                help=rule,
                on_click=_free,
            )


def _draw_room(room: Room) -> None:
    """How much of its room the workspace takes."""
    with st.container(key="space_room", gap="xsmall"):
        words = f"This workspace takes {text.size(room.used)} of {text.size(room.most)}"
        st.progress(min(1.0, room.used / room.most), text=words)
        if room.is_full:
            advice = "Delete runs above, and free what no run needs."
            st.warning(f"{FULL} {advice}", icon=":material/inventory_2:")


def _free() -> None:
    try:
        freed = free_space(workspace())
    except AutoMLError as error:
        session.remember(_ERROR, error)
        return
    finally:
        _space.clear()
    st.toast(f"{text.size(freed)} are free again.")
