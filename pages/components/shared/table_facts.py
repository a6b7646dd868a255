"""Findings and distributions of a table for the pages, cached for all sessions.

Keyed by the table's content and the schema, never by the rows themselves; only frozen records
and, of a long table, the rows that are looked at are kept. How many cells are missing and how
many differ is counted over all rows, in the schema; findings and distributions of a long table
rest on some of its rows, and `rows_looked_at` says so.
"""

from __future__ import annotations

import hashlib

import pyarrow as pa
import streamlit as st

from automl_core.errors import AutoMLError
from automl_core.profile import ColumnProfile, profile_columns
from automl_core.table import Column, Finding, Schema, load_info, open_table, sample_rows
from automl_core.table.checks import (
    ColumnMemo,
    columns_compared,
    encoding_findings,
    find_problems,
    row_copies,
)
from automl_core.table.inference import (
    TargetSummary,
    TaskGuess,
    describe_target,
    guess_task,
)
from automl_core.types import Task
from pages.components.shared.access import workspace

LONG = 400_000
"""Rows from which on a table is looked at in part."""
LOOK = 100_000
"""Rows, evenly spaced, that are looked at then."""
VERY_LONG = 2_000_000
"""Rows from which on duplicate rows are looked for once, in the columns that count at first:
who changes a role shall not wait while all rows are compared anew."""


def rows_looked_at(rows: int) -> int:
    """The number of rows that findings and distributions are computed from."""
    return rows if rows <= LONG else LOOK


def findings(table_hash: str, schema: Schema, target: str | None) -> tuple[Finding, ...]:
    """The findings of the table; with a target also its leaks."""
    found = _findings(str(workspace()), table_hash, schema.digest, target, schema)
    try:
        words = load_info(table_hash, workspace()).settings
    except AutoMLError:  # a table of no file
        return found
    return (*encoding_findings(open_table(table_hash, workspace()), words), *found)


def profiles(
    table_hash: str, schema: Schema, columns: tuple[Column, ...]
) -> tuple[ColumnProfile, ...]:
    """Profiles of some of the columns, in their order; a changed one alone is made anew."""
    with st.spinner("Looking at the columns …"):
        parts = (Schema((column,), schema.rows) for column in columns)
        return tuple(_profile(str(workspace()), table_hash, p.digest, p) for p in parts)


def guessed_task(table_hash: str, schema: Schema, target: str) -> TaskGuess:
    """The task that a column suggests as the target, and why; kept for all sessions.

    Raises TableError where the table has no such column.
    """
    return _guess(str(workspace()), table_hash, schema.column(target).digest, target, schema)


def described_target(table_hash: str, schema: Schema, target: str, task: Task) -> TargetSummary:
    """The target's distribution and problems; kept for all sessions.

    Raises TableError where no model can learn it as this task.
    """
    key = schema.column(target).digest
    return _describe(str(workspace()), table_hash, key, target, task, schema)


@st.cache_resource(max_entries=64, show_spinner=False)
def _guess(root: str, table_hash: str, version: str, target: str, _schema: Schema) -> TaskGuess:
    del root, version  # only keys
    return guess_task(open_table(table_hash, workspace()), _schema, target)


@st.cache_resource(max_entries=64, show_spinner=False)
def _describe(
    root: str, table_hash: str, version: str, target: str, task: Task, _schema: Schema
) -> TargetSummary:
    del root, version  # only keys
    return describe_target(open_table(table_hash, workspace()), _schema, target, task)


@st.cache_resource(max_entries=32, show_spinner="Checking the columns …")
def _findings(
    root: str, table_hash: str, version: str, target: str | None, _schema: Schema
) -> tuple[Finding, ...]:
    del version  # only a key
    whole = open_table(table_hash, workspace())
    again = _schema.rows < VERY_LONG
    compared = repr(columns_compared(_schema)) if again else ""
    key = hashlib.blake2b(compared.encode(), digest_size=16).hexdigest()
    copies = _copies(root, table_hash, target, key, _schema)
    rows, memo = _rows(root, table_hash, _schema.rows), _memo(root, table_hash)
    return find_problems(whole, _schema, target, rows, copies, memo)


@st.cache_resource(max_entries=4, show_spinner=False)
def _memo(root: str, table_hash: str) -> ColumnMemo:
    """What is known of single columns: a changed role costs a look at its column alone."""
    del root, table_hash  # only keys
    return ColumnMemo()


@st.cache_resource(max_entries=32, show_spinner="Looking for duplicate rows …")
def _copies(
    root: str, table_hash: str, target: str | None, compared: str, _schema: Schema
) -> list[Finding]:
    """Kept apart: most roles can change without these, which all rows are read for."""
    del root, compared  # only keys
    return row_copies(open_table(table_hash, workspace()), _schema, target)


@st.cache_resource(max_entries=2_000, show_spinner=False)
def _profile(root: str, table_hash: str, version: str, _schema: Schema) -> ColumnProfile:
    del version  # only a key
    table = _rows(root, table_hash, _schema.rows)
    return profile_columns(table.select(_schema.names), _schema)[0]


def _rows(root: str, table_hash: str, rows: int) -> pa.Table:
    if rows_looked_at(rows) == rows:
        return open_table(table_hash, workspace())
    return _some_rows(root, table_hash)


@st.cache_resource(max_entries=2, show_spinner="Looking at the rows …")
def _some_rows(root: str, table_hash: str) -> pa.Table:
    del root  # only a key
    return sample_rows(open_table(table_hash, workspace()), LOOK)
