"""A whole encoder as part of a graph: which file writes which kind, and the order of features."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from automl_core.errors import ModelError
from automl_core.features import (
    AnyPart,
    CategoryCodeEncoder,
    DateGapEncoder,
    DatetimeEncoder,
    Encoder,
    GeographyEncoder,
    JoinedEncoder,
    ListEncoder,
    NumberPairEncoder,
    NumericEncoder,
    OneHotEncoder,
    RankEncoder,
    SentenceEncoder,
    TargetMeanEncoder,
    TextEncoder,
    WithinEncoder,
)
from automl_core.onnx_export import GraphBuilder
from automl_core.onnx_export.encoders.date_gaps import write_date_gaps
from automl_core.onnx_export.encoders.dates import write_dates
from automl_core.onnx_export.encoders.geography import write_geography
from automl_core.onnx_export.encoders.lists import write_lists
from automl_core.onnx_export.encoders.matrix_columns import whole
from automl_core.onnx_export.encoders.numbers import write_numbers
from automl_core.onnx_export.encoders.pairs import write_number_pairs, write_within
from automl_core.onnx_export.encoders.texts import write_texts
from automl_core.onnx_export.encoders.typed_inputs import TypedInputs
from automl_core.onnx_export.encoders.words import write_words

Writer = Callable[[GraphBuilder, TypedInputs, Sequence[Any]], str]
"""All parts of its kind, in their order, as one float32 matrix (rows, their features)."""

WRITERS: dict[type, Writer] = {
    NumericEncoder: write_numbers,
    CategoryCodeEncoder: write_words,
    OneHotEncoder: write_words,
    TargetMeanEncoder: write_words,
    RankEncoder: write_words,
    JoinedEncoder: write_words,
    DatetimeEncoder: write_dates,
    TextEncoder: write_texts,
    ListEncoder: write_lists,
    GeographyEncoder: write_geography,
    DateGapEncoder: write_date_gaps,
    NumberPairEncoder: write_number_pairs,
    WithinEncoder: write_within,
}


def write_encoder(graph: GraphBuilder, encoder: Encoder, inputs: TypedInputs) -> str:
    """The matrix of `encoder.encode` as a value of the graph: float32 (rows, features).

    Equal bit for bit but for themes, weights of terms, sines and cosines, which may differ in
    rounding. Raises ModelError where a column needs what no graph can hold.
    """
    refuse_sentences(encoder)
    if not encoder.parts:
        shape = graph.add("Concat", [inputs.rows, graph.constant([1])], {"axis": 0})
        return graph.add("Expand", [graph.constant(np.float32(0)), shape])
    by_writer: dict[Writer, list[tuple[AnyPart, int]]] = {}
    at = 0
    for part in encoder.parts:
        by_writer.setdefault(WRITERS[type(part)], []).append((part, at))
        at += len(part.features)
    matrices, places = [], []
    for writer, parts in by_writer.items():
        matrices.append(writer(graph, inputs, [part for part, _ in parts]))
        places += [start + i for part, start in parts for i in range(len(part.features))]
    return whole(graph, matrices, places)


def refuse_sentences(encoder: Encoder) -> None:
    """Raise ModelError where a column is read by a sentence model, which no graph can hold."""
    for part in encoder.parts:
        if isinstance(part, SentenceEncoder):
            raise ModelError(
                f"The model cannot be written as one file: it reads the column {part.name!r} with "
                f"a sentence model ({part.model.name}), which is no part of it.",
                "Export the model as a bundle, or train again without a sentence model.",
            )
