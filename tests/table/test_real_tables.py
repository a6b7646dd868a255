"""The benchmark tables: read whole, their columns' roles, their targets, their real leaks only."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from automl_core.table.checks import find_problems
from automl_core.table.inference import (
    compute_column_stats,
    describe_target,
    guess_task,
    infer_schema,
    unread_values,
)
from automl_core.table.reading import read_file
from automl_core.table.schema import Role, Schema


@dataclass(frozen=True)
class Real:
    """A table as it is read, and what the index of the tables says of it."""

    entry: dict[str, Any]
    table: pa.Table
    schema: Schema


Read = Callable[[str], Real]


@pytest.fixture(autouse=True)
def _own_workspace(workspace: Path) -> None:
    """Scratch files land in a workspace of the test's own."""


@pytest.fixture(scope="module")
def read(datasets: Path) -> Read:
    """Reads the table of that name, each once for all tests of this file."""
    index = json.loads((datasets / "datasets.json").read_text(encoding="utf-8"))
    entries = {entry["name"]: entry for entry in index}
    assert {*entries} == {*NAMES}

    @cache
    def reader(name: str) -> Real:
        file = entries[name]["file"]
        table, _ = read_file(datasets / file, file)
        return Real(entries[name], table, infer_schema(table))

    return reader


# What people would say of the columns of real tables; those not named are numeric.
EXPECTED: dict[str, dict[Role, str]] = {
    "adult": {
        "category": "workclass|education|marital-status|occupation|relationship|race|sex"
        "|native-country|income"
    },
    "titanic": {"id": "PassengerId", "category": "Sex|Ticket|Cabin|Embarked"},
    "bike_sharing": {"id": "instant", "datetime": "dteday"},
    "sms_spam": {"category": "label", "text": "text"},
    "diamonds": {"category": "cut|color|clarity"},
    "penguins": {"category": "species|island|sex"},
    "google_play": {
        "text": "App",
        "list": "Genres",
        "category": "Category|Type|Content Rating|Current Ver|Android Ver",
        "datetime": "Last Updated",
    },
    "hflights": {
        "ignored": "Year",
        "category": "UniqueCarrier|TailNum|Origin|Dest|CancellationCode",
    },
    "wine_quality": {"category": "type"},
    "shuttle": {"category": "Class"},
    "letter": {"category": "letter"},
    "california_housing": {"category": "ocean_proximity"},
    "cnae9": {"category": "label", "ignored": "w602"},
}
NAMES = (*EXPECTED, "telco_churn", "bank_marketing", "ames_housing", "hotel_bookings")


@pytest.mark.parametrize("name", NAMES)
def test_a_table_is_read_whole(read: Read, name: str) -> None:
    real = read(name)
    found = (real.table.num_rows, real.table.num_columns)
    assert found == (real.entry["rows"], real.entry["columns"])
    assert real.entry["target"] in real.table.column_names


@pytest.mark.parametrize("name", EXPECTED)
def test_columns_have_the_roles_that_people_would_give_them(read: Read, name: str) -> None:
    for found in read(name).schema.columns:
        wanted: Role = "numeric"
        for role, names in EXPECTED[name].items():
            if found.name in names.split("|"):
                wanted = role
        assert found.role == wanted, found


def test_telco_reads_blank_charges_as_missing_numbers(read: Read) -> None:
    schema = read("telco_churn").schema
    charges = schema.column("TotalCharges")
    assert (charges.role, charges.missing) == ("numeric", 11)
    assert schema.column("customerID").role == "id"
    assert schema.column("Partner").role == "boolean"


def test_bank_keeps_keys_out_and_unknown_as_missing(read: Read) -> None:
    schema = read("bank_marketing").schema
    assert not [c.name for c in schema.columns if c.role in ("id", "text", "ignored")]
    assert schema.column("default").missing == 8_597
    assert schema.column("pdays").parse.missing == ("999",)


@pytest.mark.parametrize("name", ["adult", "ames_housing", "google_play"])
def test_columns_are_not_accused_of_being_unread(read: Read, name: str) -> None:
    real = read(name)
    for column in real.schema.columns:
        stats = compute_column_stats(real.table[column.name], column.name)
        assert unread_values(stats, column) is None


@pytest.mark.parametrize("name", NAMES)
def test_a_target_makes_its_task(read: Read, name: str) -> None:
    real = read(name)
    found = guess_task(real.table, real.schema, real.entry["target"])
    assert found.task == real.entry["task"], found
    assert describe_target(real.table, real.schema, real.entry["target"], found.task).rows


# Leaks that the benchmark index names, as far as one column or a sum shows them.
LEAKS = {
    "hotel_bookings": [("reservation_status", "is_canceled")],
    "bike_sharing": [("casual", "registered", "cnt")],
    "hflights": [("ActualElapsedTime", "ArrDelay"), ("AirTime", "ArrDelay")],
}


@pytest.mark.parametrize("name", NAMES)
def test_a_table_is_accused_of_real_leaks_only(read: Read, name: str) -> None:
    real = read(name)
    found = find_problems(real.table, real.schema, real.entry["target"])
    assert [f.columns for f in found if f.kind == "leak"] == LEAKS.get(name, [])
    warned = [f for f in found if f.severity != "info" and f.state == "to_review"]
    assert len(warned) <= 2, warned
