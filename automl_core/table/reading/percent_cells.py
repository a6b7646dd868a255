"""The cells of an .xlsx or .ods workbook that are shown as percent: 0.45 in them is 45%.

What reads the cells themselves tells nothing of number formats. Knows nothing of tables.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO
from xml.etree import ElementTree

_BUILT_IN = (9, 10)  # the numbers of 0% and 0.00%, which no file spells out
_TAG = re.compile(rb"<(?:\w+:)?(row|c)\b([^>]*)>")
_PLACE = re.compile(rb'\br="([A-Z]*)(\d+)"')
_STYLE = re.compile(rb'\bs="(\d+)"')
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')  # parts of a number format that are shown as text
_CHUNK = 2**20
_LONGEST, _WIDEST = 2**20, 2**14  # rows and columns of the largest sheet
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"

Places = dict[int, set[int]]
"""Rows by column, both from 0 on."""


def percent_cells(path: Path, sheet: str) -> Places:
    """The cells of the sheet that are shown as percent; none where the format does not tell."""
    if not zipfile.is_zipfile(path):
        return {}
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        if "xl/workbook.xml" in names:
            styles = _percent_styles(archive) if "xl/styles.xml" in names else set()
            member = _member(archive, sheet) if styles else ""
            if member not in names:
                return {}
            with archive.open(member) as file:
                return _with_styles(file, styles)
        if "content.xml" in names:
            with archive.open("content.xml") as file:
                return _in_open_document(file, sheet)
    return {}


def _percent_styles(archive: zipfile.ZipFile) -> set[bytes]:
    """The numbers of the cell styles whose number format is percent."""
    root = ElementTree.fromstring(archive.read("xl/styles.xml"))
    formats = {
        int(found.get("numFmtId", "0")): found.get("formatCode", "")
        for found in root.iterfind(".//{*}numFmts/{*}numFmt")
    }
    percent = {n for n, code in formats.items() if "%" in _QUOTED.sub("", code)}
    percent |= {*_BUILT_IN} - {*formats}
    styles = root.findall("./{*}cellXfs/{*}xf")
    return {b"%d" % i for i, xf in enumerate(styles) if int(xf.get("numFmtId", "0")) in percent}


def _member(archive: zipfile.ZipFile, sheet: str) -> str:
    """The name in the zip of a sheet's cells; "" where it is not found."""
    book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
    links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    for found in book.iterfind("./{*}sheets/{*}sheet"):
        if found.get("name") == sheet:
            link = next((v for k, v in found.attrib.items() if k.endswith("}id")), None)
            return posixpath.normpath(posixpath.join("/xl", targets.get(link, ""))).lstrip("/")
    return ""


def _with_styles(file: IO[bytes], styles: set[bytes]) -> Places:
    places: Places = {}
    row = column = -1
    for kind, attributes in _tags(file):
        place = _PLACE.search(attributes)
        if kind == b"row":  # places may be left out: then each follows the one before
            row, column = (int(place[2]) - 1 if place else row + 1), -1
            continue
        column = _column(place[1]) if place else column + 1
        style = _STYLE.search(attributes)
        if style and style[1] in styles:
            places.setdefault(column, set()).add(int(place[2]) - 1 if place else row)
    return places


def _tags(file: IO[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """The tags of rows and cells with their attributes, a piece of the file at a time."""
    rest = b""
    while chunk := file.read(_CHUNK):
        text = rest + chunk
        end = text.rfind(b"<")
        yield from _TAG.findall(text[:end])
        rest = text[end:]
    yield from _TAG.findall(rest)


def _column(letters: bytes) -> int:
    """0 for A, 25 for Z, 26 for AA."""
    number = 0
    for letter in letters:
        number = 26 * number + letter - 64
    return number - 1


def _in_open_document(file: IO[bytes], sheet: str) -> Places:
    places: Places = {}
    inside, rows, column = False, range(0), 0
    for event, element in ElementTree.iterparse(file, ("start", "end")):
        if event == "end":
            if element.tag == f"{_TABLE}table-row":
                element.clear()
        elif element.tag == f"{_TABLE}table":
            inside, rows = element.get(f"{_TABLE}name") == sheet, range(0)
        elif element.tag == f"{_TABLE}table-row":
            times = int(element.get(f"{_TABLE}number-rows-repeated", "1"))
            rows, column = range(rows.stop, rows.stop + times), 0
        elif element.tag in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
            times = int(element.get(f"{_TABLE}number-columns-repeated", "1"))
            if inside and element.get(f"{_OFFICE}value-type") == "percentage":
                for place in range(column, column + min(times, _WIDEST)):
                    places.setdefault(place, set()).update(rows[:_LONGEST])
            column += times
    return places
