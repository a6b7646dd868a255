"""Predictions of the model.keras beside this file: `python score.py IN.csv OUT.csv`.

In Python: `predict(rows)`. Needs Python 3.11, numpy, and Keras 3 on PyTorch or TensorFlow. How
cells are read stands in model.json.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from automl_core.keras_export.keras_model import open_model
from automl_core.onnx_export.scorer import Row, Scorer, score_command

HERE = Path(__file__).parent


def predict(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """`Scorer.predict` of the model beside this file."""
    return opened().predict(rows)


def opened() -> Scorer:
    """The model beside this file."""
    return _opened(HERE)


@cache
def _opened(folder: Path) -> Scorer:
    return open_model(folder)


def main(arguments: Sequence[str]) -> int:
    """See `score_command`."""
    return score_command(arguments, opened, HERE)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
