"""Counts of stored grams of whole numbers in rows, in Keras."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl_core.keras_export.search import place_of_number
from automl_core.keras_export.sums import added
from automl_core.keras_export.tables import Tables

Integers = NDArray[np.int64]


def ngram_counts(keras: Any, tables: Tables, x: Any, attributes: dict[str, Any]) -> Any:
    """The node TfIdfVectorizer in its mode TF, without gaps: numbers (rows, m) to (rows, k).

    A gram becomes one number, the digits of which are places among the numbers that grams are made
    of. There is at least one row.
    """
    assert attributes["mode"] == b"TF" and attributes["max_skip_count"] == 0
    ops, k = keras.ops, len(attributes["ngram_indexes"])
    own = np.unique(np.array(attributes["pool_int64s"], np.int64))
    base = len(own) + 1  # the last digit is that of all other numbers
    assert base ** len(attributes["ngram_counts"]) < 2**63
    digit = place_of_number(keras, tables, own, x, np.arange(len(own)), len(own))
    key, found = digit, []
    for n, (grams, indexes) in enumerate(_by_length(attributes), 1):
        if n > 1:
            shifted = ops.multiply(key[:, :-1], np.array([base]))
            key = added(ops, shifted, digit[:, n - 1 :])
        if len(grams):
            keys = np.searchsorted(own, grams) @ base ** np.arange(n)[::-1]
            found.append(place_of_number(keras, tables, keys, key, indexes, k))
    places = ops.concatenate(found, axis=1)
    counts = ops.reshape(ops.bincount(places, minlength=k + 1), (-1, k + 1))
    return ops.cast(counts[:, :k], "float32")


def _by_length(attributes: dict[str, Any]) -> Iterator[tuple[Integers, Integers]]:
    """For each length from 1 the grams (g, length), and their columns among the counts (g,)."""
    pool, indexes = (
        np.array(attributes[name], np.int64) for name in ("pool_int64s", "ngram_indexes")
    )
    for n, (start, end) in enumerate(pairwise([*attributes["ngram_counts"], len(pool)]), 1):
        count = (end - start) // n
        yield pool[start:end].reshape(count, n), indexes[:count]
        indexes = indexes[count:]
