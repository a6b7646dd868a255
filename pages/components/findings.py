"""What was checked about a table: needs you, noted, handled or passed; by icon and word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

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
ALIKE_SHOWN = 3  # so many findings of one kind are shown one by one
TOGETHER = {
    "leak": (
        "columns predict the target almost perfectly, each alone.",
        "Leave out those that are not known when a prediction is made.",
    ),
    "constant": (
        "columns have the same value in every row, so they tell nothing.",
        "They are left out of training.",
    ),
    "all_missing": ("columns have no value in any row.", "They are left out of training."),
    "id": ("columns only identify rows.", "They are left out of training."),
    "disguised_missing": (
        "columns have values that may stand for a missing one.",
        "Look at their values; marks such as ? are read as missing where all else is a number.",
    ),
    "unit": (
        "columns hold numbers with units, which are read as words.",
        "Write them as plain numbers in one unit.",
    ),
    "duplicate": (
        "columns repeat others, cell for cell.",
        "Keep one of each; importance is otherwise shared between them.",
    ),
}
NAMED_IN_MESSAGE, SHOWN_COLUMNS = 3, 8
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
    ordered = sorted(grouped(findings, target), key=lambda f: _order(f, unused, target))
    for place, finding in enumerate(ordered):
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


def grouped(findings: Sequence[Finding], target: str | None) -> list[Finding]:
    """The findings, many of one kind put into one: a wide table has hundreds of them."""
    kinds: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        kinds.setdefault((finding.kind, finding.severity), []).append(finding)
    shown: list[Finding] = []
    for (kind, _), alike in kinds.items():
        if len(alike) <= ALIKE_SHOWN or kind not in TOGETHER:
            shown += alike
            continue
        names = tuple(dict.fromkeys(name for f in alike for name in suspects(f, target)))
        says, fix = TOGETHER[kind]
        shown.append(replace(alike[0], columns=names, message=f"{len(names):,} {says}", fix=fix))
    return shown


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
            st.caption(" ".join(filter(None, (escape_markdown(finding.fix), _names(finding)))))
        if button:
            pressed = st.button("Leave out", key=button, icon=":material/visibility_off:")
    return pressed


def _names(finding: Finding) -> str:
    """The columns, where there are more than the message can name."""
    if len(finding.columns) <= NAMED_IN_MESSAGE:
        return ""
    names = " ".join(code(name, 40) for name in finding.columns[:SHOWN_COLUMNS])
    more = len(finding.columns) - SHOWN_COLUMNS
    return f"{names} and {more:,} more" if more > 0 else names
