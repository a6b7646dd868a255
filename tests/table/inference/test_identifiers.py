"""Columns that identify rows, and honest ones that are merely all different."""

from __future__ import annotations

import hashlib
import random
import uuid
from typing import Any

import pytest

from tests.table.guessed import guessed

N = 200
RNG = random.Random(0)
DIFFERENT = RNG.sample(range(100_000, 1_000_000), N)


@pytest.mark.parametrize(
    ("name", "values", "words"),
    [
        ("x", [str(uuid.UUID(int=RNG.getrandbits(128))) for _ in range(N)], "UUIDs"),
        ("x", [hashlib.md5(str(i).encode()).hexdigest() for i in range(N)], "hashes"),
        ("x", [f"user.{i}@example.org" for i in range(N)], "e-mail addresses"),
        ("x", [f"https://example.org/p?{i}" for i in range(N)], "web addresses"),
        ("x", [f"+49 30 {v}" for v in DIFFERENT], "phone numbers"),
        ("x", [f"(030) {v // 1000}-{v % 1000:03d}9" for v in DIFFERENT], "phone numbers"),
        ("x", [f"SO-{v}" for v in DIFFERENT[:-8]] + [f"SO-{v}" for v in DIFFERENT[:8]], "a key"),
        ("Invoice Number", DIFFERENT, "named like one"),
        ("isbn", DIFFERENT, "named like one"),
        ("phone_mobile", [float(v) for v in DIFFERENT], "named like one"),
        ("userId", DIFFERENT, "named like one"),
        ("customer_id", [str(v) for v in DIFFERENT], "named like one"),
        ("code", [f"{i:06d}" for i in range(N)], "a key"),
    ],
)
def test_keys(name: str, values: list[Any], words: str) -> None:
    found = guessed(values, name)
    assert found.role == "id", found
    assert words in found.reason


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("income", DIFFERENT),
        ("mobile minutes", DIFFERENT),
        ("price", [v / 7 for v in DIFFERENT]),
        ("number of visits", DIFFERENT),
        ("heat index", [v / 7 for v in DIFFERENT]),
        (
            "name",
            [f"{a} {b} {i}" for i, (a, b) in enumerate([("Ann", "Lee"), ("Bo", "Ray")] * 100)],
        ),
        ("amount", [f"${v:,}" for v in DIFFERENT]),
        ("weight", [f"{v} kg" for v in DIFFERENT]),
        ("note", ["這個產品很好我很喜歡" + chr(0x4E00 + i) for i in range(N)]),
        ("mail", [f"user.{i % 40}@example.org" for i in range(N)]),
        ("plate", [f"B-{i % 90:03d}" for i in range(N)]),
    ],
)
def test_honest_columns_are_no_keys(name: str, values: list[Any]) -> None:
    assert guessed(values, name).role != "id"
