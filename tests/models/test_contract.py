"""The contract that every family of the catalog keeps, whichever it is."""

from __future__ import annotations

import dataclasses
import functools
import io
import math
import re

import numpy as np
import pytest
import safetensors.numpy

from automl_core.errors import ModelError, SpecError
from automl_core.metrics import better, score
from automl_core.models import catalog
from automl_core.models.again import remembered
from automl_core.models.base import Choice, FitData, FitResult, Model, ModelSpec
from automl_core.models.model_files import pack_arrays
from automl_core.types import StopReason, Task
from tests.models.tables import Surroundings, table

TASKS: tuple[Task, ...] = ("binary", "multiclass", "regression")
SMALL = {"epochs": 12, "trees": 20, "max_iterations": 40, "width": 32}
SPECS = {model_spec.name: model_spec for model_spec in catalog.CATALOG}


@pytest.fixture(params=list(SPECS))
def model_spec(request: pytest.FixtureRequest) -> ModelSpec:
    return SPECS[request.param]


def _fit(model_spec: ModelSpec, data: FitData, around: Surroundings | None = None) -> FitResult:
    config = {name: value for name, value in SMALL.items() if name in model_spec.defaults}
    return catalog.fit(model_spec, data, config, (around or Surroundings()).control())


@functools.cache
def _fitted(family: str, task: Task, weighted: bool = False) -> tuple[FitResult, Surroundings]:
    """One fit for all tests that only look at it: models do not change once they are fitted."""
    around = Surroundings()
    data = table(task, SPECS[family].encoding, weighted=weighted)
    return _fit(SPECS[family], data, around), around


def _check_prediction(data: FitData, model: Model, x: np.ndarray) -> np.ndarray:
    prediction = model.predict(x)
    assert prediction.dtype == np.float64
    assert np.isfinite(prediction).all()
    if data.task == "regression":
        assert prediction.shape == (len(x),)
    else:
        assert prediction.shape == (len(x), data.classes)
        np.testing.assert_allclose(prediction.sum(axis=1), 1.0, atol=1e-9)
        assert (prediction >= 0).all()
    return prediction


@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
@pytest.mark.parametrize("task", TASKS)
def test_fits_predicts_and_reports(model_spec: ModelSpec, task: Task, weighted: bool) -> None:
    data = table(task, model_spec.encoding, weighted=weighted)
    result, around = _fitted(model_spec.name, task, weighted)
    prediction = _check_prediction(data, result.model, data.x_valid)
    assert isinstance(result.model, Model)
    assert result.reason in (StopReason.COMPLETED, StopReason.EARLY)
    assert around.epochs and around.looks >= (0 if model_spec.kind == "baseline" else 1)
    for epoch in around.epochs:
        assert 0 < epoch.progress <= 1 and epoch.seconds >= 0
        assert epoch.valid_loss is not None and math.isfinite(epoch.valid_loss)
        assert epoch.valid_score is not None and math.isfinite(epoch.valid_score)
        assert epoch.train_loss is None or math.isfinite(epoch.train_loss)
    numbers = [epoch.epoch for epoch in around.epochs]
    assert numbers == sorted(set(numbers)) and numbers[0] == 1
    own = score(data.metric, data.y_valid, prediction, data.weight_valid)
    if model_spec.kind != "baseline":
        constant = _fit(SPECS["constant"], data).model.predict(data.x_valid)
        baseline = score(data.metric, data.y_valid, constant, data.weight_valid)
        assert better(data.metric, own, baseline)


@pytest.mark.parametrize("task", TASKS)
def test_saved_and_loaded_is_equal(model_spec: ModelSpec, task: Task) -> None:
    data = table(task, model_spec.encoding)
    model = _fitted(model_spec.name, task)[0].model
    files = model.files()
    again = catalog.load(model_spec.name, files)
    np.testing.assert_array_equal(again.predict(data.x_valid), model.predict(data.x_valid))
    assert again.files() == files
    assert not any(content.startswith(b"\x80") for content in files.values()), "a pickle"


@pytest.mark.parametrize("task", TASKS)
def test_the_same_seed_gives_the_same_model(model_spec: ModelSpec, task: Task) -> None:
    again = _fit(model_spec, table(task, model_spec.encoding)).model
    assert again.files() == _fitted(model_spec.name, task)[0].model.files()


@pytest.mark.parametrize("task", TASKS)
def test_a_row_does_not_depend_on_the_rows_beside_it(model_spec: ModelSpec, task: Task) -> None:
    data = table(task, model_spec.encoding)
    model = _fitted(model_spec.name, task)[0].model
    x = np.tile(data.x_valid, (60, 1))  # more rows than one chunk
    whole = _check_prediction(data, model, x)
    for size in (1, 7, len(data.x_valid)):
        np.testing.assert_allclose(model.predict(x[:size]), whole[:size], rtol=0, atol=1e-9)
    assert len(model.predict(x[:0])) == 0


@pytest.mark.parametrize("task", TASKS)
def test_stopped_at_any_time_it_still_is_a_model(model_spec: ModelSpec, task: Task) -> None:
    data = table(task, model_spec.encoding)
    for looks in (0, 1, 5, 30):
        around = Surroundings(stop_after=looks)
        result = _fit(model_spec, data, around)
        _check_prediction(data, result.model, data.x_valid)
        assert around.looks <= looks + 2, "trained on after it was asked to stop"
        assert around.looks <= looks or result.reason == StopReason.STOPPED


def test_pruned_it_ends_with_that_reason(model_spec: ModelSpec) -> None:
    around = Surroundings(prune_after=2)
    result = _fit(model_spec, table("binary", model_spec.encoding), around)
    _check_prediction(
        table("binary", model_spec.encoding), result.model, np.zeros((3, 5), np.float32)
    )
    if model_spec.kind != "baseline":
        assert result.reason == StopReason.PRUNED and len(around.epochs) == 2


@pytest.mark.parametrize("task", ["binary", "multiclass"])
def test_a_class_without_training_rows_is_unlikely_not_impossible(
    model_spec: ModelSpec, task: Task
) -> None:
    data = table(task, model_spec.encoding)
    keep = data.y != data.classes - 1
    data = dataclasses.replace(data, x=data.x[keep], y=data.y[keep])
    model = _fit(model_spec, data).model
    prediction = _check_prediction(data, model, data.x_valid)
    assert prediction[:, -1].max() < 0.2
    assert score("log_loss", data.y_valid, prediction) < 12


@pytest.mark.parametrize("task", TASKS)
def test_a_constant_target_is_learned(model_spec: ModelSpec, task: Task) -> None:
    data = table(task, model_spec.encoding)
    data = dataclasses.replace(data, y=np.full_like(data.y, 1))
    prediction = _check_prediction(data, _fit(model_spec, data).model, data.x_valid)
    if task == "regression":
        np.testing.assert_allclose(prediction, 1.0, rtol=1e-6)
    else:
        assert (prediction.argmax(axis=1) == 1).all()


@pytest.mark.parametrize("rows", [1, 2, 5])
@pytest.mark.parametrize("task", TASKS)
def test_very_few_rows(model_spec: ModelSpec, task: Task, rows: int) -> None:
    data = table(task, model_spec.encoding, rows=rows)
    _check_prediction(data, _fit(model_spec, data).model, data.x_valid)


@pytest.mark.parametrize("task", TASKS)
def test_one_validation_row(model_spec: ModelSpec, task: Task) -> None:
    data = table(task, model_spec.encoding)
    data = dataclasses.replace(data, x_valid=data.x_valid[:1], y_valid=data.y_valid[:1])
    _check_prediction(data, _fit(model_spec, data).model, data.x_valid)


def test_only_a_constant_column(model_spec: ModelSpec) -> None:
    data = table("binary", model_spec.encoding)
    column = dict(x=np.zeros_like(data.x[:, :1]), x_valid=np.zeros_like(data.x_valid[:, :1]))
    data = dataclasses.replace(data, features=data.features[:1], **column)
    _check_prediction(data, _fit(model_spec, data).model, data.x_valid)


def test_values_never_seen_in_training(model_spec: ModelSpec) -> None:
    data = table("regression", model_spec.encoding)
    model = _fitted(model_spec.name, "regression")[0].model
    x = np.full((4, 5), 1e6, dtype=np.float32)
    x[1] = -1e6
    prediction = _check_prediction(data, model, x)
    spread = data.y.max() - data.y.min()
    assert (prediction >= data.y.min() - spread).all()
    assert (prediction <= data.y.max() + spread).all()


def test_a_skewed_target(model_spec: ModelSpec) -> None:
    data = table("regression", model_spec.encoding)
    skewed = dataclasses.replace(
        data, y=np.exp((data.y - 1000) / 20), y_valid=np.exp((data.y_valid - 1000) / 20)
    )
    _check_prediction(skewed, _fit(model_spec, skewed).model, data.x_valid)


def test_the_matrix_may_be_read_only(model_spec: ModelSpec) -> None:
    data = table("binary", model_spec.encoding)
    for array in (data.x, data.y, data.x_valid, data.y_valid):
        array.flags.writeable = False
    _check_prediction(data, _fit(model_spec, data).model, data.x_valid)


def test_every_setting_has_a_default_within_its_space(model_spec: ModelSpec) -> None:
    for part in model_spec.space:
        assert part.name in model_spec.defaults, part.name
        value = model_spec.defaults[part.name]
        if isinstance(part, Choice):
            assert value in part.options or value == 0, part.name
        else:
            assert isinstance(value, int | float) and not isinstance(value, bool)
            assert part.low <= value <= part.high or value == 0, part.name


@pytest.mark.parametrize("end", ["low", "high"])
def test_the_ends_of_the_space_fit(model_spec: ModelSpec, end: str) -> None:
    config = {}
    for part in model_spec.space:
        if isinstance(part, Choice):
            config[part.name] = part.options[0 if end == "low" else -1]
        else:
            value = part.low if end == "low" else part.high
            config[part.name] = int(value) if part.integer else float(value)
    config |= {k: v for k, v in SMALL.items() if k in model_spec.defaults and k != "width"}
    data = table("multiclass", model_spec.encoding)
    result = catalog.fit(model_spec, data, config, Surroundings().control())
    _check_prediction(data, result.model, data.x_valid)


def test_a_damaged_file_is_refused(model_spec: ModelSpec) -> None:
    files = _fitted(model_spec.name, "binary")[0].model.files()
    for name, content in files.items():
        for damaged in (b"", content[: len(content) // 2], b"rubbish" * 20):
            with pytest.raises(ModelError):
                catalog.load(model_spec.name, files | {name: damaged})
        with pytest.raises(ModelError):
            catalog.load(model_spec.name, {k: v for k, v in files.items() if k != name})


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_weight_that_is_no_number_is_refused(model_spec: ModelSpec, value: float) -> None:
    files = _fitted(model_spec.name, "binary")[0].model.files()
    for name, content in files.items():
        if name.endswith(".json"):
            written = b"NaN" if np.isnan(value) else b"1e999"
            damaged = re.sub(rb"-?\d+\.\d+(e[+-]?\d+)?", written, content, count=1)
            if damaged != content:
                with pytest.raises(ModelError):
                    catalog.load(model_spec.name, files | {name: damaged})
            continue
        arrays = _arrays(name, content)
        for array, values in arrays.items():
            if values.dtype.kind != "f" or not values.size:
                continue
            if array == "threshold" and not np.isnan(value):
                continue  # of a split between missing and other cells
            places = np.flatnonzero(arrays["feature"] >= 0)[:1] if array == "threshold" else [0]
            changed = values.copy()
            changed.ravel()[places] = value
            files_now = files | {name: _packed(name, arrays | {array: changed})}
            with pytest.raises(ModelError):
                catalog.load(model_spec.name, files_now)


def _arrays(name: str, content: bytes) -> dict[str, np.ndarray]:
    if name.endswith(".safetensors"):
        return dict(safetensors.numpy.load(content))
    with np.load(io.BytesIO(content), allow_pickle=False) as stored:
        return dict(stored)


def _packed(name: str, arrays: dict[str, np.ndarray]) -> bytes:
    if name.endswith(".safetensors"):
        return bytes(safetensors.numpy.save(arrays))
    return pack_arrays(arrays)


def test_an_unknown_setting_names_the_closest(model_spec: ModelSpec) -> None:
    with pytest.raises(SpecError, match="no setting"):
        catalog.fit(model_spec, table("binary"), {"learnig_rate": 1}, Surroundings().control())


def test_unknown_families() -> None:
    with pytest.raises(SpecError, match="lightgbm"):
        catalog.model_spec("lightgmb")
    with pytest.raises(ModelError, match="newer"):
        catalog.load("oracle", {})


@pytest.mark.parametrize("task", TASKS)
def test_known_rows_are_predicted_again_to_the_last_bit(model_spec: ModelSpec, task: Task) -> None:
    model = _fitted(model_spec.name, task)[0].model
    x = table(task, model_spec.encoding).x_valid
    bits = np.uint64(1) << np.arange(x.shape[1], dtype=np.uint64)
    rng = np.random.default_rng(0)
    for room in (10**9, 0):  # kept, and no room for it
        again = remembered(model, x, bits, room)
        rows = rng.integers(0, len(x), 150)
        changed, cells = np.zeros(150, np.uint64), x[rows].copy()
        for column in (0, 4):
            some = rng.random(150) < 0.6
            cells[some, column] = rng.choice(x[:, column], int(some.sum()))
            changed[some] |= bits[column]
        assert np.array_equal(again(rows, cells, changed), model.predict(cells))
        assert np.array_equal(again(rows[:1], cells[:1], changed[:1]), model.predict(cells[:1]))
