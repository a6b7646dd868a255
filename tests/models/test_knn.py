"""Nearest neighbours: equal to scikit-learn's where they mean the same, and light."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from sklearn.neighbors import KNeighborsRegressor

from automl_core.errors import ModelError
from automl_core.models import catalog, knn
from automl_core.types import StopReason
from tests.models.tables import ENCODING, Surroundings, table

SPEC = catalog.model_spec("knn")
FILLED = dataclasses.replace(ENCODING, missing="fill")


def test_equal_to_the_public_estimator() -> None:
    data = table("regression", FILLED, rows=700)
    plain = {"k": 1, "power": 0.0, "stretch": 0.0}
    for k in (1, 6, 25):
        ours = knn._keep_rows(data, plain, np.arange(700), k)
        theirs = KNeighborsRegressor(k).fit(data.x, data.y).predict(data.x_valid)
        np.testing.assert_allclose(ours.predict(data.x_valid), theirs, rtol=1e-9)


def test_an_equal_row_is_believed_most() -> None:
    data = table("multiclass", FILLED, rows=300)
    model = knn._keep_rows(data, SPEC.defaults, np.arange(300), 20)
    prediction = model.predict(data.x)
    assert (prediction.argmax(axis=1) == data.y).all()
    assert prediction[np.arange(300), data.y].min() > 0.9


def test_neighbours_equally_far_are_taken_in_row_order() -> None:
    data = table("regression", FILLED, rows=400)
    data = dataclasses.replace(data, x=np.zeros_like(data.x))
    model = knn._keep_rows(data, SPEC.defaults, np.arange(400), 3)
    one, many = model.predict(data.x[:1]), model.predict(data.x[:300])
    np.testing.assert_allclose(many, one[0])


def test_the_best_number_of_neighbours_is_kept() -> None:
    data, around = table("regression", FILLED, rows=500), Surroundings()
    result = catalog.fit(SPEC, data, {"k": 20}, around.control())
    assert [e.epoch for e in around.epochs] == [1, 2, 3, 4, 5, 6]  # 1, 2, 4, 8, 16, 20
    losses = [e.valid_loss for e in around.epochs]
    best = (1, 2, 4, 8, 16, 20)[int(np.argmin(losses))]
    assert result.reason == StopReason.COMPLETED
    assert isinstance(result.model, knn.Neighbours) and result.model.record.k == best


def test_a_long_table_is_sampled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(knn, "MOST_ROWS", 100)
    result = catalog.fit(SPEC, table("binary", FILLED), {}, Surroundings().control())
    assert isinstance(result.model, knn.Neighbours) and len(result.model.rows) == 100


@pytest.mark.parametrize("name", ["target", "stretch", "rows"])
def test_damaged_rows_are_refused(name: str) -> None:
    model = catalog.fit(SPEC, table("binary", FILLED), {}, Surroundings().control()).model
    assert isinstance(model, knn.Neighbours)
    array = getattr(model, name).copy()
    array.ravel()[0] = 7 if name == "target" else np.nan
    files = dataclasses.replace(model, **{name: array}).files()
    with pytest.raises(ModelError):
        knn.load(files)


def test_rows_without_weight_have_no_say() -> None:
    data = table("binary", FILLED, rows=300)
    weight = np.zeros(300)
    weight[::3] = 3.0
    data = dataclasses.replace(data, weight=weight)
    model = catalog.fit(SPEC, data, {"k": 4}, Surroundings().control()).model
    assert isinstance(model, knn.Neighbours) and len(model.rows) == 100
    assert np.isfinite(model.predict(data.x)).all()


@pytest.mark.parametrize("change", [{"unit": 0.0}, {"power": -2.0}, {"unit": -1.0}])
def test_a_damaged_record_is_refused(change: dict[str, float]) -> None:
    model = catalog.fit(SPEC, table("binary", FILLED), {}, Surroundings().control()).model
    assert isinstance(model, knn.Neighbours)
    damaged = dataclasses.replace(model, record=dataclasses.replace(model.record, **change))  # type: ignore[arg-type]
    with pytest.raises(ModelError):
        knn.load(damaged.files())
