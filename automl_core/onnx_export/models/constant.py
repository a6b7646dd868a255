"""A constant: the same answer for every row."""

from __future__ import annotations

import numpy as np

from automl_core.models import ConstantModel
from automl_core.onnx_export import GraphBuilder
from automl_core.onnx_export.models.repeated_row import repeat_row


def write_constant(graph: GraphBuilder, model: ConstantModel, x: str) -> str:
    """Probabilities (rows, classes) or values (rows,), float64."""
    row = repeat_row(graph, graph.constant(np.array([model.values], dtype=np.float64)), x)
    return row if model.classes else graph.add("Squeeze", [row, graph.constant([1])])
