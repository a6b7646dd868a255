"""Queries to real databases, PostgreSQL and SQLite: answers as tables, mistakes in words."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from pathlib import Path

import pytest

from automl_core.errors import TableError
from automl_core.table.reading.sql import ROWS_A_BATCH, Query, ingest_query
from automl_core.table.store import open_table
from tests.table.postgres import Database


def answer(root: Path, query: Query) -> dict[str, list[object]]:
    info = ingest_query(query, root)
    assert info is not None
    table = open_table(info.hash, root)
    assert (table.num_rows, table.num_columns) == (info.rows, info.columns)
    columns: dict[str, list[object]] = table.to_pydict()
    return columns


@pytest.fixture
def sqlite(tmp_path: Path) -> str:
    path = tmp_path / "shop.db"
    with sqlite3.connect(path) as connection:
        connection.execute("create table sale (id integer, price real, town text, code)")
        rows = [(i, i / 4, f"town {i % 3}", i) for i in range(ROWS_A_BATCH + 10)]
        rows[-1] = (None, None, "10:30", "A7")  # a number column that meets text in its last row
        connection.executemany("insert into sale values (?, ?, ?, ?)", rows)
    connection.close()
    return f"sqlite:///{path}"


def test_sqlite_rows_are_typed_over_all_batches(tmp_path: Path, sqlite: str) -> None:
    found = answer(tmp_path, Query(sqlite, "select * from sale"))
    assert list(found) == ["id", "price", "town", "code"]
    assert found["id"][:2] == [0, 1] and found["id"][-1] is None
    assert found["price"][2] == 0.5
    assert found["code"][:2] == ["0", "1"] and found["code"][-1] == "A7"
    assert len(found["town"]) == ROWS_A_BATCH + 10


def test_colons_and_equal_names_are_no_trouble(tmp_path: Path, sqlite: str) -> None:
    sql = "select town, id as town, ':x' as mark from sale where town = '10:30'"
    assert answer(tmp_path, Query(sqlite, sql)) == {
        "town": ["10:30"], "town_2": [None], "mark": [":x"]
    }  # fmt: skip


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("select * from sales", "no such table"),
        ("select * from sale where 1 = 0", "no rows"),
        ("delete from sale", "begins with SELECT"),
        ("select not sql at all", "did not answer"),
        ("select x'00ff' as picture", "'picture' holds binary"),
    ],
)
def test_queries_that_give_no_table_are_refused(
    tmp_path: Path, sqlite: str, sql: str, words: str
) -> None:
    with pytest.raises(TableError, match=words):
        ingest_query(Query(sqlite, sql), tmp_path)
    assert answer(tmp_path, Query(sqlite, "select count(*) as n from sale"))["n"] == [
        ROWS_A_BATCH + 10
    ]


def test_no_file_is_made_of_a_wrong_name(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="no SQLite file"):
        ingest_query(Query(f"sqlite:///{tmp_path}/none.db", "select 1"), tmp_path)
    assert not (tmp_path / "none.db").exists()


def test_a_cancelled_query_leaves_nothing(tmp_path: Path, sqlite: str) -> None:
    seen: list[int] = []

    def stop(rows: int, _: int) -> bool:
        seen.append(rows)
        return False

    assert ingest_query(Query(sqlite, "select * from sale"), tmp_path, stop) is None
    assert seen == [ROWS_A_BATCH]
    assert not [p for p in (tmp_path / "tables").iterdir()]
    assert not list((tmp_path / "scratch").iterdir())


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("postgresql//x", "not the address"),
        ("nosuchdb://ann:s3cret@host/x", "driver for nosuchdb"),
        ("postgresql://ann:s3cret@127.0.0.1:1/x", "did not answer"),
        ("postgresql://ann@127.0.0.1:1/x?password=s3cret", "did not answer"),
        ("postgresql://ann@127.0.0.1:1/x?nosuch=s3cret", "did not answer"),
        ("sqlite://ann:s3cret@host/x", "no SQLite file"),
    ],
)
def test_addresses_that_lead_nowhere(tmp_path: Path, address: str, words: str) -> None:
    with pytest.raises(TableError, match=words) as caught:
        ingest_query(Query(address, "select 1", confirmed=True), tmp_path)
    assert "s3cret" not in str(caught.value)


def test_postgresql_types_arrive_as_what_they_mean(tmp_path: Path, postgres: Database) -> None:
    postgres.run(
        "create table sale (id bigint, price numeric(8, 2), at timestamptz, day date, paid boolean,"
        " note text, tags text[], extra jsonb, stay interval, key uuid)"
    )
    postgres.run(
        "insert into sale values (1, 9.99, '2024-03-01 12:30+02', '2024-03-01', true, 'a:b',"
        " array['x', 'y'], '{\"k\": 1}', '1 day', '00000000-0000-0000-0000-000000000001'),"
        " (2, null, null, null, null, null, null, null, null, null)"
    )
    found = answer(tmp_path, Query(postgres.address, "select * from sale order by id"))
    assert found["id"] == [1, 2] and found["price"] == [9.99, None]
    assert found["at"] == [dt.datetime(2024, 3, 1, 10, 30), None]
    assert found["day"] == [dt.datetime(2024, 3, 1), None]
    assert found["paid"] == [True, None] and found["note"] == ["a:b", None]
    assert json.loads(str(found["tags"][0])) == ["x", "y"]
    assert found["stay"] == [86_400.0, None]
    assert str(found["key"][0]).endswith("0001")


def test_postgresql_is_only_read_and_keeps_no_secret(tmp_path: Path, postgres: Database) -> None:
    postgres.run("create sequence counter")
    postgres.run("create table kept as select generate_series(1, 50000) as n")
    for sql in ("delete from kept returning n", "select setval('counter', 7)"):
        with pytest.raises(TableError, match=r"Only a query|read-only"):
            ingest_query(Query(postgres.address, sql), tmp_path)
    info = ingest_query(Query(postgres.address, "select n from kept"), tmp_path)
    assert info is not None and info.rows == 50_000
    for path in (p for p in tmp_path.rglob("*") if p.is_file()):
        assert postgres.password.encode() not in path.read_bytes()


def test_a_password_in_the_query_part_is_not_kept(tmp_path: Path, postgres: Database) -> None:
    address = postgres.address.replace(f":{postgres.password}@", "@")
    query = Query(f"{address}?password={postgres.password}", "select 1 as x")
    info = ingest_query(query, tmp_path)
    assert info is not None and postgres.password not in repr((info, query))
    for path in (p for p in tmp_path.rglob("*") if p.is_file()):
        assert postgres.password.encode() not in path.read_bytes()


def test_a_wrong_password_is_told_without_it(tmp_path: Path, postgres: Database) -> None:
    wrong = postgres.address.replace(postgres.password, "wrong-s3cret")
    with pytest.raises(TableError, match="password authentication failed") as caught:
        ingest_query(Query(wrong, "select 1"), tmp_path)
    assert "wrong-s3cret" not in str(caught.value)
