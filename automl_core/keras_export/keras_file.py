"""A model as one .keras file with its certificate: from typed columns to the answer."""

from __future__ import annotations

import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from automl_core.export import Predictor
from automl_core.keras_export.arrays import arrays
from automl_core.keras_export.column_inputs import (
    ModelInput,
    graph_values,
    input_tensor,
    model_inputs,
)
from automl_core.keras_export.graph_model import graph_inputs, graph_outputs
from automl_core.keras_export.keras_model import answers
from automl_core.keras_export.place_inputs import PlaceInputs
from automl_core.keras_export.tables import Tables
from automl_core.onnx_export import (
    LABEL,
    Certificate,
    GraphBuilder,
    Program,
    UsualRows,
    proven,
    write_answer,
)
from automl_core.onnx_export.encoders import TypedInputs, feeds
from automl_core.onnx_export.scorer import Arrays
from automl_core.table import Column, TypedTable

LIMIT = 1e-4
"""Difference of a probability, or of a value as a share of it."""

BATCHES, FEW = (1, 100), 3
"""Rows that are given at once: Keras keeps what every operation has made until the last one."""


@dataclass(frozen=True, eq=False)
class KerasFile:
    """The file's bytes, what its inputs are, and what it was compared on."""

    data: bytes
    columns: tuple[Column, ...]  # that it reads
    inputs: tuple[ModelInput, ...]
    outputs: tuple[str, ...]
    certificate: Certificate


def build_keras(keras: Any, predictor: Predictor, usual: UsualRows) -> KerasFile:
    """The file of a predictor, written with the module `keras`.

    Raises ModelError where a part of the model has no form in Keras, or the file read again does
    not say what the model says.
    """
    graph = GraphBuilder()
    encoders = [encoder for encoder, _ in predictor.groups]
    typed = TypedInputs(graph, predictor.columns, encoders, PlaceInputs)
    number = write_answer(graph, predictor, typed)
    if number:
        graph.output(number, LABEL, "int64", ["rows"])
    data = graph.build({})
    inputs = model_inputs(typed.columns, typed.known, graph_inputs(data))
    model, written = read_again(keras, write_graph(keras, data, inputs, typed))
    runner = _Runner(keras, model, inputs, typed, predictor)
    version = f"{keras.__version__} on {keras.backend.backend()}"
    program = Program("Keras", "Keras", version, LIMIT, BATCHES, FEW)
    certificate = proven(runner.run, program, predictor, usual)
    return KerasFile(written, typed.columns, inputs, tuple(model.output), certificate)


def write_graph(keras: Any, data: bytes, inputs: tuple[ModelInput, ...], typed: TypedInputs) -> Any:
    """The Keras model of an ONNX graph whose inputs are those of `PlaceInputs`, from columns."""
    ops = keras.ops
    tensors = [input_tensor(keras, one) for one in inputs]
    nothing = ops.zeros_like(tensors[0], dtype="int32")
    tables = Tables(keras, ops.reshape(ops.sum(nothing), (1,)))
    given: dict[str, Any] = {}
    for one, tensor in zip(inputs, tensors, strict=True):
        given |= graph_values(keras, tables, one, tensor, typed.known)
    return keras.Model(tensors, graph_outputs(keras, data, given, tables))


def read_again(keras: Any, model: Any) -> tuple[Any, bytes]:
    """The model as it is read from its file, and the file."""
    with tempfile.TemporaryDirectory(prefix="torchlight-") as folder:
        path = Path(folder) / "model.keras"
        model.save(path)
        return keras.saving.load_model(path), path.read_bytes()


@dataclass(frozen=True, eq=False)
class _Runner:
    """A model that was read from its file."""

    keras: Any
    model: Any
    inputs: tuple[ModelInput, ...]
    typed: TypedInputs
    predictor: Predictor

    def run(self, rows: TypedTable) -> Arrays:
        """See `answers`."""
        described = [asdict(one) for one in self.inputs]
        found = self.model(arrays(described, feeds(self.typed.columns, rows)))
        return answers(self.keras, found, self.predictor.target.names)
