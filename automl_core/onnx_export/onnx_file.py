"""A model as one ONNX file with its certificate: written, proven, and only then given out."""

from __future__ import annotations

import json
from collections.abc import Sequence

from automl_core.export import Predictor, library_version
from automl_core.onnx_export import GraphBuilder
from automl_core.onnx_export.certificate import Certificate, CertifiedFile, RoundedCertificate
from automl_core.onnx_export.package import package_files
from automl_core.onnx_export.parity import UsualRows, certify
from automl_core.onnx_export.predictor_graph import write_predictor
from automl_core.onnx_export.scorer_rules import SCHEMA, scorer_schema
from automl_core.records import to_plain
from automl_core.scoring import Reference, Scorer
from automl_core.table import Column


def build_onnx(
    predictor: Predictor, usual: UsualRows, reference: Reference | None = None
) -> CertifiedFile:
    """The file of a predictor, with what it reads and its certificate in the metadata.

    `reference` is what the package says of the training rows.

    Raises ModelError where a part of the model has no form in ONNX, or the file does not say
    what the model says.
    """
    graph = GraphBuilder()
    inputs = write_predictor(graph, predictor)
    certificate = certify(graph.build({}), inputs, predictor, usual)
    data = graph.build(metadata(inputs.columns, predictor, certificate))
    scorer = Scorer(predictor, inputs.columns, reference)
    package = package_files(data, certificate.words, scorer, predictor.predict)
    return CertifiedFile(data, certificate, package)


def metadata(
    columns: Sequence[Column], predictor: Predictor, certificate: Certificate | RoundedCertificate
) -> dict[str, str]:
    """Texts for whoever opens the file; lists and records as JSON."""
    threshold, intervals = predictor.answer.threshold, predictor.answer.intervals
    found = {
        "torchlight": library_version("torchlight"),
        "model": predictor.name,
        "task": predictor.task,
        "target": predictor.target_name,
        "metric": predictor.metric,
        "certificate": json.dumps(to_plain(certificate)),
        SCHEMA: json.dumps(scorer_schema(columns, predictor), ensure_ascii=False, allow_nan=False),
    }
    if predictor.target.classes:
        found["classes"] = json.dumps(predictor.target.names, ensure_ascii=False)
    if threshold is not None:
        found["threshold"] = json.dumps(to_plain(threshold), ensure_ascii=False)
    if intervals is not None:
        found["interval_level"] = f"{intervals.level:g}"
    return found
