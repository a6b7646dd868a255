"""Whole numbers that name things, and those that count or measure."""

from __future__ import annotations

import random
from typing import Any

import pytest

from tests.table.guessed import guessed

RNG = random.Random(0)
N = 300


def some(*values: Any) -> list[Any]:
    return [*values, *RNG.choices(values, k=N)]


@pytest.mark.parametrize(
    ("name", "values", "words"),
    [
        ("zip", some(10001, 94110, 60614, 2139), "postal"),
        ("PostalCode", [RNG.randint(10_000, 99_999) for _ in range(N)], "postal"),
        ("product_code", some(101, 205, 333, 478, 990, 120), "codes"),
        ("product_code", some("101", "205", "333", "478", "990", "120"), "codes"),
        ("house type", some(20, 30, 45, 60, 85, 190), "kinds"),
        ("RoomType", some(20, 30, 45, 60, 85, 190), "kinds"),
        ("customer_id", [RNG.randint(1000, 1100) for _ in range(N)], "an id"),
        ("storeId", some(1, 2, 3, 4), "an id"),
        ("shop_id", some(1.0, 2.0, 7.0, None), "an id"),
    ],
)
def test_codes_are_categories(name: str, values: list[Any], words: str) -> None:
    found = guessed(values, name)
    assert found.role == "category", found
    assert words in found.reason
    assert found.parse.kind == "string"


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("rating", some(1, 2, 3, 4, 5)), ("class", some(1, 2, 3)), ("task_code", some(1, 2, 3, 4)),
        ("type", some(0, 1)), ("size", some(850, 900, 1200, 1500, 2100)), ("month", some(1, 6, 12)),
        ("year", some(1999, 2004, 2010, 2011, 2020)), ("category spend", some(1.5, 2.25, 7.0)),
        ("price index", [RNG.randint(90, 300) for _ in range(N)]), ("idle", some(10, 40, 55, 300)),
        ("zip ratio", some(1, 2, 5)), ("zip people", some(10_001, 20_500, 33_000)),
        ("store area", some(100, 250, 400, 900, 1100, 2500)),
        ("store sales", [RNG.randint(0, 10**6) for _ in range(N)]),
        ("level type", some(10, 20, 30, 40, 50)), ("delta id", some(-3, 4, 9)),
    ],
)  # fmt: skip
def test_counts_and_ratings_stay_numbers(name: str, values: list[Any]) -> None:
    found = guessed(values, name)
    assert found.role == "numeric", found
