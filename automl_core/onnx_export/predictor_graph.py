"""A whole predictor as one graph: typed columns in; label and probabilities, or a value, out.

Outputs: `label` (rows,) strings and `probabilities` (rows, classes) float64; or `value` (rows,)
float64 and, where the model has intervals, `low` and `high` beside it.
"""

from __future__ import annotations

import numpy as np

from automl_core.export import Intervals, Predictor, Threshold
from automl_core.onnx_export import GraphBuilder
from automl_core.onnx_export.encoders import TypedInputs, write_encoder
from automl_core.onnx_export.models import write_model

LABEL, PROBABILITIES = "label", "probabilities"
VALUE, LOW, HIGH = "value", "low", "high"


def write_predictor(graph: GraphBuilder, predictor: Predictor) -> TypedInputs:
    """Add inputs, encoders, members, their average and the answer; returns the inputs.

    Raises ModelError where a part of the model has no form in ONNX.
    """
    encoders = [encoder for encoder, _ in predictor.groups]
    inputs = TypedInputs(graph, predictor.columns, encoders)
    number = write_answer(graph, predictor, inputs)
    if number:
        names = graph.constant(np.array(predictor.target.names, dtype=object))
        graph.output(graph.add("Gather", [names, number]), LABEL, "string", ["rows"])
    return inputs


def write_answer(graph: GraphBuilder, predictor: Predictor, inputs: TypedInputs) -> str:
    """Add everything behind the inputs, and all outputs but the label.

    Returns the number of the label's class (rows,), int64; "" where there are no classes.
    """
    average = ""
    for encoder, numbers in predictor.groups:
        x = write_encoder(graph, encoder, inputs)
        for i in numbers:
            part = write_model(graph, predictor.members[i].model, x)
            part = graph.add("Mul", [part, graph.constant(predictor.weights[i])])
            average = graph.add("Add", [average, part]) if average else part
    if predictor.task == "regression":
        _write_value(graph, average, predictor.answer.intervals)
        return ""
    probabilities = _with_temperature(graph, average, predictor.temperature)
    graph.output(probabilities, PROBABILITIES, "double", ["rows", predictor.target.classes])
    return _write_label(graph, probabilities, predictor)


def _with_temperature(graph: GraphBuilder, average: str, temperature: float) -> str:
    if temperature == 1.0:
        return average
    powers = graph.add("Pow", [average, graph.constant(1.0 / temperature)])
    total = graph.add("ReduceSum", [powers, graph.constant([1])], {"keepdims": 1})
    return graph.add("Div", [powers, total])


def _write_label(graph: GraphBuilder, probabilities: str, predictor: Predictor) -> str:
    names, threshold = predictor.target.names, predictor.answer.threshold
    if threshold is None:
        return graph.add("ArgMax", [probabilities], {"axis": 1, "keepdims": 0})
    return _by_threshold(graph, probabilities, names, threshold)


def _by_threshold(
    graph: GraphBuilder, probabilities: str, names: tuple[str, ...], threshold: Threshold
) -> str:
    named = names.index(threshold.label)
    own = graph.add("Gather", [probabilities, graph.constant(named)], {"axis": 1})
    above = graph.add("Greater", [own, graph.constant(float(threshold.above))])
    return graph.add("Where", [above, graph.constant(named), graph.constant(1 - named)])


def _write_value(graph: GraphBuilder, value: str, intervals: Intervals | None) -> None:
    graph.output(value, VALUE, "double", ["rows"])
    if intervals is None:
        return
    half = graph.constant(np.asarray(intervals.half_widths, dtype=np.float64))
    starts = graph.constant(np.asarray(intervals.starts, dtype=np.float64)[None, :])
    column = graph.add("Unsqueeze", [value, graph.constant([1])])
    passed = graph.cast(graph.add("GreaterOrEqual", [column, starts]), "int64")
    place = graph.add("ReduceSum", [passed, graph.constant([1])], {"keepdims": 0})
    reach = graph.add("Gather", [half, place])
    graph.output(graph.add("Sub", [value, reach]), LOW, "double", ["rows"])
    graph.output(graph.add("Add", [value, reach]), HIGH, "double", ["rows"])
