"""A model as a rounded ONNX file: smaller, near its model, and honest about how near."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pyarrow.csv
import pytest

from automl_core.errors import ModelError
from automl_core.export import Predictor, load_predictor, read_bundle
from automl_core.models.network import NetworkModel
from automl_core.onnx_export import (
    GraphBuilder,
    OnnxSession,
    Precision,
    UsualRows,
    build_onnx,
    build_rounded,
    rounded_session,
)
from automl_core.onnx_export.learned_tables import lookup_table, matrix
from automl_core.onnx_export.networks import write_network
from tests.models.random_networks import LAYOUTS, NETWORKS, encoded_rows, random_network

FOLDER = Path(__file__).parents[1] / "formats" / "v0_5_0"
ROUNDED: tuple[Precision, ...] = ("float16", "int8")
NEAR = {"float16": 2e-3, "int8": 0.03}
NAMES = ("binary-run", "multiclass-run", "regression-run", "regression-catboost", "multiclass-knn")


@cache
def _predictor(name: str) -> Predictor:
    return load_predictor(read_bundle(FOLDER / f"{name}.zip"))


def _usual(predictor: Predictor) -> UsualRows:
    return UsualRows(predictor.typed(pyarrow.csv.read_csv(FOLDER / "new.csv")), "new rows")


@pytest.mark.parametrize("precision", ROUNDED)
@pytest.mark.parametrize("name", NAMES)
def test_a_rounded_file_is_near_its_model_and_says_how_near(
    name: str, precision: Precision
) -> None:
    predictor = _predictor(name)
    usual = _usual(predictor)
    written = build_rounded(predictor, precision, usual)
    certificate = written.certificate
    found = OnnxSession(written.data, predictor.columns).predict(usual.typed)
    expected = predictor.predict(usual.typed)
    apart = np.abs(found - expected)
    if predictor.task == "regression":
        apart /= np.maximum(np.abs(expected), np.abs(expected).mean())
        assert certificate.agreeing is None
    else:
        same = found.argmax(axis=1) == expected.argmax(axis=1)
        assert certificate.agreeing == same.mean()
    assert certificate.greatest == apart.max() < NEAR[precision]
    assert certificate.average <= certificate.greatest
    assert (certificate.rows, certificate.hostile_rows) == (20, 400)
    metadata = {p.key: p.value for p in onnx.load_from_string(written.data).metadata_props}
    assert json.loads(metadata["certificate"])["precision"] == precision
    card = written.package["model_card.md"].decode()
    assert certificate.words in card and f"Rounded to {precision}" in card


@pytest.mark.parametrize("precision", ROUNDED)
@pytest.mark.parametrize("family", NETWORKS)
@pytest.mark.parametrize("layout", ["mixed, many classes", "mixed, values"])
def test_every_network_can_be_rounded(family: str, layout: str, precision: Precision) -> None:
    model = random_network(family, layout, {"width": 48} if family != "linear" else {})
    x = encoded_rows(LAYOUTS[layout][2], 60)[7:]
    exact, rounded = _written(model, "exact"), _written(model, precision)
    if family != "linear":  # its few numbers stay as they are
        assert len(rounded) < len(exact)
    session = onnxruntime.InferenceSession(rounded)
    (found,) = session.run(None, {"x": x})
    expected = model.predict(x)
    scale = 1.0 if model.record.classes else np.abs(expected).mean()
    assert np.abs(found - expected).mean() / scale < NEAR[precision]
    single = np.concatenate([session.run(None, {"x": row[None]})[0] for row in x[:5]])
    assert np.allclose(single, found[:5], atol=1e-4 * scale)


def _written(model: NetworkModel, precision: Precision) -> bytes:
    graph = GraphBuilder(precision)
    x = graph.input("x", "float", ["rows", len(model.record.columns)])
    shape = ["rows", model.record.classes] if model.record.classes else ["rows"]
    graph.output(write_network(graph, model, x), "answer", "double", shape)
    return graph.build({})


def test_rounded_files_are_smaller_by_what_is_rounded() -> None:
    sizes = {}
    values = np.random.default_rng(0).normal(size=(64, 64)).astype(np.float32)
    for precision in ("exact", *ROUNDED):
        graph = GraphBuilder(precision)
        x = graph.input("x", "float", ["rows", 64])
        product = graph.add("MatMul", [graph.cast(x, graph.real), matrix(graph, values)])
        graph.output(graph.to_double(product), "y", "double", ["rows", 64])
        file = graph.build({})
        (found,) = onnxruntime.InferenceSession(file).run(None, {"x": np.eye(64, dtype=np.float32)})
        assert (
            np.abs(found - values).max() <= {"exact": 0, "float16": 2e-3, "int8": 0.02}[precision]
        )
        sizes[precision] = len(file)
    assert sizes["int8"] < sizes["float16"] - 3_500 < sizes["exact"] - 3_500 - 7_500


@pytest.mark.parametrize("values", [np.full((300, 2), 1e6), np.ones((10, 2)), np.zeros((300, 1))])
def test_what_float16_cannot_hold_and_what_is_small_stays_float32(values: np.ndarray) -> None:
    graph = GraphBuilder("float16")
    picked = graph.add("Gather", [lookup_table(graph, values), graph.input("i", "int64", ["rows"])])
    graph.output(picked, "y", "float", ["rows", values.shape[1]])
    session = onnxruntime.InferenceSession(graph.build({}))
    (found,) = session.run(None, {"i": np.array([3, 0])})
    assert (found == values[:2]).all()


def test_a_model_that_answers_with_no_number_is_not_given_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    predictor = _predictor("regression-run")
    monkeypatch.setattr(OnnxSession, "predict", lambda _, rows: np.full(rows.rows, np.nan))
    with pytest.raises(ModelError, match="does not answer all rows"):
        build_rounded(predictor, "int8", _usual(predictor))


def test_columns_that_no_encoder_reads_are_not_asked_for() -> None:
    predictor = _predictor("binary-constant")
    usual = _usual(predictor)
    session = OnnxSession(build_onnx(predictor, usual).data, predictor.columns)
    assert np.allclose(session.predict(usual.typed), predictor.predict(usual.typed))
    assert rounded_session(predictor, "int8").predict(usual.typed).shape == (20, 2)
