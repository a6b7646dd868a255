"""Words, pairs of words and runs of characters of texts, weighted as `TextEncoder.weights` does.

Which runs of characters count by their script need not be asked: no other is stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from automl_core.features import TextEncoder
from automl_core.onnx_export import GraphBuilder
from automl_core.onnx_export.encoders.counts import write_counts
from automl_core.onnx_export.encoders.typed_inputs import TypedInputs


@dataclass(frozen=True)
class Weights:
    """TF-IDF of a row's terms, or of its runs of characters; one row more stands before them."""

    values: str  # (1 + rows, count) in float64: counts times their idf
    length: str  # (1 + rows, 1) that each row is yet to be divided by; 1 where it has none of them
    count: int


def write_weights(
    graph: GraphBuilder, inputs: TypedInputs, encoder: TextEncoder
) -> tuple[Weights, ...]:
    """Those of the terms, and those of the runs, where there are some."""
    found = []
    name = encoder.name
    if encoder.terms:
        known = inputs.token_vocabulary(name)
        parts = [term.split(" ") for term in encoder.terms]
        found.append(_weighted(graph, inputs.tokens(name), known, parts, encoder.idf))
    if encoder.runs:
        known, characters = inputs.alphabet(name), inputs.characters(name)
        found.append(_weighted(graph, characters, known, encoder.runs, encoder.run_idf))
    return tuple(found)


def _weighted(
    graph: GraphBuilder,
    places: str,
    known: Sequence[str],
    grams: Sequence[Sequence[str]],
    idf: Sequence[float],
) -> Weights:
    """Of grams of what stands at places (rows, m) among the known words or characters."""
    place = {word: i for i, word in enumerate(known)}
    runs = [tuple(place[word] for word in gram) for gram in grams]
    counts = graph.cast(write_counts(graph, places, runs, len(known)), "double")
    values = graph.add("Mul", [counts, graph.constant([list(idf)])])
    square = graph.add("ReduceSumSquare", [values, graph.constant([1])], {"keepdims": 1})
    length = graph.add("Sqrt", [square])
    none = graph.add("Equal", [length, graph.constant(0.0)])
    return Weights(values, graph.add("Where", [none, graph.constant(1.0), length]), len(grams))
