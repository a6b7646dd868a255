"""Columns of words as places in vocabularies: what Keras looks up in front of the graph.

A category is `codes:NAME` (rows, 1): its place, V where unseen, V + 1 where missing. A list is
`tokens:NAME` (rows, m) and `items:NAME` (rows, 1), the number of its items. A text is
`tokens:NAME`, `characters:NAME` (rows, c) and `words:NAME` (rows, 1), the number of its words. All
are int64, and declared where an encoder asks for them.
"""

from __future__ import annotations

from automl_core.onnx_export import GraphBuilder
from automl_core.onnx_export.encoders import Vocabularies


class PlaceInputs:
    """See `WordInputs` of onnx_export/encoders."""

    def __init__(self, graph: GraphBuilder, known: Vocabularies) -> None:
        self._graph = graph
        self._known = known
        self._kinds: dict[str, str] = {}
        self._declared: dict[str, str] = {}

    def declare(self, name: str, kind: str) -> str:
        """See `WordInputs`; of a text its signals, which are declared in any case."""
        self._kinds[name] = kind
        if kind == "text":
            return f"signals:{name}"
        return self.item_count(name) if kind == "list" else self.places(name)

    def missing(self, name: str) -> str:
        """See `WordInputs`."""
        if self._kinds[name] == "list":
            return self._graph.add("Equal", [self.item_count(name), self._graph.constant(0)])
        last = len(self._known.cells.get(name, ())) + 1
        return self._graph.add("Equal", [self.places(name), self._graph.constant(last)])

    def places(self, name: str) -> str:
        """See `WordInputs`."""
        return self._input(f"codes:{name}", 1)

    def tokens(self, name: str) -> str:
        """See `WordInputs`."""
        return self._input(f"tokens:{name}", "tokens")

    def characters(self, name: str) -> str:
        """See `WordInputs`."""
        return self._input(f"characters:{name}", "characters")

    def item_count(self, name: str) -> str:
        """See `WordInputs`."""
        return self._input(f"items:{name}", 1)

    def word_count(self, name: str) -> str:
        """See `WordInputs`."""
        return self._input(f"words:{name}", 1)

    def _input(self, key: str, width: int | str) -> str:
        if key not in self._declared:
            self._declared[key] = self._graph.input(key, "int64", ["rows", width])
        return self._declared[key]
