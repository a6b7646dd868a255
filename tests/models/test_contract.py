"""What every family of the catalog must do, whichever it is."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from automl_core.errors import ModelError, SpecError
from automl_core.metrics import better, score
from automl_core.models import catalog
from automl_core.models.base import (
    Card,
    Choice,
    FitData,
    FitResult,
    Model,
    StopReason,
    Task,
)
from tests.models.tables import Surroundings, table

TASKS: tuple[Task, ...] = ("binary", "multiclass", "regression")
SMALL = {"epochs": 12, "trees": 20, "max_iterations": 40, "width": 32}
CARDS = {card.name: card for card in catalog.CATALOG}


@pytest.fixture(params=list(CARDS))
def card(request: pytest.FixtureRequest) -> Card:
    return CARDS[request.param]


def _fit(card: Card, data: FitData, around: Surroundings | None = None) -> FitResult:
    config = {name: value for name, value in SMALL.items() if name in card.defaults}
    return catalog.fit(card, data, config, (around or Surroundings()).control())


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
def test_fits_predicts_and_reports(card: Card, task: Task, weighted: bool) -> None:
    data, around = table(task, card.encoding, weighted=weighted), Surroundings()
    result = _fit(card, data, around)
    prediction = _check_prediction(data, result.model, data.x_valid)
    assert isinstance(result.model, Model)
    assert result.reason in (StopReason.COMPLETED, StopReason.EARLY)
    assert around.epochs and around.looks >= (0 if card.kind == "baseline" else 1)
    for epoch in around.epochs:
        assert 0 < epoch.progress <= 1 and epoch.seconds >= 0
        assert epoch.valid_loss is not None and math.isfinite(epoch.valid_loss)
        assert epoch.valid_score is not None and math.isfinite(epoch.valid_score)
        assert epoch.train_loss is None or math.isfinite(epoch.train_loss)
    numbers = [epoch.epoch for epoch in around.epochs]
    assert numbers == sorted(set(numbers)) and numbers[0] == 1
    own = score(data.metric, data.y_valid, prediction, data.weight_valid)
    if card.kind != "baseline":
        constant = _fit(CARDS["constant"], data).model.predict(data.x_valid)
        baseline = score(data.metric, data.y_valid, constant, data.weight_valid)
        assert better(data.metric, own, baseline)


@pytest.mark.parametrize("task", TASKS)
def test_saved_and_loaded_is_equal(card: Card, task: Task) -> None:
    data = table(task, card.encoding)
    model = _fit(card, data).model
    files = model.files()
    again = catalog.load(card.name, files)
    np.testing.assert_array_equal(again.predict(data.x_valid), model.predict(data.x_valid))
    assert again.files() == files
    assert not any(content.startswith(b"\x80") for content in files.values()), "a pickle"


@pytest.mark.parametrize("task", TASKS)
def test_the_same_seed_gives_the_same_model(card: Card, task: Task) -> None:
    data = table(task, card.encoding)
    assert _fit(card, data).model.files() == _fit(card, data).model.files()


@pytest.mark.parametrize("task", TASKS)
def test_a_row_does_not_depend_on_the_rows_beside_it(card: Card, task: Task) -> None:
    data = table(task, card.encoding)
    model = _fit(card, data).model
    x = np.tile(data.x_valid, (60, 1))  # more rows than one chunk
    whole = _check_prediction(data, model, x)
    for size in (1, 7, len(data.x_valid)):
        np.testing.assert_allclose(model.predict(x[:size]), whole[:size], rtol=0, atol=1e-9)
    assert len(model.predict(x[:0])) == 0


@pytest.mark.parametrize("task", TASKS)
def test_stopped_at_any_time_it_still_is_a_model(card: Card, task: Task) -> None:
    data = table(task, card.encoding)
    for looks in (0, 1, 5, 30):
        around = Surroundings(stop_after=looks)
        result = _fit(card, data, around)
        _check_prediction(data, result.model, data.x_valid)
        assert around.looks <= looks + 2, "trained on after it was asked to stop"
        assert around.looks <= looks or result.reason == StopReason.STOPPED


def test_pruned_it_ends_with_that_reason(card: Card) -> None:
    around = Surroundings(prune_after=2)
    result = _fit(card, table("binary", card.encoding), around)
    _check_prediction(table("binary", card.encoding), result.model, np.zeros((3, 5), np.float32))
    if card.kind != "baseline":
        assert result.reason == StopReason.PRUNED and len(around.epochs) == 2


@pytest.mark.parametrize("task", ["binary", "multiclass"])
def test_a_class_without_training_rows_is_unlikely_not_impossible(card: Card, task: Task) -> None:
    data = table(task, card.encoding)
    keep = data.y != data.classes - 1
    data = dataclasses.replace(data, x=data.x[keep], y=data.y[keep])
    model = _fit(card, data).model
    prediction = _check_prediction(data, model, data.x_valid)
    assert prediction[:, -1].max() < 0.2
    assert score("log_loss", data.y_valid, prediction) < 12


@pytest.mark.parametrize("task", TASKS)
def test_a_constant_target_is_learned(card: Card, task: Task) -> None:
    data = table(task, card.encoding)
    data = dataclasses.replace(data, y=np.full_like(data.y, 1))
    prediction = _check_prediction(data, _fit(card, data).model, data.x_valid)
    if task == "regression":
        np.testing.assert_allclose(prediction, 1.0, rtol=1e-6)
    else:
        assert (prediction.argmax(axis=1) == 1).all()


@pytest.mark.parametrize("rows", [1, 2, 5])
@pytest.mark.parametrize("task", TASKS)
def test_very_few_rows(card: Card, task: Task, rows: int) -> None:
    data = table(task, card.encoding, rows=rows)
    _check_prediction(data, _fit(card, data).model, data.x_valid)


@pytest.mark.parametrize("task", TASKS)
def test_one_validation_row(card: Card, task: Task) -> None:
    data = table(task, card.encoding)
    data = dataclasses.replace(data, x_valid=data.x_valid[:1], y_valid=data.y_valid[:1])
    _check_prediction(data, _fit(card, data).model, data.x_valid)


def test_only_a_constant_column(card: Card) -> None:
    data = table("binary", card.encoding)
    column = dict(x=np.zeros_like(data.x[:, :1]), x_valid=np.zeros_like(data.x_valid[:, :1]))
    data = dataclasses.replace(data, features=data.features[:1], **column)
    _check_prediction(data, _fit(card, data).model, data.x_valid)


def test_values_never_seen_in_training(card: Card) -> None:
    data = table("regression", card.encoding)
    model = _fit(card, data).model
    x = np.full((4, 5), 1e6, dtype=np.float32)
    x[1] = -1e6
    prediction = _check_prediction(data, model, x)
    spread = data.y.max() - data.y.min()
    assert (prediction >= data.y.min() - spread).all()
    assert (prediction <= data.y.max() + spread).all()


def test_a_skewed_target(card: Card) -> None:
    data = table("regression", card.encoding)
    skewed = dataclasses.replace(
        data, y=np.exp((data.y - 1000) / 20), y_valid=np.exp((data.y_valid - 1000) / 20)
    )
    _check_prediction(skewed, _fit(card, skewed).model, data.x_valid)


def test_the_matrix_may_be_read_only(card: Card) -> None:
    data = table("binary", card.encoding)
    for array in (data.x, data.y, data.x_valid, data.y_valid):
        array.flags.writeable = False
    _check_prediction(data, _fit(card, data).model, data.x_valid)


def test_every_setting_has_a_default_within_its_space(card: Card) -> None:
    for part in card.space:
        assert part.name in card.defaults, part.name
        value = card.defaults[part.name]
        if isinstance(part, Choice):
            assert value in part.options or value == 0, part.name
        else:
            assert isinstance(value, int | float) and not isinstance(value, bool)
            assert part.low <= value <= part.high or value == 0, part.name


@pytest.mark.parametrize("end", ["low", "high"])
def test_the_ends_of_the_space_fit(card: Card, end: str) -> None:
    config = {}
    for part in card.space:
        if isinstance(part, Choice):
            config[part.name] = part.options[0 if end == "low" else -1]
        else:
            value = part.low if end == "low" else part.high
            config[part.name] = int(value) if part.whole else float(value)
    config |= {k: v for k, v in SMALL.items() if k in card.defaults and k != "width"}
    data = table("multiclass", card.encoding)
    result = catalog.fit(card, data, config, Surroundings().control())
    _check_prediction(data, result.model, data.x_valid)


def test_a_damaged_file_is_refused(card: Card) -> None:
    files = _fit(card, table("binary", card.encoding)).model.files()
    for name, content in files.items():
        for damaged in (b"", content[: len(content) // 2], b"rubbish" * 20):
            with pytest.raises(ModelError):
                catalog.load(card.name, files | {name: damaged})
        with pytest.raises(ModelError):
            catalog.load(card.name, {k: v for k, v in files.items() if k != name})


def test_an_unknown_setting_names_the_closest(card: Card) -> None:
    with pytest.raises(SpecError, match="no setting"):
        catalog.fit(card, table("binary"), {"learnig_rate": 1}, Surroundings().control())


def test_unknown_families() -> None:
    with pytest.raises(SpecError, match="hist_boosting"):
        catalog.card("hist_bosting")
    with pytest.raises(ModelError, match="newer"):
        catalog.load("oracle", {})
