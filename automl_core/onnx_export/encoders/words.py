"""Categories: what an encoder makes of each word it stored, as a table.

The table is what the encoder itself writes for its words, for an unseen word and for a missing
one, so that it cannot differ.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from automl_core.features import (
    CategoryCodeEncoder,
    JoinedEncoder,
    Matrix,
    OneHotEncoder,
    RankEncoder,
    TargetMeanEncoder,
)
from automl_core.onnx_export import GraphBuilder
from automl_core.onnx_export.encoders.matrix_columns import chosen, whole
from automl_core.onnx_export.encoders.places import StoredWords, write_places
from automl_core.onnx_export.encoders.typed_inputs import TypedInputs
from automl_core.table import TypedColumn

CategoryEncoder = CategoryCodeEncoder | OneHotEncoder | TargetMeanEncoder | RankEncoder
WordEncoder = CategoryEncoder | JoinedEncoder


def write_words(graph: GraphBuilder, inputs: TypedInputs, encoders: Sequence[WordEncoder]) -> str:
    """The features (rows, k) of the encoders, float32, in their order."""
    stored, tables = [], []
    for encoder in encoders:
        if isinstance(encoder, JoinedEncoder):
            stored.append(StoredWords(encoder.pair.columns, encoder.means.words))
            tables.append(_table(encoder.means))
        else:
            stored.append(StoredWords((encoder.name,), encoder.words))
            tables.append(_table(encoder))
    places = write_places(graph, inputs, stored)
    return _read(graph, places, tables)


def _table(encoder: CategoryEncoder) -> Matrix:
    """What the encoder writes (k + 2, width): for its words, an unseen one, a missing one."""
    unseen = "\0"
    while unseen in encoder.words:
        unseen += "\0"
    k = len(encoder.words)
    codes = np.array([*range(k + 1), -1], dtype=np.int32)
    table = np.empty((k + 2, len(encoder.features)), dtype=np.float32)
    encoder.write(TypedColumn(encoder.name, codes=codes, words=(*encoder.words, unseen)), table)
    return table


def _read(graph: GraphBuilder, places: str, tables: Sequence[Matrix]) -> str:
    """The rows of the tables (rows, features); columns of one 1 among zeros are not stored."""
    columns = [(i, column) for i, table in enumerate(tables) for column in table.T]
    single = [bool((c == 1).sum() == 1 and np.count_nonzero(c) == 1) for _, c in columns]
    found, order = [], []
    for kind in (True, False):
        at = [place for place, one in enumerate(single) if one is kind]
        own = [columns[place] for place in at]
        if not own:
            continue
        order += at
        spread = chosen(graph, places, [i for i, _ in own], len(tables))
        found.append((_hits if kind else _stored)(graph, spread, [c for _, c in own]))
    return whole(graph, found, order)


def _hits(graph: GraphBuilder, places: str, columns: Sequence[Matrix]) -> str:
    rows = graph.constant([[int(column.argmax()) for column in columns]])
    return graph.cast(graph.add("Equal", [places, rows]), "float")


def _stored(graph: GraphBuilder, places: str, columns: Sequence[Matrix]) -> str:
    lengths = [len(column) for column in columns]
    starts = graph.constant([(np.cumsum(lengths) - lengths).tolist()])
    table = graph.constant(np.concatenate(columns))
    return graph.add("Gather", [table, graph.add("Add", [places, starts])])
