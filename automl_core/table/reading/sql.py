"""The answer of a database to a query, as a table: any database that SQLAlchemy has a driver for.

The connection string is used once and kept nowhere: what is stored names the kind of database,
its host and its name, never who asked. A query is a single statement that reads. It runs in a
transaction that may only read and is rolled back; where the database has no such transaction, the
one who asks has to confirm that first.
"""

from __future__ import annotations

import datetime as dt
import decimal
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from automl_core.errors import TableError
from automl_core.limits import TableLimits, table_limits
from automl_core.table import (
    ReadingCancelledError,
    Report,
    TableInfo,
    TableWriter,
    clean_names,
    save_info,
)
from automl_core.table.reading.database_url import DRIVERS, masked, parsed, shown_address
from automl_core.table.reading.python_values import column_of_values
from automl_core.table.reading.query_text import check_only_reads
from automl_core.table.reading.spool import Spool

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, Result

ROWS_A_BATCH = 20_000
_READ_ONLY = {
    "postgresql": "SET TRANSACTION READ ONLY",
    "mysql": "SET TRANSACTION READ ONLY",
    "mariadb": "SET TRANSACTION READ ONLY",
    "oracle": "SET TRANSACTION READ ONLY",
    "cockroachdb": "SET TRANSACTION READ ONLY",
    "sqlite": "PRAGMA query_only = ON",
}


@dataclass(frozen=True, repr=False)
class Query:
    """A query and the database it is for. Never stored: the address may hold a password."""

    address: str  # such as postgresql://user:password@host/database
    sql: str
    confirmed: bool = False  # to be sent also where the database itself would allow changes

    def __repr__(self) -> str:
        return f"Query({shown_address(self.address)!r})"


def only_reads(address: str) -> bool:
    """True where the database at this address can be asked in a way that refuses changes.

    Raises TableError where this is no address.
    """
    return parsed(address).get_backend_name() in _READ_ONLY


def ingest_query(
    query: Query, root: Path, report: Report | None = None, name: str = ""
) -> TableInfo | None:
    """Store the query's answer below `root`; None where `report` said no, with nothing left.

    `report` takes rows so far and 0, as nobody knows how many there will be. Raises TableError,
    in words that hold no password, where the database cannot be asked or has no answer, AccessError
    for an answer that is more than allowed.
    """
    limits = table_limits(root)
    where = shown_address(query.address)
    _check(query)
    try:
        with Spool(root) as spool, TableWriter(root, limits) as writer:
            with _connected(query) as connection:
                _fetch(connection, query, spool, limits, report)
            spool.pour(writer)
            info = TableInfo(
                hash=writer.commit(),
                name=name or f"query of {where}",
                rows=writer.rows,
                columns=len(writer.schema),
                settings={"database": where},
            )
    except ReadingCancelledError:
        return None
    save_info(info, root)
    return info


def _check(query: Query) -> None:
    """Raise TableError for a query that might change something."""
    protected = only_reads(query.address)
    check_only_reads(query.sql, protected)
    if not protected and not query.confirmed:
        kind = parsed(query.address).get_backend_name()
        raise TableError(
            f"A database of the kind {kind} cannot be asked in a way that refuses changes.",
            "Confirm that this query only reads, then send it again.",
        )


@contextmanager
def _connected(query: Query) -> Iterator[Connection]:
    """A connection in a transaction that is rolled back; every error in words."""
    from sqlalchemy.exc import SQLAlchemyError

    url = parsed(query.address)
    if url.get_backend_name() == "sqlite":
        _check_sqlite(url)
    connection = _opened(url)
    try:
        read_only = _READ_ONLY.get(url.get_backend_name())
        if read_only:
            connection.exec_driver_sql(read_only)
        yield connection
        connection.rollback()
    except SQLAlchemyError as error:
        raise _no_answer(error, url) from None
    finally:
        connection.close()
        connection.engine.dispose()


def _opened(url: URL) -> Connection:
    """A connection; TableError where there is no driver, or where it does not come about."""
    import sqlalchemy
    from sqlalchemy.exc import NoSuchModuleError, SQLAlchemyError

    try:
        return sqlalchemy.create_engine(url, poolclass=sqlalchemy.NullPool).connect()
    except (ImportError, NoSuchModuleError):
        kind = url.get_backend_name()
        package = next((p for d, p in DRIVERS.values() if d == url.drivername), "")
        hint = f"Install it: pip install '{package}'." if package else "Install its driver."
        raise TableError(f"The driver for {kind} is not installed here.", hint) from None
    except (SQLAlchemyError, TypeError, ValueError) as error:  # drivers of odd parts in the query
        raise _no_answer(error, url) from None


def _no_answer(error: Exception, url: URL) -> TableError:
    return TableError(
        f"The database did not answer: {_words(error, url)}.",
        "Check the address, what you may read there, and the query.",
    )


def _check_sqlite(url: URL) -> None:
    """SQLite would make an empty file of a name that is not there."""
    path = Path(url.database or "")
    if not url.database or url.database == ":memory:" or not path.is_file():
        raise TableError(
            f"There is no SQLite file {str(path)!r}.", "Check the path behind sqlite:///."
        )


def _words(error: Exception, url: URL) -> str:
    """The first line of what the database said, without what is secret in the address."""
    said = masked(str(getattr(error, "orig", None) or error).strip(), url)
    return (said.splitlines() or [""])[0].rstrip(".")[:300]


def _fetch(
    connection: Connection,
    query: Query,
    spool: Spool,
    limits: TableLimits,
    report: Report | None,
) -> None:
    """All rows of the answer into the spool."""
    from sqlalchemy import text

    streaming = connection.execution_options(stream_results=True, max_row_buffer=ROWS_A_BATCH)
    # a colon in the query is a colon, not the place of a parameter
    with streaming.execute(text(query.sql.replace(":", r"\:"))) as result:
        if not result.returns_rows:
            raise TableError("The query gives no rows.", "Write one that begins with SELECT.")
        _pour(result, spool, limits, report)
    if not spool.rows:
        raise TableError("The query's answer has no rows.", "Ask for some.")


def _pour(result: Result[Any], spool: Spool, limits: TableLimits, report: Report | None) -> None:
    """The rows of an answer into the spool, a piece for each change of their types."""
    names = clean_names(list(result.keys()))
    limits.check_columns(len(names))
    piece = spool.piece()
    for rows in result.partitions(ROWS_A_BATCH):
        columns = [
            _column(values, name)
            for name, values in zip(names, zip(*rows, strict=True), strict=True)
        ]
        schema = pa.schema([pa.field(n, c.type) for n, c in zip(names, columns, strict=True)])
        if schema != piece.schema:
            piece = spool.piece() if piece.rows else piece
            piece.begin(schema)
        piece.write(pa.RecordBatch.from_arrays(columns, schema=schema))
        limits.check_rows(spool.rows)
        limits.check_bytes(spool.size)
        if report is not None and not report(spool.rows, 0):
            raise ReadingCancelledError


def _column(values: Sequence[Any], name: str) -> pa.Array:
    """One column of a batch in a plain type; null where all of it is."""
    plain = [_plain(value, name) for value in values]
    if all(value is None for value in plain):
        return pa.nulls(len(plain))
    return column_of_values(plain)


def _plain(value: Any, name: str) -> Any:
    """A value of a driver's own type as one that a file could have held."""
    if isinstance(value, decimal.Decimal):
        return float(value)
    if isinstance(value, dt.timedelta):
        return value.total_seconds()
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        raise TableError(
            f"The column {name!r} holds binary data.", "Leave it out of the query's columns."
        )
    return value
