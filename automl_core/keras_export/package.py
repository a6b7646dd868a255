"""A model as a Keras file: from encoded matrices to probabilities or values, with its description.

The table's own columns are not read: Keras has no texts on all of its backends, so the encoding
of a row is left to Torchlight, or to the ONNX file, which has it in it.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl_core.errors import LibraryError, ModelError
from automl_core.export import Predictor, library_version
from automl_core.features import Encoder
from automl_core.files import dump_json
from automl_core.keras_export.graph_model import graph_model
from automl_core.models import model_spec
from automl_core.onnx_export import GraphBuilder
from automl_core.onnx_export.models import write_model
from automl_core.types import Files

LIBRARY = "keras"
MODEL, DESCRIPTION, README = "model.keras", "model.json", "README.md"

ALLOWED = 1e-4
"""Difference of a probability, or of a value as a share of the largest: Keras uses float32."""

ROWS = 257
"""Made-up rows on which the file is compared with the model."""

Matrices = list[NDArray[np.float32]]


def keras_package(predictor: Predictor) -> Files:
    """model.keras, which Keras 3 loads without Torchlight, and what its inputs mean.

    Raises LibraryError where Keras is not installed; ModelError where a part of the model has no
    form in Keras, or the file read again does not predict as the model does.
    """
    keras = keras_library()
    groups = _groups(predictor)
    model = graph_model(keras, _graph(predictor, groups))
    with tempfile.TemporaryDirectory(prefix="torchlight-") as folder:
        path = Path(folder) / MODEL
        model.save(path)
        difference = _difference(keras, keras.saving.load_model(path), predictor, groups)
        data = path.read_bytes()
    if not difference <= ALLOWED:
        raise ModelError(
            f"The Keras file differs from the model by {difference:.1e}, more than {ALLOWED:g}: "
            "it was not written.",
            "Choose another model of the leaderboard, or another format.",
        )
    description = _description(predictor, groups, difference)
    return {
        MODEL: data,
        DESCRIPTION: dump_json(description),
        README: _readme(predictor, difference).encode(),
    }


def keras_library() -> Any:
    """The module, on PyTorch's backend unless another is asked for.

    Raises LibraryError where it is not installed.
    """
    if importlib.util.find_spec(LIBRARY) is None:
        raise LibraryError(
            "Keras is not installed, and only Keras writes its format.",
            "Install it with `pip install keras`, or choose another format.",
        )
    os.environ.setdefault("KERAS_BACKEND", "torch")
    return importlib.import_module(LIBRARY)


Group = tuple[Encoder, list[int]]


def _groups(predictor: Predictor) -> list[Group]:
    """Encoders that differ, with the numbers of the members that use each."""
    found: dict[int, Group] = {}
    for number, member in enumerate(predictor.members):
        found.setdefault(id(member.encoder), (member.encoder, []))[1].append(number)
    return list(found.values())


def _graph(predictor: Predictor, groups: list[Group]) -> bytes:
    """The average of all members, calibrated, as a graph of encoded matrices."""
    graph, total = GraphBuilder(), ""
    for place, (encoder, numbers) in enumerate(groups):
        x = graph.input(f"matrix_{place}", "float", ["rows", len(encoder.features)])
        for number in numbers:
            part = write_model(graph, predictor.members[number].model, x)
            part = graph.add("Mul", [part, graph.constant(predictor.weights[number])])
            total = graph.add("Add", [total, part]) if total else part
    if predictor.temperature != 1.0:
        powers = graph.add("Pow", [total, graph.constant(1.0 / predictor.temperature)])
        whole = graph.add("ReduceSum", [powers, graph.constant([1])], {"keepdims": 1})
        total = graph.add("Div", [powers, whole])
    classes = predictor.target.classes
    graph.output(total, "answer", "double", ["rows", classes] if classes else ["rows"])
    return graph.build({})


def _difference(keras: Any, model: Any, predictor: Predictor, groups: list[Group]) -> float:
    """The greatest one between the file and the model, on one row and on many."""
    greatest = 0.0
    for rows in (1, ROWS):
        matrices = [_made_up(group, predictor, rows) for group in groups]
        expected = _expected(predictor, groups, matrices)
        got = keras.ops.convert_to_numpy(model(matrices))
        scale = 1.0 if predictor.target.classes else max(1e-300, float(np.abs(expected).max()))
        # a NaN must not pass: max() of Python would drop it
        greatest = float(np.max([greatest, np.abs(got - expected).max() / scale]))
    return greatest


def _expected(predictor: Predictor, groups: list[Group], matrices: Matrices) -> NDArray[Any]:
    total: Any = 0.0
    for (_, numbers), x in zip(groups, matrices, strict=True):
        for number in numbers:
            total = total + predictor.weights[number] * predictor.members[number].model.predict(x)
    if predictor.temperature == 1.0:
        return np.asarray(total)
    powers = total ** (1.0 / predictor.temperature)
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def _made_up(group: Group, predictor: Predictor, rows: int) -> NDArray[np.float32]:
    """Rows as an encoder gives them: numbers within -3 to 3, codes, terms that are mostly 0;
    to trees also cells that are missing, and numbers beyond all.
    """
    features, numbers = group[0].features, group[1]
    rng = np.random.default_rng(0)
    x = rng.normal(size=(rows, len(features))).clip(-3, 3)
    for place, feature in enumerate(features):
        if feature.kind == "code":
            x[:, place] = rng.integers(0, feature.codes, rows)
        if feature.kind == "term":
            x[:, place] = rng.random(rows) * (rng.random(rows) < 0.2)
    if all(model_spec(predictor.members[number].family).kind == "trees" for number in numbers):
        x[rng.random(x.shape) < 0.1] = np.nan
        x[rng.random(x.shape) < 0.1] *= 1e6
    return x.astype(np.float32)


def _description(predictor: Predictor, groups: list[Group], difference: float) -> dict[str, Any]:
    return {
        "name": predictor.name,
        "task": predictor.task,
        "target": predictor.target_name,
        "classes": list(predictor.target.names),
        "matrices": {
            f"matrix_{place}": [feature.name for feature in encoder.features]
            for place, (encoder, _) in enumerate(groups)
        },
        "greatest_difference": difference,
        "versions": {LIBRARY: library_version(LIBRARY)},
    }


def _readme(predictor: Predictor, difference: float) -> str:
    answer = "probabilities (n, classes)" if predictor.target.classes else "values (n,)"
    return f"""# {predictor.name}: a model that Torchlight trained, for Keras 3

    import keras
    model = keras.saving.load_model("model.keras")
    answer = model([matrix, ...])  # {answer}

It needs Keras with any backend, and not Torchlight: all layers and operations are its own. Its
inputs are encoded matrices, float32 of shape (n, features), one for each entry of `matrices` in
`model.json`, which lists their columns in order. The encoding of a table's columns is not in
the file; the export `--format onnx` has it.

Read again, the file differed from the model by at most {difference:.1e} on {ROWS} made-up rows.
"""
