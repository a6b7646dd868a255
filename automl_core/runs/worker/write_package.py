"""The task of writing a model for other programs. Called by `main.py`, for a download."""

from __future__ import annotations

from automl_core.export import load_predictor
from automl_core.keras_export import keras_package
from automl_core.runs.executor import Blobs, PackageTask, PackageWritten
from automl_core.runs.worker.connection import Connection
from automl_core.runs.worker.predict import model_files
from automl_core.torch_export import torch_package


def write_package(task: PackageTask, blobs: Blobs, connection: Connection) -> None:
    """Write the files."""
    files = model_files(blobs)
    written = keras_package(files) if task.form == "keras" else torch_package(load_predictor(files))
    connection.send(PackageWritten(written))
