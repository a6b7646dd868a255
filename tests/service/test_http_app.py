"""Every bad request gets a 4xx in words, and the service answers the next one."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from automl_core.service import http_app
from automl_core.service.http_app import Row, make_app
from tests.service.asgi_client import ask, call


class Doubles:
    """A predictor of another make: it doubles its only column."""

    name = "doubles"

    def schema(self) -> Row:
        return {"columns": [{"name": "x", "kind": "number", "required": True}]}

    def predict_rows(self, rows: Sequence[Row], extras: bool) -> Row:
        return {"predictions": [{"prediction": 2 * row["x"]} for row in rows], "extras": extras}


APP = make_app(Doubles(), ("localhost",))


def test_it_answers_health_schema_openapi_and_rows() -> None:
    assert call(APP, "GET", "/health") == (200, {"status": "ok", "model": "doubles"})
    assert call(APP, "GET", "/schema") == (200, Doubles().schema())
    status, document = call(APP, "GET", "/openapi.json")
    assert status == 200 and document["openapi"] == "3.1.0"
    assert set(document["paths"]) == {"/predict", "/health", "/schema"}
    asked = document["paths"]["/predict"]["post"]["requestBody"]["content"]["application/json"]
    assert asked["schema"]["properties"]["rows"]["items"]["required"] == ["x"]
    answer = {"predictions": [{"prediction": 4}, {"prediction": -3.0}], "extras": False}
    assert ask(APP, {"rows": [{"x": 2}, {"x": -1.5}]}) == (200, answer)
    assert ask(APP, {"rows": [], "extras": True}) == (200, {"predictions": [], "extras": True})


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (b"", 400, "no JSON"),
        (b'{"rows": [', 400, "no JSON"),
        (b"\xff\xfe\x00", 400, "no JSON"),
        (b"[" * 200_000, 400, "nested too deeply"),
        (b'{"rows": [{"x": NaN}]}', 400, "NaN is no number"),
        (b'{"rows": [{"x": -Infinity}]}', 400, "no number"),
        (b'{"rows": [{"x": 1e999}]}', 422, "Row 1, column 'x': the number is too large"),
        (b'{"rows": [{"x": 99999999999999999999}]}', 422, "too large"),
        (b'{"rows": [{"x": ' + b"9" * 5000 + b"}]}", 400, "no JSON"),
        (b'{"rows": [{"x": 1, "x": 2}]}', 422, "'x' is there twice"),
        (b'{"rows": [{"x": [1]}]}', 422, "a value is a number, a text"),
        (b'{"rows": [{"x": {"y": 1}}]}', 422, "a value is a number, a text"),
        (b'{"rows": [{"x": "\\ud800"}]}', 422, "half of a character"),
        (b'{"rows": [1]}', 422, "Row 1 is no object"),
        (b'{"rows": {"x": 1}}', 422, "Send"),
        (b'[{"x": 1}]', 422, "Send"),
        (b"null", 422, "Send"),
        (b'{"rows": [], "row": 1}', 422, "unknown key 'row'"),
        (b'{"rows": [], "extras": 1}', 422, "true or false"),
    ],
)
def test_a_bad_request_is_refused_in_words(body: bytes, status: int, words: str) -> None:
    found, answer = call(APP, "POST", "/predict", body)
    assert found == status and words in answer["error"]
    assert ask(APP, {"rows": [{"x": 1}]})[0] == 200


def test_what_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    found, answer = ask(APP, {"rows": [{}] * 100_001})
    assert found == 413 and "at most 100,000" in answer["error"]
    found, answer = ask(APP, {"rows": [{"x": "a" * 10_000_000}]})
    assert found == 413 and "10,000,000 characters" in answer["error"]
    monkeypatch.setattr(http_app, "MAX_BYTES", 1000)
    found, answer = call(APP, "POST", "/predict", b" " * 1001)
    assert found == 413 and "1,000 bytes" in answer["error"]


def test_other_addresses_methods_and_types_are_refused() -> None:
    assert call(APP, "GET", "/nothing")[0] == 404
    found, answer = call(APP, "GET", "/predict")
    assert found == 405 and "does not answer GET" in answer["error"]
    found, answer = call(APP, "POST", "/predict", b"{}", {"content-type": "text/plain"})
    assert found == 415 and "application/json" in answer["error"]
    assert call(APP, "GET", "/health", headers={"host": "evil.example"})[0] == 400


def test_a_bug_is_a_500_in_words_and_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    found, answer = _answer_of_a_bug()
    assert found == 500 and answer["error"].startswith("Something went wrong inside")
    assert "/predict failed" in caplog.text and "KeyError" in caplog.text


def _answer_of_a_bug() -> tuple[int, Any]:
    with pytest.raises(KeyError):  # for the server's own log, after the answer was sent
        ask(APP, {"rows": [{"y": 1}]})
    sent: list[Any] = []

    async def quiet(scope: Any, receive: Any, send: Any) -> None:
        try:
            await APP(scope, receive, send)
        except KeyError as error:
            sent.append(error)

    found = call(quiet, "POST", "/predict", json.dumps({"rows": [{"y": 1}]}).encode())
    assert sent
    return found
