"""A run's model for other programs: compared on rows of the run, here or in a worker."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

import automl_core
from automl_core.errors import ModelError, TableError
from automl_core.export import open_bundle, zip_files
from automl_core.onnx_export import build_onnx
from automl_core.runs import bundle_of, certified_download, delivered_files, file_of_model
from automl_core.runs.certified_download import write_certified
from automl_core.runs.executor import prediction_service
from automl_core.runs.executor.tasks import CertifiedTask, read_request, request_frame
from automl_core.runs.file_of_model import file_of, file_of_bundle, written_bytes
from automl_core.runs.record import RunReader
from automl_core.runs.record.events import ENSEMBLE
from tests.finished_run import make_run
from tests.runs.test_more_rows import with_folds


def test_test_rows_where_there_are_some_else_training_rows(workspace: Path) -> None:
    folder = make_run(workspace, "run")
    written = file_of("onnx", folder, 1)
    found = written.certificate
    assert (found.rows, found.rows_of) == (240, "training rows")
    assert json.loads(written.package["training.json"])["rows"] == 240
    name = RunReader(folder).refresh().trials[1].name
    for path in (workspace / "model.zip", workspace / "model.onnx"):
        automl_core.open_run(folder.path).export(path, "onnx", name)
        assert path.read_bytes() == written_bytes("onnx", written, path)
    assert "service.py" in zipfile.ZipFile(workspace / "model.zip").namelist()
    found = file_of("onnx", with_folds(folder), 1).certificate
    assert (found.rows, found.rows_of) == (40, "test rows")


def test_a_form_has_its_own_number_of_rows_and_its_package_is_a_zip(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(file_of_model.WRITERS, "keras", build_onnx)  # which is always there
    monkeypatch.setattr(certified_download, "MOST_ROWS", {"onnx": 50, "keras": 30})
    folder = make_run(workspace, "run")
    out = workspace / "model.keras"
    automl_core.open_run(folder.path).export(out, "keras", "linear-2")
    written = file_of("keras", folder, 2)
    assert written.certificate.rows == 30
    assert out.read_bytes() == written_bytes("keras", written, out) == zip_files(written.package)
    assert file_of("onnx", folder, 2).certificate.rows == 50


def test_a_worker_writes_the_same_file(
    workspace: Path, service: prediction_service.PredictionService
) -> None:
    folder = with_folds(make_run(workspace, "run"))
    task = CertifiedTask("onnx", str(workspace), "0" * 8, "test rows")
    assert read_request(request_frame(3, task)) == (3, task)
    written = write_certified("onnx", folder, 1, service).result(timeout=60)
    expected = file_of("onnx", folder, 1)
    assert written.files == expected.package
    assert written.files["model.onnx"] == expected.data and "score.py" in written.files
    assert written.certificate == expected.certificate
    files = delivered_files(folder, 1)
    files["members/0/encoder.json"] = b"{}"
    job = service.write_certified(task, files, np.arange(3))
    with pytest.raises(ModelError, match="There is no ONNX file"):
        job.result(timeout=60)


def test_without_its_table_only_typical_rows_are_left(workspace: Path) -> None:
    folder = make_run(workspace, "run")
    state = RunReader(folder).refresh()
    bundle = workspace / "model.zip"
    bundle.write_bytes(bundle_of(folder, state.models[ENSEMBLE]))
    for path in (workspace / "tables").glob("*"):
        path.unlink()
    found = file_of("onnx", folder, ENSEMBLE).certificate
    assert (found.rows, found.rows_of) == (1000, "typical rows")
    with pytest.raises(TableError, match="table is gone"):
        write_certified("onnx", folder, 1, None)  # type: ignore[arg-type]  # it is never asked
    files, manifest = open_bundle(bundle)
    written = file_of_bundle("onnx", files, manifest.info)
    model, out = automl_core.load(bundle), workspace / "below" / "model.onnx"
    assert model.save_onnx(out) == written.certificate and out.read_bytes() == written.data
    model.save_onnx(out.with_suffix(".zip"))
    assert out.with_suffix(".zip").read_bytes() == zip_files(written.package)
