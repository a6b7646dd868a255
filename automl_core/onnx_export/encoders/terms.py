"""Words, pairs of words and runs of characters of texts, weighted as `TextEncoder.weights` does."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from automl_core.features import TextEncoder
from automl_core.onnx_export import GraphBuilder
from automl_core.onnx_export.encoders.counts import write_counts
from automl_core.onnx_export.encoders.lookup import lookup
from automl_core.onnx_export.encoders.matrix_columns import side_by_side
from automl_core.onnx_export.encoders.typed_inputs import TypedInputs

BITS = 12
UNKNOWN = 2**BITS - 1
"""The number of a character that no run has: those of runs are 1 to 4,000."""


def write_weights(graph: GraphBuilder, inputs: TypedInputs, encoder: TextEncoder) -> str:
    """TF-IDF (rows, terms and runs) in float64, both parts of a row of length 1."""
    parts = []
    if encoder.terms:
        places = _terms(graph, inputs, encoder)
        parts.append(_weighted(graph, inputs, places, encoder.idf))
    if encoder.runs:
        places = _runs(graph, inputs, encoder)
        parts.append(_weighted(graph, inputs, places, encoder.run_idf))
    return side_by_side(graph, parts)


def _terms(graph: GraphBuilder, inputs: TypedInputs, encoder: TextEncoder) -> str:
    """The places (rows, m) of a text's terms, single words and then pairs of neighbours."""
    k = len(encoder.terms)
    pairs = [tuple(term.split(" ")) for term in encoder.terms]
    own = {word: i for i, word in enumerate(dict.fromkeys(w for pair in pairs for w in pair))}
    single = {pair[0]: place for place, pair in enumerate(pairs) if len(pair) == 1}
    known, tokens = inputs.token_vocabulary(encoder.name), inputs.tokens(encoder.name)
    table = graph.constant(np.array([single.get(word, k) for word in known] + [k], np.int64))
    found = [graph.add("Gather", [table, tokens])]
    v = len(own) + 1  # with a number for all other words
    keys = {own[p[0]] * v + own[p[1]]: i for i, p in enumerate(pairs) if len(p) == 2}
    if keys:
        numbers = graph.constant(
            np.array([own.get(word, v - 1) for word in known] + [v - 1], np.int64)
        )
        words = graph.add("Gather", [numbers, tokens])
        key = graph.add("Mul", [_window(graph, words, 0, -1), graph.constant(v)])
        key = graph.add("Add", [key, _window(graph, words, 1, None)])
        found.append(_found(graph, key, keys, k))
    return side_by_side(graph, found)


def _runs(graph: GraphBuilder, inputs: TypedInputs, encoder: TextEncoder) -> str:
    """The places (rows, m) of a text's runs of characters, shorter runs first.

    A run is one number, as in features/ngrams.py, but with one for each character that no stored
    run has. Which runs count by their script need not be asked: no other is stored.
    """
    k = len(encoder.runs)
    own = {character: i for i, character in enumerate(sorted(set("".join(encoder.runs))), 1)}
    known = inputs.alphabet(encoder.name)
    numbers = graph.constant(np.array([own.get(c, UNKNOWN) for c in known] + [UNKNOWN], np.int64))
    characters = graph.add("Gather", [numbers, inputs.characters(encoder.name)])
    by_length: dict[int, dict[int, int]] = {}
    for place, run in enumerate(encoder.runs):
        key = 0
        for character in run:
            key = key << BITS | own[character]
        by_length.setdefault(len(run), {})[key] = place
    found = []
    key_of = characters
    for length in range(1, max(by_length) + 1):
        if length > 1:
            # The window ends with the text: a shorter one has no run of this length.
            shifted = graph.add("Mul", [_window(graph, key_of, 0, -1), graph.constant(2**BITS)])
            key_of = graph.add("Add", [shifted, _window(graph, characters, length - 1, None)])
        if length in by_length:
            found.append(_found(graph, key_of, by_length[length], k))
    return side_by_side(graph, found)


def _found(graph: GraphBuilder, keys: str, places: dict[int, int], k: int) -> str:
    return lookup(graph, keys, np.array(list(places), np.int64), list(places.values()), k)


def _window(graph: GraphBuilder, values: str, start: int, end: int | None) -> str:
    """The columns from `start` to `end` of a matrix of any width."""
    last = np.iinfo(np.int64).max if end is None else end
    return graph.add("Slice", [values, *(graph.constant([int(n)]) for n in (start, last, 1))])


def _weighted(graph: GraphBuilder, inputs: TypedInputs, places: str, idf: Sequence[float]) -> str:
    """Counts times `idf`, each row scaled to length 1; a row without any stays 0."""
    counts = write_counts(graph, places, inputs.rows, len(idf))
    values = graph.add("Mul", [counts, graph.constant([list(idf)])])
    square = graph.add("Mul", [values, values])
    total = graph.add("ReduceSum", [square, graph.constant([1])], {"keepdims": 1})
    norm = graph.add("Sqrt", [total])
    none = graph.add("Equal", [norm, graph.constant(0.0)])
    return graph.add("Div", [values, graph.add("Where", [none, graph.constant(1.0), norm])])
