"""The question that Start waits for: what to do with columns that may give the target away."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from automl_core.table import Finding, TableInfo
from pages.components.shared import code, suspects
from pages.components.train import form_state

NAMED = 4  # columns of one question


def unanswered(findings: Sequence[Finding], info: TableInfo, target: str) -> list[Finding]:
    """The leaks among the findings to review that nobody has said of to keep them."""
    kept = set(form_state.chosen(kept_key(info.hash, target)) or ())
    leaks = [f for f in findings if f.kind == "leak" and f.severity != "info"]
    return [f for f in leaks if not set(suspects(f, target)) <= kept]


def draw_questions(leaks: Sequence[Finding], info: TableInfo, target: str) -> None:
    """One line a finding, with both answers; the form is drawn again with the answer."""
    for number, finding in enumerate(leaks):
        columns = suspects(finding, target)
        names = ", ".join(code(name, 40) for name in columns[:NAMED])
        more = len(columns) - NAMED
        them, know = ("it", "Is it") if len(columns) == 1 else ("them", "Are they")
        with st.container(horizontal=True, vertical_alignment="center", key=f"train_leak_{number}"):
            st.markdown(
                f":material/warning: **{names}{f' and {more:,} more' if more > 0 else ''} may give "
                f"{code(target, 40)} away.** {know} known when a prediction is made?",
                width="stretch",
            )
            if st.button(
                f"No, leave {them} out",
                icon=":material/visibility_off:",
                key=f"train_leak_out_{number}",
            ):
                form_state.leave_out(columns)
                st.rerun()
            if st.button(
                f"Yes, keep {them}", icon=":material/check:", key=f"train_leak_in_{number}"
            ):
                form_state.keep(kept_key(info.hash, target), columns)
                st.rerun()


def kept_key(table_hash: str, target: str) -> str:
    """The key under which the form remembers the columns that are to stay, whatever they tell."""
    return f"train_kept_{table_hash[:8]}_{target}"
