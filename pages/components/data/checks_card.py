"""The card of checks on the Data page: findings in three states, each with its click."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from automl_core.errors import AutoMLError
from automl_core.runs.record import RunOptions
from automl_core.table import DONE, Finding, FixAction, Schema, TableInfo
from automl_core.table.checks import apply_fix
from pages.components.data import split_comparison
from pages.components.shared import (
    distinct_labels,
    findings,
    frame,
    reading_settings,
    session,
    table_facts,
    table_input,
)
from pages.components.train import form_state

CHANGEABLE = ("copies", "class_weight")  # options that a fix may set
RUN_DEFAULTS: dict[str, str] = {name: getattr(RunOptions(), name) for name in CHANGEABLE}


def draw_checks(info: TableInfo, schema: Schema) -> Schema | None:
    """Findings, with the column to predict all of them; the schema that a click has changed."""
    with st.container(border=True, key="checks"):
        left, right = st.columns([3, 2])
        left.header("Checks", anchor=False)
        left.caption("What was looked for before training, and what it means for you.")
        target = session.current_target()
        names = list(schema.names)
        chosen = right.selectbox(
            "Column to predict",
            names,
            names.index(target) if target else None,
            format_func=distinct_labels(names).__getitem__,
            placeholder="choose it to look for leaks",
            key=f"check_target_{info.hash[:8]}",
        )
        if chosen != target:
            session.set_target(chosen)
            st.rerun()  # the page's header counts without it
        action = _draw(info, schema, chosen)
    return None if action is None else carry_out(action, info, schema)


def _draw(info: TableInfo, schema: Schema, target: str | None) -> FixAction | None:
    task = None
    try:
        found = table_facts.findings(info.hash, schema, target)
        if target is not None:
            task = table_facts.guessed_task(info.hash, schema, target).task
    except AutoMLError as error:  # a target that cannot be one; the rest still counts
        frame.show_error(error)
        found = table_facts.findings(info.hash, schema, None)
        target = None
    found = tuple(with_setting(f) for f in found)
    passed, shown = findings.passed_checks(found, task), findings.grouped(found, target)
    findings.draw_states(shown, len(passed))
    action = findings.draw_findings(shown, session.current_data())
    if target is not None:
        split_comparison.draw_comparisons(info, schema, target, found)
    findings.draw_passed(passed)
    return action


def with_setting(finding: Finding) -> Finding:
    """The finding; fixed where its fix is an option that the form has already."""
    action = finding.action
    if action is None or action.kind != "setting":
        return finding
    name, value = action.values
    if form_state.setting(name, RUN_DEFAULTS[name]) != value:
        return finding
    back = FixAction("setting", "Undo", (), (name, RUN_DEFAULTS[name]))
    fix = f"{DONE} the next run is set to it."
    return replace(finding, state="fixed", fix=fix, action=back, applied=True)


def _read_again(info: TableInfo, action: FixAction) -> None:
    """Read the file once more with the setting of the fix; say so where there is no file."""
    source, settings = session.source_of(info), reading_settings.settings_of(info.settings)
    if source is None or settings is None:
        what = "This table was not uploaded here, so there is nothing to read again."
        st.warning(f"{what} Remove these rows where it comes from.", icon=":material/info:")
        return
    name, value = action.values
    if name == "footer_rows":
        settings = replace(settings, footer_rows=settings.footer_rows + int(value))
    else:
        settings = replace(settings, units_row=True)
    if table_input.read(source, settings):
        st.rerun()


def carry_out(action: FixAction, info: TableInfo, schema: Schema) -> Schema | None:
    """The schema after the click; a setting is kept for the training form."""
    if action.kind == "reading":
        _read_again(info, action)
        return None
    if action.kind == "setting":
        name, value = action.values
        form_state.set_setting(name, value)
        st.rerun()
    try:
        return apply_fix(action, schema, session.current_data())
    except AutoMLError as error:
        frame.show_error(error)
        return None
