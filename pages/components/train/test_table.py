"""A test table of its own on the training form: uploaded, kept, passed to the run."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from automl_core.errors import AutoMLError
from automl_core.limits import table_limits
from automl_core.runs.record import TableLink
from automl_core.table import NOTHING_SET, ReadOptions, SourceFormat, TableInfo, put_table
from automl_core.table.reading import Upload, read_file, upload_path
from pages.components.shared import (
    FORMATS,
    Asked,
    code,
    count,
    draw_file_field,
    draw_questions,
    frame,
    session,
    workspace,
)

OWN_TABLE = -2.0  # among the shares of rows that the form offers as test part
_TABLE, _ERROR = "train_test_table", "train_test_table_error"


def draw_test_table() -> None:
    """The field for the file, and the table that was uploaded last."""
    help_text = f"{FORMATS} The same columns as the table above, the target among them."
    draw_file_field("test_table", "Test table", help_text, _take)
    if (error := session.remembered(_ERROR, AutoMLError)) is not None:
        frame.show_error(error)
    info = test_table()
    if info is not None:
        st.markdown(f":material/table: {code(info.name)}, {count(info.rows, 'row')}")
        _draw_doubts(info)


def _draw_doubts(info: TableInfo) -> None:
    """Questions about how the file was read; an answer reads it again."""
    if not info.upload:
        return
    upload, known = Upload(info.upload, info.name, 0), _training_format() or SourceFormat("")
    options = draw_questions(Asked(upload_path(upload.id, workspace()), info, known), "test_doubt")
    if options is not None:
        _take(upload, options)
        st.rerun()


def test_table() -> TableInfo | None:
    """The table uploaded last; None where there is none."""
    return session.remembered(_TABLE, TableInfo)


def refill(test: TableLink | None) -> float | None:
    """Offer the test table of an earlier run again; the form's choice, None where it had none."""
    if test is None:
        return None
    session.remember(_TABLE, TableInfo(test.hash, test.name, test.rows, 0, test.settings))
    return OWN_TABLE


def _training_format() -> SourceFormat | None:
    """The format of the training table; None where there is none."""
    info, schema = session.current_table(), session.current_schema()
    return None if info is None or schema is None else info.source_format(schema)


def _take(upload: Upload, asked: ReadOptions = NOTHING_SET) -> None:
    """Store the uploaded table where it can be read, keep the reason where it cannot."""
    session.remember(_TABLE, None)  # never test on the one before by mistake
    session.remember(_ERROR, None)
    try:
        path = upload_path(upload.id, workspace())
        known = replace(_training_format() or SourceFormat(""), asked=asked)
        table, used = read_file(path, upload.name, source_format=known)
        stored = put_table(table, workspace(), table_limits(workspace()))
    except AutoMLError as error:
        session.remember(_ERROR, error)
        return
    words = used.for_people()
    size = (table.num_rows, table.num_columns)
    info = TableInfo(stored, upload.name, *size, words, upload.id, used.decisions)
    session.remember(_TABLE, info)
