"""Requests at the same time get the answers that each would get alone."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from automl_core.service.http_app import Row, RowsError
from automl_core.service.merged_requests import MergedRequests


class Slow:
    """Doubles numbers; the first request is held until it is let go, so that others wait."""

    name = "slow"

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self.go, self.begun = threading.Event(), threading.Event()

    def schema(self) -> Row:
        return {"columns": []}

    def predict_rows(self, rows: Sequence[Row], extras: bool) -> Row:
        self.sizes.append(len(rows))
        self.begun.set()
        assert self.go.wait(30)
        for number, row in enumerate(rows, start=1):
            if row.get("x") == "bad":
                raise RowsError(f"Row {number} is bad.")
        return {"predictions": [{"prediction": row["x"] * 2} for row in rows], "extras": extras}


def _ask(requests: list[tuple[list[Row], bool]]) -> tuple[list[Any], list[int]]:
    """Answers, or errors, to requests that come while a first one is answered."""
    slow = Slow()
    merged = MergedRequests(slow)

    def ask(asked: tuple[list[Row], bool]) -> Any:
        try:
            return merged.predict_rows(*asked)
        except (RowsError, KeyError) as error:
            return str(error)

    with ThreadPoolExecutor(len(requests) + 1) as pool:
        first = pool.submit(ask, ([{"x": 1}], False))
        assert slow.begun.wait(30)
        others = [pool.submit(ask, asked) for asked in requests]
        while len(merged._waiting) < len(requests):
            threading.Event().wait(0.01)
        slow.go.set()
        assert first.result(30)["predictions"] == [{"prediction": 2}]
        return [other.result(30) for other in others], slow.sizes[1:]


def _values(answer: Any) -> list[Any]:
    return [row["prediction"] for row in answer["predictions"]]


def test_requests_alike_are_one_batch_and_get_their_own_rows() -> None:
    answers, sizes = _ask([([{"x": n}, {"x": None or n}], False) for n in range(5)])
    assert [_values(answer) for answer in answers] == [[2 * n, 2 * n] for n in range(5)]
    assert sizes == [10]


@pytest.mark.parametrize(
    "other", [([{"x": "a"}], False), ([{"x": 1, "y": 2}], False), ([{"x": 1}], True), ([], False)]
)
def test_others_go_alone(other: tuple[list[Row], bool]) -> None:
    answers, sizes = _ask([([{"x": 3}], False), other])
    assert _values(answers[0]) == [6] and len(answers[1]["predictions"]) == len(other[0])
    assert answers[1]["extras"] == other[1] and sorted(sizes) == sorted([1, len(other[0])])


def test_a_bad_request_harms_no_other_and_is_told_its_own_row() -> None:
    asked = [([{"x": "a"}], False), ([{"x": "a"}, {"x": "bad"}], False), ([{"x": "b"}], False)]
    answers, sizes = _ask(asked)
    assert _values(answers[0]) == ["aa"] and _values(answers[2]) == ["bb"]
    assert answers[1] == "Row 2 is bad." and sizes[0] == 4


def test_a_bug_reaches_the_request_that_met_it() -> None:
    answers, _ = _ask([([{"y": 1}], False), ([{"x": 1}], False)])
    assert answers[0] == "'x'" and _values(answers[1]) == [2]
