"""The model.keras of a download, opened with Keras 3; needs numpy and Keras with its backend."""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from automl_core.keras_export.arrays import arrays
from automl_core.onnx_export.scorer import Arrays, Scorer, ScoringError, read_checked

BATCH = 100
"""Rows that are run at a time: Keras keeps what every operation has made until the last one."""


def open_model(folder: str | Path) -> Scorer:
    """The model of an unpacked download; ScoringError where it is damaged or cannot be opened."""
    path = Path(folder) / "model.keras"
    described, _ = read_checked(path.with_name("model.json")), read_checked(path)
    keras = _keras()
    try:
        plain = json.loads(described)
        inputs, classes, reading = (plain[key] for key in ("inputs", "classes", "reading"))
        model = keras.saving.load_model(path)
    except Exception as error:
        raise ScoringError(f"{path} is no model of Torchlight: {str(error)[:200]}") from error

    def run(given: Arrays) -> Arrays:
        return answers(keras, model(arrays(inputs, given)), classes)

    return Scorer(reading, run, BATCH)


def answers(keras: Any, found: Mapping[str, Any], classes: Sequence[str]) -> Arrays:
    """The outputs of a model as arrays by name, labels as they are spelled."""
    outputs = {name: keras.ops.convert_to_numpy(value) for name, value in found.items()}
    if "label" in outputs:
        outputs["label"] = np.array(classes, object)[outputs["label"]]
    return outputs


def _keras() -> Any:
    """Keras, on PyTorch where that is installed, unless a backend is asked for."""
    has_torch = importlib.util.find_spec("torch") is not None
    os.environ.setdefault("KERAS_BACKEND", "torch" if has_torch else "tensorflow")
    try:
        return importlib.import_module("keras")
    except ImportError as error:
        raise ScoringError(
            f"Keras cannot be loaded: {error}. It needs what requirements.txt names, and PyTorch "
            "or TensorFlow."
        ) from error
