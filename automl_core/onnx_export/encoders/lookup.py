"""A dictionary in a graph: strings, whole numbers or floats to whole numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from automl_core.onnx_export import ML, GraphBuilder


def lookup(
    graph: GraphBuilder,
    values: str,
    keys: Sequence[str] | NDArray[np.int64] | NDArray[np.float64],
    found: Sequence[int],
    otherwise: int,
) -> str:
    """For each value the number of the key that it equals, int64; at least one key, all distinct.

    Values and keys are strings, int64 or float64.
    """
    attributes = {
        "keys_tensor": _tensor(keys),
        "values_tensor": _tensor(np.array(list(found), dtype=np.int64)),
        "default_tensor": _tensor(np.array([otherwise], dtype=np.int64)),
    }
    return graph.add("LabelEncoder", [values], attributes, ML)


def place_among(
    graph: GraphBuilder, values: str, known: Sequence[str] | NDArray[np.float64]
) -> str:
    """The place of each value among the known ones, int64; their number where it is none."""
    if not len(known):
        shape = graph.add("Shape", [values])
        return graph.add("Expand", [graph.constant(0), shape])
    return lookup(graph, values, known, range(len(known)), len(known))


def _tensor(values: Sequence[str] | NDArray[Any]) -> Any:
    if isinstance(values, np.ndarray):
        return numpy_helper.from_array(values, "")
    texts: Any = [text.encode() for text in values]
    return helper.make_tensor("", TensorProto.STRING, [len(texts)], texts)
