"""Free text against categories."""

from __future__ import annotations

import random

import pytest

from automl_core.table.schema import Role
from tests.table.guessed import guessed

RNG = random.Random(0)
N = 200
LABELS = [f"a very long label number {i} that people choose from a list of many" for i in range(8)]
SIGNS = "很好不错喜欢价格质量东西快递满意"


@pytest.mark.parametrize(
    ("role", "values"),
    [
        ("text", [f"Re: meeting on {RNG.choice(['budget', 'plan'])} {i}" for i in range(N)]),
        ("text", ["这个" + "".join(RNG.choices(SIGNS, k=12)) for _ in range(N)]),
        ("text", ["このみせは" + "".join(RNG.choices("おいしいたかやす", k=12)) for _ in range(N)]),
        ("text", ["ร้านนี้" + "".join(RNG.choices("กขคงจชซ", k=14)) for _ in range(N)]),
        ("text", [f"{LABELS[i % 8]}, and more words {i}" for i in range(N)]),
        ("text", [f"{a}nna {b}erg" for a in "abcdefghijklmn" for b in "abcdefghijklmn"]),
        ("category", [LABELS[i % 8] for i in range(N)]),
        ("category", [RNG.choice(["北京", "上海", "广州"]) for _ in range(N)]),
        ("category", ["very satisfied with it", "not at all satisfied"] * 100),
        ("category", [f"Level {i % 60}" for i in range(N)]),
    ],
)
def test_written_or_chosen(role: Role, values: list[str]) -> None:
    assert guessed(values).role == role
