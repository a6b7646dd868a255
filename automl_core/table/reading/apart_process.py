"""The child process of apart.py: reads one file, writes its table and how it was read, and ends.

Started as `python -m automl_core.table.reading.apart_process FOLDER`, with `order.json` there.
"""

from __future__ import annotations

import contextlib
import json
import sys
import traceback
from pathlib import Path
from typing import Any

import pyarrow as pa

from automl_core.errors import AutoMLError
from automl_core.records import from_plain, to_plain
from automl_core.table import ReadOptions, plain_table
from automl_core.table.reading.excel import read_excel
from automl_core.table.reading.settings import ReadSettings
from automl_core.table.reading.statistics_files import read_statistics

_TITLES = {"excel": "workbook", "spss": "SPSS file", "sas": "SAS file", "stata": "Stata file"}
_BATCH = 65_536  # rows that are written at a time


def main(folder: Path) -> None:
    """Do what `order.json` in the folder says; the reply is in `reply.json`."""
    order = json.loads((folder / "order.json").read_text(encoding="utf-8"))
    _limit_memory(order["memory"])
    (folder / "reply.json").write_text(json.dumps(reply_to(order)), encoding="utf-8")


def reply_to(order: dict[str, Any]) -> dict[str, Any]:
    """How the file was read, or what is wrong with it; MemoryError where it is too large."""
    try:
        return _read(order)
    except AutoMLError as error:
        return {"message": error.message, "hint": error.hint}
    except (MemoryError, KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a panic of compiled code is no Exception
        traceback.print_exc()
        title = _TITLES[order["format"]]
        reason = " ".join(str(error).split())[:100]
        message = f"The {title} is damaged or cannot be read ({reason})."
        return {"message": message, "hint": "Save it again, or as CSV."}


def _read(order: dict[str, Any]) -> dict[str, Any]:
    path, plain = Path(order["path"]), order["settings"]
    settings = from_plain(ReadSettings, plain) if plain else None
    asked = from_plain(ReadOptions, order["asked"])
    if order["format"] == "excel":
        table, used = read_excel(path, settings, order["names"], order["sparse"], asked)
    else:
        table, used = read_statistics(path), settings or ReadSettings(order["format"])
    if order["table"]:
        table = plain_table(table)
        with pa.ipc.new_file(order["table"], table.schema) as writer:
            writer.write_table(table, _BATCH)
    return {"settings": to_plain(used)}


def _limit_memory(most: int) -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):  # systems without such limits
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (most, most))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
