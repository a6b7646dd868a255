"""A PostgreSQL server of the tests' own, from Debian's package, with an empty database."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

USER = "tester"


@dataclass(frozen=True)
class Database:
    """Where the server listens, and who may ask it."""

    port: int
    password: str

    @property
    def address(self) -> str:
        """As a user would write it."""
        return f"postgresql://{USER}:{self.password}@127.0.0.1:{self.port}/postgres"

    def run(self, sql: str) -> None:
        """Run one statement."""
        import psycopg

        with psycopg.connect(self.address) as connection:
            connection.execute(sql.encode())


def programs() -> Path | None:
    """The folder of the server's programs; None where it is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
    path = found[-1] if found else shutil.which("pg_ctl")
    return None if path is None else Path(path).parent


@contextmanager
def server(folder: Path) -> Iterator[Database]:
    """A running server; its files go with it."""
    password = secrets.token_hex(8)
    with tempfile.TemporaryDirectory(prefix="torchlight-pg-", dir="/tmp") as home:
        data, word = Path(home) / "data", Path(home) / "password"
        word.write_text(password)
        log = folder / "postgres.log"
        if _as_nobody():
            for path in (Path(home), word):
                shutil.chown(path, "postgres")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        _run("initdb", "-D", data, "-U", USER, "--pwfile", word, "--auth=scram-sha-256", "-N")
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c fsync=off -k {home}"
        try:
            said = _run("pg_ctl", "-D", data, "-w", "-o", options, "-l", f"{home}/log", "start")
            log.write_text(said)
            yield Database(port, password)
        finally:
            _run("pg_ctl", "-D", data, "-m", "immediate", "stop")


def _as_nobody() -> bool:
    """The server refuses to run as root: Debian's package brings a user for it."""
    return os.getuid() == 0


def _run(program: str, *words: object) -> str:
    folder = programs()
    assert folder is not None
    command = [str(folder / program), *map(str, words)]
    if _as_nobody():
        command = ["runuser", "-u", "postgres", "--", *command]
    done = subprocess.run(
        command,
        cwd="/",
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert not done.returncode, done.stderr
    return done.stdout
