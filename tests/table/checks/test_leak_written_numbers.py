"""Texts with the target's number in them are leaks; other numbers in texts are not."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pytest

from automl_core.table.checks.run import find_problems
from automl_core.table.findings import Finding
from automl_core.table.inference.schema_inference import infer_schema

Words = Callable[[float], str]
KINDS = ["flat near the park", "house with garden", "studio, top floor", "loft in the old mill"]


def leaks(words: Words, prices: np.ndarray) -> list[Finding]:
    random = np.random.default_rng(1)
    about = [f"{random.choice(KINDS)} number {i}, {words(price)}" for i, price in enumerate(prices)]
    size = prices / 900 + random.normal(0, 60, len(prices))
    table = pa.table({"about": about, "size": size.round(1), "price": prices})
    found = find_problems(table, infer_schema(table), "price")
    return [f for f in found if f.kind == "leak" and "about" in f.columns]


@pytest.mark.parametrize(
    "words",
    [
        lambda price: f"sold for ${price:,.2f} in May",
        lambda price: f"verkauft zu {price:_.2f}".replace(".", ",").replace("_", "."),
        lambda price: f"went for about {price:.0f}",
        lambda price: f"12 {price} 2024",
    ],
)
def test_the_number_written_down_is_found(words: Words) -> None:
    prices = np.random.default_rng(0).uniform(90_000, 900_000, 400).round(2)
    (leak,) = leaks(words, prices)
    assert leak.state == "to_review" and leak.action is not None


def test_other_numbers_are_not_accused() -> None:
    random = np.random.default_rng(2)
    prices = random.uniform(90_000, 900_000, 400).round(2)
    assert not leaks(lambda price: f"asking {price * random.uniform(0.8, 1.3):,.0f}", prices)


def test_small_numbers_that_any_text_has_are_not_accused() -> None:
    random = np.random.default_rng(3)
    stars = random.integers(1, 6, 400).astype(float)
    assert not leaks(lambda _: "1 bath, 2 rooms, 3 windows, 4 doors, 5 shelves", stars)
