"""The download's service answers as `torchlight serve` does, also what it refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.applications import Starlette

from automl_core.onnx_export.scorer.onnx_rows import OnnxRows
from automl_core.onnx_export.scorer.score import open_model
from automl_core.onnx_export.scorer.training import read_training
from automl_core.service import ModelRows, make_app
from automl_core.types import Task
from tests import small
from tests.onnx_export.unpacked import unpacked
from tests.service.asgi_client import ask, call

TASKS: tuple[Task, ...] = ("multiclass", "regression")
Rows = list[dict[str, Any]]


def _apps(task: Task) -> tuple[Starlette, Starlette]:
    """The service of the download, and Torchlight's own."""
    package = unpacked(task)
    rows = OnnxRows(open_model(package.folder / "model.onnx"), read_training(package.folder))
    return make_app(rows, kind=FastAPI), make_app(ModelRows(package.scorer))


@pytest.fixture(scope="module", params=TASKS)
def apps(request: pytest.FixtureRequest) -> tuple[Starlette, Starlette]:
    return _apps(request.param)


def _rows(number: int = 12) -> Rows:
    used = ("age", "income", "city", "code", "since", "note", "vip")
    rows = small.table(number, seed=6).select(used).to_pylist()
    return [row | {"since": row["since"].isoformat(sep=" ")} for row in rows]


def _changed(change: dict[str, Any]) -> Rows:
    """Rows whose second one is changed, and whose others have nothing in these columns."""
    rows = _rows(3)
    return [row | (change if i == 1 else dict.fromkeys(change)) for i, row in enumerate(rows)]


def _close(found: Any, expected: Any) -> bool:
    """Whether two answers are the same, numbers to within the rounding of a sum."""
    if isinstance(expected, dict):
        return list(found) == list(expected) and all(_close(found[k], expected[k]) for k in found)
    if isinstance(expected, list):
        return len(found) == len(expected) and all(map(_close, found, expected))
    return type(found) is type(expected) and found == (
        pytest.approx(expected, rel=1e-6, abs=1e-6) if isinstance(expected, float) else expected
    )


GOOD: dict[str, Callable[[], Rows]] = {
    "plain": _rows,
    "none": lambda: [],
    "numbers as texts": lambda: [
        row | {"age": str(row["age"]), "income": "17"} for row in _rows(4)
    ],
    "whole and broken": lambda: [_rows(2)[0] | {"age": 40}, _rows(2)[1] | {"age": 40.5}],
    "mixed categories": lambda: [
        row | {"code": code, "city": city}
        for row, code, city in zip(
            _rows(5), [1, 2.0, "3", True, None], ["Oslo", 5, 1e16, False, " oslo"], strict=True
        )
    ],
    "other types": lambda: [row | {"vip": 1, "note": 7} for row in _rows(3)],
    "booleans as numbers": lambda: [row | {"age": True} for row in _rows(3)],
    "gaps": lambda: [dict.fromkeys(_rows(1)[0])] * 3,
    "unusual": lambda: [row | {"city": "Paris", "age": 4000, "note": "?!"} for row in _rows(3)],
    "other names": lambda: [
        {"AGE": row.pop("age"), "Empty": 3, "more": 1, **row} for row in _rows(3)
    ],
}
BAD: dict[str, Callable[[], Rows]] = {
    "cannot be read as a number": lambda: _changed({"age": "abc"}),
    "cannot be read as a date": lambda: _changed({"since": "soon"}),
    "'2020.5' cannot be read": lambda: _changed({"since": 2020.5}),
    "cannot be read as yes or no": lambda: _changed({"vip": 2.5}),
    "values of several types": lambda: _rows(2) + _changed({"age": "4"}),
    "missing: 'income'": lambda: [{k: v for k, v in r.items() if k != "income"} for r in _rows(2)],
    "Columns that the model uses are missing": lambda: [{"x": 1}],
}


@pytest.mark.parametrize("name", GOOD)
def test_it_answers_the_same(apps: tuple[Starlette, Starlette], name: str) -> None:
    asked = {"rows": GOOD[name](), "extras": True}
    (status, found), (expected_status, expected) = (ask(app, asked) for app in apps)
    assert (status, expected_status) == (200, 200)
    assert _close(found, expected)


@pytest.mark.parametrize("words", BAD)
def test_it_refuses_the_same_in_the_same_words(
    apps: tuple[Starlette, Starlette], words: str
) -> None:
    found, expected = (ask(app, {"rows": BAD[words]()}) for app in apps)
    assert found == expected and found[0] == 422 and words in found[1]["error"]


def test_columns_that_rows_lack_count_as_empty_where_that_is_allowed() -> None:
    package = unpacked("regression")
    scorer, training = open_model(package.folder / "model.onnx"), read_training(package.folder)
    lacking = {"rows": [{"age": 4}]}
    apps = [
        make_app(OnnxRows(scorer, training, allow_missing=True), kind=FastAPI),
        make_app(ModelRows(package.scorer, allow_missing=True)),
    ]
    (status, found), (expected_status, expected) = (ask(app, lacking) for app in apps)
    assert (status, expected_status) == (200, 200) and _close(found, expected)


def test_it_describes_itself_the_same(apps: tuple[Starlette, Starlette]) -> None:
    for path in ("/health", "/schema", "/openapi.json"):
        found, expected = (call(app, "GET", path) for app in apps)
        assert json.loads(json.dumps(found)) == json.loads(json.dumps(expected))
    status, page = call(apps[0], "GET", "/docs")
    assert status == 200 and "/openapi.json" in page
