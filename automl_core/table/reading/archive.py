"""Files out of gzip, zip, bzip2, xz and Zstandard, into a scratch file of ours, within limits.

Nothing is ever written under a name that an archive gives. Knows nothing of tables.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Literal, cast

import pyarrow as pa

from automl_core.errors import TableError, did_you_mean
from automl_core.files import scratch_folder, workspace
from automl_core.table import Decision, Meter, shown

Compression = Literal["", "gzip", "zip", "bzip2", "xz", "zstd"]

# What a packed file begins with, and what its name ends with; a zip is told otherwise.
_PACKED: dict[Compression, tuple[bytes, tuple[str, ...]]] = {
    "gzip": (b"\x1f\x8b", (".gz", ".gzip")),
    "bzip2": (b"BZh", (".bz2", ".bzip2")),
    "xz": (b"\xfd7zXZ\x00", (".xz",)),
    "zstd": (b"\x28\xb5\x2f\xfd", (".zst", ".zstd")),
}

MAX_BYTES = 16 * 2**30
"""No unpacked file is larger."""
MAX_RATIO = 200
"""An unpacked file is at most so many times its packed size; above FREE_BYTES only."""
FREE_BYTES = 256 * 2**20

_CHUNK = 4 * 2**20
_BZIP2_BLOCKS = (b"\x31\x41\x59\x26\x53\x59", b"\x17\x72\x45\x38\x50\x90")  # after BZh1 to BZh9
# What makes a zip a workbook (.xlsx, .xlsb, .ods), and what makes it something else.
_WORKBOOK_PARTS = {"xl/workbook.xml", "xl/workbook.bin", "content.xml"}
_OTHER_PARTS = {
    "word/document.xml": "a Word document",
    "ppt/presentation.xml": "a PowerPoint presentation",
    "Index/Document.iwa": "a Numbers or Pages document",
}
_NAMED = 4  # files that a message lists
_TABLES = (  # endings of files with a table
    *(".csv", ".tsv", ".tab", ".data", ".dat", ".parquet", ".feather", ".arrow", ".orc", ".json"),
    *(".jsonl", ".ndjson", ".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".arff", ".sav", ".dta"),
    *(".sas7bdat", ".xpt"),
)
_CLUTTER = ("__MACOSX/", ".DS_Store", "Thumbs.db")


@dataclass(frozen=True)
class Member:
    """The file of a zip that is read, and why; the names are as the zip has them."""

    name: str
    names: tuple[str, ...]  # of all files in the zip
    decision: Decision | None = None  # None where there is one file, or it was asked for


def choose_member(path: Path, wanted: str = "", asked: bool = False) -> Member:
    """The file of a zip named `wanted`, or else the largest that looks like a table.

    Raises TableError for a zip without files, one that is damaged, and, where the name was
    `asked` for and there are several files, for a name that none has.
    """
    with _zip(path) as archive:
        sizes = {info.filename: info.file_size for info in _files_in(archive)}
    names = tuple(sizes)
    named = next((n for n in names if wanted in (n, Path(n).name)), "")
    if wanted and named:
        return Member(named, names)
    if wanted and asked and len(names) > 1:
        listed = ", ".join(shown(n) for n in names[:_NAMED])
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        hint = did_you_mean(wanted, names) or f"It holds {listed}{more}."
        raise TableError(f"The zip file has no file {wanted!r}.", hint)
    taken = max(names, key=lambda n: (n.lower().endswith(_TABLES), sizes[n]))
    if len(names) == 1:
        return Member(taken, names)
    others = sorted((n for n in names if n != taken), key=lambda n: -sizes[n])
    listed = "; ".join(f"{shown(n)} ({sizes[n]:,} bytes)" for n in others[:_NAMED])
    more = f"; and {len(others) - _NAMED:,} more" if len(others) > _NAMED else ""
    why = f"It is the largest table in the zip file. Others: {listed}{more}."
    rivals = [n for n in others if n.lower().endswith(_TABLES)]
    return Member(taken, names, Decision("sheet", taken, why, rivals[0] if rivals else ""))


@contextmanager
def unpacked(
    path: Path, compression: Compression, meter: Meter | None = None, member: str = ""
) -> Iterator[Path]:
    """The file itself, or a scratch file with what is packed in it, gone afterwards.

    Of a zip, the file named `member`. Raises TableError for a zip that is encrypted or damaged,
    and for content far larger than what it came from.
    """
    if not compression:
        yield path
        return
    with scratch_folder(workspace()) as folder:
        copy = folder / "unpacked"
        with _opened(path, compression, member) as packed, copy.open("wb") as scratch:
            _copy(packed, scratch, _limit(path), meter or Meter())
        yield copy


def packed_name(name: str, compression: Compression) -> str:
    """The name of what is packed, for its ending only: "a.csv" of "a.csv.gz"."""
    endings = _PACKED[compression][1] if compression in _PACKED else ()
    ending = next((e for e in endings if name.lower().endswith(e)), "")
    return name.removesuffix(name[len(name) - len(ending) :]) if ending else name


def compression_of(path: Path, head: bytes) -> Compression:
    """The compression of a file with these first bytes; "" for none, and for a workbook."""
    for compression, (start, _) in _PACKED.items():
        if head.startswith(start) and (compression != "bzip2" or head[4:10] in _BZIP2_BLOCKS):
            return compression
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")) and not is_workbook(path):
        return "zip"
    return ""


def is_workbook(path: Path) -> bool:
    """True if a zip file is a workbook of some program.

    Raises TableError where it is damaged, a document of another kind, or unpacks to too much.
    """
    with _zip(path) as archive:
        names = {info.filename for info in archive.infolist()}
        if not names & _WORKBOOK_PARTS:
            kind = next((words for part, words in _OTHER_PARTS.items() if part in names), "")
            if kind:
                raise TableError(f"The file is {kind}, not a table.", "Save the table as CSV.")
            return False
        total = sum(info.file_size for info in archive.infolist())
    if total > _limit(path):
        raise _bomb()
    return True


def is_newer_workbook(path: Path) -> bool:
    """True for .xlsx and .xlsm."""
    if not zipfile.is_zipfile(path):
        return False
    with _zip(path) as archive:
        return "xl/workbook.xml" in archive.namelist()


@contextmanager
def _opened(path: Path, compression: Compression, name: str) -> Iterator[IO[bytes]]:
    try:
        if compression != "zip":
            with _OPEN[compression](path) as packed:
                yield cast(IO[bytes], packed)
        else:
            with _zip(path) as archive:
                member = archive.getinfo(name)
                if member.file_size > _limit(path):
                    raise _bomb()
                with archive.open(member) as inner:
                    yield inner
    except (OSError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError) as error:
        if isinstance(error, OSError) and error.errno:  # of the disk, not of what is packed
            raise
        raise TableError(
            f"The {compression} file is damaged and cannot be unpacked ({error}).",
            "Pack it again, or upload the table unpacked.",
        ) from None
    except (RuntimeError, NotImplementedError):  # what zipfile raises for these two
        raise TableError(
            "The zip file is encrypted, or packed in a way that is not supported.",
            "Upload the table unpacked.",
        ) from None


def _open_zstd(path: Path) -> IO[bytes]:
    return cast(IO[bytes], pa.input_stream(str(path), compression="zstd"))


_OPEN: dict[Compression, Callable[[Path], Any]] = {
    "gzip": gzip.open,
    "bzip2": bz2.open,
    "xz": lzma.open,
    "zstd": _open_zstd,
}


def _copy(source: IO[bytes], target: IO[bytes], limit: int, meter: Meter) -> None:
    total = 0
    meter.begin(0)  # how much comes out is known only at the end
    while chunk := source.read(_CHUNK):
        total += len(chunk)
        meter.at(0)
        if total > limit:
            raise _bomb()
        target.write(chunk)
    target.flush()


def _limit(path: Path) -> int:
    return min(MAX_BYTES, max(FREE_BYTES, MAX_RATIO * path.stat().st_size))


def _bomb() -> TableError:
    return TableError(
        "The compressed file unpacks to far more than a table of its size should.",
        "If it is genuine, upload the table unpacked or as Parquet.",
    )


def _zip(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise TableError(
            f"The zip file is damaged ({error}).", "Pack it again, or upload the table unpacked."
        ) from None


def _files_in(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    files = [
        info
        for info in archive.infolist()
        if not info.is_dir() and not any(part in info.filename for part in _CLUTTER)
    ]
    if not files:
        raise TableError("The zip file is empty.", "Put one table into it, or upload it unpacked.")
    return files
