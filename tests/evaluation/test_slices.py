"""Slices in which a model errs: planted ones are found, and where there is none, none is named."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from automl_core.evaluation.mean_interval import chance_above, half_width
from automl_core.evaluation.slices import (
    MISSING,
    RANGES,
    SMALLEST_SLICE,
    VALUES,
    Parts,
    Slice,
    cut_column,
    slices_of,
    worst_slices,
)
from automl_core.table import TypedColumn

Floats = NDArray[np.float64]


def words(name: str, values: list[str | None]) -> TypedColumn:
    known = list(dict.fromkeys(v for v in values if v is not None))
    codes = [-1 if v is None else known.index(v) for v in values]
    return TypedColumn(name, codes=np.array(codes, np.int32), words=tuple(known))


def numbers(name: str, values: Floats) -> TypedColumn:
    return TypedColumn(name, numbers=values)


def named(parts: tuple[Slice, ...]) -> dict[str, Slice]:
    return {part.label: part for part in parts}


def small_table(rng: np.random.Generator, rows: int) -> list[Parts]:
    """Five columns that have nothing to do with any error."""
    age = np.where(rng.random(rows) < 0.1, np.nan, rng.normal(40, 12, rows))
    return [
        cut_column(numbers("age", age), "number"),
        cut_column(numbers("income", rng.lognormal(10, 1, rows)), "number"),
        cut_column(numbers("vip", (rng.random(rows) < 0.3).astype(float)), "boolean"),
        cut_column(words("city", [f"c{i}" for i in rng.integers(0, 6, rows)]), "string"),
        cut_column(words("rare", [f"r{i}" for i in rng.integers(0, 60, rows)]), "string"),
    ]


ERRORS = {
    "wrong": lambda rng, n: (rng.random(n) < 0.15).astype(float),
    "rarely wrong": lambda rng, n: (rng.random(n) < 0.01).astype(float),
    "absolute": lambda rng, n: np.abs(rng.normal(0, 3, n)),
    "long tail": lambda rng, n: rng.lognormal(0, 1.5, n),
}


@pytest.mark.parametrize("kind", ERRORS)
def test_where_nothing_is_planted_nothing_is_claimed(kind: str) -> None:
    claims = 0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        columns, errors = small_table(rng, 400), ERRORS[kind](rng, 400)
        claims += bool(worst_slices(columns, errors, "wrong" in kind).found)
    assert claims <= 5


@pytest.mark.parametrize("kind", ["wrong", "absolute"])
@pytest.mark.parametrize("place", ["city", "income", "age"])
def test_a_planted_slice_is_found_first(kind: str, place: str) -> None:
    for seed in range(10):
        rng = np.random.default_rng(seed)
        columns, errors = small_table(rng, 1000), ERRORS[kind](rng, 1000)
        parts = next(p for p in columns if p.column == place)
        label = {"city": "c2", "income": parts.labels[-1], "age": MISSING}[place]
        bad = parts.part == parts.labels.index(label)
        errors[bad] = 1 - errors[bad] if kind == "wrong" else errors[bad] + 3
        found = worst_slices(columns, errors, kind == "wrong").found
        assert (found[0].column, found[0].label) == (place, label)
        assert found[0].mean == pytest.approx(errors[bad].mean())
        assert found[0].elsewhere == pytest.approx(errors[~bad].mean())


def test_means_and_intervals_are_those_of_the_rows() -> None:
    rng = np.random.default_rng(0)
    column = words("size", ["small"] * 100 + ["large"] * 200 + [None] * 10)
    errors = rng.gamma(2, 2, 310)
    weight = rng.random(310)
    got = named(slices_of(cut_column(column, "string"), errors, False, weight))
    assert list(got) == ["large", "small", MISSING]
    assert got["small"].rows == 100
    assert got["small"].mean == pytest.approx(np.average(errors[:100], weights=weight[:100]))
    assert got["small"].elsewhere == pytest.approx(np.average(errors[100:], weights=weight[100:]))
    assert got[MISSING].low is None and got[MISSING].chance is None  # 10 rows say nothing
    plain = named(slices_of(cut_column(column, "string"), errors, False))["large"]
    half = 1.972 * errors[100:300].std(ddof=1) / np.sqrt(200)
    assert plain.mean is not None and plain.high is not None
    assert plain.high - plain.mean == pytest.approx(half, rel=1e-3)


def test_intervals_of_slices_contain_their_truth() -> None:
    inside = total = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        parts = cut_column(words("c", [f"{i % 5}" for i in range(400)]), "string")
        for part in slices_of(parts, (rng.random(400) < 0.2).astype(float), True):
            assert part.low is not None and part.high is not None
            inside += part.low <= 0.2 <= part.high
            total += 1
    assert 0.93 <= inside / total <= 0.98


def test_columns_that_cut_out_the_same_rows_are_one_finding() -> None:
    rng = np.random.default_rng(0)
    code = rng.integers(0, 4, 800)
    columns = [
        cut_column(words("education", [f"level {i}" for i in code]), "string"),
        cut_column(numbers("education_num", code.astype(float)), "number"),
    ]
    found = worst_slices(columns, (code == 3) + rng.random(800), False)
    assert [part.label for part in found.found] == ["level 3"]
    assert found.also == (("education_num",),)
    assert found.tested == 8 and found.too_few == 0


def test_each_row_is_in_one_slice_and_ranges_hold_about_as_many_rows() -> None:
    rng = np.random.default_rng(0)
    values = np.where(rng.random(2000) < 0.1, np.nan, rng.lognormal(0, 2, 2000))
    parts = cut_column(numbers("x", values), "number")
    assert len(parts.labels) == RANGES + 1 and parts.labels[-1] == MISSING
    counts = np.bincount(parts.part)
    assert counts.sum() == 2000 and np.ptp(counts[:-1]) <= 2
    cells = words("w", [f"w{i * i // 900}" for i in range(900)])
    parts = cut_column(cells, "string")
    assert len(parts.labels) == VALUES and parts.labels[parts.others].endswith("other values")
    assert np.bincount(parts.part).sum() == 900


@pytest.mark.parametrize(
    ("cells", "kind", "labels"),
    [
        (numbers("x", np.full(50, 3.0)), "number", ("3",)),
        (numbers("x", np.full(50, 10189.4)), "number", ("10,189",)),
        (numbers("x", np.full(50, np.nan)), "number", (MISSING,)),
        (numbers("x", np.array([0.0, 1.0, np.nan])), "boolean", ("no", "yes", MISSING)),
        (numbers("x", np.array([0.0, 86400.0])), "datetime", ("1970-01-01", "1970-01-02")),
        (words("x", [None] * 5), "string", (MISSING,)),
        (words("x", ["a b", "c d"]), "text", ("a b", "c d")),
        (words("x", [f"w{i}" + " a" * (i % 2) for i in range(90)]), "text", ("1 words", "2 words")),
    ],
)
def test_odd_columns_have_slices_and_claim_nothing(
    cells: TypedColumn, kind: str, labels: tuple[str, ...]
) -> None:
    parts = cut_column(cells, kind)
    assert parts.labels == labels
    errors = np.ones(len(cells))
    assert worst_slices([parts], errors, True).found == ()
    assert all(part.mean == 1 for part in slices_of(parts, errors, True))


def test_few_rows_are_too_few_to_say_anything() -> None:
    cells = words("c", ["a"] * 200 + ["b"] * (SMALLEST_SLICE - 1))
    errors = np.array([0.0] * 200 + [1.0] * (SMALLEST_SLICE - 1))
    found = worst_slices([cut_column(cells, "string")], errors, True)
    assert (found.found, found.tested, found.too_few) == ((), 0, 1)
    more = words("c", ["a"] * 200 + ["b"] * SMALLEST_SLICE)
    found = worst_slices([cut_column(more, "string")], np.append(errors, 1.0), True)
    assert [part.label for part in found.found] == ["b"]


def test_rows_without_weight_have_no_error() -> None:
    parts = cut_column(words("c", ["a"] * 50 + ["b"] * 50), "string")
    weight = np.array([1.0] * 50 + [0.0] * 50)
    got = named(slices_of(parts, np.ones(100), True, weight))
    assert got["b"].mean is None and got["a"].chance is None
    assert worst_slices([parts], np.ones(100), True, np.zeros(100)).found == ()


def test_deviates_are_those_of_the_tables() -> None:
    assert half_width(1.0, 30) * 30**0.5 == pytest.approx(2.04523, rel=2e-3)
    assert chance_above(2.04523, 29) == pytest.approx(0.025, rel=5e-3)
    assert chance_above(-2.04523, 29) == pytest.approx(0.975, rel=5e-3)
    assert chance_above(4.0, 29) == pytest.approx(2.0e-4, rel=2e-2)
    assert chance_above(0.0, 29) == 0.5
