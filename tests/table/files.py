"""Files for tests, made in memory."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa

from automl_core.table.reading.read import ReadSettings, detect_settings, read_file

PEOPLE = "name,age,city\nAnn,31,Rome\nBob,27,Oslo\nCid,45,Bern\n"


def read(tmp_path: Path, data: bytes | str, name: str = "t.csv") -> pa.Table:
    path = tmp_path / "upload"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return read_file(path, name)[0]


def settings(tmp_path: Path, data: bytes | str, name: str = "t.csv") -> ReadSettings:
    path = tmp_path / "upload"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return detect_settings(path, name)


def zipped(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return buffer.getvalue()


def workbook(rows: list[list[Any]], sheets: dict[str, list[list[Any]]] | None = None) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for title, content in (sheets or {}).items():
        sheet = book.create_sheet(title)
        for row in content:
            sheet.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()
