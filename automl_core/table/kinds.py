"""What a file is, by its first bytes: the name of a file says little.

Knows nothing of tables; archive.py unpacks, read.py decides.
"""

from __future__ import annotations

import codecs
from pathlib import Path

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
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an XZ archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Office file"),
    (b"ARROW1", "an Arrow (Feather) file"),
    (b"SQLite format 3", "an SQLite database"),
    (b"\x80\x04\x95", "a Python pickle"),
    (b"\x80\x05\x95", "a Python pickle"),
    (b"\x89HDF", "an HDF5 file"),
    (b"Obj\x01", "an Avro file"),
    (b"<!DOCTYPE", "a web page"),
    (b"<!doctype", "a web page"),
    (b"<html", "a web page"),
    (b"<?xml", "an XML document"),
)
_TEXT_BYTES = frozenset(range(0x20, 0x100)) - {0x7F} | {0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x1A, 0x1B}
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_UNDEFINED_1252 = b"\x81\x8d\x8f\x90\x9d"
CHUNK = 4 * 2**20


def describe_kind(head: bytes) -> str:
    """What a file that cannot hold a table is, such as "a PNG picture"; "" where it may.

    Short marks count only together with bytes that no text has.
    """
    for magic, words in _MAGIC:
        if head.startswith(magic) and (len(magic) > 3 or not looks_like_text(head)):
            return words
    return ""


def looks_like_text(head: bytes) -> bool:
    """Whether the bytes may be text in some encoding: hardly any control characters."""
    if any(head.startswith(bom) for bom, _ in _BOMS) or wide_encoding(head):
        return True
    if b"\x00" in head:
        return False
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


def detect_encoding(path: Path) -> str:
    """UTF-8 where the whole file is valid UTF-8, else by its mark, else Windows or Latin-1."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    undefined = False
    valid = True
    with path.open("rb") as file:
        head = file.read(CHUNK)
        for bom, name in _BOMS:
            if head.startswith(bom):
                return name
        wide = wide_encoding(head)
        if wide:
            return wide
        while head:
            try:
                if valid:
                    decoder.decode(head)
            except UnicodeDecodeError:
                valid = False
            undefined = undefined or any(byte in head for byte in _UNDEFINED_1252)
            head = file.read(CHUNK)
    if valid:
        return "utf-8"
    return "latin-1" if undefined else "cp1252"
