"""The state of this browser session: table, schema, target, run.

The only place that touches `st.session_state` and the address for them. A table and a run are
named in the address (`?table=`, `?run=`), so that a reload, a second browser and a link that is
the first request to a fresh server find them again; the address wins over what the session
remembers. Knows nothing of pages.
"""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass
from typing import TypeVar

import pyarrow as pa
import streamlit as st

from automl_core.errors import AutoMLError
from automl_core.runs import mark_used
from automl_core.table import Schema, TableInfo, load_info, load_schema, open_table, save_schema
from automl_core.table.reading import ReadSettings
from pages.components.shared.access import visible_run, workspace

T = TypeVar("T")

_TABLE, _SCHEMA, _TARGET, _RUN = "_table", "_schema", "_target", "_run"
_DATA = "_data"
_UPLOADS, _SOURCE, _FAILED = "_uploads", "_source", "_failed"
_ID = "session_id"
_LOG_ID = "_log_id"
RETRY_KEY = "retry"


@dataclass(frozen=True)
class Source:
    """The source of a table: an upload in the workspace, or a path on the server."""

    name: str  # what the user called it, never used as a path
    upload: str = ""  # id of the upload
    path: str = ""


@dataclass(frozen=True)
class Failed:
    """A file that could not be read, and why; kept so that it can be read differently."""

    source: Source | None
    error: AutoMLError
    settings: ReadSettings | None


def current_table() -> TableInfo | None:
    """The table being worked on: named in the address, remembered, or that of the run."""
    known: TableInfo | None = st.session_state.get(_TABLE)
    asked = st.query_params.get("table", "")
    if asked and (known is None or known.hash != asked):
        known = _load(asked) or known
    if known is None:
        known = _table_of_run()
    if known is None:
        return None
    if known != st.session_state.get(_TABLE):
        set_table(known)
    _address("table", known.hash)
    return known


def set_table(info: TableInfo) -> None:
    """Work on this table from now on; its target and schema start afresh if it is another."""
    before: TableInfo | None = st.session_state.get(_TABLE)
    if before is None or before.hash != info.hash:
        st.session_state.pop(_TARGET, None)
        st.session_state.pop(_SCHEMA, None)
        mark_used(info.hash, workspace())
    st.session_state[_TABLE] = info
    _address("table", info.hash)


def current_data() -> pa.Table:
    """The rows of the current table, memory-mapped. Call only where there is one."""
    info = current_table()
    assert info is not None, "no current table"
    table = open_table(info.hash, workspace())
    st.session_state[_DATA] = table  # held, so that it need not be opened again and again
    return table


def current_schema() -> Schema | None:
    """The current table's schema as edited so far, inferred and kept where there is none."""
    info = current_table()
    if info is None:
        return None
    known: tuple[str, Schema] | None = st.session_state.get(_SCHEMA)
    if known is not None and known[0] == info.hash:
        return known[1]
    try:
        schema = load_schema(info.hash, workspace())
    except AutoMLError:  # damaged, or written by a newer version: the rows are still there
        schema = None
    if schema is None:
        from automl_core.table.inference import infer_schema

        schema = infer_schema(open_table(info.hash, workspace()), info.decimal)
    set_schema(schema)
    return schema


def set_schema(schema: Schema) -> None:
    """Keep the current table's schema, also on disk for the next session."""
    info = current_table()
    assert info is not None, "no current table"
    st.session_state[_SCHEMA] = (info.hash, schema)
    save_schema(info.hash, schema, workspace())


def current_target() -> str | None:
    """The column to predict, where one was picked for this table and still is in it."""
    target: str | None = st.session_state.get(_TARGET)
    schema = current_schema() if target is not None else None
    return target if schema is not None and target in schema.names else None


def set_target(name: str | None) -> None:
    """Remember the column to predict."""
    st.session_state[_TARGET] = name


def current_run() -> str | None:
    """Id of the run being looked at: named in the address, or remembered. May be unknown."""
    run: str | None = st.query_params.get("run") or st.session_state.get(_RUN)
    if run:
        set_run(run)
    return run or None


def set_run(run: str | None) -> None:
    """Look at this run from now on; None goes back to setting up a new one."""
    st.session_state[_RUN] = run
    if run:
        _address("run", run)
    else:
        _forget("run")


def upload_key() -> str:
    """Key of the upload field; a renewed one forgets the file that was in it."""
    return f"upload_{st.session_state.get(_UPLOADS, 0)}"


def renew_upload_key() -> None:
    """Free the uploaded bytes, which the field's old key holds in memory."""
    st.session_state[_UPLOADS] = st.session_state.get(_UPLOADS, 0) + 1


def set_source(table_hash: str, source: Source) -> None:
    """Remember what the table was read from, to read it again with other settings."""
    st.session_state[_SOURCE] = (table_hash, source)


def source_of(info: TableInfo) -> Source | None:
    """The source of the table; None for a sample, or a path opened in another session."""
    known: tuple[str, Source] | None = st.session_state.get(_SOURCE)
    if known is not None and known[0] == info.hash:
        return known[1]
    return Source(info.name, upload=info.upload) if info.upload else None


def failed() -> Failed | None:
    """The file that could not be read last, if nothing was read since."""
    known: Failed | None = st.session_state.get(_FAILED)
    return known


def set_failed(
    source: Source | None, error: AutoMLError | None, settings: ReadSettings | None = None
) -> None:
    """Remember a file that could not be read; an error of None forgets it."""
    before = failed()
    if before is None or before.source != source:
        # The form starts from this file's settings, not from what was typed for another one.
        for key in [k for k in st.session_state if str(k).startswith(RETRY_KEY)]:
            del st.session_state[key]
    st.session_state[_FAILED] = None if error is None else Failed(source, error, settings)


def forget() -> None:
    """Forget all: what was open, what was typed, and what the address names."""
    st.session_state.clear()
    st.query_params.clear()


def remember(name: str, value: object) -> None:
    """Keep something a single page needs again; None forgets it."""
    st.session_state[f"_{name}"] = value


def remembered(name: str, kind: type[T]) -> T | None:
    """The value that a page kept under that name, where it is of this kind."""
    value = st.session_state.get(f"_{name}")
    return value if isinstance(value, kind) else None


def session_id() -> str:
    """A word that tells this browser session from others, as long as it lasts."""
    if (known := remembered(_ID, str)) is None:
        remember(_ID, known := uuid.uuid4().hex)
    return known


def log_id() -> str:
    """What this session is called in the log; it opens nothing."""
    known: str | None = st.session_state.get(_LOG_ID)
    if known is None:
        known = st.session_state[_LOG_ID] = secrets.token_hex(4)
    return known


def address() -> dict[str, str]:
    """Table and run as query parameters, for links to other pages. Changes nothing."""
    info: TableInfo | None = st.session_state.get(_TABLE)
    run = st.session_state.get(_RUN) or st.query_params.get("run")
    table = info.hash if info is not None else st.query_params.get("table")
    return {key: value for key, value in (("table", table), ("run", run)) if value}


def _load(table_hash: str) -> TableInfo | None:
    try:
        return load_info(table_hash, workspace())
    except AutoMLError:  # a link to a table that was deleted, or a mistyped one
        return None


def _table_of_run() -> TableInfo | None:
    run = address().get("run")
    if run is None:
        return None
    try:
        return _load(visible_run(run).spec().given.hash)
    except AutoMLError:  # the page that shows the run says what is wrong with it
        return None


def _address(key: str, value: str) -> None:
    if st.query_params.get(key) != value:
        st.query_params[key] = value


def _forget(key: str) -> None:
    if key in st.query_params:
        del st.query_params[key]
