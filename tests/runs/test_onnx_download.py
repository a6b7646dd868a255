"""A run's model as ONNX: compared on the rows that the run has, in this process or in a worker."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

import automl_core
from automl_core.errors import ModelError, TableError
from automl_core.export import open_bundle, zip_files
from automl_core.runs import bundle_of, delivered_files
from automl_core.runs.executor import prediction_service
from automl_core.runs.executor.tasks import OnnxTask, read_request, request_frame
from automl_core.runs.onnx_download import write_onnx
from automl_core.runs.onnx_of_model import onnx_bytes, onnx_of, onnx_of_bundle
from automl_core.runs.record import RunReader
from automl_core.runs.record.events import ENSEMBLE
from tests.finished_run import make_run
from tests.runs.test_more_rows import with_folds


def test_test_rows_where_there_are_some_else_training_rows(workspace: Path) -> None:
    folder = make_run(workspace, "run")
    written = onnx_of(folder, 1)
    found = written.certificate
    assert (found.rows, found.rows_of) == (240, "training rows")
    assert json.loads(written.package["training.json"])["rows"] == 240
    name = RunReader(folder).refresh().trials[1].name
    for path in (workspace / "model.zip", workspace / "model.onnx"):
        automl_core.open_run(folder.path).export(path, "onnx", name)
        assert path.read_bytes() == onnx_bytes(written, path)
    assert "service.py" in zipfile.ZipFile(workspace / "model.zip").namelist()
    found = onnx_of(with_folds(folder), 1).certificate
    assert (found.rows, found.rows_of) == (40, "test rows")


def test_a_worker_writes_the_same_file(
    workspace: Path, service: prediction_service.PredictionService
) -> None:
    folder = with_folds(make_run(workspace, "run"))
    task = OnnxTask(str(workspace), "0" * 8, "test rows")
    assert read_request(request_frame(3, task)) == (3, task)
    written = write_onnx(folder, 1, workspace, service).result(timeout=60)
    expected = onnx_of(folder, 1)
    assert written.files == expected.package
    assert written.files["model.onnx"] == expected.data and "score.py" in written.files
    assert written.certificate == expected.certificate
    files = delivered_files(folder, 1)
    files["members/0/encoder.json"] = b"{}"
    job = service.write_onnx(task, files, np.arange(3))
    with pytest.raises(ModelError, match="There is no ONNX file"):
        job.result(timeout=60)


def test_without_its_table_only_typical_rows_are_left(workspace: Path) -> None:
    folder = make_run(workspace, "run")
    state = RunReader(folder).refresh()
    bundle = workspace / "model.zip"
    bundle.write_bytes(bundle_of(folder, state.models[ENSEMBLE]))
    for path in (workspace / "tables").glob("*"):
        path.unlink()
    found = onnx_of(folder, ENSEMBLE).certificate
    assert (found.rows, found.rows_of) == (1000, "typical rows")
    with pytest.raises(TableError, match="table is gone"):
        write_onnx(folder, 1, workspace, None)  # type: ignore[arg-type]  # it is never asked
    files, manifest = open_bundle(bundle)
    written = onnx_of_bundle(files, manifest.info)
    model, out = automl_core.load(bundle), workspace / "below" / "model.onnx"
    assert model.save_onnx(out) == written.certificate and out.read_bytes() == written.data
    model.save_onnx(out.with_suffix(".zip"))
    assert out.with_suffix(".zip").read_bytes() == zip_files(written.package)
