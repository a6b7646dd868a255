"""The task of writing a model for PyTorch. Called by `main.py`, for a download."""

from __future__ import annotations

from automl_core.export import load_predictor
from automl_core.runs.executor import Blobs, PackageWritten
from automl_core.runs.worker.connection import Connection
from automl_core.runs.worker.predict import model_files
from automl_core.torch_export import torch_package


def write_package(blobs: Blobs, connection: Connection) -> None:
    """Write the files."""
    connection.send(PackageWritten(torch_package(load_predictor(model_files(blobs)))))
