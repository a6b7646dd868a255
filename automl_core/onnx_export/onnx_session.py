"""A file in ONNX Runtime on one core, asked for typed rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from automl_core.errors import ModelError
from automl_core.onnx_export.encoders import feeds
from automl_core.onnx_export.predictor_graph import PROBABILITIES, VALUE
from automl_core.table import Column, TypedTable
from automl_core.words import count


class OnnxSession:
    """An opened file."""

    def __init__(self, file: bytes, columns: Sequence[Column]) -> None:
        """`columns`: those of its model, whether the file reads them all or not.

        Raises ModelError where it cannot be opened.
        """
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3  # errors only
        try:
            self._session = onnxruntime.InferenceSession(file, options)
        except Exception as error:
            words = f"ONNX Runtime does not open the file: {_first_line(error)}"
            raise ModelError(words) from error
        read = {given.name for given in self._session.get_inputs()}
        self._columns = tuple(c for c in columns if f"column:{c.name}" in read)
        self._names = [output.name for output in self._session.get_outputs()]

    def run(self, typed: TypedTable) -> dict[str, NDArray[Any]]:
        """The outputs by name. Raises ModelError where the file fails on these rows."""
        feed = feeds(self._columns, typed)
        try:
            found = self._session.run(self._names, dict(reversed(feed.items())))
        except Exception as error:
            words = f"ONNX Runtime fails on {count(typed.rows, 'row')}: {_first_line(error)}"
            raise ModelError(words) from error
        return dict(zip(self._names, found, strict=True))

    def predict(self, typed: TypedTable) -> NDArray[np.float64]:
        """Probabilities (n, classes) or values (n,), as `Predictor.predict`."""
        found = self.run(typed)
        values: NDArray[np.float64] = found[PROBABILITIES if PROBABILITIES in found else VALUE]
        return values


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
