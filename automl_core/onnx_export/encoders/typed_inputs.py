"""The typed columns as inputs of a graph, and what every encoder starts from.

Each column that an encoder reads is an input `column:NAME`. Numbers are float64 (rows,): NaN where
missing, booleans 0 and 1, dates in seconds since 1970. Words are strings (rows,): "" where missing,
which no category and no list is. A text may be "", as one without letters is; beside it stands
`signals:NAME`, float32 (rows, signals), whose first, log(1 + characters), is 0 where it is missing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from automl_core.errors import ModelError
from automl_core.features import UNSPACED_SCRIPTS, Encoder
from automl_core.onnx_export import MICROSOFT, Attributes, GraphBuilder, Kind
from automl_core.onnx_export.encoders.lookup import lookup
from automl_core.onnx_export.encoders.matrix_columns import as_column, chosen, side_by_side
from automl_core.onnx_export.encoders.vocabularies import (
    columns_of,
    known_characters,
    known_tokens,
    known_words,
)
from automl_core.table import Column
from automl_core.table.parsing import BETWEEN, SIGNALS

NUMERIC = ("number", "boolean", "datetime")
_WORDS = {"tokenexp": f"[{UNSPACED_SCRIPTS}]|[^ {UNSPACED_SCRIPTS}]+"}
"""Words between spaces, letters of scripts without spaces as words of their own."""

ROW = "row"
"""The input of a model that reads no column: one number a row, whatever it is."""


class TypedInputs:
    """The inputs of all encoders of a model; nodes are written when they are first asked for."""

    def __init__(
        self, graph: GraphBuilder, columns: Sequence[Column], encoders: Sequence[Encoder]
    ) -> None:
        """Declares an input for each of the columns that an encoder reads, in their order."""
        read = {name for e in encoders for part in e.parts for name in columns_of(part)}
        self.columns = tuple(column for column in columns if column.name in read)
        self._graph = graph
        self._encoders = tuple(encoders)
        self._kinds = {column.name: column.parse.kind for column in self.columns}
        self._values, self._signals = {}, {}
        for name, kind in self._kinds.items():
            typed: Kind = "double" if kind in NUMERIC else "string"
            self._values[name] = graph.input(f"column:{name}", typed, ["rows"])
            if kind == "text":
                self._signals[name] = graph.input(
                    f"signals:{name}", "float", ["rows", len(SIGNALS)]
                )
        if not self.columns:
            self._values[ROW] = graph.input(ROW, "double", ["rows"])
        self._codes: dict[str, str] = {}
        self._tokens: dict[str, str] = {}
        self._characters: dict[str, str] = {}

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

    def words(self, name: str) -> str:
        """A column's words, strings (rows,)."""
        if self._kinds.get(name, "number") in NUMERIC:
            raise ModelError(f"Column {name!r} holds numbers where the model expects words.")
        return self._values[name]

    def signals(self, name: str) -> str:
        """The signals of a text, float32 (rows, signals)."""
        if name not in self._signals:
            raise ModelError(f"Column {name!r} is no text, which the model expects.")
        return self._signals[name]

    def missing(self, name: str) -> str:
        """Whether a column has no value, (rows, 1)."""
        graph = self._graph
        if self._kinds[name] in NUMERIC:
            return graph.add("IsNaN", [self.numbers([name])])
        if self._kinds[name] == "text":
            first = chosen(graph, self.signals(name), [0], len(SIGNALS))
            return graph.add("Equal", [first, graph.constant(np.float32(0))])
        return graph.add("Equal", [as_column(graph, self.words(name)), graph.constant("")])

    def vocabulary(self, name: str) -> tuple[str, ...]:
        """The V words of a column that any encoder knows; numbers as they are written."""
        return self._words.get(name, ())

    def codes(self, name: str) -> str:
        """For each row (rows, 1) its word's place in the vocabulary, V where unseen, V + 1 where
        missing, int64."""
        if name not in self._codes:
            self._codes[name] = self._write_codes(name)
        return self._codes[name]

    def token_vocabulary(self, name: str) -> tuple[str, ...]:
        """The T words of a text, or items of a list, that any encoder knows."""
        return self._known_tokens.get(name, ())

    def tokens(self, name: str) -> str:
        """The places (rows, m) of a row's words or items among the T that are known, int64.

        T where unknown, and behind the last one. In a text each letter of a script without spaces
        is a word.
        """
        if name not in self._tokens:
            is_list = self._kinds[name] == "list"
            found = self.items(name) if is_list else self._taken_apart(name, _WORDS)
            self._tokens[name] = self._looked_up(found, self.token_vocabulary(name))
        return self._tokens[name]

    def items(self, name: str) -> str:
        """The items (rows, m) of a list, "" behind the last one."""
        return self._graph.add_many("StringSplit", [self.words(name)], 2, {"delimiter": BETWEEN})[0]

    def alphabet(self, name: str) -> tuple[str, ...]:
        """The A characters of a text that any encoder knows."""
        return self._known_characters.get(name, ())

    def characters(self, name: str) -> str:
        """The places (rows, c) of a text's characters in the alphabet, A where unknown, int64.

        Spaces stand before the text and, one at least, behind it.
        """
        if name not in self._characters:
            found = self._taken_apart(name, {"separators": [""]})
            space = self._graph.constant([[" "]])
            shape = self._graph.add("Concat", [self.rows, self._graph.constant([1])], {"axis": 0})
            spaces = self._graph.add("Expand", [space, shape])
            padded = side_by_side(self._graph, [spaces, found, spaces])
            self._characters[name] = self._looked_up(padded, self.alphabet(name))
        return self._characters[name]

    @cached_property
    def _numbers(self) -> str:
        graph = self._graph
        numeric = [v for n, v in self._values.items() if self._kinds.get(n) in NUMERIC]
        numbers = side_by_side(graph, [as_column(graph, value) for value in numeric])
        infinite = graph.add("IsInf", [numbers])
        return graph.add("Where", [infinite, graph.constant(np.nan), numbers])

    @cached_property
    def _words(self) -> Mapping[str, tuple[str, ...]]:
        return known_words(self._encoders)

    @cached_property
    def _known_tokens(self) -> Mapping[str, tuple[str, ...]]:
        return known_tokens(self._encoders)

    @cached_property
    def _known_characters(self) -> Mapping[str, tuple[str, ...]]:
        return known_characters(self._encoders)

    def _write_codes(self, name: str) -> str:
        graph, words = self._graph, self.vocabulary(name)
        if self._kinds[name] in NUMERIC:
            found = self._looked_up(self.numbers([name]), np.array(words, np.float64))
        else:
            found = self._looked_up(as_column(graph, self.words(name)), words)
        last = graph.constant(len(words) + 1)
        return graph.add("Where", [self.missing(name), last, found])

    def _taken_apart(self, name: str, parts: Attributes) -> str:
        """The parts (rows, m) of each text, " " behind the last one."""
        graph = self._graph
        attributes = {"mark": 0, "mincharnum": 1, "pad_value": " ", **parts}
        found = graph.add("Tokenizer", [self.words(name)], attributes, MICROSOFT)
        # Of no text at all it makes an array of one dimension.
        size = graph.add("Unsqueeze", [graph.add("Size", [found]), graph.constant([0])])
        some = graph.add("Max", [self.rows, graph.constant([1])])
        width = graph.add("Div", [size, some])
        shape = graph.add("Concat", [self.rows, width], {"axis": 0})
        return graph.add("Reshape", [found, shape], {"allowzero": 1})

    def _looked_up(self, values: str, known: Sequence[str] | NDArray[np.float64]) -> str:
        """The place of each value among the known ones, their number where it is none."""
        if not len(known):
            shape = self._graph.add("Shape", [values])
            return self._graph.add("Expand", [self._graph.constant(0), shape])
        return lookup(self._graph, values, known, range(len(known)), len(known))
