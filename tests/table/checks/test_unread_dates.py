"""Columns that look like dates and are not read as such, and births in the future."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest

from automl_core.table.checks.unread_dates import future_births, unread_dates
from automl_core.table.inference.schema_inference import infer_schema
from tests.table.checks.looked import one

N = 200
RNG = np.random.default_rng(7)
DAYS = [dt.datetime(2019, 1, 1) + dt.timedelta(seconds=int(s)) for s in RNG.integers(0, 9e7, N)]


@pytest.mark.parametrize(
    "format",
    ["%Y-%m-%d-%H:%M:%S", "%d%b%Y:%H:%M:%S", "%Y:%m:%d %H:%M:%S", "%m/%d/%Y, %I:%M:%S %p",
     "%d/%m/%Y@%H:%M", "%Y_%m_%d", "%A the %d of %B %Y"],
)  # fmt: skip
def test_dates_in_any_form_are_dates_or_are_named(format: str) -> None:
    cells = [day.strftime(format) for day in DAYS]
    column = infer_schema(pa.table({"x": cells})).column("x")
    finding = unread_dates(*one(cells))
    assert (column.role == "datetime") == (finding is None)
    assert finding is None or (cells[0] in finding.message and finding.rows[0] == 0)


@pytest.mark.parametrize("other", ["%m/%d/%Y", "serial"])
def test_dates_of_two_forms(other: str) -> None:
    cells = [
        d.strftime("%d/%m/%Y") if i % 2 else str(43_831 + i) if other == "serial" else
        d.strftime(other)
        for i, d in enumerate(DAYS)
    ]  # fmt: skip
    finding = unread_dates(*one(cells))
    if infer_schema(pa.table({"x": cells})).column("x").role != "datetime":
        assert finding is not None


@pytest.mark.parametrize(
    "cells",
    [
        [f"{a}.{b}.{c}" for a, b, c in RNG.integers(0, 30, (N, 3))],  # versions
        [f"192.168.{a}.{b}" for a, b in RNG.integers(0, 255, (N, 2))],
        [f"{a:02d}-{b:02d}-{c:02d}" for a, b, c in RNG.integers(0, 100, (N, 3))],  # sort codes
        [f"2020-{a:02d}-{b:02d}-{c:05d}" for a, b, c in RNG.integers(1, 13, (N, 3))],  # orders
        [f"2020-{c:05d}" for c in RNG.integers(1, 300, N)],
        [f"+49 {a} {b}" for a, b in RNG.integers(100, 9_999_999, (N, 2))],
        [f"{a} Oak Street {b}" for a, b in RNG.integers(1, 99, (N, 2))],
    ],
)  # fmt: skip
def test_versions_addresses_and_numbers_are_no_dates(cells: list[str]) -> None:
    assert unread_dates(*one(cells)) is None


def test_nobody_is_born_in_the_future() -> None:
    cells = [dt.date(2070, 1, 1 + i % 9) if i % 10 == 0 else d.date() for i, d in enumerate(DAYS)]
    finding = future_births(*one(cells, "birth_date"))
    assert finding is not None and "20 of 200 rows" in finding.message
    assert future_births(*one(cells, "due_date")) is None
    assert future_births(*one([d.date() for d in DAYS], "birth_date")) is None
