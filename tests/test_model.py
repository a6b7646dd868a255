"""A loaded model is an estimator by scikit-learn's conventions, and says more where it is asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.frozen import FrozenEstimator
from sklearn.inspection import partial_dependence, permutation_importance
from sklearn.metrics import accuracy_score, get_scorer, roc_auc_score
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.validation import check_is_fitted

import automl_core
from automl_core.errors import ModelError, SpecError
from automl_core.runs.bundle import bundle_of
from automl_core.runs.record.reader import RunReader
from automl_core.types import Task
from tests import small
from tests.finished_run import make_run

NAMES = ["age", "income", "city", "code", "since", "note", "vip", "empty"]


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, automl_core.Model]:
    """A model of each task, as its bundle has it, with a reference and a self-test."""
    root, found = tmp_path_factory.mktemp("models"), {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TORCHLIGHT_WORKSPACE", str(root))
        for task in small.TARGETS:
            folder = make_run(root, task, task)
            bundle = root / f"{task}.zip"
            bundle.write_bytes(bundle_of(folder, RunReader(folder).refresh().trials[1]))
            found[str(task)] = automl_core.load(bundle)
    return found


def _frame(rows: int = 60, seed: int = 4) -> pd.DataFrame:
    return small.table(rows, seed).to_pandas()


def test_predictions_are_arrays_in_the_order_of_the_classes(
    models: dict[str, automl_core.Model],
) -> None:
    frame = _frame()
    for task, kind in (("binary", "O"), ("multiclass", "i")):
        model, table = models[task], models[task].predict_table(frame)
        assert model.classes_.tolist() == sorted(model.classes_.tolist())
        assert model.classes_.dtype.kind == kind
        chances, answers = model.predict_proba(frame), model.predict(frame)
        assert answers.shape == (60,) and chances.shape == (60, len(model.classes_))
        assert (answers == model.classes_[chances.argmax(axis=1)]).all()
        assert answers.tolist() == table["prediction"].tolist()
        for place, label in enumerate(model.classes_):
            assert (table[f"probability_{label}"] == chances[:, place]).all()
    values = models["regression"].predict(frame)
    assert values.dtype == np.float64 and values.shape == (60,)
    for name in ("predict_proba", "classes_"):
        assert not hasattr(models["regression"], name)


def test_scikit_learn_takes_it_for_a_fitted_estimator(
    models: dict[str, automl_core.Model],
) -> None:
    frame, model = _frame(), models["binary"]
    truth = frame["churned"].to_numpy(object)
    check_is_fitted(model)
    assert is_classifier(model) and is_regressor(models["regression"])
    assert model.get_params() == {} and model.set_params() is model and clone(model) is model
    assert model.n_features_in_ == 8 and model.feature_names_in_.tolist() == NAMES
    accuracy = accuracy_score(truth, model.predict(frame))
    assert model.score(frame, truth) == pytest.approx(accuracy)
    assert get_scorer("accuracy")(model, frame, truth) == pytest.approx(accuracy)
    area = roc_auc_score(truth, model.predict_proba(frame)[:, 1])
    assert get_scorer("roc_auc")(model, frame, truth) == pytest.approx(area) and area > 0.8
    regression = models["regression"]
    expected = get_scorer("r2")(regression, frame, frame["spent"])
    assert regression.score(frame, frame["spent"]) == pytest.approx(expected)


def test_inspection_and_pipelines_use_it(models: dict[str, automl_core.Model]) -> None:
    frame, model = _frame()[NAMES], models["binary"]
    truth = _frame()["churned"].to_numpy(object)
    found = permutation_importance(model, frame, truth, n_repeats=2, random_state=0)
    assert found.importances_mean[0] > 0 and found.importances_mean[7] == 0  # `empty` says nothing
    curve = partial_dependence(
        model, frame.assign(age=frame["age"].astype(float)), ["age"], grid_resolution=4
    )
    average = curve["average"][0]
    assert average[-1] > average[0]
    pipeline = make_pipeline(FunctionTransformer(), FrozenEstimator(model))
    pipeline.fit(frame, truth)
    assert (pipeline.predict(frame) == model.predict(frame)).all()


def test_it_is_not_fitted_again(models: dict[str, automl_core.Model]) -> None:
    with pytest.raises(ModelError, match=r"is trained already .*FrozenEstimator"):
        models["binary"].fit(_frame(), [0] * 60)
    with pytest.raises(ModelError, match="is trained already"):
        cross_val_score(models["binary"], _frame(), [0, 1] * 30, cv=2, error_score="raise")


def test_arrays_have_the_columns_in_the_order_of_the_names(
    models: dict[str, automl_core.Model],
) -> None:
    model, frame = models["binary"], _frame(20)
    assert (model.predict(frame[NAMES].to_numpy(object)) == model.predict(frame)).all()
    with pytest.raises(ModelError, match="rows of 8 columns"):
        model.predict(np.zeros((3, 5)))


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_contributions_sum_to_the_prediction(
    models: dict[str, automl_core.Model], task: Task
) -> None:
    model, frame = models[task], _frame(3)
    found = model.explain(frame)
    assert list(found.columns) == ["base", "age", "income", "city", "code", "since", "note", "vip"]
    expected: Any = model.predict(frame)
    if task == "binary":
        expected = model.predict_proba(frame)[:, 1]
    elif task == "multiclass":
        expected = model.predict_proba(frame).max(axis=1)
    np.testing.assert_allclose(found.sum(axis=1), expected, rtol=1e-6)
    pd.testing.assert_frame_equal(found, model.explain(frame))  # batches differ by the clock
    against = model.explain(frame, background=_frame(10, seed=7))
    np.testing.assert_allclose(against.sum(axis=1), expected, rtol=1e-6)


def test_another_class_is_explained_on_request(models: dict[str, automl_core.Model]) -> None:
    model, frame = models["binary"], _frame(2)
    no = model.explain(frame, label="no").sum(axis=1)
    np.testing.assert_allclose(no, model.predict_proba(frame)[:, 0], rtol=1e-6)
    with pytest.raises(SpecError, match=r"no class 'maybe'.*no, yes"):
        model.explain(frame, label="maybe")


def test_files_are_scored_in_pieces_and_checked(
    models: dict[str, automl_core.Model], workspace: Path
) -> None:
    model, path, out = models["regression"], workspace / "new.csv", workspace / "out.csv"
    _frame().to_csv(path, index=False)
    assert model.predict_file(path, out, extras=True) == 60
    pd.testing.assert_frame_equal(
        pd.read_csv(out, keep_default_na=False), model.predict_table(path, extras=True)
    )
    seen: list[tuple[int, int]] = []
    out.unlink()
    assert model.predict_file(path, out, report=lambda *rows: bool(seen.append(rows))) is None
    assert seen == [(60, 60)] and not out.exists()
    check = model.check(path)
    assert check.drift is not None and check.fall is not None and not check.drift.moved
    assert model.schema.target == "spent" and model.schema.plain()["columns"][0]["name"] == "age"
