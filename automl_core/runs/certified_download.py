"""The rows on which a file of a model is compared with it, and a worker that does so."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from automl_core.errors import TableError
from automl_core.files import workspace_of
from automl_core.runs.delivered import delivered_files
from automl_core.runs.executor import (
    CertifiedForm,
    CertifiedTask,
    CertifiedWritten,
    PredictionService,
)
from automl_core.runs.record import RunFolder
from automl_core.runs.reference import with_reference
from automl_core.runs.row_sources import rows_at_hand
from automl_core.table import evenly_spaced

MOST_ROWS: Mapping[CertifiedForm, int] = {"onnx": 20_000, "keras": 1_000}
"""Rows that are compared, evenly spaced where there are more; Keras is slow."""


@dataclass(frozen=True, eq=False)
class ComparedRows:
    """Rows of a stored table."""

    table: str  # content hash; "": none are at hand
    rows: NDArray[np.int64]
    rows_of: str


def write_certified(
    form: CertifiedForm, folder: RunFolder, trial: int, service: PredictionService
) -> Future[CertifiedWritten]:
    """Have a worker write the file; the future raises ModelError where that fails.

    Raises RunError where the run left no such model, TableError where its table is gone.
    """
    root = workspace_of(folder.path)
    found = compared_rows(form, folder)
    if not found.table:
        raise TableError(
            "The run's table is gone, and with it the rows to compare the file on.",
            f"Use `torchlight export --format {form}`, which makes up typical rows.",
        )
    task = CertifiedTask(form, str(root), found.table, found.rows_of)
    files = with_reference(folder, trial, delivered_files(folder, trial))
    return service.write_certified(task, files, found.rows)


def compared_rows(form: CertifiedForm, folder: RunFolder) -> ComparedRows:
    """Test rows where the run set some apart, else rows that its models learned from."""
    sources, most = rows_at_hand(folder, workspace_of(folder.path)), MOST_ROWS[form]
    if len(sources.test):
        return ComparedRows(sources.test_table, _some(sources.test, most), "test rows")
    if sources.table and len(sources.learned):
        return ComparedRows(sources.table, _some(sources.learned, most), "training rows")
    return ComparedRows("", np.zeros(0, np.int64), "")


def _some(rows: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    return rows if len(rows) <= most else rows[evenly_spaced(len(rows), most)]
