"""A text file as the readers take it: UTF-8, plainly delimited, on disk.

Text in another encoding, with NUL bytes, with escapes, with whole lines in quotes, with several
signs between cells, with runs of blanks or columns of fixed width is written anew, line by line;
any other file is taken as it is.
"""

from __future__ import annotations

import codecs
import io
import itertools
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, reduce
from pathlib import Path
from typing import BinaryIO

from automl_core.errors import TableError
from automl_core.files import scratch_folder, workspace
from automl_core.table import Meter
from automl_core.table.reading.delimiter import one_blank, plain_delimiter
from automl_core.table.reading.file_type import CHUNK
from automl_core.table.reading.fixed_width import cut
from automl_core.table.reading.quoted_lines import unwrapped, whole_records
from automl_core.table.reading.settings import ReadSettings

_ESCAPED = re.compile(r'\\(["\\])')


def without_escapes(line: str, delimiter: str = "") -> str:
    """The line with quotes doubled where a backslash escaped them, as databases write them.

    Cells in which it escaped the delimiter are quoted.
    """
    if "\\" not in line:
        return line
    if delimiter and "\\" + delimiter in line:
        line = _quoting(delimiter).sub(lambda cell: _quoted(cell[0], delimiter), line)
    return _ESCAPED.sub(lambda found: '""' if found[1] == '"' else "\\", line)


@cache
def _quoting(delimiter: str) -> re.Pattern[str]:
    """Finds cells without quotes in which the delimiter is escaped."""
    sign = re.escape(delimiter)
    part = rf"(?:[^{sign}\\\"\r\n]|\\.)*"
    return re.compile(rf"(?:^|(?<={sign})){part}\\{sign}{part}(?=$|[{sign}\r\n])")


def _quoted(cell: str, delimiter: str) -> str:
    return '"' + cell.replace("\\" + delimiter, delimiter) + '"'


@contextmanager
def utf8_copy(path: Path, settings: ReadSettings, meter: Meter) -> Iterator[Path]:
    """A file of plainly delimited UTF-8 text, the file itself where it is one.

    Raises TableError for text that is not in the stated encoding.
    """
    plain = _is_utf8(settings.encoding) and not settings.strays
    if plain and not settings.nuls and _rewriter(settings) is None:
        yield path
        return
    size = path.stat().st_size
    meter.begin(size, ahead=size)
    with scratch_folder(workspace()) as folder:
        copy = folder / "utf8"
        try:
            with path.open("rb") as file, copy.open("wb") as scratch:
                for text in _rewritten(file, settings):
                    scratch.write(text.encode())
                    meter.at(file.tell())
        except (UnicodeError, AttributeError, TypeError):
            raise wrong_encoding(settings.encoding) from None
        yield copy


def wrong_encoding(encoding: str) -> TableError:
    """The error for a file that is not text in the stated encoding."""
    return TableError(
        f"The file is not {encoding} text.",
        "Choose another encoding: cp1252 for files from Windows, utf-16, or shift_jis.",
    )


def _is_utf8(encoding: str) -> bool:
    try:
        return codecs.lookup(encoding).name in ("utf-8", "utf-8-sig", "ascii")
    except (LookupError, ValueError):
        raise TableError(
            f"The encoding {encoding!r} is not known.", "Try utf-8, cp1252 or utf-16."
        ) from None


def _rewriter(settings: ReadSettings) -> Callable[[str], str] | None:
    """What becomes of each line; None where it stays."""
    if settings.column_starts:
        starts, delimiter = settings.column_starts, settings.delimiter
        return lambda line: delimiter.join(cut(line, starts)) + _end(line)
    if settings.delimiter == " ":
        return lambda line: one_blank(line, settings.quote)
    changes = list[Callable[[str], str]]()
    if settings.wrapped:
        changes.append(lambda line: unwrapped(line, settings.quote))
    if settings.escape:
        changes.append(lambda line: without_escapes(line, settings.delimiter))
    if (plain := plain_delimiter(settings.delimiter)) != settings.delimiter:
        changes.append(lambda line: line.replace(settings.delimiter, plain))
    if not changes:
        return None
    return lambda line: reduce(lambda text, change: change(text), changes, line)


def _end(line: str) -> str:
    return line[len(line.rstrip("\r\n")) :]


def _rewritten(file: BinaryIO, settings: ReadSettings) -> Iterator[str]:
    rewrite, texts = _rewriter(settings), _texts(file, settings)
    if settings.nuls:
        texts = (text.replace("\0", "") for text in texts)
    if rewrite is None:
        yield from texts
        return
    if settings.wrapped:
        every = itertools.chain.from_iterable(_whole_lines(texts))
        yield from map(rewrite, whole_records(every, settings.quote))
        return
    for lines in _whole_lines(texts):
        yield "".join(map(rewrite, lines))


def _whole_lines(texts: Iterator[str]) -> Iterator[list[str]]:
    """The pieces of text as lists of whole lines."""
    rest = ""
    for text in texts:
        lines = list(io.StringIO(rest + text, newline=""))
        rest = lines.pop() if lines else ""  # it may go on, or its line end be cut in two
        yield lines
    yield [rest]


def _texts(file: BinaryIO, settings: ReadSettings) -> Iterator[str]:
    """The text of the file in pieces; UnicodeError where it is in another encoding."""
    if settings.strays:
        while lines := file.readlines(CHUNK):
            yield "".join(_line(line, settings) for line in lines)
        return
    decoder = codecs.getincrementaldecoder(settings.encoding)()
    while chunk := file.read(CHUNK):
        yield decoder.decode(chunk)
    yield decoder.decode(b"", final=True)


def _line(line: bytes, settings: ReadSettings) -> str:
    try:
        return line.decode(settings.encoding)
    except UnicodeDecodeError:
        return line.decode(settings.strays)
