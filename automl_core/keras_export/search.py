"""Dictionaries in Keras: a value to its place among known ones, by a search in sorted keys.

A word is found by a number that is made of its characters, and then compared character by
character, so that nothing is mistaken for a known word.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl_core.keras_export.arrays import NUL, code_points
from automl_core.keras_export.sums import added
from automl_core.keras_export.tables import Tables

CODE_BITS, KEY_BITS = 21, 52  # of a character; of a word's key, which float64 holds exactly


def word_width(words: Sequence[str]) -> int:
    """Characters by which a word is known: one more than any has, so that no longer one is."""
    return 1 + max(map(len, words), default=0)


def place_of_number(
    keras: Any, tables: Tables, keys: NDArray[Any], x: Any, places: NDArray[np.int64], other: int
) -> Any:
    """For each number of x (rows,) or (rows, m) the place of the key (k,) that it equals, int64."""
    ops, order = keras.ops, np.argsort(keys, kind="stable")
    own = tables.whole(keys[order])
    flat = ops.reshape(x, (-1,))
    at = _nearest(keras, own, flat, len(keys))
    hit = ops.equal(ops.take(own, at, axis=0), flat)
    place = ops.squeeze(tables.reader(places[order][:, None])(at), axis=-1)
    return _in_shape_of(ops, ops.where(hit, place, np.array([other])), x)


def place_of_word(keras: Any, tables: Tables, words: Sequence[str], x: Any, name: str) -> Any:
    """For each word of x, characters (rows, width) or (rows, m, width), its place, int64.

    It is the number of words where x has none of them. The layer that holds the words has this
    name.
    """
    ops, width = keras.ops, int(x.shape[-1])
    if not words:
        return ops.zeros_like(x[..., 0], dtype="int64")
    known = code_points([word.replace("\0", NUL) for word in words], width)
    factors, keys = _keys(known)
    order = np.argsort(keys, kind="stable")
    flat = ops.reshape(x, (-1, width))
    parts = ops.multiply(ops.cast(flat, "float64"), tables.whole(factors[None]))
    own = tables.whole(keys[order])
    at = _nearest(keras, own, ops.sum(parts, axis=-1), len(words))
    stored = np.concatenate([known, np.arange(len(words))[:, None]], axis=1)[order]
    found = tables.reader(stored, name)(at)
    hit = ops.all(ops.equal(found[:, :width], ops.cast(flat, found.dtype)), axis=-1)
    place = ops.where(hit, found[:, width], np.array([len(words)]))
    return _in_shape_of(ops, place, x[..., 0])


def _nearest(keras: Any, keys: Any, values: Any, count: int) -> Any:
    """The place of the first of the sorted keys that is not below a value, at most the last."""
    at = keras.ops.searchsorted(keys, values)
    return keras.ops.minimum(at, np.array([count - 1], np.int32))


def _keys(known: NDArray[np.int32]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Factors (width,) of characters, and the sums that are the words' keys, all different."""
    width = known.shape[1]
    most = 2 ** (KEY_BITS - CODE_BITS - int(np.ceil(np.log2(width + 1))))
    for seed in range(100):
        factors = np.random.default_rng(seed).integers(1, most, width).astype(np.float64)
        keys = known.astype(np.float64) @ factors
        if len(np.unique(keys)) == len(keys):
            return factors, keys
    raise AssertionError("No keys were found that tell the words apart.")


def _in_shape_of(ops: Any, flat: Any, like: Any) -> Any:
    """Numbers (n,) in the shape (rows,) or (rows, m) of `like`, whose m may vary."""
    if len(like.shape) == 1:
        return flat
    if like.shape[1] is not None:
        return ops.reshape(flat, (-1, like.shape[1]))
    one = ops.ones_like(like, dtype="int64")
    width = ops.sum(one, axis=1, keepdims=True)
    row = ops.subtract(ops.cumsum(one[:, :1], axis=0), np.array([1]))
    column = ops.subtract(ops.cumsum(one, axis=1), np.array([1]))
    return ops.take(flat, added(ops, ops.multiply(row, width), column), axis=0)
