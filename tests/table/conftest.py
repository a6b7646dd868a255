"""Fixtures for reading tables: a database server."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.table import postgres as server_of
from tests.table.postgres import Database


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A PostgreSQL server with an empty database; without one only CI fails."""
    if server_of.programs() is None:
        why = "PostgreSQL is not installed (Debian: apt-get install postgresql)"
        pytest.fail(why) if os.environ.get("CI") else pytest.skip(why)
    with server_of.server(tmp_path_factory.mktemp("postgres")) as database:
        yield database
