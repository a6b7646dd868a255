"""What was checked about a table: needs you, noted, handled or passed; by icon and word."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from automl_core.table.findings import Finding
from automl_core.table.schema import Schema
from pages.components.text import code, escape_markdown

# What each kind of finding looks for, in the words of a check that passed.
CHECKS = {
    "leak": "No column gives the target away",
    "constant": "No column is constant",
    "id": "No column only names the rows",
    "all_missing": "No column is empty",
    "disguised_missing": "No missing values in disguise",
    "duplicate": "No column repeats another",
    "unit": "No column mixes units",
    "imbalance": "Classes are balanced",
}
STATES = {
    "handled": ("Handled", ":material/task_alt:", "blue"),
    "info": ("Noted", ":material/info:", "gray"),
    "warning": ("Needs you", ":material/flag:", "orange"),
    "error": ("Needs you", ":material/error:", "red"),
}
LEFT_OUT = ("leak", "id", "constant", "all_missing")  # mended by leaving the columns out
UNUSED = ("id", "ignored")
SHOWN_COLUMNS = 8
BADGE_WIDTH = 104  # pixels, so that the messages stand below each other


def draw_findings(
    findings: Sequence[Finding],
    passed: Sequence[str] = (),
    schema: Schema | None = None,
    target: str | None = None,
) -> tuple[str, ...]:
    """The findings, what needs the user first, then one line of the checks that passed.

    With a schema, a finding whose columns are left out already counts as handled, and one that
    leaving out would mend has a button for it; returns the columns of the pressed one.
    """
    columns = schema.columns if schema else ()
    unused = frozenset(c.name for c in columns if c.role in UNUSED)
    leave_out: tuple[str, ...] = ()
    for place, finding in enumerate(sorted(findings, key=lambda f: _order(f, unused, target))):
        state = _state(finding, unused, target)
        offered = schema is not None and state != "handled" and finding.kind in LEFT_OUT
        if _draw(finding, state, f"leave_out_{place}" if offered else ""):
            leave_out = suspects(finding, target)
    if passed:
        with st.container(horizontal=True, wrap=False, gap="small"):
            with st.container(width=BADGE_WIDTH):
                st.badge("Passed", icon=":material/check:", color="green")
            st.caption(" · ".join(passed))
    return leave_out


def suspects(finding: Finding, target: str | None) -> tuple[str, ...]:
    """The columns of a finding that could be left out: all but the target."""
    return tuple(name for name in finding.columns if name != target)


def _state(finding: Finding, unused: frozenset[str], target: str | None) -> str:
    columns = suspects(finding, target)
    return "handled" if columns and unused.issuperset(columns) else finding.severity


def _order(finding: Finding, unused: frozenset[str], target: str | None) -> int:
    return ("error", "warning", "info", "handled").index(_state(finding, unused, target))


def passed_checks(findings: Sequence[Finding], kinds: Sequence[str]) -> tuple[str, ...]:
    """The checks of these kinds that found nothing, in words."""
    found = {finding.kind for finding in findings}
    return tuple(CHECKS[kind] for kind in kinds if kind in CHECKS and kind not in found)


def _draw(finding: Finding, state: str, button: str) -> bool:
    word, icon, colour = STATES[state]
    pressed = False
    with st.container(horizontal=True, wrap=False, gap="small"):
        with st.container(width=BADGE_WIDTH):
            st.badge(word, icon=icon, color=colour)  # type: ignore[arg-type]
        with st.container(gap="xxsmall", width="stretch"):
            st.markdown(escape_markdown(finding.message))
            more = len(finding.columns) - SHOWN_COLUMNS
            names = " ".join(code(name, 40) for name in finding.columns[:SHOWN_COLUMNS])
            tail = f" and {more:,} more" if more > 0 else ""
            fix = escape_markdown(finding.fix)
            st.caption(" ".join(part for part in (fix, names + tail) if part.strip()))
        if button:
            pressed = st.button("Leave out", key=button, icon=":material/visibility_off:")
    return pressed
