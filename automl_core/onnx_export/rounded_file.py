"""A model as an ONNX file of rounded numbers: float16 or int8 in the file, float32 in arithmetic.

It is another model than the one that it is made of: how far it differs is measured and said, and
its score is to be its own. Stock operators only; a row's answer does not depend on the others.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from automl_core.errors import ModelError
from automl_core.export import AnswerRecord, Predictor, classes_of
from automl_core.onnx_export import GraphBuilder, Precision
from automl_core.onnx_export.certificate import RoundedCertificate
from automl_core.onnx_export.hostile_rows import hostile_rows
from automl_core.onnx_export.onnx_file import metadata
from automl_core.onnx_export.onnx_session import OnnxSession
from automl_core.onnx_export.package import package_files
from automl_core.onnx_export.parity import UsualRows
from automl_core.onnx_export.predictor_graph import write_predictor
from automl_core.scoring import Scorer
from automl_core.types import Files

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class RoundedFile:
    """The file's bytes, and how far it is from its model."""

    data: bytes
    certificate: RoundedCertificate
    package: Files  # the file with its scorer, schema, example, card and test


def rounded_session(predictor: Predictor, precision: Precision) -> OnnxSession:
    """The model in ONNX Runtime, with numbers of this precision.

    Raises ModelError where it has no form in ONNX.
    """
    graph = GraphBuilder(precision)
    inputs = write_predictor(graph, predictor)
    return OnnxSession(graph.build({}), inputs.columns)


def build_rounded(predictor: Predictor, precision: Precision, usual: UsualRows) -> RoundedFile:
    """The rounded file of a predictor, with its certificate in the metadata.

    Without threshold or intervals: those were measured of the exact model. Raises ModelError
    where the model has no form in ONNX, or the file answers a row with no number.
    """
    predictor = replace(predictor, answer=AnswerRecord())
    graph = GraphBuilder(precision)
    inputs = write_predictor(graph, predictor)
    session = OnnxSession(graph.build({}), inputs.columns)
    certificate = _compared(session, predictor, precision, usual)
    data = graph.build(metadata(inputs.columns, predictor, certificate))
    scorer = Scorer(predictor, inputs.columns, None)
    package = package_files(data, certificate.words, scorer, session.predict)
    return RoundedFile(data, certificate, package)


def _compared(
    session: OnnxSession, predictor: Predictor, precision: Precision, usual: UsualRows
) -> RoundedCertificate:
    hostile = hostile_rows(predictor, usual.typed)
    expected, found = predictor.predict(usual.typed), session.predict(usual.typed)
    if not _all_numbers(found) or not _all_numbers(session.predict(hostile)):
        raise ModelError(
            f"Rounded to {precision}, the model does not answer all rows with numbers.",
            "Take it as it is.",
        )
    apart = _apart(expected, found)
    agreeing = None
    if predictor.task != "regression":
        same = classes_of(predictor, expected) == classes_of(predictor, found)
        agreeing = float(same.mean()) if len(same) else 1.0
    return RoundedCertificate(
        predictor.name, precision, usual.rows_of, usual.typed.rows, hostile.rows,
        float(apart.max(initial=0.0)), float(apart.mean()) if len(apart) else 0.0, agreeing,
        onnxruntime.__version__,
    )  # fmt: skip


def _all_numbers(values: Floats) -> bool:
    return bool(np.isfinite(values).all())


def _apart(expected: Floats, found: Floats) -> Floats:
    """The greatest difference of each row (n,)."""
    if expected.ndim == 2:
        return np.asarray(np.abs(expected - found).max(axis=1, initial=0.0))
    typical = np.abs(expected).mean() if len(expected) else 1.0
    return np.abs(expected - found) / np.maximum(np.maximum(np.abs(expected), typical), 1e-300)
