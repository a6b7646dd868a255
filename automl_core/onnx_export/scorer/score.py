"""Predictions of the model.onnx beside this file: `python score.py IN.csv OUT.csv`.

In Python: `open_model("model.onnx").predict(rows)`, or `predict(rows)` for the one beside this
file. Needs Python 3.11, numpy and onnxruntime. How cells are read stands in the model's metadata.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from automl_core.onnx_export.scorer.csv_command import score_command
from automl_core.onnx_export.scorer.csv_rows import Row
from automl_core.onnx_export.scorer.onnx_model import open_model
from automl_core.onnx_export.scorer.rows_scorer import Scorer

__all__ = ["main", "open_model", "opened", "predict"]

HERE = Path(__file__).parent


def predict(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """`Scorer.predict` of the model beside this file."""
    return opened().predict(rows)


def opened() -> Scorer:
    """The model beside this file."""
    return _opened(HERE)


@cache
def _opened(folder: Path) -> Scorer:
    return open_model(folder / "model.onnx")


def main(arguments: Sequence[str]) -> int:
    """See `score_command`."""
    return score_command(arguments, opened, HERE)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
