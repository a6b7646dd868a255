"""What is computed about a table for the pages, kept once for all sessions.

Keyed by the table's content and the schema, never by the rows themselves; only frozen records
are kept.
"""

from __future__ import annotations

import hashlib

import pyarrow as pa
import streamlit as st

from automl_core.files import workspace
from automl_core.table.findings import Finding
from automl_core.table.profile import ColumnProfile, profile_columns
from automl_core.table.quality import find_problems
from automl_core.table.schema import Column, Schema
from automl_core.table.store import open_table


def digest(schema: Schema) -> str:
    """A short name of exactly this schema, for keys of caches and widgets."""
    return hashlib.blake2b(repr(schema).encode(), digest_size=8).hexdigest()


def findings(table_hash: str, schema: Schema, target: str | None) -> tuple[Finding, ...]:
    """What is wrong with the table; with a target also what gives it away."""
    return _findings(str(workspace()), table_hash, digest(schema), target, schema)


def profiles(
    table_hash: str, schema: Schema, columns: tuple[Column, ...]
) -> tuple[ColumnProfile, ...]:
    """Profiles of some of the columns, in their order."""
    part = Schema(columns, schema.rows)
    return _profiles(str(workspace()), table_hash, digest(part), part)


@st.cache_resource(max_entries=32, show_spinner="Checking the columns …")
def _findings(
    root: str, table_hash: str, version: str, target: str | None, _schema: Schema
) -> tuple[Finding, ...]:
    del root, version  # only keys
    return find_problems(open_table(table_hash, workspace()), _schema, target)


@st.cache_resource(max_entries=64, show_spinner="Looking at the columns …")
def _profiles(
    root: str, table_hash: str, version: str, _schema: Schema
) -> tuple[ColumnProfile, ...]:
    del root, version  # only keys
    table: pa.Table = open_table(table_hash, workspace())
    return profile_columns(table, _schema)
