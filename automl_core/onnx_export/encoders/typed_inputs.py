"""The typed columns as inputs of a graph, and what every encoder starts from.

Each column of numbers that an encoder reads is an input `column:NAME`, float64 (rows,): NaN where
missing, booleans 0 and 1, dates in seconds since 1970. Columns of words are taken in by a
`WordInputs`: as strings (rows,) "" where missing, which no category and no list is. A text may be
"", as one without letters is; beside it stands `signals:NAME`, float32 (rows, signals), whose
first, log(1 + characters), is 0 where it is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np

from automl_core.errors import ModelError
from automl_core.features import Encoder
from automl_core.onnx_export import GraphBuilder
from automl_core.onnx_export.encoders.lookup import place_among
from automl_core.onnx_export.encoders.matrix_columns import as_column, chosen, side_by_side
from automl_core.onnx_export.encoders.string_inputs import StringInputs
from automl_core.onnx_export.encoders.vocabularies import (
    Vocabularies,
    columns_of,
    vocabularies,
)
from automl_core.onnx_export.encoders.word_inputs import WordInputs
from automl_core.table import Column
from automl_core.table.parsing import SIGNALS

NUMERIC = ("number", "boolean", "datetime")

ROW = "row"
"""The input of a model that reads no column: one number a row, whatever it is."""


class TypedInputs:
    """The inputs of all encoders of a model; nodes are written when they are first asked for."""

    def __init__(
        self,
        graph: GraphBuilder,
        columns: Sequence[Column],
        encoders: Sequence[Encoder],
        words: Callable[[GraphBuilder, Vocabularies], WordInputs] = StringInputs,
    ) -> None:
        """Declares an input for each of the columns that an encoder reads, in their order."""
        read = {name for e in encoders for part in e.parts for name in columns_of(part)}
        self.columns = tuple(column for column in columns if column.name in read)
        self.known = vocabularies(encoders)
        self._graph = graph
        self._kinds = {column.name: column.parse.kind for column in self.columns}
        self._words = words(graph, self.known)
        self._values, self._signals = {}, {}
        for name, kind in self._kinds.items():
            if kind in NUMERIC:
                self._values[name] = graph.input(f"column:{name}", "double", ["rows"])
            else:
                self._values[name] = self._words.declare(name, kind)
            if kind == "text":
                self._signals[name] = graph.input(
                    f"signals:{name}", "float", ["rows", len(SIGNALS)]
                )
        if not self.columns:
            self._values[ROW] = graph.input(ROW, "double", ["rows"])
        self._codes: dict[str, str] = {}

    @cached_property
    def rows(self) -> str:
        """The number of rows, int64 (1,)."""
        first = next(iter(self._values.values()))
        return self._graph.add("Shape", [first], {"start": 0, "end": 1})

    def numbers(self, names: Sequence[str]) -> str:
        """These columns' numbers (rows, k) in float64, infinities as NaN."""
        numeric = [name for name, kind in self._kinds.items() if kind in NUMERIC]
        for name in names:
            if name not in numeric:
                raise ModelError(f"Column {name!r} holds words where the model expects numbers.")
        return chosen(self._graph, self._numbers, [numeric.index(n) for n in names], len(numeric))

    def signals(self, name: str) -> str:
        """The signals of a text, float32 (rows, signals)."""
        if name not in self._signals:
            raise ModelError(f"Column {name!r} is no text, which the model expects.")
        return self._signals[name]

    def missing(self, name: str) -> str:
        """True where a column has no value, (rows, 1)."""
        graph = self._graph
        if self._kinds[name] in NUMERIC:
            return graph.add("IsNaN", [self.numbers([name])])
        if self._kinds[name] == "text":
            first = chosen(graph, self.signals(name), [0], len(SIGNALS))
            return graph.add("Equal", [first, graph.constant(np.float32(0))])
        return self._words.missing(name)

    def vocabulary(self, name: str) -> tuple[str, ...]:
        """The V words of a column that any encoder knows; numbers as they are written."""
        return self.known.cells.get(name, ())

    def codes(self, name: str) -> str:
        """For each row (rows, 1) its word's place in the vocabulary, V where unseen, V + 1 where
        missing, int64."""
        if name not in self._codes:
            self._codes[name] = self._write_codes(name)
        return self._codes[name]

    def token_vocabulary(self, name: str) -> tuple[str, ...]:
        """The T words of a text, or items of a list, that any encoder knows."""
        return self.known.tokens.get(name, ())

    def tokens(self, name: str) -> str:
        """See `WordInputs.tokens`."""
        return self._of_words(name).tokens(name)

    def alphabet(self, name: str) -> tuple[str, ...]:
        """The A characters of a text that any encoder knows."""
        return self.known.characters.get(name, ())

    def characters(self, name: str) -> str:
        """See `WordInputs.characters`."""
        return self._of_words(name).characters(name)

    def item_count(self, name: str) -> str:
        """See `WordInputs.item_count`."""
        return self._of_words(name).item_count(name)

    def word_count(self, name: str) -> str:
        """See `WordInputs.word_count`."""
        return self._of_words(name).word_count(name)

    @cached_property
    def _numbers(self) -> str:
        graph = self._graph
        numeric = [v for n, v in self._values.items() if self._kinds.get(n) in NUMERIC]
        numbers = side_by_side(graph, [as_column(graph, value) for value in numeric])
        infinite = graph.add("IsInf", [numbers])
        return graph.add("Where", [infinite, graph.constant(np.nan), numbers])

    def _of_words(self, name: str) -> WordInputs:
        if self._kinds.get(name, "number") in NUMERIC:
            raise ModelError(f"Column {name!r} holds numbers where the model expects words.")
        return self._words

    def _write_codes(self, name: str) -> str:
        graph, words, kind = self._graph, self.vocabulary(name), self._kinds[name]
        if kind in NUMERIC:
            found = place_among(graph, self.numbers([name]), np.array(words, np.float64))
        else:
            found = self._words.places(name)
            if kind != "text":
                return found
        last = graph.constant(len(words) + 1)
        return graph.add("Where", [self.missing(name), last, found])
