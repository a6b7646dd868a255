"""An ONNX graph as a Keras model: each node becomes the operation of keras.ops that does the same.

Only layers and operations of Keras itself are used, so that the file needs nothing of Torchlight.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from onnx import numpy_helper

from automl_core.errors import ModelError
from automl_core.keras_export.tree_tensors import tree_ensemble

DTYPES: Mapping[int, str] = {
    onnx.TensorProto.FLOAT: "float32",
    onnx.TensorProto.DOUBLE: "float64",
    onnx.TensorProto.INT64: "int64",
    onnx.TensorProto.BOOL: "bool",
}

MOST_NUMBERS = 3_000_000
"""Keras writes constants as JSON, about 20 bytes each."""

Values = list[Any]
Attributes = dict[str, Any]
Operation = Callable[[Any, Values, Attributes], Any]
"""keras.ops, inputs and attributes of a node to its output, or a tuple of them."""


def graph_model(keras: Any, data: bytes) -> Any:
    """The graph in an ONNX file as a model of the module `keras`, with inputs of its names.

    Raises ModelError for an operator that has no form here.
    """
    graph = onnx.load_from_string(data).graph
    numbers = sum(math.prod(tensor.dims) for tensor in graph.initializer)
    if numbers > MOST_NUMBERS:
        raise ModelError(
            f"The model has {numbers:,} numbers; a Keras file is written of at most "
            f"{MOST_NUMBERS:,}.",
            "Choose a smaller model of the leaderboard, or another format.",
        )
    values: dict[str, Any] = {t.name: numpy_helper.to_array(t) for t in graph.initializer}
    given = {one.name: _input(keras, one) for one in graph.input}
    values |= given
    for node in graph.node:
        found = _apply(keras, node, [values[name] for name in node.input])
        outputs = found if isinstance(found, (list, tuple)) else (found,)
        values |= dict(zip(node.output, outputs, strict=True))
    return keras.Model(list(given.values()), [values[one.name] for one in graph.output])


def _input(keras: Any, one: Any) -> Any:
    sizes = [size.dim_value or None for size in one.type.tensor_type.shape.dim]
    kind = DTYPES[one.type.tensor_type.elem_type]
    return keras.Input(sizes[1:], dtype=kind, name=one.name)


def _apply(keras: Any, node: Any, inputs: Values) -> Any:
    attributes = {one.name: onnx.helper.get_attribute_value(one) for one in node.attribute}
    operation = OPERATIONS.get(node.op_type)
    if operation is None:
        raise ModelError(
            f"A part of the model has no form in Keras: {node.op_type}.",
            "Choose another model of the leaderboard, or another format.",
        )
    found = operation(keras.ops, inputs, attributes)
    if all(isinstance(value, np.ndarray) for value in inputs):  # known before any row comes
        return np.asarray(keras.ops.convert_to_numpy(found))
    return found


def _axes(inputs: Values) -> tuple[int, ...] | None:
    return tuple(int(axis) for axis in inputs[1]) if len(inputs) > 1 else None


def _pad(ops: Any, inputs: Values, attributes: Attributes) -> Any:
    del attributes
    x, counts, value, axes = inputs
    widths = [(0, 0)] * len(x.shape)
    half = len(counts) // 2
    for axis, before, after in zip(axes, counts[:half], counts[half:], strict=True):
        widths[int(axis)] = (int(before), int(after))
    return ops.pad(x, widths, constant_values=float(value))


@dataclass(frozen=True, eq=False)
class _RowsOf:
    """A shape that begins with the number of rows of x, which is known only once they come."""

    x: Any


def _concat(ops: Any, inputs: Values, attributes: Attributes) -> Any:
    if isinstance(inputs[0], _RowsOf):
        return inputs[0]
    return ops.concatenate(inputs, axis=attributes["axis"])


def _expand(ops: Any, inputs: Values, attributes: Attributes) -> Any:
    """One row as often as there are rows."""
    del attributes
    row, shape = inputs
    return ops.add(row, ops.zeros_like(shape.x[:, :1], dtype=row.dtype.name))


def _first_by_size(ops: Any, inputs: Values, attributes: Attributes) -> Any:
    """The smallest k of a row and their places; of equal ones the first, as ONNX has it."""
    assert attributes["largest"] == 0
    order = ops.cast(ops.argsort(inputs[0], axis=-1), "int64")[:, : int(inputs[1][0])]
    return ops.take_along_axis(inputs[0], order, axis=-1), order


def _reshape(ops: Any, inputs: Values, attributes: Attributes) -> Any:
    """Of the sizes 0 is that which x has; the rows may be any number."""
    del attributes
    x, sizes = inputs
    found = [x.shape[i] if size == 0 else int(size) for i, size in enumerate(sizes)]
    return ops.reshape(x, tuple(-1 if size is None else size for size in found))


def _squeeze(ops: Any, inputs: Values, attributes: Attributes) -> Any:
    del attributes
    return ops.squeeze(inputs[0], axis=_axes(inputs))


def _unsqueeze(ops: Any, inputs: Values, attributes: Attributes) -> Any:
    del attributes
    return ops.expand_dims(inputs[0], axis=_axes(inputs))


def _binary(name: str) -> Operation:
    def operation(ops: Any, inputs: Values, attributes: Attributes) -> Any:
        del attributes
        return getattr(ops, name)(*inputs)

    return operation


def _reduced(name: str) -> Operation:
    def operation(ops: Any, inputs: Values, attributes: Attributes) -> Any:
        keep = bool(attributes.get("keepdims", 1))
        return getattr(ops, name)(inputs[0], axis=_axes(inputs), keepdims=keep)

    return operation


# ruff: noqa: ARG005
OPERATIONS: Mapping[str, Operation] = {
    "Identity": lambda ops, v, a: v[0],
    "Shape": lambda ops, v, a: _RowsOf(v[0]),
    "Expand": _expand,
    "TopK": _first_by_size,
    "Add": _binary("add"),
    "Sub": _binary("subtract"),
    "Mul": _binary("multiply"),
    "Div": _binary("divide"),
    "Pow": _binary("power"),
    "Min": _binary("minimum"),
    "Max": _binary("maximum"),
    "MatMul": _binary("matmul"),
    "Equal": _binary("equal"),
    "Greater": _binary("greater"),
    "GreaterOrEqual": _binary("greater_equal"),
    "Less": _binary("less"),
    "LessOrEqual": _binary("less_equal"),
    "And": _binary("logical_and"),
    "Or": _binary("logical_or"),
    "Not": _binary("logical_not"),
    "Where": _binary("where"),
    "IsNaN": _binary("isnan"),
    "Abs": _binary("abs"),
    "Exp": _binary("exp"),
    "Log": _binary("log"),
    "Sin": _binary("sin"),
    "Sqrt": _binary("sqrt"),
    "Relu": _binary("relu"),
    "Clip": lambda ops, v, a: ops.clip(v[0], float(v[1]), float(v[2])),
    "ReduceMean": _reduced("mean"),
    "ReduceSum": _reduced("sum"),
    "Softmax": lambda ops, v, a: ops.softmax(v[0], axis=a.get("axis", -1)),
    "ArgMax": lambda ops, v, a: ops.argmax(v[0], axis=a["axis"], keepdims=bool(a["keepdims"])),
    "Cast": lambda ops, v, a: ops.cast(v[0], DTYPES[a["to"]]),
    "Concat": _concat,
    "Gather": lambda ops, v, a: ops.take(v[0], v[1], axis=a.get("axis", 0)),
    "GatherElements": lambda ops, v, a: ops.take_along_axis(v[0], v[1], axis=a.get("axis", 0)),
    "Reshape": _reshape,
    "Transpose": lambda ops, v, a: ops.transpose(v[0], axes=tuple(a["perm"])),
    "Split": lambda ops, v, a: ops.split(v[0], a["num_outputs"], axis=a["axis"]),
    "Pad": _pad,
    "Squeeze": _squeeze,
    "Unsqueeze": _unsqueeze,
    "TreeEnsemble": tree_ensemble,
}
