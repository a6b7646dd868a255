"""Graphs that the builder writes are run by ONNX Runtime as they were meant."""

from __future__ import annotations

import numpy as np
import onnxruntime

from automl_core.onnx_export.graph_builder import GraphBuilder


def _session(graph: GraphBuilder) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(graph.build({"made by": "a test"}))


def test_numbers_and_words_go_in_and_come_out() -> None:
    graph = GraphBuilder()
    x = graph.input("x", "double", ["rows", 2])
    word = graph.input("word", "string", ["rows"])
    graph.output(graph.add("Mul", [x, graph.constant([[2.0, 3.0]])]), "y", "double", ["rows", 2])
    graph.output(graph.add("Equal", [word, graph.constant("é")]), "same", "bool", ["rows"])
    session = _session(graph)
    fed = {"x": np.ones((2, 2)), "word": np.array(["é", "e"], dtype=object)}
    y, same = session.run(None, fed)
    assert y.tolist() == [[2.0, 3.0], [2.0, 3.0]] and same.tolist() == [True, False]
    assert session.get_modelmeta().custom_metadata_map == {"made by": "a test"}


def test_equal_constants_are_stored_once_and_others_apart() -> None:
    graph = GraphBuilder()
    assert graph.constant([1.0]) == graph.constant(np.array([1.0]))
    names = {graph.constant(c) for c in ([1.0], [1], [[1.0]], ["1"], np.float32([1.0]), [True])}
    assert len(names) == 6


def test_the_same_graph_gives_the_same_bytes() -> None:
    def made() -> bytes:
        graph = GraphBuilder()
        graph.output(
            graph.cast(graph.input("x", "double", ["rows"]), "float"), "y", "float", ["rows"]
        )
        return graph.build({"b": "1", "a": "2"})

    assert made() == made()
