"""An export for Keras predicts as the model does, with parts of Keras alone."""

from __future__ import annotations

import dataclasses
import importlib.util
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

from automl_core import keras_export
from automl_core.errors import LibraryError, ModelError
from automl_core.keras_export import package
from automl_core.onnx_export import GraphBuilder
from tests import small

# Keras turns tensors of PyTorch into arrays in a way that numpy 2 warns of
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

needs_keras = pytest.mark.skipif(
    importlib.util.find_spec("keras") is None, reason="Keras is not installed"
)


@needs_keras
@pytest.mark.parametrize(
    ("task", "families"),
    [("multiclass", ("mlp", "lightgbm", "constant")), ("regression", ("extra_trees",))],
)
def test_a_saved_model_predicts_as_the_model(
    task: small.Task, families: tuple[str, ...], tmp_path: Path
) -> None:
    keras = package.keras_library()
    predictor = small.predictor(task, *families)
    if task == "multiclass":
        predictor = dataclasses.replace(predictor, temperature=1.3)
    files = keras_export.keras_package(predictor)
    path = tmp_path / "model.keras"
    path.write_bytes(files["model.keras"])
    with zipfile.ZipFile(path) as archive:
        assert b"automl_core" not in archive.read("config.json")
    described = json.loads(files["model.json"])
    assert described["greatest_difference"] < 1e-6
    rng = np.random.default_rng(5)
    rows = [rng.normal(size=(7, len(names))) for names in described["matrices"].values()]
    matrices = [x.clip(-3, 3).astype(np.float32) for x in rows]
    answer = keras.ops.convert_to_numpy(keras.saving.load_model(path)(matrices))
    expected = 0.0
    encoders = list({id(m.encoder): m.encoder for m in predictor.members}.values())
    for member, weight in zip(predictor.members, predictor.weights, strict=True):
        (place,) = [i for i, encoder in enumerate(encoders) if encoder is member.encoder]
        expected = expected + weight * member.model.predict(matrices[place])
    if task == "multiclass":
        expected = expected ** (1 / 1.3) / (expected ** (1 / 1.3)).sum(axis=1, keepdims=True)
    assert np.abs(answer - expected).max() <= 1e-6 * max(1.0, np.abs(expected).max())


@needs_keras
def test_a_file_that_says_something_else_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    predictor = small.predictor("regression", "linear")
    monkeypatch.setattr(package, "ALLOWED", -1.0)
    with pytest.raises(ModelError, match="it was not written"):
        keras_export.keras_package(predictor)


@needs_keras
def test_operators_without_a_form_are_named() -> None:
    keras = package.keras_library()
    graph = GraphBuilder()
    made = graph.add("Erf", [graph.input("x", "float", ["rows", 2])])
    graph.output(made, "y", "float", ["rows", 2])
    with pytest.raises(ModelError, match="Erf"):
        package.graph_model(keras, graph.build({}))


def test_without_keras_a_message_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package, "LIBRARY", "keras_that_is_not_there")
    with pytest.raises(LibraryError, match="pip install keras"):
        keras_export.keras_package(small.predictor("regression", "linear"))
