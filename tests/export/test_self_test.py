"""A model that predicts other than it did when it was written is not loaded."""

from __future__ import annotations

import json
from typing import Any

import pytest

from automl_core.errors import ModelError
from automl_core.export.predictor import Predictor, load_predictor, predictor_files
from automl_core.export.self_test import predict_rows, self_test_files, typical_rows
from automl_core.export.typical_values import facts_of_table, used_columns
from automl_core.types import Files, Task
from tests import small


def _tested(task: Task) -> tuple[Predictor, Files]:
    predictor = small.predictor(task, "lightgbm")
    files = predictor_files(predictor)
    rows = typical_rows(facts_of_table(used_columns(files), small.table()))
    return predictor, files | self_test_files(
        rows, predict_rows(predictor.predict, predictor.columns, rows)
    )


@pytest.mark.parametrize("task", ["binary", "regression"])
def test_a_sound_model_passes_its_test(task: Task) -> None:
    predictor, files = _tested(task)
    test = json.loads(files["selftest.json"])
    middle, low, high, empty = test["rows"]
    assert [c["column"] for c in middle] == ["age", "income", "city", "code", "since", "vip"]
    ages = [row[0]["number"] for row in (low, middle, high)]
    assert ages == sorted(ages) and len(set(ages)) == 3 and not empty
    assert len(test["predictions"]) == 4
    assert load_predictor(files).name == predictor.name


def _damaged(change: dict[str, Any]) -> Files:
    _, files = _tested("binary")
    plain = json.loads(files["selftest.json"]) | change
    return files | {"selftest.json": json.dumps(plain).encode()}


def test_another_prediction_is_an_error_in_words() -> None:
    plain = json.loads(_tested("binary")[1]["selftest.json"])
    plain["predictions"][1] = [0.123, 0.877]
    with pytest.raises(
        ModelError, match=r"does not pass its self-test: it predicts .* 0\.123|0\.877"
    ):
        load_predictor(_damaged(plain))
    plain["predictions"][1] = [0.2, 0.3, 0.5]
    with pytest.raises(ModelError):
        load_predictor(_damaged(plain))


@pytest.mark.parametrize(
    "change",
    [
        {"rows": [], "predictions": []},
        {"rows": [[{"column": "nothing", "number": 1.0}]], "predictions": [[0.5, 0.5]]},
        {"predictions": [[1.0]]},
        {"tolerance": -1.0},
        {"tolerance": "high"},
        {"format_version": 2},
    ],
)
def test_a_damaged_test_is_an_error(change: dict[str, Any]) -> None:
    with pytest.raises(ModelError):
        load_predictor(_damaged(change))
