"""Gradient boosting: the baseline, the sum of trees, and what the sum means."""

from __future__ import annotations

import numpy as np

from automl_core.errors import ModelError
from automl_core.models import BoostedTrees, ObliviousTrees, Trees
from automl_core.onnx_export import GraphBuilder
from automl_core.onnx_export.models.oblivious import write_oblivious
from automl_core.onnx_export.models.trees import write_trees


def write_boosted(graph: GraphBuilder, model: BoostedTrees, x: str) -> str:
    """Probabilities (rows, classes) or values (rows,), float64."""
    record = model.record
    baseline = np.asarray(record.baseline, dtype=np.float64)[None, :]
    match model.trees:
        case Trees() as trees:
            grown = write_trees(graph, trees, x, baseline.shape[1])
        case ObliviousTrees() as trees:
            grown = write_oblivious(graph, trees, x, baseline.shape[1])
        case other:
            raise ModelError(f"Trees of the kind {type(other).__name__} have no form in ONNX.")
    raw = graph.add("Add", [graph.constant(baseline), grown])
    if record.task == "regression":
        return graph.add("Squeeze", [raw, graph.constant([1])])
    if baseline.shape[1] == 1:  # one logit, that of class 1
        raw = graph.add("MatMul", [raw, graph.constant([[-0.5, 0.5]])])
    return graph.add("Softmax", [raw], {"axis": 1})
