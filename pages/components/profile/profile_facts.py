"""The summaries of a table that the Profile page shows, cached for all sessions.

Keyed by the table's content and the schema; only the sample and frozen records are kept.
"""

from __future__ import annotations

import streamlit as st

from automl_core.profile import (
    MAX_ROWS,
    Sample,
    associations,
    by_target,
    missing_map,
    take_sample,
    take_whole,
)
from automl_core.table import Schema, open_table
from pages.components.shared import workspace


def sample_of(table_hash: str, schema: Schema) -> Sample:
    """The rows that the page looks at.

    Those of a short table are read where they are stored, as only what is made of them is kept.
    """
    if schema.rows <= MAX_ROWS:
        return take_sample(open_table(table_hash, workspace()), schema)
    return _sample(str(workspace()), table_hash, schema.digest, schema)


def associations_of(
    table_hash: str, schema: Schema, target: str | None
) -> associations.Associations:
    """The associations of columns."""
    return _associations(str(workspace()), table_hash, schema.digest, target, schema)


def missing_of(table_hash: str, schema: Schema) -> missing_map.MissingMap:
    """The pattern of missing cells."""
    return _missing(str(workspace()), table_hash, schema.digest, schema)


def spread_of(
    table_hash: str, schema: Schema, column: str, target: str | None, classes: bool
) -> by_target.Distribution:
    """The distribution of a column by the target, in all rows or in those of the sample."""
    return _spread(str(workspace()), table_hash, schema.digest, column, target, classes, schema)


@st.cache_resource(max_entries=4, show_spinner="Looking at the rows …")
def _sample(root: str, table_hash: str, version: str, _schema: Schema) -> Sample:
    del root, version  # only keys
    return take_sample(open_table(table_hash, workspace()), _schema)


@st.cache_resource(max_entries=16, show_spinner="Comparing the columns …")
def _associations(
    root: str, table_hash: str, version: str, target: str | None, _schema: Schema
) -> associations.Associations:
    del root, version  # only keys
    return associations.associations(sample_of(table_hash, _schema), target)


@st.cache_resource(max_entries=64, show_spinner="Counting …")
def _spread(
    root: str, table_hash: str, version: str, column: str, target: str | None, classes: bool,
    _schema: Schema,
) -> by_target.Distribution:  # fmt: skip
    del root, version  # only keys
    names = [column] if target is None else [column, target]
    table = open_table(table_hash, workspace())
    sample = take_whole(table, _schema, names) or sample_of(table_hash, _schema)
    return by_target.distribution(sample, column, target, classes)


@st.cache_resource(max_entries=16, show_spinner="Looking for gaps …")
def _missing(root: str, table_hash: str, version: str, _schema: Schema) -> missing_map.MissingMap:
    del root, version  # only keys
    return missing_map.missing_map(sample_of(table_hash, _schema))
