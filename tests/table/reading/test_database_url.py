"""Addresses of databases: where they really lead, who may be asked, and what is never shown."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from automl_core.errors import TableError
from automl_core.table.reading.database_url import (
    check_allowed,
    is_address,
    masked,
    parsed,
    shown_address,
)
from automl_core.table.reading.sql import Query

GOOD = "db.example.com"


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("postgresql://ann:s3cret@db.example.com:99/shop", "postgresql, shop on db.example.com"),
        ("mysql+pymysql://ann:s3cret@localhost", "mysql, its default database on this machine"),
        ("postgresql:///shop", "postgresql, shop on this machine"),
        ("sqlite:////data/shop.db", "sqlite, shop.db"),
        ("postgresql://db.example.com/x?host=10.0.0.5", "postgresql, x on 10.0.0.5"),
        ("postgresql:///x?host=one:1&host=two:2", "postgresql, x on one, two"),
        (
            "mssql+pyodbc:///?odbc_connect=SERVER%3Dtcp:far,1433%3BPWD%3Ds3cret",
            "mssql, its default database on far",
        ),
    ],
)
def test_what_is_shown_is_where_it_leads_and_names_nobody(address: str, shown: str) -> None:
    assert is_address(address)
    assert shown_address(address) == shown
    assert "s3cret" not in repr(Query(address, "select 1"))


@pytest.mark.parametrize("text", ["data.csv", "C:\\data.csv", "/data/x.csv", "", "://x"])
def test_names_of_files_are_no_addresses(text: str) -> None:
    assert not is_address(text)


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://ann:pw@db.example.com/x",
        "postgresql+psycopg2://ann@DB.example.com:99/x?password=pw&sslmode=require",
        "postgresql://ann:pw@/x?connect_timeout=3",
        "mysql://ann:pw@db.example.com/x?charset=utf8mb4",
        "mariadb+pymysql://ann:pw@db.example.com/x",
        "mssql+pyodbc://ann:pw@db.example.com:1433/x?driver=ODBC+Driver+18+for+SQL+Server",
        "mssql+pyodbc://ann:a;Server=far@db.example.com/x?driver=ODBC+Driver+18",
    ],
)
def test_hosts_that_the_owner_listed_may_be_asked(address: str) -> None:
    check_allowed(address, (GOOD, "localhost"), ())


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://far/x",
        f"postgresql://{GOOD}/x?host=10.0.0.5",
        f"postgresql+psycopg2://{GOOD}/x?host=10.0.0.5",
        f"postgresql://{GOOD}/x?hostaddr=10.0.0.5",
        f"postgresql://{GOOD}/x?service=far",
        f"postgresql://{GOOD}/x?servicefile=/tmp/far.conf",
        f"postgresql://{GOOD},far/x",
        f"postgresql:///x?host={GOOD}:1&host=far:2",
        "postgresql:///x?host=/var/run/postgresql",
        f"postgresql://{GOOD}/host=far",
        f"postgresql://{GOOD}/postgres:%2F%2Ffar%2Fx",
        f"postgresql+pg8000://{GOOD}/x?unix_sock=/tmp/far",
        f"mysql+pymysql://{GOOD}/x?host=far",
        f"mysql+pymysql://{GOOD}/x?unix_socket=/tmp/mysql.sock",
        f"mysql+pymysql://{GOOD}/x?read_default_file=/tmp/my.cnf",
        f"mysql+mysqldb://{GOOD}/x?unix_socket=/tmp/mysql.sock",
        f"mssql+pyodbc://{GOOD}/x?odbc_connect=SERVER%3Dfar",
        f"mssql+pyodbc://{GOOD}/x?driver=ODBC+Driver+18&Server=far",
        f"mssql+pyodbc://{GOOD}/x?driver=/tmp/driver.so",
        f"mssql+pyodbc://{GOOD}",  # the name of a data source, which may lead anywhere
        f"mssql+pymssql://{GOOD}/x?server=far",
        "duckdb:////data/x.db",  # reads any file
        f"duckdb://{GOOD}/x",
        f"nosuchdb://{GOOD}/x",
        "sqlite:////etc/passwd",
    ],
)
@pytest.mark.filterwarnings("ignore:No driver name specified")
def test_what_may_lead_elsewhere_is_refused(address: str) -> None:
    with pytest.raises(TableError):
        check_allowed(address, (GOOD,), ())


def test_where_only_this_machine_listens_any_address_may_be_asked(tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / "x.db").close()
    (tmp_path / "x.db").touch()
    for address in (
        f"postgresql://{GOOD}/x?host=10.0.0.5",
        "duckdb:///x.db",
        f"sqlite:///{tmp_path}/x.db?timeout=3",
    ):
        check_allowed(address, None, None)


def test_sqlite_files_follow_the_rule_for_paths(tmp_path: Path) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out"
    for folder in (inside, outside):
        folder.mkdir()
        (folder / "x.db").touch()
    (inside / "link.db").symlink_to(outside / "x.db")
    check_allowed(f"sqlite:///{inside}/x.db", (), (inside,))
    for address in (
        f"sqlite:///{outside}/x.db",
        f"sqlite:///{inside}/../out/x.db",
        f"sqlite:///{inside}/link.db",
        f"sqlite:///file:{inside}/x.db?uri=true",
        f"sqlite:///file:{outside}/x.db?uri=true&mode=ro",
        "sqlite://",
    ):
        with pytest.raises(TableError):
            check_allowed(address, (), (inside,))


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://ann:s3c%2Fret@h/x",
        "postgresql://ann@h/x?password=s3c%2Fret",
        "mysql+pymysql://ann@h/x?passwd=s3c%2Fret",
        "postgresql://ann@h/x?sslpassword=s3c%2Fret",
        "mssql+pyodbc:///?odbc_connect=SERVER%3Dh%3BPWD%3D%7Bs3c%2Fret%7D",
    ],
)
def test_secrets_are_masked_however_they_are_written(address: str) -> None:
    for written in ("s3c/ret", "s3c%2Fret"):
        assert masked(f"no: {written}!", parsed(address)) == "no: ***!"
