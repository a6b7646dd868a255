"""A model.onnx, opened with ONNX Runtime."""

from __future__ import annotations

import json
from pathlib import Path

import onnxruntime

from automl_core.onnx_export.scorer.checksums import read_checked
from automl_core.onnx_export.scorer.rows_scorer import Arrays, Scorer
from automl_core.onnx_export.scorer.scoring_error import ScoringError


def open_model(path: str | Path) -> Scorer:
    """The model in this file; ScoringError where it is none, or was changed."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    data = read_checked(Path(path))
    try:
        session = onnxruntime.InferenceSession(data, options)
        metadata = session.get_modelmeta().custom_metadata_map
        schema = json.loads(metadata["torchlight.schema"])
    except Exception as error:
        raise ScoringError(f"{path} is no model of Torchlight: {str(error)[:200]}") from error
    names = [output.name for output in session.get_outputs()]

    def run(given: Arrays) -> Arrays:
        return dict(zip(names, session.run(names, given), strict=True))

    return Scorer(schema, run)
