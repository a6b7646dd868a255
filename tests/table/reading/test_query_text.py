"""Only one statement that reads is sent; where nothing else refuses changes, words are checked."""

from __future__ import annotations

from pathlib import Path

import pytest

from automl_core.errors import TableError
from automl_core.table.reading.query_text import check_only_reads
from automl_core.table.reading.sql import Query, ingest_query, only_reads

READING = (
    "select * from sale",
    "  SELECT a, ';' AS mark FROM sale;  ",
    "-- first a note; delete it\nselect 1",
    "/* a note; */ select 'it''s; delete' as x, \"update\" from t",
    "with recent as (select * from sale where day > '2024-01-01') select * from recent",
    "(select 1) union all (select 2)",
    "values (1), (2)",
    "select [delete], `drop`, updated_at, is_deleted, created from t",
    "select $$a; drop table x$$ as text",
    "select E'a\\'b; c' as x",
)


@pytest.mark.parametrize("protected", [True, False])
@pytest.mark.parametrize("sql", READING)
def test_queries_that_read_are_sent(sql: str, protected: bool) -> None:
    check_only_reads(sql, protected)


@pytest.mark.parametrize("protected", [True, False])
@pytest.mark.parametrize(
    "sql",
    [
        "", ";", "-- nothing", "delete from sale", "commit; delete from sale; select 1",
        "select 1; drop table sale", "select 1 /*!; drop table sale */", "exec sp_who",
        "pragma query_only = off", "set transaction read write", "insert into t select 1",
        "select 'open", "do $$ begin delete from t; end $$", "begin; select 1", "1 select",
        "select 1 /* open", "call f()", "copy t to '/tmp/x'", "@select 1",
    ],
)  # fmt: skip
def test_everything_else_is_not(sql: str, protected: bool) -> None:
    with pytest.raises(TableError):
        check_only_reads(sql, protected)


@pytest.mark.parametrize(
    "sql",
    [
        "select * into copy_of_sale from sale", "with x as (select 1 as a) delete from sale",
        "select 1 delete from sale", "with x as (delete from t returning *) select * from x",
        "select 1 exec xp_cmdshell 'dir'", "select * from openrowset(bulk 'c:/x', single_blob) a",
    ],
)  # fmt: skip
def test_words_that_change_are_refused_where_nothing_else_refuses_them(sql: str) -> None:
    check_only_reads(sql, protected=True)
    with pytest.raises(TableError, match="cannot be asked in a way that only reads"):
        check_only_reads(sql, protected=False)


def test_a_database_without_read_only_transactions_needs_a_yes(tmp_path: Path) -> None:
    address = "mssql+pymssql://ann:s3cret@127.0.0.1:1/shop"
    assert not only_reads(address)
    assert only_reads("postgresql://h/d") and only_reads("mysql://h/d")
    with pytest.raises(TableError, match="refuses changes") as asked:
        ingest_query(Query(address, "select 1"), tmp_path)
    assert "Confirm" in asked.value.hint
    with pytest.raises(TableError, match=r"driver|did not answer"):  # sent now
        ingest_query(Query(address, "select 1", confirmed=True), tmp_path)
