"""Slices of a model's unseen rows by column, cached for all sessions.

Keyed by the run's folder and the model; the columns are cut once for all models of a run that
predict the same rows.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from automl_core.evaluation import (
    ErrorMeasure,
    Parts,
    Slice,
    WorstSlices,
    slices_of,
    worst_slices,
)
from automl_core.files import workspace_of
from automl_core.runs import UnseenRows, cut_rows, searched_columns, unseen_rows
from automl_core.runs.record import RunFolder


@dataclass(frozen=True)
class ModelKey:
    """A model of a run; `version` changes with what it predicts."""

    run: str  # the run's folder
    trial: int
    version: str

    @property
    def folder(self) -> RunFolder:
        """The run's folder."""
        return RunFolder(Path(self.run))


@st.cache_resource(max_entries=32, show_spinner="Reading the model's predictions …")
def seen_by(model: ModelKey, measure: ErrorMeasure) -> UnseenRows:
    """The rows that are looked at, with the model's errors."""
    return unseen_rows(model.folder, model.trial, measure)


@st.cache_data(max_entries=64, show_spinner="Looking for rows where it errs …")
def worst_of(model: ModelKey, measure: ErrorMeasure) -> WorstSlices:
    """The worst slices over all columns."""
    rows = seen_by(model, measure)
    names = tuple(column.name for column in searched_columns(model.folder))
    parts = _parts(model, rows, names)
    return worst_slices(parts, rows.errors, measure.share, rows.weight)


@st.cache_data(max_entries=256, show_spinner="Comparing the rows …")
def by_column(model: ModelKey, measure: ErrorMeasure, column: str) -> tuple[Slice, ...]:
    """The error by the slices of one column of the run's table."""
    rows = seen_by(model, measure)
    (parts,) = _parts(model, rows, (column,))
    return slices_of(parts, rows.errors, measure.share, rows.weight)


def _parts(model: ModelKey, rows: UnseenRows, names: tuple[str, ...]) -> tuple[Parts, ...]:
    version = hashlib.sha256(rows.rows.tobytes()).hexdigest()
    return _cut(str(workspace_of(Path(model.run))), model.run, names, version, rows)


@st.cache_resource(max_entries=16, show_spinner=False)
def _cut(
    root: str, run: str, names: tuple[str, ...], version: str, _rows: UnseenRows
) -> tuple[Parts, ...]:
    del version  # only a key
    folder = RunFolder(Path(run))
    schema = folder.schema()
    columns = tuple(schema.column(name) for name in names)
    return cut_rows(folder, Path(root), _rows.rows, columns)
