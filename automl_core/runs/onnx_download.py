"""The rows on which the ONNX file of a model is compared with it, and a worker that does so."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from automl_core.errors import TableError
from automl_core.runs.delivered import delivered_files
from automl_core.runs.executor import OnnxTask, OnnxWritten, PredictionService
from automl_core.runs.record import RunFolder
from automl_core.runs.reference import with_reference
from automl_core.runs.row_sources import rows_at_hand
from automl_core.table import evenly_spaced

MOST_ROWS = 20_000
"""Rows that are compared, evenly spaced where there are more."""


@dataclass(frozen=True, eq=False)
class ComparedRows:
    """Rows of a stored table."""

    table: str  # content hash; "": none are at hand
    rows: NDArray[np.int64]
    rows_of: str


def write_onnx(
    folder: RunFolder, trial: int, root: Path, service: PredictionService
) -> Future[OnnxWritten]:
    """Have a worker write the file; the future raises ModelError where that fails.

    Raises RunError where the run left no such model, TableError where its table is gone.
    """
    found = compared_rows(folder, root)
    if not found.table:
        raise TableError(
            "The run's table is gone, and with it the rows to compare the file on.",
            "Use `torchlight export --format onnx`, which makes up typical rows.",
        )
    task = OnnxTask(str(root), found.table, found.rows_of)
    files = with_reference(folder, trial, delivered_files(folder, trial))
    return service.write_onnx(task, files, found.rows)


def compared_rows(folder: RunFolder, root: Path) -> ComparedRows:
    """Test rows where the run set some apart, else rows that its models learned from."""
    sources = rows_at_hand(folder, root)
    if len(sources.test):
        return ComparedRows(sources.test_table, _some(sources.test), "test rows")
    if sources.table and len(sources.learned):
        return ComparedRows(sources.table, _some(sources.learned), "training rows")
    return ComparedRows("", np.zeros(0, np.int64), "")


def _some(rows: NDArray[np.int64]) -> NDArray[np.int64]:
    if len(rows) <= MOST_ROWS:
        return rows
    return rows[evenly_spaced(len(rows), MOST_ROWS)]
