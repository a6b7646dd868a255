"""A forest: the average of its trees, with the prior beside them."""

from __future__ import annotations

import numpy as np

from automl_core.models import Forest
from automl_core.onnx_export import GraphBuilder
from automl_core.onnx_export.models.repeated_row import repeat_row
from automl_core.onnx_export.models.trees import write_trees


def write_forest(graph: GraphBuilder, model: Forest, x: str) -> str:
    """Probabilities (rows, classes) or values (rows,), float64."""
    record, count = model.record, len(model.trees.root)
    prior = np.asarray(record.prior, dtype=np.float64)[None, :]
    regression = record.task == "regression"
    if regression and not count:
        row = repeat_row(graph, graph.constant(prior), x)
        return graph.add("Squeeze", [row, graph.constant([1])])
    total = write_trees(graph, model.trees, x, prior.shape[1])
    if regression:
        mean = graph.add("Div", [total, graph.constant(float(count))])
        return graph.add("Squeeze", [mean, graph.constant([1])])
    weighted = graph.add("Add", [total, graph.constant(record.prior_trees * prior)])
    return graph.add("Div", [weighted, graph.constant(count + record.prior_trees)])
