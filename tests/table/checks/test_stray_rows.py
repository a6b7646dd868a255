"""Rows that are no cases: units, sums, notes, the header once more."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from automl_core.table.checks.stray_rows import stray_rows
from automl_core.table.findings import Finding
from automl_core.table.inference.schema_inference import infer_schema

N = 60
RNG = np.random.default_rng(9)
NAMES = [f"town {i}" for i in range(N)]
PEOPLE = RNG.integers(100, 9_000, N).tolist()
AREA = RNG.gamma(2, 30, N).round(1).tolist()
RATE = RNG.normal(2, 1, N).round(2).tolist()


def strays(columns: dict[str, Any]) -> list[Finding]:
    table = pa.table(columns)
    return stray_rows(table, infer_schema(table))


def with_last(name: Any, people: Any, area: Any, rate: Any) -> dict[str, Any]:
    return {"town": [*NAMES, name], "people": [*PEOPLE, people], "area": [*AREA, area],
            "rate": [*RATE, rate]}  # fmt: skip


@pytest.mark.parametrize(
    ("people", "area"), [("persons", "km2"), ("#", "(km²)"), ("#population", "#geo+area")]
)
def test_a_row_of_units_or_tags(people: str, area: str) -> None:
    (finding,) = strays(
        {
            "town": [None, *NAMES], "people": [people, *map(str, PEOPLE)],
            "area": [area, *map(str, AREA)],
        }
    )  # fmt: skip
    assert finding.kind == "units_row" and finding.rows == (0,)
    assert finding.action is not None and finding.action.values[0] == "units_row"


@pytest.mark.parametrize(
    "last",
    [
        ("Total", sum(PEOPLE), sum(AREA), None), (None, sum(PEOPLE), sum(AREA), None),
        ("Grand total", sum(PEOPLE), None, None), ("Summe", sum(PEOPLE), round(sum(AREA)), None),
        ("Source: statistics office", None, None, None), ("Note: people of 2020", None, None, None),
        ("* figures of the last year are provisional", None, None, None),
    ],
)  # fmt: skip
def test_sums_and_notes_at_the_end(last: tuple[Any, ...]) -> None:
    (finding,) = strays(with_last(*last))
    assert finding.kind == "footer" and finding.rows == (N,)
    assert finding.action is not None and finding.action.values == ("footer_rows", "1")


def test_a_sum_and_notes_below_it() -> None:
    columns = with_last("Total", sum(PEOPLE), sum(AREA), None)
    columns = {n: [*c, *(["Source: office", "Note: all"] if n == "town" else [None] * 2)]
               for n, c in columns.items()}  # fmt: skip
    (finding,) = strays(columns)
    assert finding.rows == (N, N + 1, N + 2) and finding.action is not None
    assert finding.action.values == ("footer_rows", "3")


@pytest.mark.parametrize(
    "last",
    [
        ("Zurich", 4_000, 70.0, 1.2), ("Zurich", None, None, None), ("Total", 120, 3.5, 0.4),
        ("Source", 5_000, 20.0, 1.0), (None, 4_000, None, None),
    ],
)  # fmt: skip
def test_a_last_row_that_is_a_case(last: tuple[Any, ...]) -> None:
    assert strays(with_last(*last)) == []


@pytest.mark.parametrize("at", [0, 17, N])
def test_the_header_once_more(at: int) -> None:
    columns = {
        name: [*map(str, cells[:at]), name, *map(str, cells[at:])]
        for name, cells in (("town", NAMES), ("people", PEOPLE), ("area", AREA))
    }
    found = [f for f in strays(columns) if f.kind == "repeated_header"]
    assert found and found[0].rows == (at,)
    columns["town"][at] = columns["people"][at] = "other"
    assert not [f for f in strays(columns) if f.kind == "repeated_header"]
