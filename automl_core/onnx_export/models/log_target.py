"""A model of the target's logarithm: back to the target's units."""

from __future__ import annotations

from automl_core.models import LARGEST_LOG, LogTargetRecord
from automl_core.onnx_export import GraphBuilder


def write_from_log(graph: GraphBuilder, record: LogTargetRecord, z: str) -> str:
    """Values (rows,) in the target's units, of float64 logarithms (rows,)."""
    bounded = _clip(graph, z, -LARGEST_LOG, LARGEST_LOG)
    scaled = graph.add("Mul", [graph.add("Exp", [bounded]), graph.constant(record.factor)])
    values = graph.add("Sub", [scaled, graph.constant(record.shift)])
    return _clip(graph, values, record.low, record.high)


def _clip(graph: GraphBuilder, value: str, low: float, high: float) -> str:
    return graph.add("Clip", [value, graph.constant(low), graph.constant(high)])
