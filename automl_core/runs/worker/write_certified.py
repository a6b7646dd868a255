"""The task of writing a model for other programs, with its certificate.

Called by `main.py`, for a page and its download.
"""

from __future__ import annotations

from pathlib import Path

from automl_core.export import load_predictor
from automl_core.keras_export import keras_package
from automl_core.onnx_export import UsualRows, build_onnx
from automl_core.runs.executor import Blobs, CertifiedTask, CertifiedWritten, unpack_rows
from automl_core.runs.worker.connection import Connection
from automl_core.runs.worker.predict import model_files
from automl_core.scoring import read_reference
from automl_core.table import open_table, take_rows


def write_certified(task: CertifiedTask, blobs: Blobs, connection: Connection) -> None:
    """Write the file and compare it with the model on rows of a stored table."""
    files = model_files(blobs)
    predictor, reference = load_predictor(files), read_reference(files)
    table = open_table(task.table, Path(task.root), verify=False)
    typed = predictor.typed(take_rows(table, unpack_rows(blobs["rows"])))
    usual = UsualRows(typed, task.rows_of)
    write = keras_package if task.form == "keras" else build_onnx
    written = write(predictor, usual, reference)
    connection.send(CertifiedWritten(written.package, written.certificate))
