"""A fitted model as nodes: from the float32 matrix to probabilities or values in float64."""

from __future__ import annotations

from automl_core.errors import ModelError
from automl_core.models import (
    BoostedTrees,
    ConstantModel,
    Forest,
    LogTargetModel,
    Model,
    Neighbours,
    NetworkModel,
)
from automl_core.onnx_export import GraphBuilder
from automl_core.onnx_export.models.boosting import write_boosted
from automl_core.onnx_export.models.constant import write_constant
from automl_core.onnx_export.models.forest import write_forest
from automl_core.onnx_export.models.log_target import write_from_log
from automl_core.onnx_export.models.neighbours import write_neighbours
from automl_core.onnx_export.networks import write_network


def write_model(graph: GraphBuilder, model: Model, x: str) -> str:
    """Probabilities (rows, classes) or values (rows,), float64, of a float32 matrix (rows, d).

    They differ from those of `model.predict` by rounding alone. Raises ModelError where the
    model has no form in ONNX.
    """
    match model:
        case BoostedTrees():
            return write_boosted(graph, model, x)
        case Forest():
            return write_forest(graph, model, x)
        case Neighbours():
            return write_neighbours(graph, model, x)
        case NetworkModel():
            return write_network(graph, model, x)
        case ConstantModel():
            return write_constant(graph, model, x)
        case LogTargetModel():
            return write_from_log(graph, model.record, write_model(graph, model.inner, x))
        case _:
            raise ModelError(f"A model of the kind {type(model).__name__} has no form in ONNX.")
