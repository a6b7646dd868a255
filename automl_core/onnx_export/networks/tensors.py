"""Parts that layers share: trained tensors as constants, changes of shape, linear layers, norms.

Networks predict in double, so their graphs compute in double, rounded ones in float32: in
`graph.real`. A name stands for a value of the graph; shapes are those of PyTorch, and the number of
rows is the only size that varies.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from automl_core.onnx_export import GraphBuilder, lookup_table, matrix

Floats = NDArray[np.float64]


def weight(graph: GraphBuilder, tensor: Tensor) -> str:
    """The tensor in `graph.real`, stored in float32: so it was trained, and nothing is lost."""
    stored = graph.constant(_array(tensor))
    return graph.cast(stored, "double") if graph.real == "double" else stored


def factor(graph: GraphBuilder, tensor: Tensor) -> str:
    """A matrix (..., inputs, outputs) that rows are multiplied with; rounded where the graph is."""
    return matrix(graph, _array(tensor))


def scaled_factor(graph: GraphBuilder, tensor: Tensor, scale: Floats) -> str:
    """`factor` of which each row, what an input is multiplied with, is scaled (inputs,) or (1,).

    ONNX Runtime does it once, when it opens the file.
    """
    return graph.add("Mul", [factor(graph, tensor), numbers(graph, scale[:, None])])


def vectors_of(graph: GraphBuilder, tensor: Tensor) -> str:
    """Rows of which some are picked, in `graph.real`; rounded where the graph is."""
    if graph.real == "double":
        return weight(graph, tensor)
    return lookup_table(graph, _array(tensor))


def _array(tensor: Tensor) -> NDArray[np.float32]:
    return np.ascontiguousarray(tensor.detach().float().numpy())


def number(graph: GraphBuilder, value: float) -> str:
    """A number in `graph.real`."""
    return graph.constant(np.float64(value) if graph.real == "double" else np.float32(value))


def numbers(graph: GraphBuilder, values: Floats) -> str:
    """Numbers that are no weights as they were trained, in `graph.real`."""
    return graph.constant(values.astype(np.float64 if graph.real == "double" else np.float32))


def whole(graph: GraphBuilder, *values: int) -> str:
    """Whole numbers (values,), such as the sizes of a shape."""
    return graph.constant(np.array(values, dtype=np.int64))


def pick_columns(graph: GraphBuilder, x: str, columns: Tensor) -> str:
    """Columns (c,) of x (n, d): (n, c)."""
    return graph.columns(x, columns.numpy())


def reshape(graph: GraphBuilder, x: str, *sizes: int) -> str:
    """x in another shape; one size is -1, that which depends on the rows."""
    return graph.add("Reshape", [x, whole(graph, *sizes)])


def swap(graph: GraphBuilder, x: str, *axes: int) -> str:
    """The dimensions of x in another order."""
    return graph.add("Transpose", [x], {"perm": axes})


def pad_end(graph: GraphBuilder, x: str, axis: int, count: int) -> str:
    """x with `count` zeros more at the end of an axis."""
    if count == 0:
        return x
    return graph.add("Pad", [x, whole(graph, 0, count), number(graph, 0.0), whole(graph, axis)])


def weighted_sum(graph: GraphBuilder, x: str, matrix: str, bias: str) -> str:
    """x @ matrix + bias."""
    return graph.add("Add", [graph.add("MatMul", [x, matrix]), bias])


def linear_layer(graph: GraphBuilder, layer: nn.Module, x: str, scale: Tensor | None = None) -> str:
    """A layer of torch.nn.Linear: (..., inputs) -> (..., outputs), of inputs times `scale`."""
    assert isinstance(layer, nn.Linear)
    weights = layer.weight.t()
    if scale is None:
        return weighted_sum(graph, x, factor(graph, weights), weight(graph, layer.bias))
    scaled = scaled_factor(graph, weights, scale.detach().double().numpy())
    return weighted_sum(graph, x, scaled, weight(graph, layer.bias))


def layer_norm(graph: GraphBuilder, norm: nn.LayerNorm, x: str) -> str:
    """Layer normalisation of the last dimension.

    In single steps: the operator for it has its epsilon in float32.
    """
    last = whole(graph, -1)
    away = graph.add("Sub", [x, graph.add("ReduceMean", [x, last])])
    variance = graph.add("ReduceMean", [graph.add("Mul", [away, away]), last])
    deviation = graph.add("Sqrt", [graph.add("Add", [variance, number(graph, norm.eps)])])
    scaled = graph.add("Mul", [graph.add("Div", [away, deviation]), weight(graph, norm.weight)])
    return graph.add("Add", [scaled, weight(graph, norm.bias)])
