"""Numbers in sentences have one form."""

from __future__ import annotations

import pytest

from automl_core.words import megabytes, percent, score_text, size


@pytest.mark.parametrize(
    ("share", "shown"),
    [
        (0.0, "0 %"), (0.0003, "< 0.1 %"), (0.004, "0.4 %"), (0.0099, "1 %"), (0.034, "3 %"),
        (0.85, "85 %"), (0.99, "99 %"), (0.995, "99.5 %"), (0.99999, "> 99.9 %"), (1.0, "100 %"),
        (12.34, "1,234 %"), (-0.125, "-12 %"), (float("nan"), "–"),
    ],
)  # fmt: skip
def test_shares(share: float, shown: str) -> None:
    assert percent(share) == shown


@pytest.mark.parametrize(
    ("number", "shown"),
    [(640, "640 B"), (5_123_000, "5.1 MB"), (205_000_000, "205 MB"), (3e12, "3,000 GB")],
)
def test_sizes(number: float, shown: str) -> None:
    assert size(number) == shown


def test_sizes_of_a_column_have_one_unit() -> None:
    numbers = [megabytes(n) for n in (45_000, 5_123_000, 205_400_000, None)]
    assert numbers == [0.045, 5.1, 205, None]


@pytest.mark.parametrize(
    ("score", "shown"),
    [
        (0.92704, "0.9270"), (-0.25, "-0.2500"), (0.0002, "0.0002"), (123.456, "123.46"),
        (12345.6, "12,346"), (None, "–"), (float("inf"), "–"),
    ],
)  # fmt: skip
def test_scores(score: float | None, shown: str) -> None:
    assert score_text(score) == shown
