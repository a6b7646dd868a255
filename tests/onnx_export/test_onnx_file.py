"""A whole model as one ONNX file: it says what the model says, or it is not given out."""

from __future__ import annotations

import functools
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pyarrow.csv
import pytest

from automl_core.errors import ModelError
from automl_core.export import (
    AnswerRecord,
    Intervals,
    Predictor,
    Threshold,
    facts_of_model,
    load_predictor,
    predictions_table,
    read_bundle,
)
from automl_core.onnx_export import GraphBuilder, UsualRows, build_onnx, typical_rows
from automl_core.onnx_export.encoders import feeds
from automl_core.onnx_export.hostile_rows import hostile_rows
from automl_core.onnx_export.parity import certify
from automl_core.onnx_export.predictor_graph import write_predictor

FOLDER = Path(__file__).parents[1] / "formats" / "v0_5_0"
TASKS = ("binary", "multiclass", "regression")
NAMES = (
    *(f"{task}-run" for task in TASKS),
    "regression-constant", "regression-knn", "binary-catboost", "regression-lightgbm_log",
    "multiclass-linear",
)  # fmt: skip


@functools.cache
def _predictor(name: str) -> Predictor:
    return load_predictor(read_bundle(FOLDER / f"{name}.zip"))


def _usual(predictor: Predictor) -> UsualRows:
    return UsualRows(predictor.typed(pyarrow.csv.read_csv(FOLDER / "new.csv")), "new rows")


@pytest.mark.parametrize("name", NAMES)
def test_a_file_says_what_its_model_says(name: str) -> None:
    predictor = _predictor(name)
    written = build_onnx(predictor, _usual(predictor))
    certificate = written.certificate
    assert certificate.greatest < 1e-9 and certificate.ties == 0
    assert certificate.rows == 20 and certificate.hostile_rows == 400
    metadata = {p.key: p.value for p in onnx.load_from_string(written.data).metadata_props}
    assert json.loads(metadata["certificate"])["greatest"] == certificate.greatest
    assert metadata["model"] == predictor.name and metadata["task"] == predictor.task
    assert str(certificate.hostile_rows) in certificate.words


def _outputs(predictor: Predictor) -> dict[str, np.ndarray]:
    usual = _usual(predictor)
    written = build_onnx(predictor, usual)
    graph = GraphBuilder()
    inputs = write_predictor(graph, predictor)
    session = onnxruntime.InferenceSession(written.data)
    names = [output.name for output in session.get_outputs()]
    found = session.run(names, feeds(inputs.columns, usual.typed))
    return dict(zip(names, found, strict=True))


def test_a_threshold_decides_the_label() -> None:
    predictor = _predictor("binary-lightgbm")
    label = predictor.target.names[0]
    chances = predictor.predict(_usual(predictor).typed)[:, 0]
    above = float(np.sort(chances)[len(chances) // 2])  # exactly one row's
    predictor = replace(predictor, answer=AnswerRecord(threshold=Threshold(label, above)))
    found = _outputs(predictor)
    assert ((found["label"] == label) == (chances > above)).all()
    assert 0 < (chances > above).sum() < len(chances) - 1


@pytest.mark.parametrize("starts", [(), (0.0, 1e9)])
def test_intervals_stand_around_values(starts: tuple[float, ...]) -> None:
    predictor = _predictor("regression-lightgbm")
    middle = (float(np.median(predictor.predict(_usual(predictor).typed))),) if starts else ()
    widths = (1.0, 2.5)[: 1 + len(middle)]
    predictor = replace(predictor, answer=AnswerRecord(None, Intervals(0.9, middle, widths)))
    found = _outputs(predictor)
    table = predictions_table(predictor, pyarrow.csv.read_csv(FOLDER / "new.csv"))
    for name, column in (("value", "prediction"), ("low", "low_90"), ("high", "high_90")):
        np.testing.assert_allclose(found[name], table[column].to_numpy(), rtol=1e-9)


def test_a_file_that_says_something_else_is_not_given_out() -> None:
    predictor = _predictor("multiclass-lightgbm")
    graph = GraphBuilder()
    inputs = write_predictor(graph, predictor)
    file, usual = graph.build({}), _usual(predictor)
    with pytest.raises(ModelError, match=r"difference of .* more than 1e-05.*bundle"):
        certify(file, inputs, replace(predictor, temperature=1.2), usual)
    swapped = replace(predictor.target, labels=predictor.target.labels[::-1], spellings=())
    with pytest.raises(ModelError, match="labels differ"):
        certify(file, inputs, replace(predictor, target=swapped), usual)
    with pytest.raises(ModelError, match="does not open"):
        certify(file[:-10], inputs, predictor, usual)


def test_a_part_without_a_form_is_refused_by_name() -> None:
    predictor = _predictor("binary-lightgbm")
    strange = replace(predictor.members[0], model=object())  # type: ignore[arg-type]
    with pytest.raises(ModelError, match="kind object"):
        build_onnx(replace(predictor, members=(strange,), weights=()), _usual(predictor))


@pytest.mark.parametrize("name", ["binary-lightgbm", "regression-linear", "binary-constant"])
def test_typical_rows_stand_in_where_none_are_at_hand(name: str) -> None:
    predictor = _predictor(name)
    facts = facts_of_model(read_bundle(FOLDER / f"{name}.zip"))
    typed = typical_rows(predictor, facts)
    assert typed.rows == 1000 and set(typed.columns) == {c.name for c in predictor.columns}
    for column in predictor.columns:
        gaps = typed.columns[column.name].gaps
        known = [fact for fact in facts if fact.name == column.name and (fact.words or fact.number)]
        assert gaps.sum() > 0 and (gaps.sum() < 200 or not known)
    certificate = build_onnx(predictor, UsualRows(typed, "typical rows")).certificate
    assert certificate.rows == 1000 and "1,000 typical rows" in certificate.words


def test_hostile_rows_are_odd_in_every_way() -> None:
    predictor = _predictor("binary-lightgbm")
    rows = hostile_rows(predictor, _usual(predictor).typed)
    assert all(column.gaps[0] for column in rows.columns.values())  # missing everywhere
    numbers = [c.numbers for c in rows.columns.values() if c.numbers is not None]
    assert any(np.isposinf(n).any() and np.isneginf(n).any() for n in numbers)
    words = [word for column in rows.columns.values() for word in column.words]
    assert "never seen before" in words and max(map(len, words)) >= 19_000
    encoder, model = predictor.members[0].encoder, predictor.members[0].model
    x, trees = encoder.encode(rows), model.trees  # type: ignore[attr-defined]
    asked = trees.feature >= 0
    hit = [
        np.isin(x[:, f], t)
        for f, t in zip(trees.feature[asked], trees.threshold[asked], strict=True)
    ]
    assert np.any(hit, axis=1).sum() > 5  # cells exactly at a threshold


def test_a_model_without_rows_to_compare_is_compared_on_none() -> None:
    predictor = _predictor("binary-constant")
    nothing = predictor.typed(pyarrow.csv.read_csv(FOLDER / "new.csv").slice(0, 0))
    assert build_onnx(predictor, UsualRows(nothing, "rows")).certificate.rows == 0
