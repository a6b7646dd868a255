"""Counts of grams in rows: single places, and runs of them; the logarithms of counts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from automl_core.onnx_export import GraphBuilder


def write_counts(
    graph: GraphBuilder, places: str, grams: Sequence[tuple[int, ...]], none: int
) -> str:
    """Counts (1 + rows, k) in float32 of k >= 1 distinct grams, in their order.

    A gram is one place or several that follow each other in a row of places (rows, m), int64;
    `none` is a place that is in no gram. Before the rows stands one of zeros: of no row at all the
    operator fails. What becomes of the counts goes through `without_first`.
    """
    by_length = [[i for i, gram in enumerate(grams) if len(gram) == n] for n in _lengths(grams)]
    pool = [place for own in by_length for i in own for place in grams[i]]
    sizes = [n * len(own) for n, own in zip(_lengths(grams), by_length, strict=True)]
    attributes = {
        "mode": "TF",
        "min_gram_length": 1,
        "max_gram_length": len(sizes),
        "max_skip_count": 0,
        "ngram_counts": (np.cumsum(sizes) - sizes).tolist(),  # where those of each length begin
        "ngram_indexes": [i for own in by_length for i in own],
        "pool_int64s": pool,
    }
    before = [graph.constant([1, 0]), graph.constant(none), graph.constant([0])]
    return graph.add("TfIdfVectorizer", [graph.add("Pad", [places, *before])], attributes)


def without_first(graph: GraphBuilder, value: str) -> str:
    """A matrix (1 + rows, k) without its first row."""
    ends = [graph.constant([number]) for number in (1, np.iinfo(np.int64).max, 0)]
    return graph.add("Slice", [value, *ends])


def _lengths(grams: Sequence[tuple[int, ...]]) -> range:
    return range(1, max(map(len, grams)) + 1)


TABLE = np.log1p(np.arange(1024.0))
"""Logarithms of 1 + n as numpy has them: trees split exactly at such numbers, and another
library's may differ in the last bit."""


def write_log_count(graph: GraphBuilder, numbers: str) -> str:
    """log(1 + n) in float64 of whole numbers n >= 0, int64, of any shape."""
    last = graph.constant(len(TABLE) - 1)
    small = graph.add("Gather", [graph.constant(TABLE), graph.add("Min", [numbers, last])])
    large = graph.add("Add", [graph.cast(numbers, "double"), graph.constant(1.0)])
    is_large = graph.add("Greater", [numbers, last])
    return graph.add("Where", [is_large, graph.add("Log", [large]), small])
