"""A model behind the service answers as `predict`; rows that do not fit are refused in words."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from automl_core.export.predictor import predictor_files
from automl_core.export.scoring import predictions_table
from automl_core.scoring import make_scorer
from automl_core.service.http_app import make_app
from automl_core.service.model_rows import ModelRows
from automl_core.types import Task
from tests import small
from tests.service.asgi_client import ask, call

SCORERS = {
    task: make_scorer(predictor_files(small.predictor(task, "lightgbm")))
    for task in ("binary", "multiclass", "regression")
}
APP = make_app(ModelRows(SCORERS["binary"]))
USED = ("age", "income", "city", "code", "since", "note", "vip")


def _rows(number: int = 40) -> list[dict[str, Any]]:
    rows = small.table(number, seed=6).select(USED).to_pylist()
    return [row | {"since": row["since"].isoformat(sep=" ")} for row in rows]


@pytest.mark.parametrize("task", list(SCORERS))
def test_answers_are_those_of_predict(task: Task) -> None:
    predictor = SCORERS[task].predictor
    status, answer = ask(make_app(ModelRows(SCORERS[task])), {"rows": _rows()})
    assert status == 200 and answer["ignored_columns"] == []
    expected = predictions_table(predictor, small.table(40, seed=6), typed=True).to_pylist()
    for found, row in zip(answer["predictions"], expected, strict=True):
        chances = {f"probability_{k}": v for k, v in found.pop("probability", {}).items()}
        assert found | chances == row


def test_names_order_and_more_columns_do_not_matter() -> None:
    plain = ask(APP, {"rows": _rows(5)})[1]
    other = [{"Extra": [1][0], **dict(reversed(row.items()))} for row in _rows(5)]
    renamed = [{"AGE": row.pop("age"), **row} for row in other]
    assert ask(APP, {"rows": renamed})[1] == plain | {"ignored_columns": ["Extra"]}


def test_texts_and_mixed_categories_are_read_as_in_a_file() -> None:
    plain = ask(APP, {"rows": _rows(6)})[1]
    mixed = _rows(6)
    for number, row in enumerate(mixed):
        row["code"] = str(row["code"]) if number % 2 else float(row["code"])
        row["age"] = str(row["age"])
    assert ask(APP, {"rows": mixed})[1] == plain


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"age": "abc"}, "Row 2, column 'age': 'abc' cannot be read as a number"),
        ({"since": "soon"}, "Row 2, column 'since': 'soon' cannot be read as a date"),
        ({"vip": "perhaps"}, "Row 2, column 'vip': 'perhaps' cannot be read as yes or no"),
        ({"age": True}, "'age' has values of several types"),
    ],
)
def test_values_that_do_not_fit_are_refused(change: dict[str, Any], words: str) -> None:
    first, second = _rows(2)
    if next(iter(change)) != "age" or change["age"] is not True:
        first = {name: None if name in change else cell for name, cell in first.items()}
    status, answer = ask(APP, {"rows": [first, second | change]})
    assert status == 422 and words in answer["error"]


def test_a_missing_column_is_an_error_or_counts_as_empty() -> None:
    first, second = _rows(2)
    del second["income"]
    status, answer = ask(APP, {"rows": [first, second]})
    assert status == 422 and "'income'" in answer["error"] and "Send null" in answer["error"]
    empty = ask(APP, {"rows": [first, second | {"income": None}]})
    allowed = make_app(ModelRows(SCORERS["binary"], allow_missing=True))
    assert ask(allowed, {"rows": [first, second]}) == empty and empty[0] == 200
    assert ask(APP, {"rows": [{"x": 1}]})[0] == 422


def test_extras_and_the_schema() -> None:
    status, answer = ask(APP, {"rows": [_rows(1)[0] | {"city": "Paris"}], "extras": True})
    assert status == 200 and answer["predictions"][0]["unseen_columns"] == "city"
    status, schema = call(APP, "GET", "/schema")
    assert (schema["target"], schema["labels"]) == ("churned", ["no", "yes"])
    columns = {column["name"]: column for column in schema["columns"]}
    assert columns["since"]["kind"] == "datetime" and columns["age"]["required"]
    assert not columns["empty"]["required"]
    assert dt.date.fromisoformat(_rows(1)[0]["since"][:10]).year >= 2015
