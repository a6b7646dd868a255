"""One line about each column, with a histogram that counts every row once."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pyarrow as pa
import pytest

from automl_core.profile.column_summary import BINS, TOP, ColumnProfile, profile_columns
from automl_core.table.inference.schema_inference import infer_schema


def profile(values: Any) -> ColumnProfile:
    table = pa.table({"x": values})
    return profile_columns(table, infer_schema(table))[0]


@pytest.mark.parametrize(
    "values",
    [
        [1, 2, 3, 3, None], [0.5 * (i % 77) for i in range(500)], ["a", "b", "a", None],
        [f"v{i % 50}" for i in range(500)], ["yes", "no", "no"], [1e300, -1e300, 0.0, 1.5],
        [dt.date(2020, 1, 1) + dt.timedelta(days=i % 90) for i in range(400)],
        [f"some words about thing {i} and thing {i + 1}" for i in range(100)], [None, None],
        [1.0, 1.0 + 2e-16], [float("inf"), 1.0, 2.0], ["x"] * 5, [True, False, None],
    ],
)  # fmt: skip
def test_every_filled_row_is_counted_once(values: Any) -> None:
    found = profile(values)
    filled = len(values) - round(found.missing_share * len(values))
    assert sum(found.histogram) == filled
    assert len(found.histogram) == len(found.labels) <= max(BINS, TOP)
    assert found.summary


def test_frequent_values_first_and_the_rest_together() -> None:
    found = profile([f"v{i % 40}" for i in range(4_000)] + ["v0"] * 10)
    assert found.labels[0] == "v0"
    assert found.labels[-1] == "29 others"


def test_keys_have_no_histogram() -> None:
    found = profile([f"key-{i}" for i in range(100)])
    assert (found.role, found.histogram) == ("id", ())
    assert "key-0" in found.summary


def test_long_tables_are_sampled() -> None:
    table = pa.table({"x": [float(i % 97) for i in range(5_000)]})
    found = profile_columns(table, infer_schema(table), max_rows=1_000)[0]
    assert sum(found.histogram) == 1_000


def test_long_words_are_cut() -> None:
    assert max(len(label) for label in profile(["x" * 500, "y", "y"]).labels) == 40
