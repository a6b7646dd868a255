"""Columns of words as strings: an input `column:NAME` (rows,), "" where missing."""

from __future__ import annotations

from collections.abc import Callable

from automl_core.features import UNSPACED_SCRIPTS
from automl_core.onnx_export import MICROSOFT, Attributes, GraphBuilder
from automl_core.onnx_export.encoders.lookup import lookup, place_among
from automl_core.onnx_export.encoders.matrix_columns import as_column
from automl_core.onnx_export.encoders.vocabularies import Vocabularies
from automl_core.table.parsing import BETWEEN

_WORDS = {"tokenexp": f"[{UNSPACED_SCRIPTS}]|[^ {UNSPACED_SCRIPTS}]+", "pad_value": " "}
"""Words between spaces, letters of scripts without spaces as words of their own."""


class StringInputs:
    """See `WordInputs`."""

    def __init__(self, graph: GraphBuilder, known: Vocabularies) -> None:
        self._graph = graph
        self._known = known
        self._kinds: dict[str, str] = {}
        self._values: dict[str, str] = {}
        self._written: dict[tuple[str, str], str] = {}

    def declare(self, name: str, kind: str) -> str:
        """See `WordInputs`."""
        self._kinds[name] = kind
        self._values[name] = self._graph.input(f"column:{name}", "string", ["rows"])
        return self._values[name]

    def missing(self, name: str) -> str:
        """See `WordInputs`."""
        graph = self._graph
        if self._kinds[name] == "string":
            last = graph.constant(len(self._known.cells.get(name, ())) + 1)
            return graph.add("Equal", [self.places(name), last])
        return as_column(graph, graph.add("Equal", [self._values[name], graph.constant("")]))

    def places(self, name: str) -> str:
        """See `WordInputs`."""
        return self._once("places", name, self._places)

    def tokens(self, name: str) -> str:
        """See `WordInputs`."""
        return self._once("tokens", name, self._tokens)

    def characters(self, name: str) -> str:
        """See `WordInputs`."""
        return self._once("characters", name, self._characters)

    def item_count(self, name: str) -> str:
        """See `WordInputs`."""
        graph = self._graph
        items = graph.add("Not", [graph.add("Equal", [self._items(name), graph.constant("")])])
        return graph.add(
            "ReduceSum", [graph.cast(items, "int64"), graph.constant([1])], {"keepdims": 1}
        )

    def word_count(self, name: str) -> str:
        """See `WordInputs`."""
        graph, words = self._graph, self._values[name]
        number = graph.add_many("StringSplit", [words], 2, {"delimiter": " "})[1]
        empty = graph.add("Equal", [words, graph.constant("")])
        return as_column(graph, graph.add("Where", [empty, graph.constant(0), number]))

    def _once(self, what: str, name: str, write: Callable[[str], str]) -> str:
        if (what, name) not in self._written:
            self._written[what, name] = write(name)
        return self._written[what, name]

    def _places(self, name: str) -> str:
        graph, own, words = self._graph, self._values[name], self._known.cells.get(name, ())
        if self._kinds[name] == "text":  # it may be "" without being missing
            return as_column(graph, place_among(graph, own, words))
        v = len(words)
        return as_column(graph, lookup(graph, own, (*words, ""), [*range(v), v + 1], v))

    def _items(self, name: str) -> str:
        """The items (rows, m) of a list, "" behind the last one."""
        own = self._values[name]
        return self._graph.add_many("StringSplit", [own], 2, {"delimiter": BETWEEN})[0]

    def _tokens(self, name: str) -> str:
        is_list = self._kinds[name] == "list"
        found = (
            self._items(name) if is_list else self._taken_apart(name, self._values[name], _WORDS)
        )
        return place_among(self._graph, found, self._known.tokens.get(name, ()))

    def _characters(self, name: str) -> str:
        graph, space, own = self._graph, self._graph.constant(" "), self._values[name]
        ended = graph.add("StringConcat", [graph.add("StringConcat", [space, own]), space])
        found = self._taken_apart(name, ended, {"separators": [""], "pad_value": ""})
        return place_among(graph, found, self._known.characters.get(name, ()))

    def _taken_apart(self, name: str, texts: str, parts: Attributes) -> str:
        """The parts (rows, m) of each text, and behind the last one what is no part."""
        graph = self._graph
        attributes = {"mark": 0, "mincharnum": 1, **parts}
        found = graph.add("Tokenizer", [texts], attributes, MICROSOFT)
        # Of no text at all it makes an array of one dimension.
        size = graph.add("Unsqueeze", [graph.add("Size", [found]), graph.constant([0])])
        some = graph.add("Max", [self._rows(name), graph.constant([1])])
        width = graph.add("Div", [size, some])
        shape = graph.add("Concat", [self._rows(name), width], {"axis": 0})
        return graph.add("Reshape", [found, shape], {"allowzero": 1})

    def _rows(self, name: str) -> str:
        return self._graph.add("Shape", [self._values[name]], {"start": 0, "end": 1})
