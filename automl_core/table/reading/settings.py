"""The settings with which a file is read: detected by read.py, shown to the user, and editable.

Knows nothing of how it was found or how it is used.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from automl_core.errors import TableError
from automl_core.table import GIVEN, is_delimiter
from automl_core.table.reading.archive import Compression
from automl_core.table.reading.decision import Decision
from automl_core.words import count

GUESSED = "a guess"
SHEETS_BETWEEN = " / "  # between the sheets' names, which may have no slash
_SHOWN = 5
Format = Literal[
    "csv", "parquet", "excel", "json", "jsonl", "arrow", "orc", "spss", "sas", "stata", "arff"
]


@dataclass(frozen=True)
class ReadSettings:
    """Settings that turn a file into a table; most matter for some formats only."""

    format: Format
    encoding: str = "utf-8"  # csv, json, jsonl
    delimiter: str = ","  # csv: one character, or a few signs such as "||"
    quote: str = '"'  # csv: one character, or "" for none
    decimal: str = "."  # csv
    header: bool = True  # csv, excel: the first row has the names
    header_rows: int = 1  # csv, excel: with names; 2 where groups of columns stand above them
    skip_rows: int = 0  # csv, excel: lines before the header
    units_row: bool = False  # csv, excel: the row below the header has units, not values
    footer_rows: int = 0  # csv, excel: filled rows after the table, such as sums and sources
    sheet: str = ""  # excel: "" is the first
    sheets: tuple[str, ...] = ()  # excel: all there are
    compression: Compression = ""
    strays: str = ""  # csv: the encoding of the lines that are no UTF-8, where most are
    stray_lines: tuple[int, ...] = ()  # which these are, from 1 on
    escape: str = ""  # csv: what stands before a quote or delimiter that is part of a cell
    wrapped: bool = False  # csv: each line is one cell in quotes, which holds a row
    column_starts: tuple[int, ...] = ()  # csv: places in the line, of columns of fixed width
    nuls: bool = False  # csv: NUL bytes are left out
    unsure: bool = False  # whether the text may well be in another encoding
    left_out: tuple[str, ...] = ()  # columns of bytes that are no text
    given: tuple[str, ...] = ()  # names of the settings that a person set
    decisions: tuple[
        Decision, ...
    ] = ()  # what was decided and why; empty where settings were given

    def __post_init__(self) -> None:
        if not is_delimiter(self.delimiter):
            raise TableError(
                f"The delimiter {self.delimiter!r} is neither one character nor a few signs."
            )
        if len(self.quote) > 1 or self.quote == self.delimiter:
            raise TableError(f"The quote {self.quote!r} is not one character, or the delimiter.")
        if self.decimal not in (".", ","):
            raise TableError(f"The decimal mark {self.decimal!r} is neither '.' nor ','.")
        for rows, what in ((self.skip_rows, "rows to skip"), (self.footer_rows, "rows at the end")):
            if not 0 <= rows <= 1_000_000:
                raise TableError(f"{rows} {what}: expected 0 to 1,000,000.")

    def for_people(self) -> dict[str, str]:
        """The settings that matter for this format, in words."""
        named = {
            ",": "comma",
            ";": "semicolon",
            "\t": "tab",
            "|": "bar",
            " ": "space",
            "\x1f": "none",
        }
        shown: dict[str, str] = {"format": self.format}
        if self.format in ("csv", "json", "jsonl"):
            shown["encoding"] = self.encoding
            if self.unsure:
                shown["encoding is"] = GUESSED
            if self.strays:
                shown["other lines"] = self.strays
                shown["line numbers"] = " ".join(map(str, self.stray_lines[:_SHOWN]))
                shown["number of other lines"] = str(len(self.stray_lines))
        if self.format == "csv":
            shown["delimiter"] = named.get(self.delimiter, self.delimiter)
            shown["quote"] = self.quote or "none"
            if self.column_starts:
                shown["delimiter"] = f"fixed width, {count(len(self.column_starts), 'column')}"
                shown["columns start at"] = " ".join(map(str, self.column_starts))
            if self.escape:
                shown["escape"] = self.escape
            if self.wrapped:
                shown["lines in quotes"] = "yes"
            if self.nuls:
                shown["NUL bytes"] = "left out"
            shown["decimal"] = named.get(self.decimal, "point")
        elif self.decimal != ".":
            shown["decimal"] = named[self.decimal]
        if self.format in ("csv", "excel"):
            shown["header"] = "yes" if self.header else "no"
            shown["skipped rows"] = str(self.skip_rows)
            if self.header_rows > 1:
                shown["header rows"] = str(self.header_rows)
            if self.units_row:
                shown["units row"] = "yes"
            if self.footer_rows:
                shown["rows at the end"] = str(self.footer_rows)
        if self.sheet:
            shown["sheet"] = self.sheet
        if len(self.sheets) > 1:
            shown["sheets"] = SHEETS_BETWEEN.join(self.sheets)
        if self.given:
            shown[GIVEN] = " ".join(self.given)
        if self.left_out:
            more = f" and {len(self.left_out) - _SHOWN} more" if len(self.left_out) > _SHOWN else ""
            shown["left out"] = f"{', '.join(self.left_out[:_SHOWN])}{more} (binary data)"
        if self.compression:
            shown["compression"] = self.compression
        return shown
