"""Trees as arrays: equal to scikit-learn's extra trees, light, and safe to load."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from sklearn.tree import ExtraTreeRegressor

from automl_core.errors import ModelError
from automl_core.models import catalog, forest
from automl_core.models.forest import _as_arrays
from automl_core.models.tree_paths import TreePaths
from automl_core.models.trees import Cells, Steps, Trees, join_trees, unpack_trees
from tests.models.tables import Surroundings, table


def _some_trees() -> tuple[Trees, list[ExtraTreeRegressor], np.ndarray]:
    data = table("regression", rows=900)
    fitted = [ExtraTreeRegressor(random_state=i).fit(data.x, data.y) for i in range(4)]
    trees = join_trees([_as_arrays(tree, 1) for tree in fitted], 1)
    return trees, fitted, data.x_valid


def test_arrays_equal_the_library() -> None:
    trees, fitted, x = _some_trees()
    assert np.isnan(x).any()
    total = np.zeros((len(x), 1))
    trees.add_to(total, x)
    expected = sum(tree.predict(x) for tree in fitted)
    np.testing.assert_allclose(total[:, 0], expected, rtol=1e-12)


def test_values_on_a_threshold_go_left() -> None:
    x = np.array([[0.1], [0.2], [0.3], [0.30000001192]], dtype=np.float32)
    fitted = ExtraTreeRegressor(random_state=0).fit(x, np.arange(4.0))
    trees = join_trees([_as_arrays(fitted, 1)], 1)
    edges = fitted.tree_.threshold.astype(np.float32)
    around = np.concatenate([edges, np.nextafter(edges, np.float32(9)), x[:, 0]])[:, None]
    total = np.zeros((len(around), 1))
    trees.add_to(total, around)
    np.testing.assert_array_equal(total[:, 0], fitted.predict(around))


@pytest.mark.parametrize("rows", [1, 3, 80])
def test_many_trees_of_few_rows_walk_together_and_add_up_in_order(rows: int) -> None:
    trees, _, x = _some_trees()
    whole, part = np.zeros((len(x), 1)), np.zeros((rows, 1))
    trees.add_to(whole, x)
    trees.add_to(part, x[:rows])
    one_by_one = np.zeros((rows, 1))
    for i in range(len(trees.root)):
        alone = dataclasses.replace(trees, root=trees.root[i : i + 1], column=trees.column[:1])
        alone.add_to(one_by_one, x[:rows])
    assert np.array_equal(part, whole[:rows]) and np.array_equal(part, one_by_one)


def test_only_rows_that_are_asked_for_a_changed_feature_walk_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trees, _, x = _some_trees()
    bits = np.uint64(1) << np.arange(x.shape[1], dtype=np.uint64)
    paths, walks = TreePaths(trees, x, bits), []
    walk = Steps.walk

    def counted(steps: Steps, cells: Cells, here: np.ndarray, rows: np.ndarray) -> np.ndarray:
        walks.append(len(here))
        return walk(steps, cells, here, rows)

    monkeypatch.setattr(Steps, "walk", counted)
    for column, least in ((3, 0), (0, 1)):  # a constant, which no tree asks for, and a number
        walks.clear()
        cells = x.copy()
        cells[:, column] += 1.0
        known = np.zeros((len(x), 1))
        changed = np.full(len(x), bits[column])
        paths.add_to(known, np.arange(len(x)), cells, changed)
        assert least <= sum(walks) < len(x) * len(trees.root) + least
        whole = np.zeros((len(x), 1))
        trees.add_to(whole, cells)
        assert np.array_equal(known, whole)


def test_a_file_that_leads_two_ways_to_one_node_is_read_in_time() -> None:
    """Each node's children are the next one, both: 2^199 ways down."""
    nodes = 200
    feature = np.append(np.zeros(nodes - 1, np.int32), np.int32(-1))
    after = np.append(np.arange(1, nodes, dtype=np.int32), np.int32(0))
    trees = Trees(
        np.zeros(1, np.int32), feature, np.zeros(nodes, np.float32), after,
        np.zeros(nodes, np.bool_), np.ones((1, 1)), np.zeros(1, np.int32),
    )  # fmt: skip
    x, out = np.zeros((2, 1), np.float32), np.zeros((2, 1))
    TreePaths(trees, x, np.ones(1, np.uint64)).add_to(out, np.arange(2), x, np.ones(2, np.uint64))
    assert out.tolist() == [[1.0], [1.0]]


def test_packed_and_unpacked_is_equal() -> None:
    trees, _, _ = _some_trees()
    again = unpack_trees(trees.pack(), 5, 1)
    for part in dataclasses.fields(Trees):
        np.testing.assert_array_equal(getattr(again, part.name), getattr(trees, part.name))


@pytest.mark.parametrize(
    ("name", "value"),
    [("feature", 5), ("feature", -2), ("root", 10**6), ("after", -1), ("column", 1)],
)
def test_an_index_that_points_nowhere_is_refused(name: str, value: int) -> None:
    trees, _, _ = _some_trees()
    array = getattr(trees, name).copy()
    array[0] = value
    with pytest.raises(ModelError):
        unpack_trees(dataclasses.replace(trees, **{name: array}).pack(), 5, 1)


def test_a_walk_that_would_never_end_is_refused() -> None:
    trees, _, _ = _some_trees()
    after = trees.after.copy()
    after[3] = 0
    assert trees.feature[3] >= 0
    with pytest.raises(ModelError):
        unpack_trees(dataclasses.replace(trees, after=after).pack(), 5, 1)


def test_leaves_grow_until_the_forest_is_light(monkeypatch: pytest.MonkeyPatch) -> None:
    data = table("regression", rows=3000)
    model_spec = catalog.model_spec("extra_trees")
    full = catalog.fit(model_spec, data, {"trees": 10}, Surroundings().control()).model
    monkeypatch.setattr(forest, "MOST_BYTES", 100_000)
    light = catalog.fit(model_spec, data, {"trees": 10}, Surroundings().control()).model
    sizes = [sum(map(len, model.files().values())) for model in (full, light)]
    assert sizes[0] > 120_000 > sizes[1]
    assert np.isfinite(light.predict(data.x_valid)).all()


def test_a_forest_that_cannot_be_light_is_grown_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(forest, "MOST_BYTES", 1)
    data = table("regression", rows=200)
    result = catalog.fit(
        catalog.model_spec("extra_trees"), data, {"trees": 3}, Surroundings().control()
    )
    assert result.epochs == 3
