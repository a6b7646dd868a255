"""JSON: nested objects as columns, and the records within documents of any shape."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from automl_core.errors import TableError
from automl_core.table import ReadOptions, SourceFormat
from automl_core.table.reading.read import read_file
from tests.table.files import read


@pytest.fixture(autouse=True)
def _own_workspace(workspace: Path) -> None:
    """Scratch files land in a workspace of the test's own."""


NESTED = [
    ({"price": {"$numberDecimal": "10.50"}}, {"price": 10.5}),
    ({"n": {"$numberLong": "12"}, "id": {"$oid": "5f"}}, {"n": 12, "id": "5f"}),
    ({"when": {"$date": "2020-01-02T00:00:00Z"}}, {"when": "2020-01-02T00:00:00Z"}),
    ({"when": {"$date": {"$numberLong": "1577923200000"}}}, {"when": 1577923200000}),
    ({"a": {"b": {"c": 1, "d": "x"}, "e": 2}}, {"a.b.c": 1, "a.b.d": "x", "a.e": 2}),
    ({"a": {"price": {"$numberDouble": "1.5"}}}, {"a.price": 1.5}),
    ({"a.b": 1, "a": {"b": 2}}, {"a.b": 1, "a.b_2": 2}),
    ({"tags": ["x", "y"], "a": {"l": [1]}}, {"tags": '["x", "y"]', "a.l": "[1]"}),
    ({"lines": [{"n": 1}, {"n": 2}], "y": 1}, {"lines": '[{"n": 1}, {"n": 2}]', "y": 1}),
    ({"a": {}, "b": 1}, {"a": None, "b": 1}),
]


@pytest.mark.parametrize(("record", "row"), NESTED)
def test_nested_objects_are_columns(tmp_path: Path, record: Any, row: dict[str, Any]) -> None:
    expected = {name: [value, value] for name, value in row.items()}
    assert read(tmp_path, json.dumps([record, record]), "t.json").to_pydict() == expected
    lines = (json.dumps(record) + "\n") * 2
    assert read(tmp_path, lines, "t.jsonl").to_pydict() == expected


ROWS = [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]
FEATURES = [
    {"type": "Feature", "properties": r, "geometry": {"type": "Point", "coordinates": [1.5, 2]}}
    for r in ROWS
]


@pytest.mark.parametrize(
    "document",
    [
        {"data": [{"attributes": row} for row in ROWS]},
        {"status": "ok", "payload": {"count": 2, "people": ROWS}},
        {"hits": {"total": 2, "hits": [{"_source": row} for row in ROWS]}},
        {"columns": ["a", "b"], "index": [0, 1], "data": [[1, "x"], [2, "y"]]},
        {"0": ROWS[0], "1": ROWS[1]},
        {"meta": [], "links": {"next": "u"}, "results": ROWS},
        {"schema": {"fields": [{"name": "a", "type": "i"}]}, "data": ROWS},
    ],
)
def test_records_are_found_in_a_document(tmp_path: Path, document: Any) -> None:
    table = read(tmp_path, json.dumps(document), "t.json")
    assert table.to_pydict() == {"a": [1, 2], "b": ["x", "y"]}


def test_geojson(tmp_path: Path) -> None:
    document = {"type": "FeatureCollection", "features": FEATURES}
    table = read(tmp_path, json.dumps(document, indent=1), "t.geojson")
    assert table["properties.a"].to_pylist() == [1, 2]
    assert table["geometry.coordinates"].to_pylist() == ["[1.5, 2]", "[1.5, 2]"]


@pytest.mark.parametrize("lines", [True, False])
def test_an_object_whose_keys_are_values_stays_one_cell(tmp_path: Path, lines: bool) -> None:
    records = [{"y": i, "seen": {f"user{i}": i, f"user{i + 1}": 1}} for i in range(700)]
    text = "\n".join(map(json.dumps, records)) if lines else json.dumps(records)
    table = read(tmp_path, text, "t.jsonl" if lines else "t.json")
    assert sorted(table.column_names) == ["seen", "y"]
    assert table["seen"][0].as_py() == '{"user0": 0, "user1": 1}'


MIXED = pd.DataFrame({"age": [3, 4, 5], "city": ["x", "y", "z"]}, index=["ann", "bob", "cyd"])
SERIES = {f"2020-01-{day:02d}": {"open": day / 2, "close": day} for day in range(1, 29)}


@pytest.mark.parametrize(
    ("document", "names", "rows"),
    [
        (json.loads(MIXED.to_json(orient="index")), ["key", "age", "city"], 3),
        (json.loads(MIXED.to_json(orient="columns")), ["age", "city"], 3),
        (json.loads(MIXED.reset_index(drop=True).to_json()), ["age", "city"], 3),
        (SERIES, ["key", "open", "close"], 28),
        ({"a": {"key": 1, "b": "x"}, "c": {"key": 2, "b": "y"}}, ["key", "b"], 2),
        ({"a": {"n": "x", "t": {"k": 1}}, "b": {"n": "y", "t": {"k": 2}}}, ["key", "n", "t.k"], 2),
    ],
)
def test_records_under_their_keys_and_columns_under_their_names(
    tmp_path: Path, document: object, names: list[str], rows: int
) -> None:
    path = tmp_path / "t.json"
    path.write_text(json.dumps(document))
    table, _ = read_file(path, path.name)
    assert (table.column_names, table.num_rows) == (names, rows)


SHOP = {
    "meta": {"version": 2},
    "users": [{"id": i} for i in range(3)],
    "data": {"items": [{"a": i, "b": "x"} for i in range(5)], "tags": [{"t": 1}]},
}


def test_the_list_that_was_taken_is_named_with_the_others(tmp_path: Path) -> None:
    path = tmp_path / "t.json"
    path.write_text(json.dumps(SHOP), encoding="utf-8")
    table, used = read_file(path, "t.json")
    (decision,) = used.decisions
    assert table.num_rows == 5 and (decision.setting, decision.value) == ("sheet", "data.items")
    assert "'users' (3 rows); 'data.tags' (1 rows)" in decision.why
    assert decision.alternative == "users"
    assert used.for_people()["sheets"] == "users / data.items / data.tags"
    assert read_file(path, "t.json", used)[0].equals(table)


def test_another_list_is_chosen_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "t.json"
    path.write_text(json.dumps(SHOP), encoding="utf-8")
    asked = SourceFormat("", asked=ReadOptions(sheet="users"))
    table, used = read_file(path, "t.json", source_format=asked)
    assert table.column_names == ["id"] and used.given == ("sheet",)
    with pytest.raises(TableError, match="no list of objects under 'user'") as raised:
        wrong = SourceFormat("", asked=ReadOptions(sheet="user"))
        read_file(path, "t.json", source_format=wrong)
    assert "users" in raised.value.hint


def test_a_document_that_is_the_table_has_nothing_to_choose(tmp_path: Path) -> None:
    path = tmp_path / "t.json"
    path.write_text(json.dumps(SHOP["users"]), encoding="utf-8")
    used = read_file(path, "t.json")[1]
    assert used.decisions == () and not used.sheet and "sheets" not in used.for_people()
