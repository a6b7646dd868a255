"""What a student's teacher says of many rows: by ONNX Runtime, which is several times as fast."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from automl_core.errors import ModelError
from automl_core.export import Predictor
from automl_core.onnx_export import rounded_session
from automl_core.table import TypedTable

Values = NDArray[np.float64]
Teacher = Callable[[TypedTable], Values]
"""Probabilities (n, classes) or values (n,) of rows."""

EQUAL = 1e-9  # relative, or of a probability


def quick_teacher(predictor: Predictor, some: TypedTable) -> Teacher:
    """What the predictor says; by ONNX Runtime where that says the same of some rows."""
    try:
        session = rounded_session(predictor, "exact")
        said = session.predict(some)
    except ModelError:
        return predictor.predict
    same = np.allclose(said, predictor.predict(some), rtol=EQUAL, atol=EQUAL)
    return session.predict if same else predictor.predict
