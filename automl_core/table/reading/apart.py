"""Files of formats that foreign compiled code reads: read in a process of its own.

A damaged file can make that code end its process, or ask for any amount of memory. Here this
costs one file and an error in words. The child is apart_process.py.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pyarrow as pa

from automl_core.errors import TableError
from automl_core.files import scratch_folder, workspace
from automl_core.records import from_plain, to_plain
from automl_core.table import NOTHING_SET, Meter, ReadOptions, Sink
from automl_core.table.reading.settings import Format, ReadSettings

ROOT = Path(__file__).resolve().parents[3]
MAX_MEMORY = 16 * 2**30
"""Bytes that a child may take; less where the machine has less."""
MAX_SECONDS = 1_800

_POLL = 0.02  # seconds between two looks at the child


class OutOfMemoryError(Exception):
    """The child asked for more memory than there is, or was ended from outside."""


@dataclass(frozen=True)
class Order:
    """What a child is asked for.

    `how` are the settings, or the format alone where the file says how it is read; the others
    are as for `read_excel`.
    """

    how: Format | ReadSettings
    names: tuple[str, ...] = ()
    asked: ReadOptions = NOTHING_SET
    sparse: bool = False


def read_apart(path: Path, wanted: Order, sink: Sink | None, meter: Meter) -> ReadSettings:
    """The table in the file into the sink, none where it is None; how it was read.

    Raises TableError for what is no table, OutOfMemoryError where the child ended, and
    ReadingCancelledError.
    """
    settings = wanted.how if isinstance(wanted.how, ReadSettings) else None
    order = {
        "path": str(path.resolve()),
        "format": settings.format if settings else wanted.how,
        "settings": to_plain(settings) if settings else None,
        "names": list(wanted.names),
        "asked": to_plain(wanted.asked),
        "sparse": wanted.sparse,
        "memory": min(MAX_MEMORY, _memory()),
    }
    with scratch_folder(workspace()) as scratch:
        table = scratch / "table.arrow"
        reply = _run(order | {"table": str(table) if sink else ""}, scratch, meter)
        if "message" in reply:
            raise TableError(reply["message"], reply["hint"])
        if sink:
            _pour(table, sink)
        return from_plain(ReadSettings, reply["settings"])


def _run(order: dict[str, object], folder: Path, meter: Meter) -> dict[str, str]:
    """The child's reply; the child is gone afterwards, whatever happens."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "RUST_BACKTRACE": "0"}
    (folder / "order.json").write_text(json.dumps(order), encoding="utf-8")
    with (folder / "log").open("w+b") as log:
        child = subprocess.Popen(
            [sys.executable, "-m", "automl_core.table.reading.apart_process", str(folder)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=environment,
            cwd=ROOT,
            start_new_session=True,
        )
        try:
            _wait(child, meter)
        finally:
            child.kill()
            child.wait()
        return _reply(folder, log)


def _wait(child: subprocess.Popen[bytes], meter: Meter) -> None:
    end = time.monotonic() + MAX_SECONDS
    meter.begin(0)  # how far the child is only it knows
    while child.poll() is None:
        meter.at(0)
        if time.monotonic() > end:
            raise TableError(
                f"Reading the file took longer than {MAX_SECONDS // 60} minutes.",
                "Save it as CSV or Parquet.",
            )
        time.sleep(_POLL)


def _reply(folder: Path, log: IO[bytes]) -> dict[str, str]:
    try:
        reply = json.loads((folder / "reply.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        log.seek(0)
        words = log.read(500).decode(errors="replace").strip().partition("\n")[0]
        raise OutOfMemoryError(words) from None
    return dict(reply)


def _pour(path: Path, sink: Sink) -> None:
    with pa.memory_map(str(path)) as mapped:
        reader = pa.ipc.open_file(mapped)
        sink.begin(reader.schema)
        for number in range(reader.num_record_batches):
            sink.write(reader.get_batch(number))


def _memory() -> int:
    """Three quarters of the machine's memory, in bytes."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") * 3 // 4
    except (AttributeError, ValueError, OSError):  # systems that do not tell
        return MAX_MEMORY
