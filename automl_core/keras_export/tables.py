"""Arrays of a model as weights of Embedding layers: the file keeps those as binary numbers.

An array in an operation would be written as text, about 20 bytes a number.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl_core.keras_export.sums import added

EXACT = {"float32": 2**24, "float64": 2**53}
"""Whole numbers below are exact."""


class Tables:
    """Makes the layers; an array that is asked for again is stored once."""

    def __init__(self, keras: Any, zero: Any) -> None:
        """`zero` is a tensor (1,) of a 0, made of the model's inputs."""
        self._keras = keras
        self._zero = zero
        self._whole: dict[int, tuple[NDArray[Any], Any]] = {}

    def reader(self, table: NDArray[Any], name: str | None = None) -> Callable[[Any], Any]:
        """What gives the rows (..., k) of a table (n, k) at places (...), in the table's type."""
        keras, stored = self._keras, _stored_as(table)
        layer = keras.layers.Embedding(
            *table.shape, embeddings_initializer="zeros", dtype=stored, trainable=False, name=name
        )
        layer.build()
        layer.set_weights([table.astype(stored)])
        own = table.dtype.name
        return lambda places: layer(places) if own == stored else keras.ops.cast(layer(places), own)

    def whole(self, array: NDArray[Any]) -> Any:
        """The array as a tensor of its shape; a single number as one of shape (1,)."""
        if id(array) not in self._whole:
            self._whole[id(array)] = array, self._kept(array)
        return self._whole[id(array)][1]

    def _kept(self, array: NDArray[Any]) -> Any:
        ops = self._keras.ops
        if array.dtype.kind == "i" and np.abs(array).max(initial=0) >= EXACT["float64"]:
            high, low = (self._kept(part) for part in (array >> 32, array & 0xFFFFFFFF))
            return added(ops, ops.multiply(high, np.array([2**32])), low)
        return ops.reshape(self.reader(array.reshape(1, -1))(self._zero), array.shape or (1,))


def _stored_as(table: NDArray[Any]) -> str:
    """The type of numbers that holds the table exactly."""
    if table.dtype.kind != "i":
        return "float64" if table.dtype == np.float64 else "float32"
    return "float32" if np.abs(table).max(initial=0) < EXACT["float32"] else "float64"
