"""k nearest neighbours: quick distances choose some rows, exact ones the nearest of them."""

from __future__ import annotations

import numpy as np

from automl_core.models import CLOSEST, SPARE, Neighbours
from automl_core.onnx_export import GraphBuilder


def write_neighbours(graph: GraphBuilder, model: Neighbours, x: str) -> str:
    """Probabilities (rows, classes) or values (rows,), float64.

    Of equal numbers `TopK` takes the first, as the model does.
    """
    k = min(model.record.k, len(model.rows))
    rows = graph.cast(graph.constant(model.rows), "double")
    stretched = graph.cast(graph.add("Mul", [x, graph.constant(model.stretch[None, :])]), "double")
    near = _candidates(graph, model, stretched, rows, k + SPARE)
    apart = graph.add(
        "Sub",
        [
            graph.add("Gather", [rows, near]),
            graph.add("Unsqueeze", [stretched, graph.constant([1])]),
        ],
    )
    # not ReduceSum: there the last digit depends on where in memory a row lies
    ones = graph.constant(np.ones((model.rows.shape[1], 1)))
    square = graph.add("MatMul", [graph.add("Mul", [apart, apart]), ones])
    square = graph.add("Squeeze", [square, graph.constant([2])])
    exact, place = graph.add_many("TopK", [square, graph.constant([k])], 2, {"largest": 0})
    nearest = graph.add("GatherElements", [near, place], {"axis": 1})
    return _vote(graph, model, nearest, graph.add("Sqrt", [exact]))


def _candidates(graph: GraphBuilder, model: Neighbours, x: str, rows: str, most: int) -> str:
    """The numbers of the rows (rows, count) that are nearest by quick distances, ascending."""
    _, order = model.exact
    turned = graph.add("Transpose", [rows], {"perm": [1, 0]})
    less = graph.add("MatMul", [x, graph.add("Mul", [turned, graph.constant(-2.0)])])
    quick = graph.add("Add", [less, graph.constant(order[None, :])])
    size = graph.constant([min(most, len(model.rows))])
    _, some = graph.add_many("TopK", [quick, size], 2, {"largest": 0, "sorted": 0})
    return graph.add_many("TopK", [some, size], 2, {"largest": 0})[0]


def _vote(graph: GraphBuilder, model: Neighbours, near: str, distance: str) -> str:
    record = model.record
    floor = graph.constant(CLOSEST * record.unit)
    share = graph.add("Div", [floor, graph.add("Add", [distance, floor])])
    power = graph.add("Pow", [share, graph.constant(float(record.power))])
    weight = graph.add("Gather", [graph.constant(model.weight), near])
    vote = graph.add("Mul", [weight, power])
    total = graph.add("ReduceSum", [vote, graph.constant([1])], {"keepdims": 1})
    vote = graph.add("Div", [vote, total])
    if record.task == "regression":
        target = graph.add("Gather", [graph.constant(model.target), near])
        return graph.add(
            "ReduceSum", [graph.add("Mul", [vote, target]), graph.constant([1])], {"keepdims": 0}
        )
    target = graph.add("Gather", [graph.constant(model.target.astype(np.int64)), near])
    belongs = graph.add("Gather", [graph.constant(np.eye(record.classes)), target])
    one_row = graph.add("Unsqueeze", [vote, graph.constant([1])])
    shares = graph.add("Squeeze", [graph.add("MatMul", [one_row, belongs]), graph.constant([1])])
    k = float(min(record.k, len(model.rows)))
    counted = graph.add("Mul", [shares, graph.constant(k)])
    prior = graph.constant(np.asarray(record.prior, dtype=np.float64)[None, :])
    return graph.add("Div", [graph.add("Add", [counted, prior]), graph.constant(k + 1.0)])
