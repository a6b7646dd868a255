"""The type of a file by its first bytes; the name of a file is no evidence.

Knows nothing of tables; archive.py unpacks, read.py decides.
"""

from __future__ import annotations

import codecs
import dataclasses
from functools import partial
from pathlib import Path

from automl_core.table import Meter
from automl_core.table.reading.encoding import DEFAULT, Found, guess_encoding

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"BM", "a BMP picture"),
    (b"II*\x00", "a TIFF picture"),
    (b"MM\x00*", "a TIFF picture"),
    (b"RIFF", "a sound, film or picture file"),
    (b"%PDF", "a PDF document"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"ID3", "a sound file"),
    (b"OggS", "a sound file"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x04\x22\x4d\x18", "an LZ4 archive"),
    (b"FEA1", "a Feather file of the old version 1"),
    (b"SQLite format 3", "an SQLite database"),
    *((bytes((0x80, version)), "a Python pickle") for version in range(2, 6)),
    (b"RDX", "a file of R objects"),
    (b"X\n\x00\x00\x00", "a file of R objects"),
    (b"\x93NUMPY", "a file of NumPy arrays"),
    (b"MATLAB ", "a MATLAB file"),
    (b"\x89HDF", "an HDF5 file"),
    (b"Obj\x01", "an Avro file"),
)
_MARKUP = (
    (("<!doctype html", "<html", "<head", "<body", "<table", "<meta", "<div"), "a web page"),
    (("<?xml", "<workbook", "<kml", "<gpx", "<svg"), "an XML document"),
)
_HINTS = {
    "an SQLite database": "Give its address, sqlite:////folder/file, and a table or a query.",
    "a web page": "Open it in a spreadsheet program, save the table as .xlsx or CSV, upload that.",
    "an XML document": "Open it in a spreadsheet program, save it as .xlsx or CSV, upload that.",
    "a Python pickle": "Opening one runs its code. In pandas, write the table with to_parquet.",
    "a file of R objects": "In R, write the table with arrow::write_parquet or write.csv.",
    "a tar archive": "Unpack it, and upload the table that is in it.",
}
_TEXT_BYTES = frozenset(range(0x20, 0x100)) - {0x7F} | {
    0x01,
    0x09,
    0x0A,
    0x0B,
    0x0C,
    0x0D,
    0x1A,
    0x1B,
}
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_ENOUGH = 2**16  # bytes of lines by which an encoding is judged
_LONG_LINE = 2**12
_MOST_STRAYS = 1_000  # lines that may be in another encoding than the rest
CHUNK = 4 * 2**20


def describe_kind(head: bytes) -> str:
    """The type of a file that cannot hold a table, such as "a PNG picture"; "" where it may.

    Short marks count only together with bytes that no text has.
    """
    for magic, words in _MAGIC:
        if head.startswith(magic) and (len(magic) > 3 or not looks_like_text(head)):
            return words
    return "a tar archive" if head[257:262] == b"ustar" else ""


def describe_markup(text: str) -> str:
    """The type of a text that is written in tags, such as "a web page"; "" for other text."""
    start = text.lstrip()[:200].lower()
    kind = next((words for starts, words in _MARKUP if start.startswith(starts)), "")
    return "a web page" if kind and "<html" in text[:2_000].lower() else kind


def hint_for(kind: str, formats: str) -> str:
    """What to do with a file of this kind, which is no table."""
    return _HINTS.get(kind, f"Upload it as {formats}.")


def looks_like_text(head: bytes) -> bool:
    """True if the bytes may be text in some encoding: hardly any control characters.

    A NUL byte among thousands of letters is a fault of some program, and no sign of a picture.
    """
    if any(head.startswith(bom) for bom, _ in _BOMS) or wide_encoding(head):
        return True
    odd = sum(byte not in _TEXT_BYTES for byte in head[:65_536])
    return odd <= 0.005 * min(len(head), 65_536)


def wide_encoding(head: bytes) -> str:
    """UTF-16 without a mark: nearly every other byte is zero; "" where it is not."""
    head = head[:4_096]
    even, odd = head[0::2], head[1::2]
    if len(odd) < 2:
        return ""
    if odd.count(0) > 0.7 * len(odd) and even.count(0) < 0.05 * len(even):
        return "utf-16-le"
    if even.count(0) > 0.7 * len(even) and odd.count(0) < 0.05 * len(odd):
        return "utf-16-be"
    return ""


def detect_encoding(path: Path, meter: Meter | None = None, usual: str = "") -> Found:
    """UTF-8 where all or nearly all lines are UTF-8, else by its mark, else what fits best.

    `usual` is the encoding of files of the same kind, taken where it fits; "": not known.
    """
    meter = meter or Meter()
    meter.begin(0)  # short beside what follows
    with path.open("rb") as file:
        head = file.read(CHUNK)
        nuls = head.count(0)
    for bom, name in _BOMS:
        if head.startswith(bom):
            return Found(name)
    wide = wide_encoding(head)
    if wide:
        return Found(wide)
    return dataclasses.replace(_narrow(path, meter, usual), nuls=nuls)


def _narrow(path: Path, meter: Meter, usual: str) -> Found:
    """The encoding of text whose characters below 128 are one byte each."""
    if _decodes(path, "utf-8", meter):
        return Found("utf-8")
    strays = _strays(path, meter)
    if strays is not None:
        return strays
    if usual and not usual.startswith("utf") and _decodes(path, usual, meter):
        return Found(usual)
    return guess_encoding(_beyond_ascii(path), lambda name: _decodes(path, name, meter))


def _strays(path: Path, meter: Meter) -> Found | None:
    """UTF-8 with the few lines that are something else; None where they are not few."""
    lines, wrong, right = list[int](), list[bytes](), 0
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if line.isascii():
                continue
            try:
                line.decode()
                right += 1
            except UnicodeDecodeError:
                lines.append(number)
                wrong.append(line[:_LONG_LINE])
                if len(lines) > _MOST_STRAYS:
                    return None
            meter.at(0)
    if 2 * len(lines) > right:  # text of another encoding looks like UTF-8 in a line or two
        return None
    sample = b"".join(wrong)
    found = guess_encoding(sample, partial(_reads, sample))
    name = found.encoding if not found.unsure or not _reads(sample, DEFAULT) else DEFAULT
    return Found("utf-8", strays=name, lines=tuple(lines))


def _reads(sample: bytes, encoding: str) -> bool:
    try:
        sample.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _decodes(path: Path, encoding: str, meter: Meter) -> bool:
    """True if the whole file is text in this encoding."""
    decoder = codecs.getincrementaldecoder(encoding)()
    pure = True  # nothing but ASCII so far, which needs no decoding
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                pure = pure and chunk.isascii()
                if not pure:
                    decoder.decode(chunk)
                meter.at(0)
        decoder.decode(b"", final=encoding != "utf-8")  # a torn last character is no other script
    except UnicodeDecodeError:
        return False
    return True


def _beyond_ascii(path: Path) -> bytes:
    """The first lines that have bytes beyond ASCII."""
    found, size = [], 0
    with path.open("rb") as file:
        while size < _ENOUGH and (lines := file.readlines(CHUNK)):
            for line in lines:
                if not line.isascii() and size < _ENOUGH:
                    found.append(line[:_LONG_LINE])
                    size += len(found[-1])
    return b"".join(found)
