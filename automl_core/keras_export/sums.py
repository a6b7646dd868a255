"""Sums in Keras, without its `add`.

On TensorFlow that takes a second array which looks like a bias for one: it fails where there are
no rows, and adds (n, 1) to (n, n) along the wrong axis.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def added(ops: Any, x: Any, y: Any) -> Any:
    """x + y, to the bit: x - (-y)."""
    return ops.subtract(x, np.negative(y) if isinstance(y, np.ndarray) else ops.negative(y))
