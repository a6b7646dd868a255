"""An ONNX graph as a Keras model: each node becomes the operation of keras.ops that does the same.

Only layers and operations of Keras itself are used, so that the file needs nothing of Torchlight.
On PyTorch, Keras' minimum, maximum, matmul, mean, floor and clip make float32 of float64: others
stand in for them here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

from automl_core.errors import ModelError
from automl_core.keras_export.ngram_counts import ngram_counts
from automl_core.keras_export.search import place_of_number
from automl_core.keras_export.sums import added
from automl_core.keras_export.tables import Tables
from automl_core.keras_export.tree_tensors import tree_ensemble

DTYPES: Mapping[int, str] = {
    onnx.TensorProto.FLOAT: "float32",
    onnx.TensorProto.DOUBLE: "float64",
    onnx.TensorProto.INT64: "int64",
    onnx.TensorProto.BOOL: "bool",
}

INLINE = 64
"""Whole numbers or truths of an array that is written into an operation; larger ones become
weights."""

ONE = np.array([1.0])

Values = list[Any]
Attributes = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Building:
    """What operations are made with."""

    keras: Any
    tables: Tables | None  # None where all inputs are known before any row comes

    @property
    def ops(self) -> Any:
        """keras.ops."""
        return self.keras.ops

    def value(self, value: Any) -> Any:
        """An input as operations take it. A single number gets a dimension.

        Numbers in floating point become weights, be they ever so few: what TensorFlow knows to be
        constant it computes with in another way, as soon as it makes a graph of the model. x / 3
        becomes x * (1 / 3), and a cell next to a tree's threshold falls on its other side.
        """
        if self.tables is None or not isinstance(value, np.ndarray):
            return value
        return self.tables.whole(value) if _is_weight(value) else np.atleast_1d(value)


def _is_weight(array: NDArray[Any]) -> bool:
    """True where an array of any shape is stored as weights of the file; an empty one never is."""
    return array.size > INLINE or (array.size > 0 and array.dtype.kind == "f")


Operation = Callable[[Building, Values, Attributes], Any]
"""Inputs and attributes of a node to its output, or a tuple of them."""


def graph_outputs(
    keras: Any, data: bytes, given: Mapping[str, Any], tables: Tables
) -> dict[str, Any]:
    """The outputs of the graph in an ONNX file as tensors of Keras, of its inputs by name.

    Raises ModelError for an operator that has no form here.
    """
    graph = onnx.load_from_string(data).graph
    values: dict[str, Any] = {t.name: numpy_helper.to_array(t) for t in graph.initializer}
    values |= given
    for node in graph.node:
        found = _apply(keras, tables, node, [values[name] for name in node.input])
        outputs = found if isinstance(found, (list, tuple)) else (found,)
        values |= dict(zip(node.output, outputs, strict=True))
    return {one.name: values[one.name] for one in graph.output}


def graph_inputs(data: bytes) -> tuple[str, ...]:
    """The names of the inputs of the graph in an ONNX file."""
    return tuple(one.name for one in onnx.load_from_string(data).graph.input)


def _apply(keras: Any, tables: Tables, node: Any, inputs: Values) -> Any:
    attributes = {one.name: onnx.helper.get_attribute_value(one) for one in node.attribute}
    operation = OPERATIONS.get(node.op_type)
    if operation is None:
        raise ModelError(
            f"A part of the model has no form in Keras: {node.op_type}.",
            "Choose another model of the leaderboard, or another format.",
        )
    if not all(isinstance(value, np.ndarray) for value in inputs):
        return operation(Building(keras, tables), inputs, attributes)
    found = operation(Building(keras, None), inputs, attributes)
    return np.asarray(keras.ops.convert_to_numpy(found))


def _axes(inputs: Values) -> tuple[int, ...] | None:
    return tuple(int(axis) for axis in inputs[1]) if len(inputs) > 1 else None


def _pad(b: Building, inputs: Values, attributes: Attributes) -> Any:
    del attributes
    x, counts, value, axes = inputs
    widths = [(0, 0)] * len(x.shape)
    half = len(counts) // 2
    for axis, before, after in zip(axes, counts[:half], counts[half:], strict=True):
        widths[int(axis)] = (int(before), int(after))
    return b.ops.pad(x, widths, constant_values=value.item())


@dataclass(frozen=True, eq=False)
class _Shape:
    """The shape of x, or as many rows as x has and behind them some sizes."""

    x: Any
    sizes: tuple[int, ...] | None

    def zeros(self, ops: Any, dtype: str) -> Any:
        """Zeros of this shape, which is known only once rows come."""
        if self.sizes is None:
            return ops.zeros_like(self.x, dtype=dtype)
        rank = len(self.x.shape)
        rows = self.x if rank == 1 else ops.sum(self.x, axis=tuple(range(1, rank)))
        column = ops.reshape(ops.zeros_like(rows, dtype="int32"), (-1, *[1] * len(self.sizes)))
        return ops.cast(added(ops, column, np.zeros([1, *self.sizes], np.int32)), dtype)


def _shape(b: Building, inputs: Values, attributes: Attributes) -> Any:
    del b
    return _Shape(inputs[0], () if attributes.get("end") == 1 else None)


def _concat(b: Building, inputs: Values, attributes: Attributes) -> Any:
    if isinstance(inputs[0], _Shape):
        sizes = [int(size) for part in inputs[1:] for size in part]
        return _Shape(inputs[0].x, (*(inputs[0].sizes or ()), *sizes))
    return b.ops.concatenate(inputs, axis=attributes["axis"])


def _expand(b: Building, inputs: Values, attributes: Attributes) -> Any:
    del attributes
    value, shape = b.value(inputs[0]), inputs[1]
    dtype = value.dtype if isinstance(value.dtype, str) else value.dtype.name
    return added(b.ops, value, shape.zeros(b.ops, dtype))


def _first_by_size(b: Building, inputs: Values, attributes: Attributes) -> Any:
    """The smallest k of a row and their places; of equal ones the first, as ONNX has it."""
    assert attributes["largest"] == 0
    ops = b.ops
    order = ops.cast(ops.argsort(inputs[0], axis=-1), "int64")[:, : int(inputs[1][0])]
    return ops.take_along_axis(inputs[0], order, axis=-1), order


def _reshape(b: Building, inputs: Values, attributes: Attributes) -> Any:
    """Of the sizes 0 is that which x has; the rows may be any number."""
    del attributes
    x, sizes = inputs
    found = [x.shape[i] if size == 0 else int(size) for i, size in enumerate(sizes)]
    return b.ops.reshape(x, tuple(-1 if size is None else size for size in found))


def _squeeze(b: Building, inputs: Values, attributes: Attributes) -> Any:
    del attributes
    return b.ops.squeeze(inputs[0], axis=_axes(inputs))


def _unsqueeze(b: Building, inputs: Values, attributes: Attributes) -> Any:
    del attributes
    return b.ops.expand_dims(inputs[0], axis=_axes(inputs))


def _slice(b: Building, inputs: Values, attributes: Attributes) -> Any:
    del b, attributes
    x, starts, ends, axes = inputs
    parts = [slice(None)] * len(x.shape)
    for start, end, axis in zip(starts, ends, axes, strict=True):
        parts[int(axis)] = slice(int(start), None if end == np.iinfo(np.int64).max else int(end))
    return x[tuple(parts)]


def _divide(b: Building, inputs: Values, attributes: Attributes) -> Any:
    """Of whole numbers, none of which is negative, the whole part."""
    name = "floor_divide" if "int" in str(inputs[0].dtype) else "divide"
    return _of_values(name)(b, inputs, attributes)


def _gather(b: Building, inputs: Values, attributes: Attributes) -> Any:
    (x, places), axis = inputs, attributes.get("axis", 0)
    if isinstance(places, np.ndarray) and places.ndim == 0:
        return b.ops.take(x, int(places), axis=axis)
    if b.tables is None or not isinstance(x, np.ndarray) or axis != 0 or x.ndim > 2:
        return b.ops.take(b.value(x), places, axis=axis)
    if not _is_weight(x):
        return b.ops.take(x, places, axis=0)
    rows = b.tables.reader(x.reshape(len(x), -1))(places)
    return b.ops.squeeze(rows, axis=-1) if x.ndim == 1 else rows


def _counted(b: Building, inputs: Values, attributes: Attributes) -> Any:
    assert b.tables is not None
    return ngram_counts(b.keras, b.tables, inputs[0], attributes)


def _looked_up(b: Building, inputs: Values, attributes: Attributes) -> Any:
    keys, places, other = (
        numpy_helper.to_array(attributes[f"{name}_tensor"])
        for name in ("keys", "values", "default")
    )
    assert b.tables is not None
    return place_of_number(b.keras, b.tables, keys, inputs[0], places, int(other[0]))


def _matmul(b: Building, inputs: Values, attributes: Attributes) -> Any:
    del attributes
    return b.ops.einsum("...ij,...jk->...ik", *map(b.value, inputs))


def _least(b: Building, inputs: Values, attributes: Attributes) -> Any:
    del attributes
    x, y = map(b.value, inputs)
    return b.ops.where(b.ops.less(y, x), y, x)


def _most(b: Building, inputs: Values, attributes: Attributes) -> Any:
    del attributes
    x, y = map(b.value, inputs)
    return b.ops.where(b.ops.greater(y, x), y, x)


def _clipped(b: Building, inputs: Values, attributes: Attributes) -> Any:
    x, low, high = inputs
    return _least(b, [_most(b, [x, low], attributes), high], attributes)


def _mean(b: Building, inputs: Values, attributes: Attributes) -> Any:
    total, axes = _reduced("sum")(b, inputs, attributes), _axes(inputs)
    assert axes is not None
    sizes = [inputs[0].shape[axis] for axis in axes]
    return b.ops.divide(total, b.value(np.array([math.prod(sizes)], np.float64)))


def _sum_of_squares(b: Building, inputs: Values, attributes: Attributes) -> Any:
    x, *axes = inputs
    return _reduced("sum")(b, [b.ops.multiply(x, x), *axes], attributes)


def _trees(b: Building, inputs: Values, attributes: Attributes) -> Any:
    assert b.tables is not None
    return tree_ensemble(b.ops, b.tables, inputs[0], attributes)


def _of_values(name: str) -> Operation:
    def operation(b: Building, inputs: Values, attributes: Attributes) -> Any:
        del attributes
        return getattr(b.ops, name)(*map(b.value, inputs))

    return operation


def _reduced(name: str) -> Operation:
    def operation(b: Building, inputs: Values, attributes: Attributes) -> Any:
        keep = bool(attributes.get("keepdims", 1))
        return getattr(b.ops, name)(inputs[0], axis=_axes(inputs), keepdims=keep)

    return operation


# ruff: noqa: ARG005
OPERATIONS: Mapping[str, Operation] = {
    "Identity": lambda b, v, a: v[0],
    "Shape": _shape,
    "Expand": _expand,
    "TopK": _first_by_size,
    "Add": lambda b, v, a: added(b.ops, *map(b.value, v)),
    "Sub": _of_values("subtract"),
    "Mul": _of_values("multiply"),
    "Div": _divide,
    "Mod": _of_values("mod"),
    "Pow": _of_values("power"),
    "Min": _least,
    "Max": _most,
    "MatMul": _matmul,
    "Equal": _of_values("equal"),
    "Greater": _of_values("greater"),
    "GreaterOrEqual": _of_values("greater_equal"),
    "Less": _of_values("less"),
    "LessOrEqual": _of_values("less_equal"),
    "And": _of_values("logical_and"),
    "Or": _of_values("logical_or"),
    "Not": _of_values("logical_not"),
    "Where": _of_values("where"),
    "IsNaN": _of_values("isnan"),
    "IsInf": _of_values("isinf"),
    "Abs": _of_values("abs"),
    "Neg": _of_values("negative"),
    "Sign": _of_values("sign"),
    "Floor": lambda b, v, a: b.ops.subtract(v[0], b.ops.mod(v[0], b.value(ONE))),
    "Exp": _of_values("exp"),
    "Log": _of_values("log"),
    "Sin": _of_values("sin"),
    "Cos": _of_values("cos"),
    "Sqrt": _of_values("sqrt"),
    "Relu": _of_values("relu"),
    "Clip": _clipped,
    "ReduceMean": _mean,
    "ReduceSum": _reduced("sum"),
    "ReduceSumSquare": _sum_of_squares,
    "Softmax": lambda b, v, a: b.ops.softmax(v[0], axis=a.get("axis", -1)),
    "ArgMax": lambda b, v, a: b.ops.cast(
        b.ops.argmax(v[0], axis=a["axis"], keepdims=bool(a["keepdims"])), "int64"
    ),
    "Cast": lambda b, v, a: b.ops.cast(v[0], DTYPES[a["to"]]),
    "Concat": _concat,
    "Gather": _gather,
    "GatherElements": lambda b, v, a: b.ops.take_along_axis(v[0], v[1], axis=a.get("axis", 0)),
    "Reshape": _reshape,
    "Transpose": lambda b, v, a: b.ops.transpose(v[0], axes=tuple(a["perm"])),
    "Split": lambda b, v, a: b.ops.split(v[0], a["num_outputs"], axis=a["axis"]),
    "Slice": _slice,
    "Pad": _pad,
    "Squeeze": _squeeze,
    "Unsqueeze": _unsqueeze,
    "TfIdfVectorizer": _counted,
    "LabelEncoder": _looked_up,
    "TreeEnsemble": _trees,
}
