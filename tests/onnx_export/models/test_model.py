"""Models as nodes say what the models say, for every family that is not a network."""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from automl_core.errors import ModelError
from automl_core.export import load_predictor, read_bundle
from automl_core.models import BoostedTrees, Forest, Model, Neighbours, ObliviousTrees, Trees
from automl_core.models.boosting import BoostingRecord
from automl_core.models.forest import ForestRecord
from automl_core.models.knn import NeighboursRecord
from automl_core.models.trees import OneTree, join_trees
from automl_core.onnx_export import GraphBuilder
from automl_core.onnx_export.models import write_model
from tests.onnx_export.models.hostile import matrix, width

FOLDER = Path(__file__).parents[2] / "formats" / "v0_5_0"
FAMILIES = (
    "constant",
    "knn",
    "random_forest",
    "extra_trees",
    "lightgbm",
    "catboost",
    "hist_boosting",
)
NAMES = [f"{t}-{f}" for f in FAMILIES for t in ("binary", "multiclass", "regression")]
NAMES.append("regression-lightgbm_log")


@functools.cache
def _model(name: str) -> Model:
    return load_predictor(read_bundle(FOLDER / f"{name}.zip")).members[0].model


def _runner(model: Model) -> onnxruntime.InferenceSession:
    graph = GraphBuilder()
    x = graph.input("x", "float", ["rows", width(model)])
    classes = model.predict(matrix(model, 1)).ndim == 2
    graph.output(write_model(graph, model, x), "y", "double", ["rows", "k"][: 1 + classes])
    return onnxruntime.InferenceSession(graph.build({}))


def _assert_equal(model: Model, rows: tuple[int, ...] = (500, 1, 7, 0)) -> None:
    session = _runner(model)
    for count in rows:
        x = matrix(model, count)
        (found,) = session.run(None, {"x": x})
        expected = model.predict(x)
        assert found.dtype == np.float64
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_a_model_of_each_family(name: str) -> None:
    _assert_equal(_model(name))


def _tree(values: list[list[float]], column: int, asks: bool) -> OneTree:
    """A tree of one leaf, or one that asks whether the first cell is at most 0.5."""
    feature = np.array([0, -1, -1] if asks else [-1])
    edge, right = np.full(len(feature), 0.5), np.array([2, 0, 0] if asks else [0])
    rows = np.array([values[0], *values] if asks else values)
    return OneTree(feature, edge, right, np.zeros(len(feature), bool), rows, column)


def _boosted(trees: Trees | ObliviousTrees, outputs: int) -> BoostedTrees:
    task = "regression" if outputs == 1 else "multiclass"
    record = BoostingRecord(task, 0 if outputs == 1 else outputs, 2, (0.25,) * outputs)
    return BoostedTrees(record, trees)


def _single_leaves(asks: bool) -> Model:
    trees = [_tree([[1.0]], 1, False), _tree([[2.0], [3.0]], 2, asks), _tree([[-1.0]], 0, False)]
    trees = trees if asks else [trees[0], trees[2]]
    return _boosted(join_trees(trees, 1), 3)


def _wide(asks: bool) -> Model:
    leaves = [[0.5, 0.5, 0.0], [0.0, 0.25, 0.75]]
    trees = [_tree(leaves[: 1 + a], -1, a) for a in (False, asks, asks)]
    record = ForestRecord("multiclass", 3, 2, (0.5, 0.25, 0.25))
    return Forest(record, join_trees(trees, 3))


def _of_two_classes() -> Model:
    """Leaves whose two values have one sum, so that a graph may hold one of them."""
    leaves = [[0.25, 0.75], [1.0, 0.0]]
    trees = [_tree(leaves[: 1 + a], -1, a) for a in (True, False, True, True)]
    record = ForestRecord("binary", 2, 2, (0.5, 0.5))
    return Forest(record, join_trees(trees, 2))


def _oblivious(depths: list[int]) -> Model:
    rng = np.random.default_rng(0)
    depth = np.array(depths, dtype=np.int32)
    feature = rng.integers(0, 2, depth.sum()).astype(np.int32)
    border = rng.normal(size=depth.sum()).astype(np.float32)
    leaf = rng.normal(size=(int((2**depth).sum()), 4))
    return _boosted(ObliviousTrees(depth, feature, border, leaf), 4)


def _twins() -> Model:
    """Neighbours of which more than a model looks at are the same row, with other targets."""
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(6, 3)).astype(np.float32)[rng.integers(0, 6, 300)]
    record = NeighboursRecord("regression", 0, 3, 5, 1.0, 1.0, (0.0,))
    return Neighbours(record, rows, rng.normal(size=300), np.ones(300), np.ones(3, np.float32))


@pytest.mark.parametrize(
    "model",
    [
        _single_leaves(asks=False),
        _single_leaves(asks=True),
        _wide(asks=False),
        _wide(asks=True),
        _of_two_classes(),
        _boosted(join_trees([], 1), 1),
        _oblivious([2, 0, 3]),
        _oblivious([0]),
        _oblivious([]),
        _oblivious([3] * 3000),
        _twins(),
    ],
    ids=[
        "leaves",
        "leaf",
        "wide leaves",
        "wide",
        "two",
        "none",
        "depths",
        "flat",
        "no",
        "many",
        "twins",
    ],
)
def test_an_odd_model(model: Model) -> None:
    _assert_equal(model, (400, 0))


@pytest.mark.parametrize(
    "model", [_single_leaves(asks=True), _wide(asks=True), _of_two_classes()],
    ids=["values", "wide", "two"],
)  # fmt: skip
def test_trees_of_many_nodes_are_spread_over_nodes_of_the_graph(
    model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("automl_core.onnx_export.models.trees.MOST_NODES", 4)  # a tree has 3
    assert isinstance(model, Forest | BoostedTrees)
    asking = int((model.trees.feature[model.trees.root] >= 0).sum())  # type: ignore[attr-defined]
    graph = GraphBuilder()
    write_model(graph, model, graph.input("x", "float", ["rows", 2]))
    assert graph.build({}).count(b"TreeEnsemble") >= asking
    _assert_equal(model, (400, 0))


def test_a_model_without_a_form_is_refused_by_name() -> None:
    with pytest.raises(ModelError, match="object"):
        write_model(GraphBuilder(), object(), "x")  # type: ignore[arg-type]
