"""The form for asking a database, where the server's owner allows that; no address is kept."""

from __future__ import annotations

import streamlit as st

from automl_core.errors import AutoMLError
from automl_core.table.reading import Query, check_allowed, only_reads
from pages.components.shared import session
from pages.components.shared.allowed_paths import (
    database_hosts,
    how_to_allow_databases,
    server_folders,
)


def draw_database_form() -> Query | None:
    """The form; what was asked just now, None where nothing was or where it is not allowed."""
    hosts, folders = database_hosts(), server_folders()
    if hosts == () and not folders:
        return None
    with (
        st.expander("Query a database", icon=":material/database:", key="database"),
        st.form("database_form", border=False, clear_on_submit=False),
    ):
        address = st.text_input(
            "Address",
            type="password",
            placeholder="postgresql://user:password@host/database",
            help="Used once and kept nowhere. Any database whose SQLAlchemy driver is installed."
            + _allowed(hosts),
            key="database_address",
            autocomplete="off",
        )
        sql = st.text_area("Query", placeholder="select * from customers", key="database_query")
        asked = st.form_submit_button("Read", key="database_read")
    if not address or not sql:
        return None
    try:
        check_allowed(address, hosts, folders)
        confirmed = only_reads(address) or _confirmed()
    except AutoMLError as error:
        if asked:
            session.set_failed(None, error)
        return None
    return Query(address, sql, confirmed) if asked else None


def _confirmed() -> bool:
    """Asked outside the form, as it is seen only once the address is known."""
    st.warning(
        "This kind of database cannot be asked in a way that refuses changes. The query is sent "
        "only if it is a single SELECT, yet a function that it calls may still change something.",
        icon=":material/warning:",
    )
    return st.checkbox("This query only reads", key="database_confirmed")


def _allowed(hosts: tuple[str, ...] | None) -> str:
    if hosts is None:
        return ""
    if not hosts:
        return f" SQLite files only; for other databases: {how_to_allow_databases()}"
    return f" Hosts: {', '.join(hosts)}."
