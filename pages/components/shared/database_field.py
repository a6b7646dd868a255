"""The form for asking a database, where the server's owner allows that; no address is kept."""

from __future__ import annotations

import os

import streamlit as st

from automl_core.errors import AutoMLError
from automl_core.table.reading import Query, check_allowed
from pages.components.shared import session
from pages.components.shared.allowed_paths import server_folders


def allowed_hosts() -> tuple[str, ...] | None:
    """Hosts whose databases may be asked; None: any, as only this machine listens."""
    listed = os.environ.get("TORCHLIGHT_DATABASES")
    if listed is None:
        local = st.get_option("server.address") in ("127.0.0.1", "localhost", "::1")
        return None if local else ()
    return tuple(host for entry in listed.split(",") if (host := entry.strip()))


def draw_database_form() -> Query | None:
    """The form; what was asked just now, None where nothing was or where it is not allowed."""
    hosts = allowed_hosts()
    if hosts == ():
        return None
    with (
        st.expander("Or ask a database", icon=":material/database:", key="database"),
        st.form("database_form", border=False, clear_on_submit=False),
    ):
        address = st.text_input(
            "Address",
            type="password",
            placeholder="postgresql://user:password@host/database",
            help="Used once and kept nowhere. Any database whose SQLAlchemy driver is installed."
            + (f" Hosts: {', '.join(hosts)}." if hosts else ""),
            key="database_address",
            autocomplete="off",
        )
        sql = st.text_area("Query", placeholder="select * from customers", key="database_query")
        asked = st.form_submit_button("Read", key="database_read")
    if not asked or not address or not sql:
        return None
    try:
        check_allowed(address, hosts, server_folders())
    except AutoMLError as error:
        session.set_failed(None, error)
        return None
    return Query(address, sql)
