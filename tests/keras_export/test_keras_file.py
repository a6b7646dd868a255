"""A .keras file says what its model says, on PyTorch's backend, or it is not given out."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.csv
import pytest

from automl_core.errors import ModelError
from automl_core.export import (
    AnswerRecord,
    Intervals,
    Predictor,
    Threshold,
    load_predictor,
    read_bundle,
)
from automl_core.features.encode import Encoder, fit_encoder
from automl_core.keras_export import keras_file, package
from automl_core.keras_export.arrays import arrays
from automl_core.keras_export.column_inputs import model_inputs
from automl_core.keras_export.graph_model import graph_inputs
from automl_core.keras_export.place_inputs import PlaceInputs
from automl_core.onnx_export import GraphBuilder, UsualRows
from automl_core.onnx_export.encoders import TypedInputs, feeds, write_encoder
from automl_core.table.typed_table import TypedTable
from tests.features.one_column import ENCODINGS
from tests.keras_export.test_package import keras_alone, needs_keras
from tests.onnx_export.encoders.generated import CELLS
from tests.onnx_export.encoders.test_write import COLUMNS, Y, hostile_table, typed_table

FOLDER = Path(__file__).parents[1] / "formats" / "v0_5_0"
pytestmark = [needs_keras, keras_alone]


@cache
def _predictor(name: str) -> Predictor:
    return load_predictor(read_bundle(FOLDER / f"{name}.zip"))


def _usual(predictor: Predictor) -> UsualRows:
    return UsualRows(predictor.typed(pyarrow.csv.read_csv(FOLDER / "new.csv")), "new rows")


def _with_threshold() -> Predictor:
    predictor = _predictor("binary-hist_boosting")
    label = predictor.target.names[0]
    above = float(np.median(predictor.predict(_usual(predictor).typed)[:, 0]))
    return replace(predictor, answer=AnswerRecord(threshold=Threshold(label, above)))


def _with_intervals(name: str, *edges: float) -> Predictor:
    widths = 1.0, 2.5
    answer = AnswerRecord(None, Intervals(0.9, edges, widths[: len(edges) + 1]))
    return replace(_predictor(name), answer=answer)


@cache
def _written(which: str) -> keras_file.KerasFile:
    predictor = {
        "calibrated": lambda: replace(_predictor("multiclass-run"), temperature=1.3),
        "threshold": _with_threshold,
        "intervals": lambda: _with_intervals("regression-run", 30_000.0),
        "one width": lambda: _with_intervals("regression-linear"),
    }[which]()
    return keras_file.build_keras(package.keras_library(), predictor, _usual(predictor))


WHICH = "calibrated", "threshold", "intervals", "one width"


@pytest.mark.parametrize("which", WHICH)
def test_a_file_says_what_its_model_says(which: str) -> None:
    written = _written(which)
    certificate = written.certificate
    assert certificate.greatest < 1e-9 and certificate.ties == 0
    assert certificate.rows == 20 and certificate.hostile_rows == 400
    assert certificate.words.startswith("Compared with Keras 3.")
    around = "intervals", "one width"
    wanted = ("value", "low", "high") if which in around else ("probabilities", "label")
    assert written.outputs == wanted


@pytest.mark.parametrize("which", WHICH)
def test_no_number_in_floating_point_is_a_constant_that_tensorflow_reckons_with(which: str) -> None:
    with zipfile.ZipFile(io.BytesIO(_written(which).data)) as file:
        layers = json.loads(file.read("config.json"))["config"]["layers"]
    found = [(layer["class_name"], dtype) for layer in layers for dtype in _constants(layer)]
    assert len(found) > 5 and not [x for x in found if "float" in x[1]]


def _constants(part: Any) -> Iterator[str]:
    """The types of the arrays in a part of a model's description, of those that are not empty."""
    if isinstance(part, dict) and part.get("class_name") == "__numpy__":
        if np.size(part["config"]["value"]):
            yield part["config"]["dtype"]
    elif isinstance(part, dict | list):
        for inner in part.values() if isinstance(part, dict) else part:
            yield from _constants(inner)


def test_a_file_that_says_something_else_is_not_given_out(monkeypatch: pytest.MonkeyPatch) -> None:
    predictor = _predictor("binary-constant")
    monkeypatch.setattr(keras_file, "LIMIT", -1.0)
    with pytest.raises(ModelError, match="The Keras file does not say what the model says"):
        keras_file.build_keras(package.keras_library(), predictor, _usual(predictor))


def _encoded(encoders: list[Encoder], *tables: TypedTable) -> list[dict[str, np.ndarray]]:
    """The matrices of the encoders, from a model that was saved and read again."""
    keras, graph = package.keras_library(), GraphBuilder()
    columns = [COLUMNS[name] for name in tables[0].columns]
    typed = TypedInputs(graph, columns, encoders, PlaceInputs)
    for i, encoder in enumerate(encoders):
        matrix = write_encoder(graph, encoder, typed)
        graph.output(matrix, f"x{i}", "float", ["rows", len(encoder.features)])
    data = graph.build({})
    inputs = model_inputs(typed.columns, typed.known, graph_inputs(data))
    model = keras_file.read_again(keras, keras_file.write_graph(keras, data, inputs, typed))[0]
    described = [asdict(one) for one in inputs]
    found = [model(arrays(described, feeds(typed.columns, table))) for table in tables]
    return [{k: keras.ops.convert_to_numpy(x) for k, x in one.items()} for one in found]


def test_every_kind_of_column_is_encoded_as_it_is_without_keras() -> None:
    train = typed_table(CELLS)
    hostile = hostile_table([*CELLS])
    encoders = [
        fit_encoder(train, [COLUMNS[name] for name in CELLS], Y, "binary", 2, encoding, 0)[0]
        for encoding in (ENCODINGS[0], ENCODINGS[3], ENCODINGS[-1])
    ]
    tables = [train, hostile, hostile.take(np.arange(0)), hostile.take(np.arange(1))]
    for table, found in zip(tables, _encoded(encoders, *tables), strict=True):
        for i, encoder in enumerate(encoders):
            expected = encoder.encode(table)
            assert found[f"x{i}"].shape == expected.shape
            np.testing.assert_allclose(found[f"x{i}"], expected, rtol=3e-7, atol=3e-7)
