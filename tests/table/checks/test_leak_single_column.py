"""Columns that give the target away: after the fact, in words, and as parts of a sum."""

from __future__ import annotations

import numpy as np
import pytest

from tests.table.checks.looked import found

N = 900
RNG = np.random.default_rng(6)
LEFT = RNG.random(N) < 0.3
LABEL = np.where(LEFT, "left", "stayed")
NOISE = RNG.normal(size=N)


@pytest.mark.parametrize("share", [1.0, 0.75])
def test_a_column_that_is_filled_after_the_fact(share: float) -> None:
    refund = np.where(LEFT & (RNG.random(N) < share), RNG.gamma(2, 9, N), np.nan)
    (finding,) = found({"a": NOISE, "refund": refund, "y": LABEL}, "leak", "y")
    assert finding.columns == ("refund", "y")
    assert finding.action is not None and finding.action.columns == ("refund",)


def test_gaps_that_are_only_more_frequent_are_honest() -> None:
    income = np.where(RNG.random(N) < np.where(LEFT, 0.5, 0.1), np.nan, NOISE)
    assert not found({"a": NOISE, "income": income, "y": LABEL}, "leak", "y")


@pytest.mark.parametrize("way", ["weighted", "product", "three"])
def test_columns_of_which_the_target_is_made(way: str) -> None:
    a, b, c = RNG.gamma(4, 5, N).round(1), RNG.gamma(3, 9, N).round(1), RNG.gamma(2, 9, N).round(1)
    y = {"weighted": 2 * a + 3 * b, "product": a * b, "three": a + b + c}[way]
    columns = {"a": a, "b": b, "c": c, "d": NOISE, "y": y}
    (finding,) = found(columns, "leak", "y")
    assert finding.columns == (("a", "b", "c", "y") if way == "three" else ("a", "b", "y"))


def test_a_sum_with_noise_is_honest() -> None:
    a, b = RNG.gamma(4, 5, N), RNG.gamma(3, 9, N)
    y = a + b + 3 * RNG.normal(size=N)
    assert not found({"a": a, "b": b, "y": y}, "leak", "y")


def test_classes_side_by_side_along_a_number() -> None:
    classes = np.arange(N) % 5
    secret = classes * 10 + RNG.uniform(0, 6, N)
    y = np.array(list("abcde"))[classes]
    assert found({"a": NOISE, "secret": secret, "y": y}, "leak", "y")


def test_columns_that_are_recorded_with_the_target() -> None:
    unknown = RNG.random(N) < 0.1
    y = np.where(unknown, np.nan, NOISE)
    columns = {name: RNG.normal(size=N) for name in "abcd"}
    columns |= {"air": np.where(unknown, np.nan, columns["a"] + 1), "y": y}
    columns["b"] = np.where(RNG.random(N) < 0.1, np.nan, columns["b"])
    (finding,) = found(columns, "leak", "y")
    assert finding.columns == ("air", "y") and unknown[list(finding.rows)].all()


def written(*ends: str) -> list[str]:
    """Sentences of words that say nothing, with one of the ends."""
    pool = np.array(["we", "they", "you", "met", "called", "asked", "again", "soon", "never"])
    picks = RNG.integers(0, len(pool), (N, 9))
    return [" ".join([*pool[row], end]) for row, end in zip(picks, np.resize(ends, N), strict=True)]


def test_a_text_in_which_the_outcome_is_written() -> None:
    said = np.where(LEFT, written("and has churned away", "and moved out"), written("and is happy"))
    (finding,) = found({"a": NOISE, "note": said.tolist(), "y": LABEL}, "leak", "y")
    assert finding.columns == ("note", "y") and finding.state == "to_review"


def test_a_text_that_only_speaks_of_it_is_honest() -> None:
    often = np.where(RNG.random(N) < np.where(LEFT, 0.8, 0.05), written("leave"), written("stay"))
    assert not found({"a": NOISE, "note": often.tolist(), "y": LABEL}, "leak", "y")


def test_a_number_that_is_filled_only_where_the_target_is_high() -> None:
    y = RNG.gamma(3, 20, N)
    bonus = np.where(y > np.quantile(y, 0.9), RNG.normal(size=N), np.nan)
    (finding,) = found({"a": NOISE, "bonus": bonus, "y": y}, "leak", "y")
    assert finding.columns == ("bonus", "y") and "'y' is high" in finding.message
    assert all(not np.isnan(bonus[row]) for row in finding.rows)
    often = np.where(RNG.random(N) < y / y.max(), NOISE, np.nan)
    assert not found({"a": NOISE, "often": often, "y": y}, "leak", "y")


def test_a_key_along_which_the_rows_are_sorted_by_class() -> None:
    (finding,) = found({"no": np.arange(N), "a": NOISE, "y": np.sort(LABEL)}, "leak", "y")
    assert finding.columns == ("no", "y") and finding.state == "fixed"  # it is no feature
    assert not found({"no": np.arange(N), "a": NOISE, "y": LABEL}, "leak", "y")


@pytest.mark.parametrize("way", ["larger", "equal", "add up to 12"])
def test_two_columns_of_which_a_class_is_made(way: str) -> None:
    a, b = RNG.integers(0, 13, N), RNG.integers(0, 13, N)
    y = {"larger": a > b, "equal": a == b, "add up to 12": a + b == 12}[way]
    (finding,) = found({"a": a, "b": b, "c": NOISE, "y": y}, "leak", "y")
    assert finding.columns == ("a", "b", "y") and way in finding.message


def test_two_columns_that_decide_a_class_with_noise_are_honest() -> None:
    a, b = RNG.normal(size=N), RNG.normal(size=N)
    y = a + 0.1 * RNG.normal(size=N) > b
    assert not found({"a": a, "b": b, "y": y}, "leak", "y")
