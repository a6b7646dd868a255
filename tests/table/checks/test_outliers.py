"""Numbers and dates far from all others, and those that cannot be."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from automl_core.table.checks.apply_fix import apply_fix
from automl_core.table.checks.outliers import find_outliers
from automl_core.table.findings import Finding
from automl_core.table.inference.column_stats import compute_column_stats
from automl_core.table.inference.schema_inference import infer_schema, with_missing
from automl_core.table.schema import Schema
from tests.table.checks.looked import found, one

N = 2_000
RNG = np.random.default_rng(2)
HEIGHT = RNG.normal(170, 9, N).round(1)


def with_cells(cells: np.ndarray, *values: Any) -> np.ndarray:
    changed = cells.copy()
    changed[: len(values)] = values
    return changed


@pytest.mark.parametrize(
    ("cells", "kind", "values"),
    [
        (with_cells(HEIGHT, 17_100.0, 16_800.0), "outliers", ("17100.0", "16800.0")),
        (with_cells(HEIGHT, -171.5), "impossible", ("-171.5",)),
        (with_cells(HEIGHT, 0.0, 0.0, 0.0), "impossible", ("0.0",)),
    ],
)
def test_numbers_that_stand_apart(cells: np.ndarray, kind: str, values: tuple[str, ...]) -> None:
    finding = find_outliers(*one(cells))
    assert finding is not None and finding.kind == kind
    assert finding.action is not None and finding.action.values == values
    assert finding.rows[0] == 0


def test_dates_of_another_age() -> None:
    days = np.datetime64("2021-01-01") + RNG.integers(0, 700, N).astype("timedelta64[D]")
    assert find_outliers(*one(days)) is None
    finding = find_outliers(*one(with_cells(days, np.datetime64("1900-01-01"))))
    assert finding is not None and finding.kind == "impossible"


@pytest.mark.parametrize("wrong", ["1900-01-01", "0202-03-04"])
def test_many_dates_before_1970_are_impossible_and_no_marks_of_gaps(wrong: str) -> None:
    days = np.datetime64("2021-01-01") + RNG.integers(0, 900, N).astype("timedelta64[D]")
    finding = find_outliers(*one(with_cells(days, *[np.datetime64(wrong)] * 28)))
    assert finding is not None and finding.kind == "impossible"
    assert "28 rows" in finding.message


@pytest.mark.parametrize("seed", range(6))
def test_long_tails_are_honest(seed: int) -> None:
    rng = np.random.default_rng(seed)
    for cells in (
        rng.lognormal(3, 1.5, N), rng.exponential(20, N), rng.pareto(3, N) * 100,
        rng.normal(2, 1, N), np.where(rng.random(N) < 0.3, 0, rng.gamma(2, 9, N)),
        rng.integers(0, 16, N), rng.poisson(4, N),
    ):  # fmt: skip
        assert find_outliers(*one(cells)) is None


def test_dates_that_do_not_exist_are_said() -> None:
    days = [f"{d:02d}/{m:02d}/2021" for m in range(1, 13) for d in range(1, 29)]
    (finding,) = found({"day": [*days, "31/02/2021", "30/02/2021", "n/a"]}, "impossible")
    assert (finding.state, finding.rows) == ("fixed", (336, 337))
    assert "'31/02/2021', '30/02/2021' in 2 rows" in finding.message
    assert not found({"day": [*days, "n/a"]}, "impossible")


def test_what_was_read_as_missing_stays_listed_and_can_be_taken_back() -> None:
    table = pa.table({"x": with_cells(HEIGHT, 17_100.0, 16_800.0)})
    schema = infer_schema(table)

    def looked(schema: Schema) -> Finding | None:
        return find_outliers(compute_column_stats(table["x"], "x"), schema.column("x"), table["x"])

    first = looked(schema)
    assert first is not None and first.action is not None
    half = looked(with_missing(schema, table, "x", ["17100"]))
    assert half is not None and half.state == "to_review"
    assert half.action is not None and half.action.values == ("16800.0",)
    mended = apply_fix(first.action, schema, table)
    done = looked(mended)
    assert done is not None and done.action is not None
    assert (done.kind, done.state, done.rows) == ("outliers", "fixed", (0, 1))
    assert apply_fix(done.action, mended, table).column("x").missing == 0


@pytest.mark.parametrize(
    ("name", "cells", "wrong"),
    [
        ("age", RNG.integers(18, 90, N), (-40, 420)),
        ("Age (years)", RNG.integers(0, 99, N), (200, -3)),
        ("percent_done", RNG.integers(0, 101, N), (150,)),
        ("load %", RNG.random(N).round(3), (45.0,)),
        ("probability", RNG.random(N).round(3), (1.2, -0.1)),
        ("Latitude", RNG.uniform(40, 50, N).round(3), (400.0,)),
        ("hour", RNG.integers(0, 24, N), (25, 99)),
        ("month", RNG.integers(1, 13, N), (13, 0)),
        ("year built", RNG.integers(1950, 2020, N), (20_111,)),
        ("x", RNG.normal(60, 30, N).clip(0, 100).round(), (150.0,)),  # many at 0 and at 100
    ],
)
def test_numbers_that_a_quantity_of_that_name_cannot_have(
    name: str, cells: np.ndarray, wrong: tuple[float, ...]
) -> None:
    finding = find_outliers(*one(with_cells(cells, *wrong), name))
    assert finding is not None and finding.kind == "impossible"
    assert finding.action is not None and finding.action.values == tuple(map(str, wrong))
    assert find_outliers(*one(cells, name)) is None


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("growth percent", RNG.normal(10, 40, N)),
        ("load percent", RNG.normal(85, 12, N).round(1)),  # runs over 100
        ("age", RNG.lognormal(2.3, 1, N).round(1)),
        ("age in days", RNG.integers(0, 3_000, N)),
        ("hours", RNG.integers(0, 60, N)),
        ("month", np.arange(N) // 20),
        ("x", RNG.integers(0, 110, N)),
    ],
)
def test_names_alone_prove_nothing(name: str, cells: np.ndarray) -> None:
    assert find_outliers(*one(cells, name)) is None
