"""The HTTP service: JSON rows in, answers out; what is wrong with a request is said in words.

POST /predict   {"rows": [{"column": value, ...}, ...]}
GET  /health    whether it answers, and with which model
GET  /schema    the columns that the model reads
GET  /openapi.json

Imports Starlette and the standard library alone, nothing of this project: whatever has the three
methods of RowsPredictor can stand behind it. No request ends the service.
"""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

MAX_ROWS = 100_000  # of one request
MAX_BYTES = 64 * 2**20  # of its body
MAX_CELL = 1_000_000  # characters of one cell

Row = dict[str, Any]

logger = logging.getLogger(__name__)


class RowsError(Exception):
    """A request that cannot be answered: what is wrong with it, in words, and the HTTP status."""

    def __init__(self, message: str, status: int = 422) -> None:
        super().__init__(message)
        self.message, self.status = message, status


class RowsPredictor(Protocol):
    """A model that predicts rows of JSON values. Its methods are called from several threads."""

    @property
    def name(self) -> str:
        """What the model is called."""

    def schema(self) -> Row:
        """What it reads and answers, as JSON data.

        `columns` lists for each column `name`, `kind` (number, boolean, datetime, string, text or
        list) and `required`.
        """

    def predict_rows(self, rows: Sequence[Row], extras: bool) -> Row:
        """The answer for rows of plain values: `predictions`, one a row in their order, and
        `ignored_columns`. Raises RowsError where the rows do not fit.
        """


def make_app(
    predictor: RowsPredictor,
    hosts: Sequence[str] = ("*",),
    kind: Callable[..., Starlette] = Starlette,
) -> Starlette:
    """The app; `hosts` are the names under which it answers, so that no web page reaches it under
    another one. `kind` may be a class made of Starlette's, such as FastAPI."""

    async def predict(request: Request) -> Response:
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            raise RowsError("Send the rows as JSON: Content-Type: application/json.", 415)
        body = await _body(request)
        return _json(await run_in_threadpool(_answer, predictor, body))

    async def health(_: Request) -> Response:
        return _json({"status": "ok", "model": predictor.name})

    async def schema(_: Request) -> Response:
        return _json(predictor.schema())

    async def described(_: Request) -> Response:
        return _json(openapi(predictor.name, predictor.schema()))

    return kind(
        routes=[
            Route("/predict", predict, methods=["POST"]),
            Route("/health", health),
            Route("/schema", schema),
            Route("/openapi.json", described),
        ],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=list(hosts))],
        exception_handlers={RowsError: _refused, HTTPException: _not_here, Exception: _bug},
    )


async def _body(request: Request) -> bytes:
    """The body; RowsError as soon as it is too long."""
    parts, size = [], 0
    try:
        async for part in request.stream():
            size += len(part)
            if size > MAX_BYTES:
                raise RowsError(
                    f"The request is longer than {MAX_BYTES:,} bytes. Send fewer rows at once.", 413
                )
            parts.append(part)
    except ClientDisconnect:
        raise RowsError("The request ended before it was complete.", 400) from None
    return b"".join(parts)


def _answer(predictor: RowsPredictor, body: bytes) -> Row:
    rows, extras = read_rows(body)
    return predictor.predict_rows(rows, extras)


def read_rows(body: bytes) -> tuple[list[Row], bool]:
    """The rows of a request's body, and whether extras are asked for.

    Raises RowsError where it is no JSON, has no rows or too many, or a cell is no plain value.
    """
    try:
        asked = json.loads(body, object_pairs_hook=_once, parse_constant=_no_number)
    except RecursionError:
        raise RowsError("The JSON is nested too deeply: rows hold plain values.", 400) from None
    except ValueError as error:
        raise RowsError(f"The request is no JSON: {error}.", 400) from None
    if not isinstance(asked, dict) or not isinstance(asked.get("rows"), list):
        raise RowsError('Send {"rows": [{"column": value, ...}, ...]}.')
    if unknown := sorted(set(asked) - {"rows", "extras"}):
        raise RowsError(f"The request has the unknown key {unknown[0][:80]!r}.")
    rows, extras = asked["rows"], asked.get("extras", False)
    if not isinstance(extras, bool):
        raise RowsError("`extras` is true or false.")
    if len(rows) > MAX_ROWS:
        raise RowsError(
            f"The request has {len(rows):,} rows; at most {MAX_ROWS:,} are answered at once.", 413
        )
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, dict):
            raise RowsError(f"Row {number} is no object with a value for each column.")
        for name, value in row.items():
            _check_cell(number, name, value)
    return rows, extras


def _check_cell(row: int, name: str, value: Any) -> None:
    where = f"Row {row}, column {name[:80]!r}"
    if isinstance(value, str):
        if len(value) > MAX_CELL:
            raise RowsError(
                f"{where}: the text has {len(value):,} characters; at most {MAX_CELL:,} are read.",
                413,
            )
        if not value.isascii() and any("\ud800" <= c <= "\udfff" for c in value):
            raise RowsError(f"{where}: the text has half of a character (a lone surrogate).")
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise RowsError(f"{where}: the number is too large.")
    elif not (value is None or isinstance(value, (bool, int))):
        raise RowsError(f"{where}: a value is a number, a text, true, false or null.")
    elif isinstance(value, int) and not -(2**63) <= value < 2**63:
        raise RowsError(f"{where}: the number is too large.")


def _once(pairs: list[tuple[str, Any]]) -> Row:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise RowsError(f"{twice[:80]!r} is there twice in one object.")
    return found


def _no_number(word: str) -> float:
    raise RowsError(f"{word} is no number in JSON: send null for a value that is missing.", 400)


def _json(plain: Any, status: int = 200) -> Response:
    words = json.dumps(plain, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Response(words.encode("utf-8"), status, media_type="application/json")


async def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, RowsError)
    return _json({"error": error.message}, error.status)


async def _not_here(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    words = {
        404: "There is nothing at this address: /predict, /health, /schema and /openapi.json are.",
        405: f"{request.url.path} does not answer {request.method}.",
    }.get(error.status_code, error.detail)
    return _json({"error": words}, error.status_code)


async def _bug(request: Request, error: Exception) -> Response:
    logger.error("%s failed", request.url.path, exc_info=error)
    return _json(
        {"error": "Something went wrong inside the service; its log has the details."}, 500
    )


_TYPES: dict[str, list[str]] = {
    "number": ["number", "string", "null"],
    "boolean": ["boolean", "string", "number", "null"],
}


def openapi(name: str, schema: Row) -> Row:
    """The OpenAPI document of a service of this model."""
    columns = schema["columns"]
    cell = {
        c["name"]: {"type": _TYPES.get(c["kind"], ["string", "number", "null"])} for c in columns
    }
    row = {
        "type": "object",
        "properties": cell,
        "required": [c["name"] for c in columns if c["required"]],
    }
    rows = {"type": "array", "items": row, "maxItems": MAX_ROWS}
    asked = {
        "type": "object",
        "properties": {"rows": rows, "extras": {"type": "boolean", "default": False}},
        "required": ["rows"],
        "additionalProperties": False,
    }
    answered = {
        "type": "object",
        "properties": {
            "predictions": {"type": "array", "items": {"type": "object"}},
            "ignored_columns": {"type": "array", "items": {"type": "string"}},
        },
    }
    refused = {"type": "object", "properties": {"error": {"type": "string"}}}
    answers = {"200": _content("One answer a row, in their order", answered)}
    for status, words in (
        ("400", "No JSON"), ("413", "Too many rows, or too long"), ("415", "No JSON by its header"),
        ("422", "Rows that do not fit the model"),
    ):  # fmt: skip
        answers[status] = _content(words, refused)
    return {
        "openapi": "3.1.0",
        "info": {"title": f"Predictions of {name}", "version": "1"},
        "paths": {
            "/predict": {
                "post": {
                    "summary": "Predict rows",
                    "requestBody": {"required": True} | _content("Rows", asked),
                    "responses": answers,
                }
            },
            "/health": _get("Whether the service answers"),
            "/schema": _get("The columns that the model reads"),
        },
    }


def _content(words: str, schema: Row) -> Row:
    return {"description": words, "content": {"application/json": {"schema": schema}}}


def _get(words: str) -> Row:
    return {"get": {"summary": words, "responses": {"200": _content(words, {"type": "object"})}}}
