"""The settings of a delimited text file, from its first and last lines, and why they are so.

read.py asks here once it knows that a file is text; csv_dialect.py judges the lines.
"""

from __future__ import annotations

import dataclasses
import io
from pathlib import Path

from automl_core.table import SourceFormat
from automl_core.table.reading.column_shapes import filled
from automl_core.table.reading.csv_dialect import LINES, Dialect, sniff
from automl_core.table.reading.decision import Decision
from automl_core.table.reading.encoding import Found
from automl_core.table.reading.second_table import find_second_table
from automl_core.table.reading.settings import ReadSettings

SAMPLE = 2**20
"""Bytes at the beginning of a file by which it is judged."""

_LEAST_ROWS = 5  # of a table with another one below
_TAIL = 2**16  # bytes at the end; a multiple of what a character takes


def csv_settings(path: Path, text: str, found: Found, source_format: SourceFormat) -> ReadSettings:
    """The settings of a file whose first bytes are this text, in the encoding that was found."""
    size = path.stat().st_size
    if size <= SAMPLE:
        dialect = sniff(text, "", source_format)
    else:
        text = _whole_lines(text)
        dialect = sniff(text, _tail(path, size, found.encoding), source_format)
    dialect = _without_second_table(path, text, found.encoding, dialect, source_format)
    fields = {field.name: getattr(dialect, field.name) for field in dataclasses.fields(dialect)}
    settings = ReadSettings("csv", found.encoding, strays=found.strays, stray_lines=found.lines)
    return dataclasses.replace(
        settings,
        **fields | {"decisions": (*dialect.decisions, *_encoding_decisions(found))},
        nuls=found.nuls > 0,
        unsure=found.unsure,
    )


def _without_second_table(
    path: Path, text: str, encoding: str, dialect: Dialect, source_format: SourceFormat
) -> Dialect:
    """The dialect of the first table, with a second one in the footer; where there is one."""
    lines = list(io.StringIO(text, newline=""))
    if len(lines) <= LINES or source_format.asked.footer_rows is not None:
        return dialect  # all lines have been judged
    rows = dialect.rows(lines[dialect.skip_rows : LINES])
    blanks = (i for i, row in enumerate(rows) if i >= _LEAST_ROWS and not filled(row))
    end = next(blanks, len(rows))
    first = [row for row in rows[:end] if filled(row)]
    second = find_second_table(
        path, encoding, first, dialect.rows, dialect.delimiter, dialect.skip_rows + end
    )
    if second is None:
        return dialect
    tail = second.before if second.line > LINES else ""
    dialect = sniff("".join(lines[: second.line]), tail, source_format)
    count = str(dialect.footer_rows + second.rows)
    why = f"Another table begins in line {second.line + 1:,}: {second.names}. It is left out."
    said = Decision("footer_rows", count, why, "0")
    kept = (d for d in dialect.decisions if d.setting != "footer_rows")
    return dataclasses.replace(dialect, footer_rows=int(count), decisions=(*kept, said))


def _whole_lines(text: str) -> str:
    """The text without a last line that the sample may have cut."""
    end = max(text.rfind("\n"), text.rfind("\r"))
    return text[: end + 1] if end > 0 else text


def _tail(path: Path, size: int, encoding: str) -> str:
    """The last lines as text, from a whole line on."""
    with path.open("rb") as file:
        file.seek(max(0, size - _TAIL) // 4 * 4)
        data = file.read()
    little_endian = {"utf-16": "utf-16-le", "utf-32": "utf-32-le"}
    if encoding in little_endian:  # what the mark at the beginning said is not known here
        with path.open("rb") as file:
            mark = file.read(4)
        big = mark.startswith((b"\xfe\xff", b"\x00\x00\xfe\xff"))
        encoding = encoding + "-be" if big else little_endian[encoding]
    text = data.decode(encoding, errors="replace")
    return text[text.find("\n") + 1 :]


def _encoding_decisions(found: Found) -> list[Decision]:
    decisions = []
    if found.strays:
        rows = len(found.lines)
        lines = (
            f"1 line is {found.strays} text"
            if rows == 1
            else f"{rows:,} lines are {found.strays} text"
        )
        decisions.append(
            Decision("encoding", found.encoding, f"{lines}, all others {found.encoding}.")
        )
    elif found.unsure:
        why = "The text may be in another encoding as well: few characters tell."
        decisions.append(Decision("encoding", found.encoding, why, found.second or "utf-8"))
    if found.nuls:
        what = "1 NUL byte is" if found.nuls == 1 else f"{found.nuls:,} NUL bytes are"
        decisions.append(Decision("nuls", "left out", f"{what} in the text and left out."))
    return decisions
