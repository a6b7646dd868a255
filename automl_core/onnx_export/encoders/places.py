"""The place of each row's word among the words that an encoder stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from automl_core.onnx_export import GraphBuilder
from automl_core.onnx_export.encoders.lookup import lookup
from automl_core.onnx_export.encoders.matrix_columns import chosen, side_by_side
from automl_core.onnx_export.encoders.typed_inputs import TypedInputs
from automl_core.onnx_export.encoders.vocabularies import halves


@dataclass(frozen=True)
class StoredWords:
    """The k words that an encoder of one column, or of two joined ones, stored."""

    columns: tuple[str, ...]
    words: tuple[str, ...]


def write_places(graph: GraphBuilder, inputs: TypedInputs, stored: Sequence[StoredWords]) -> str:
    """Places (rows, p) of the rows' words, int64: of unseen words k, of missing ones k + 1."""
    single = [i for i, words in enumerate(stored) if len(words.columns) == 1]
    joined = [i for i, words in enumerate(stored) if len(words.columns) == 2]
    found = [_of_columns(graph, inputs, [stored[i] for i in single])] if single else []
    found += [_of_pair(graph, inputs, stored[i]) for i in joined]
    order = np.argsort(single + joined).tolist()
    return chosen(graph, side_by_side(graph, found), order, len(stored))


def _of_columns(graph: GraphBuilder, inputs: TypedInputs, stored: Sequence[StoredWords]) -> str:
    """Through one table: for each encoder the places of all words that any encoder knows."""
    table: list[int] = []
    starts = []
    for one in stored:
        own = {word: place for place, word in enumerate(one.words)}
        k = len(own)
        starts.append(len(table))
        table += [own.get(word, k) for word in inputs.vocabulary(one.columns[0])] + [k, k + 1]
    codes = side_by_side(graph, [inputs.codes(one.columns[0]) for one in stored])
    entries = graph.add("Add", [codes, graph.constant([starts])])
    return graph.add("Gather", [graph.constant(np.array(table, np.int64)), entries])


def _of_pair(graph: GraphBuilder, inputs: TypedInputs, stored: StoredWords) -> str:
    """Both columns' codes as one number, which is looked up."""
    vocabularies = [inputs.vocabulary(name) for name in stored.columns]
    first, second = ({word: i for i, word in enumerate(words)} for words in vocabularies)
    width, k = len(second) + 2, len(stored.words)
    places: dict[int, int] = {}
    for place, word in enumerate(stored.words):
        for a, b in halves(word):
            places[first[a] * width + second[b]] = place
    codes = [inputs.codes(name) for name in stored.columns]
    keys = graph.add("Add", [graph.add("Mul", [codes[0], graph.constant(width)]), codes[1]])
    found = lookup(graph, keys, np.array(list(places), np.int64), list(places.values()), k)
    missing = graph.add("Or", [inputs.missing(name) for name in stored.columns])
    return graph.add("Where", [missing, graph.constant(k + 1), found])
