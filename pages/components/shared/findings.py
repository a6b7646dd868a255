"""Findings in their states: to review, fixed, noted; by icon and word, never by colour alone.

What needs a decision stands first, with a button for its fix; what was fixed is folded,
with the way back, and so is what is only noted. Draws only; applying a fix is the page's
business.
"""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import streamlit as st

from automl_core.table import Finding, FixAction
from pages.components.data import grouped, passed_checks, suspects
from pages.components.shared.text import code, count, escape_markdown

__all__ = ["draw_findings", "draw_passed", "draw_states", "grouped", "passed_checks", "suspects"]

STATES = {
    "fixed": ("Fixed", ":material/task_alt:", "blue"),
    "noted": ("Noted", ":material/info:", "gray"),
    "info": ("To review", ":material/flag:", "gray"),
    "warning": ("To review", ":material/flag:", "orange"),
    "error": ("To review", ":material/error:", "red"),
}
ICONS = {
    "role": ":material/visibility_off:",
    "inferred": ":material/undo:",
    "values": ":material/undo:",
    "setting": ":material/rule_settings:",
    "reading": ":material/refresh:",
}
FOLDED = (  # state, heading, icon
    ("fixed", "Fixed automatically", ":material/task_alt:"),
    ("noted", "Notes", ":material/info:"),
)
NAMED_IN_MESSAGE, SHOWN_COLUMNS = 3, 8
ROW_COLUMNS = 8  # of the rows that show a finding
BADGE_WIDTH = 104  # pixels, so that the messages stand below each other


def draw_states(findings: Sequence[Finding], passed: int) -> None:
    """The number of findings in each state, as badges in a row; `findings` as they are listed."""
    fixed = sum(f.state == "fixed" for f in findings)
    noted = sum(f.state == "noted" for f in findings)
    with st.container(horizontal=True, gap="small", key="check_states"):
        needs = len(findings) - fixed - noted
        if needs:
            st.badge(f"{needs:,} to review", icon=":material/flag:", color="orange")
        if fixed:
            st.badge(f"{fixed:,} fixed", icon=":material/task_alt:", color="blue")
        if noted:
            st.badge(count(noted, "note"), icon=":material/info:", color="gray")
        st.badge(f"{passed:,} passed", icon=":material/check:", color="green")


def draw_findings(
    findings: Sequence[Finding], table: pa.Table | None = None, key: str = "remedy"
) -> FixAction | None:
    """The findings, as `grouped` makes them: those to review first and the others folded.

    With the table, rows that show a finding can be looked at, and each fix has a button;
    returns that of the pressed one.
    """
    order = {"error": 0, "warning": 1, "info": 2}
    needs = [f for f in findings if f.state == "to_review"]
    pressed = [
        _draw(f, table, f"{key}_{i}")
        for i, f in enumerate(sorted(needs, key=lambda f: order[f.severity]))
    ]
    for state, label, icon in FOLDED:
        quiet = [f for f in findings if f.state == state]
        if quiet:
            with st.expander(f"{label} ({len(quiet):,})", icon=icon, key=f"{key}_{state}"):
                pressed += [_draw(f, table, f"{key}_{state}_{i}") for i, f in enumerate(quiet)]
    return next((action for action in pressed if action is not None), None)


def draw_passed(passed: Sequence[str]) -> None:
    """The checks that found nothing, folded: they are many."""
    if passed:
        label = f"Passed ({len(passed):,})"
        with st.expander(label, icon=":material/check:", key="checks_passed"):
            st.caption(" · ".join(passed))


def _draw(finding: Finding, table: pa.Table | None, key: str) -> FixAction | None:
    word, icon, colour = STATES[finding.severity if finding.state == "to_review" else finding.state]
    pressed = False
    with st.container(horizontal=True, wrap=False, gap="small"):
        with st.container(width=BADGE_WIDTH):
            st.badge(word, icon=icon, color=colour)  # type: ignore[arg-type]
        with st.container(gap="xxsmall", width="stretch"):
            st.markdown(escape_markdown(finding.message))
            st.caption(" ".join(filter(None, (escape_markdown(finding.fix), _names(finding)))))
        if table is not None and finding.rows:
            _draw_rows(finding, table, key)
        action = finding.action if table is not None else None
        if action is not None:
            icon = _icon(action)
            pressed = st.button(action.label, key=key, icon=icon)
    return action if pressed else None


def _icon(action: FixAction) -> str:
    if action.kind == "role" and action.values != ("ignored",):
        return ":material/rule_settings:"  # a role that is used, such as group or time
    return ICONS.get(action.kind, ":material/healing:")


def _draw_rows(finding: Finding, table: pa.Table, key: str) -> None:
    """The rows of the finding, its columns first; cells are shown as they are."""
    every = table.column_names
    known = set(every)
    first = [name for name in finding.columns if name in known]
    names = list(dict.fromkeys((*first, *every)))[:ROW_COLUMNS]
    with st.popover("Rows", icon=":material/table_rows:", help="Rows that show it"):
        rows = [row for row in finding.rows if row < table.num_rows]
        wanted = table.select(names)  # slices: taking rows would go through all of a long table
        shown = pa.concat_tables([wanted.slice(row, 1) for row in rows] or [wanted.slice(0, 0)])
        shown = shown.add_column(0, "row", pa.array([row + 1 for row in rows], pa.int64()))
        st.dataframe(shown, hide_index=True, key=f"{key}_rows", alt="Rows that show the finding")


def _names(finding: Finding) -> str:
    """The columns, where there are more than the message can name."""
    if len(finding.columns) <= NAMED_IN_MESSAGE:
        return ""
    names = " ".join(code(name, 40) for name in finding.columns[:SHOWN_COLUMNS])
    more = len(finding.columns) - SHOWN_COLUMNS
    return f"{names} and {more:,} more" if more > 0 else names
