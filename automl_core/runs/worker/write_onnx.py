"""The task of writing a model as an ONNX file, with its certificate.

Called by `main.py`, for a page and its download.
"""

from __future__ import annotations

from pathlib import Path

from automl_core.export import load_predictor
from automl_core.onnx_export import UsualRows, build_onnx
from automl_core.runs.executor import Blobs, OnnxTask, OnnxWritten, unpack_rows
from automl_core.runs.worker.connection import Connection
from automl_core.runs.worker.predict import model_files
from automl_core.scoring import read_reference
from automl_core.table import open_table, take_rows


def write_onnx(task: OnnxTask, blobs: Blobs, connection: Connection) -> None:
    """Write the file and compare it with the model on rows of a stored table."""
    files = model_files(blobs)
    predictor = load_predictor(files)
    table = open_table(task.table, Path(task.root), verify=False)
    typed = predictor.typed(take_rows(table, unpack_rows(blobs["rows"])))
    written = build_onnx(predictor, UsualRows(typed, task.rows_of), read_reference(files))
    connection.send(OnnxWritten(written.package, written.certificate))
