"""The address of a database: what it names, where it really leads, and what of it is secret.

Knows addresses; opens nothing. An address has a place for the host, but drivers also take one
from its query part, a service's file or a whole connection string: what may be asked is
therefore decided on what SQLAlchemy hands to the driver.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus

from automl_core.errors import TableError
from automl_core.table.reading.uploads import open_server_path

if TYPE_CHECKING:
    from sqlalchemy import URL

NO_PASSWORD = "***"
DRIVERS = {  # where the address names none: the one that is best kept, and its package
    "postgresql": ("postgresql+psycopg", "psycopg[binary]"),
    "postgres": ("postgresql+psycopg", "psycopg[binary]"),
    "mysql": ("mysql+pymysql", "pymysql"),
    "mariadb": ("mariadb+pymysql", "pymysql"),
}
_WITH_HOSTS = ("postgresql", "mysql", "mariadb", "mssql")
_SECRET = ("password", "passwd", "pwd")
_HARMLESS = (
    "sslmode", "charset", "connect_timeout", "application_name", "client_encoding", "options",
    "driver", "encrypt", "trustservercertificate", "authentication", "timeout", "tds_version",
)  # fmt: skip
"""Keys of the query part that neither lead elsewhere nor name a file of the server."""
_HOST_KEYS = ("host", "server")
_ODBC_HOST_KEYS = ("server", "address", "addr", "servername", "network address", "data source")
_ODBC_PART = re.compile(r"([^=;]*)=(\{(?:[^}]|\}\})*\}|[^;]*)(?:;|$)")
_PLAIN_DRIVER = re.compile(r"[\w .()-]+")


def is_address(text: str) -> bool:
    """True if this is the address of a database rather than the name of a file."""
    scheme, sign, _ = text.partition("://")
    return bool(sign) and scheme.replace("+", "").replace("_", "").isalnum()


def parsed(address: str) -> URL:
    """The address in its parts, with a driver; TableError where it is none."""
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        url = make_url(address.strip())
        url.get_backend_name()
    except (ArgumentError, ValueError):
        raise TableError(
            "This is not the address of a database.",
            "Write it as kind://user:password@host/database, such as "
            "postgresql://me:secret@localhost/shop, or sqlite:///folder/file.db.",
        ) from None
    driver, _ = DRIVERS.get(url.drivername, ("", ""))
    return url.set(drivername=driver) if driver else url


def shown_address(address: str) -> str:
    """Kind, host and database, such as "postgresql, shop on db.example.com": no user, no password.

    Raises TableError where this is no address.
    """
    url = parsed(address)
    database = url.database or ""
    if url.get_backend_name() == "sqlite":
        return f"sqlite, {Path(database).name or 'in memory'}"
    hosts = _hosts(url)
    where = "this machine" if hosts == ("localhost",) else ", ".join(hosts) or "an unnamed host"
    return f"{url.get_backend_name()}, {database or 'its default database'} on {where}"


def check_allowed(
    address: str, hosts: Sequence[str] | None, folders: tuple[Path, ...] | None
) -> None:
    """Raise TableError for a database that the server's owner has not allowed to be asked.

    `hosts` may be asked, and SQLite files below `folders` may be opened; None: any. Where hosts
    are listed, an address that might lead elsewhere is refused, whatever its host says.
    """
    url = parsed(address)
    if url.get_backend_name() == "sqlite":
        _check_file(url, folders)
    elif hosts is not None:
        _check_parts(url)
        allowed = {host.lower() for host in hosts}
        found = _hosts(url)
        if not found or any(host.lower() not in allowed for host in found):
            raise TableError(
                "Databases on this host may not be asked from here.",
                "Ask the server's owner to allow it.",
            )


def masked(text: str, url: URL) -> str:
    """The text without anything of the address that may be a secret, however it is written."""
    secrets = [url.password or ""]
    for key, value in url.query.items():
        if key.lower() not in _HARMLESS:
            values = (value,) if isinstance(value, str) else value
            secrets += [part for v in values for part in (v, *_odbc_values(v))]
    forms = {form for s in secrets if s for form in (s, quote(s, safe=""), quote_plus(s))}
    for form in sorted(forms, key=len, reverse=True):  # a secret may be part of another
        text = text.replace(form, NO_PASSWORD)
    return text


def _odbc_values(text: str) -> list[str]:
    return [value.strip("{}") for _, value in _ODBC_PART.findall(text)]


def _check_file(url: URL, folders: tuple[Path, ...] | None) -> None:
    """The rule for paths on the server, for the file that the driver would open."""
    words, _ = _handed(url)
    file = str(words[0]) if words else ""
    if folders is not None and (url.query or file.startswith("file:")):
        raise TableError(
            "Only the plain path of an SQLite file can be asked from here.",
            "Write it as sqlite:////folder/file.db.",
        )
    open_server_path(file, folders)


def _check_parts(url: URL) -> None:
    """Raise TableError for a kind of database, or a part of its address, that hides the host."""
    kind = url.get_backend_name()
    if kind not in _WITH_HOSTS:  # its driver may read any file, or find its host elsewhere
        raise TableError(
            f"Databases of the kind {kind} may not be asked from here.",
            "PostgreSQL, MySQL, MariaDB, SQL Server and SQLite can be.",
        )
    for key, value in url.query.items():
        plain = isinstance(value, str) and key.lower() in _HARMLESS + _SECRET
        if plain and (key.lower() != "driver" or _PLAIN_DRIVER.fullmatch(str(value))):
            continue
        raise TableError(
            f"The part {key!r} of this address may not be used here.",
            "Name the host in its own place: kind://user:password@host/database.",
        )
    if url.database and ("=" in url.database or "://" in url.database):
        raise TableError(
            "The database's name reads like an address of its own.", "Write its plain name."
        )


def _hosts(url: URL) -> tuple[str, ...]:
    """The hosts that the driver would ask, "localhost" where none is named; empty: not known."""
    words, named = _handed(url)
    found = [str(named[key]) for key in _HOST_KEYS if named.get(key)]
    named_elsewhere = False
    for text in (w for w in words if isinstance(w, str)):
        parts = [(key.strip().lower(), value) for key, value in _ODBC_PART.findall(text)]
        named_elsewhere |= bool(parts)
        found += [_without_port(v) for k, v in parts if k in _ODBC_HOST_KEYS and v]
    if named.get("hostaddr"):
        found.append(str(named["hostaddr"]))
    hosts = tuple(host.strip() for text in found for host in text.split(",") if host.strip())
    if hosts or named_elsewhere or named.get("service") or named.get("dsn"):
        return hosts
    return ("localhost",)


def _without_port(text: str) -> str:
    """The host of an ODBC server such as "tcp:host,1433" or of an instance "host\\name"."""
    return re.sub(r"^tcp:", "", text.strip("{} ")).split(",")[0].split("\\")[0]


def _handed(url: URL) -> tuple[Sequence[Any], dict[str, Any]]:
    """The arguments that SQLAlchemy gives the driver, in order and by name; may raise TableError.

    The driver need not be installed, only known; of one that is not, what the address says.
    """
    from sqlalchemy.exc import NoSuchModuleError, SQLAlchemyError

    try:
        words, named = url.get_dialect()().create_connect_args(url)
        return words, dict(named)
    except (NoSuchModuleError, ImportError, AttributeError):  # some ask their driver to write it
        return (), {"host": url.host}
    except (SQLAlchemyError, ValueError, TypeError):
        raise TableError(
            "This address has a part that its kind of database does not take.",
            "Write it as kind://user:password@host/database.",
        ) from None
