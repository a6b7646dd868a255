"""An export for Keras runs without Torchlight, with parts of Keras alone."""

from __future__ import annotations

import importlib.util
import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.csv
import pytest

from automl_core import keras_export
from automl_core.errors import LibraryError, ModelError
from automl_core.export import load_predictor, predictions_table, read_bundle
from automl_core.keras_export import graph_model, keras_model, package
from automl_core.keras_export.tables import Tables
from automl_core.onnx_export import GraphBuilder, UsualRows
from automl_core.onnx_export.encoders import feeds
from automl_core.onnx_export.scorer.scoring_error import ScoringError
from automl_core.records import to_plain
from automl_core.table import Column, TypedTable
from tests.onnx_export.unpacked import write_files


def has_keras() -> bool:
    """Keras is installed."""
    return importlib.util.find_spec("keras") is not None


needs_keras = pytest.mark.skipif(not has_keras(), reason="Keras is not installed")
# Keras turns tensors of PyTorch into arrays in a way that numpy 2 warns of
keras_alone = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
pytestmark = keras_alone

FORMATS = Path(__file__).parents[1] / "formats" / "v0_5_0"
PROGRAM = """
import csv, json, sys
import keras, score
from arrays import arrays
described = json.load(open("model.json"))
cells = json.load(open("cells.json"))
model = keras.saving.load_model("model.keras")
found = model(arrays(described["inputs"], cells) | {"another": [1.0]})
print(json.dumps(keras.ops.convert_to_numpy(found["probabilities"]).tolist()))
try:
    model({"age": [1.0]})
except ValueError as error:
    print("named" if described["inputs"][0]["name"] in str(error) else error)
assert score.main(["in.csv", "out.csv", "--extras"]) == 0
import runpy
runpy.run_path("test_model.py", run_name="__main__")
absent = ("automl_core", "tensorflow", "onnx", "streamlit")
assert not [name for name in sys.modules if name.split(".")[0].startswith(absent)]
"""


@needs_keras
def test_the_files_run_without_torchlight(tmp_path: Path) -> None:
    bundle = read_bundle(FORMATS / "multiclass-mlp.zip")
    predictor = load_predictor(bundle)
    typed = predictor.typed(pyarrow.csv.read_csv(FORMATS / "new.csv"))
    written = keras_export.keras_package(predictor, UsualRows(typed, "new rows"))
    files = written.package
    assert {name for name in files if "/" not in name} == {
        "model.keras", "model.json", "arrays.py", "score.py", "training.json", "README.md",
        "requirements.txt", "SHA256SUMS", "test_model.py", "example.json", "schema.json",
        "model_card.md",
    }  # fmt: skip
    with zipfile.ZipFile(io.BytesIO(written.data)) as archive:
        config = json.loads(archive.read("config.json"))
    assert {module.split(".")[0] for module in _named(config, "module")} == {"keras"}
    assert "Add" not in _named(config, "class_name")  # see sums.py
    described = json.loads(files["model.json"])
    cells = _cells(described["inputs"], predictor.columns, typed)
    (tmp_path / "cells.json").write_text(json.dumps(cells))
    write_files(files, tmp_path)
    (tmp_path / "in.csv").write_bytes((FORMATS / "new.csv").read_bytes())
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=tmp_path, capture_output=True, text=True, check=False,
        env=os.environ | {"KERAS_BACKEND": "torch"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert described["certificate"] == to_plain(written.certificate) and described["classes"]
    assert written.certificate.greatest < 1e-9 and written.certificate.rows == typed.rows
    lines = done.stdout.splitlines()
    answer, named, verdict = lines[-7:-4]
    assert all(line.startswith("passed: ") for line in lines[-4:])
    np.testing.assert_allclose(json.loads(answer), predictor.predict(typed), atol=1e-9)
    assert named == "named" and "training rows" in verdict
    found = pyarrow.csv.read_csv(tmp_path / "out.csv")
    expected = predictions_table(predictor, pyarrow.csv.read_csv(FORMATS / "new.csv"))
    assert found.column_names[: len(expected.column_names)] == expected.column_names
    assert "unread_columns" in found.column_names
    for name in expected.column_names:
        own, wanted = (table.column(name).to_pylist() for table in (found, expected))
        assert own == (wanted if name == "prediction" else pytest.approx(wanted, abs=1e-9))


def _named(config: Any, key: str) -> set[str]:
    """All that a file's description has under this key."""
    if isinstance(config, list):
        return {name for part in config for name in _named(part, key)}
    if not isinstance(config, dict):
        return set()
    own = {config[key]} if config.get(key) else set()
    return own.union(*(_named(part, key) for part in config.values()))


def _cells(inputs: list[Any], columns: tuple[Column, ...], typed: TypedTable) -> dict[str, Any]:
    """The cells by source, for JSON; a gap in numbers is NaN there, too."""
    read = {one["column"] for one in inputs}
    return {
        source: cells.tolist()
        for source, cells in feeds([c for c in columns if c.name in read], typed).items()
    }


def test_what_cannot_be_opened_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("model.json", "model.keras"):
        (tmp_path / name).write_bytes(b"{}")
    monkeypatch.setitem(sys.modules, "keras", None)
    with pytest.raises(ScoringError, match=r"Keras cannot be loaded: .* requirements\.txt"):
        keras_model.open_model(tmp_path)
    (tmp_path / "SHA256SUMS").write_text(f"{'0' * 64}  model.json\n")
    with pytest.raises(ScoringError, match=r"model\.json is not the file that was exported"):
        keras_model.open_model(tmp_path)


@needs_keras
def test_operators_without_a_form_are_named() -> None:
    keras = package.keras_library()
    graph = GraphBuilder()
    graph.output(
        graph.add("Erf", [graph.input("x", "float", ["rows", 2])]), "y", "float", ["rows", 2]
    )
    given = {"x": keras.Input((2,))}
    with pytest.raises(ModelError, match="Erf"):
        graph_model.graph_outputs(keras, graph.build({}), given, Tables(keras, np.zeros(1)))


def test_without_keras_a_message_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package, "LIBRARY", "keras_that_is_not_there")
    with pytest.raises(LibraryError, match="pip install keras"):
        keras_export.keras_package(None, None)  # type: ignore[arg-type]  # they are never asked
