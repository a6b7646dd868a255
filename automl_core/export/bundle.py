"""A model as one zip: its files, a manifest with checksums, and how to use it.

    manifest.json README.md model.json schema.json members/<i>/... encoders/<n>.json
    answer.json selftest.json reference.json

Nothing in it is a pickle and nothing is ever extracted to disk. A bundle may come from
anyone: names, sizes and checksums are verified before a byte is interpreted. The contents of
the model's files are not interpreted here.
"""

from __future__ import annotations

import hashlib
import io
import json
import platform
import re
import zipfile
import zlib
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from automl_core.errors import ModelError
from automl_core.export.archive import add_file
from automl_core.export.safe_reading import FORMAT_VERSION, read_record
from automl_core.files import dump_json
from automl_core.records import to_plain
from automl_core.types import Files
from automl_core.words import size

MANIFEST, README = "manifest.json", "README.md"
LIBRARIES = ("torch", "scikit-learn", "numpy", "pyarrow")

MAX_FILES = 10_000
MAX_TEXT_BYTES = 16 * 2**20  # of the manifest and the README
MAX_BYTES = 8 * 2**30  # of all files, unpacked
FREE_BYTES = 64 * 2**20  # below this, any compression is believed
MAX_RATIO = 100  # above it: trained weights and trees shrink 2 to 20 times

_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")
_BROKEN = (
    zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, EOFError, OSError,
    NotImplementedError, RuntimeError, ValueError, OverflowError,
)  # fmt: skip


@dataclass(frozen=True)
class FileEntry:
    """Size and checksum of one file of the bundle."""

    bytes: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """manifest.json"""

    kind: str  # "torchlight-bundle"
    versions: dict[str, str]  # of Python and the libraries that wrote it
    info: dict[str, Any]  # for people: name of the model, metric ...; for a form: `columns`
    files: dict[str, FileEntry]
    format_version: int = FORMAT_VERSION


def write_bundle(files: Files, info: dict[str, Any]) -> bytes:
    """The zip, the same bytes for the same files and info. `info` is plain JSON data."""
    manifest = Manifest(
        "torchlight-bundle",
        {"python": platform.python_version()} | {name: library_version(name) for name in LIBRARIES},
        info,
        {n: FileEntry(len(d), hashlib.sha256(d).hexdigest()) for n, d in sorted(files.items())},
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        add_file(archive, README, _readme(info).encode())
        add_file(archive, MANIFEST, dump_json(to_plain(manifest)))
        for name, data in sorted(files.items()):
            assert _NAME.fullmatch(name) and name not in (MANIFEST, README), name
            add_file(archive, name, data)
    return buffer.getvalue()


def read_bundle(data: bytes | Path) -> Files:
    """The files that `write_bundle` was given, verified.

    Raises ModelError where it is no bundle, is damaged or incomplete, holds anything that the
    manifest does not name, would unpack to far more than it is, or is of a newer version.
    """
    return open_bundle(data)[0]


def open_bundle(data: bytes | Path) -> tuple[Files, Manifest]:
    """Files and manifest of a bundle, read and verified once; errors as `read_bundle`."""
    if isinstance(data, Path) and not data.is_file():
        raise ModelError(f"There is no model file {str(data)!r}.", "Check the name of the file.")
    packed = data.stat().st_size if isinstance(data, Path) else len(data)
    try:
        with zipfile.ZipFile(data if isinstance(data, Path) else io.BytesIO(data)) as archive:
            return _read(archive, packed)
    except _BROKEN as error:
        raise ModelError(
            "This is not a Torchlight model, or the file is damaged.",
            "Expected the zip that the Models page or `export --format bundle` gives.",
        ) from error


def _read(archive: zipfile.ZipFile, packed: int) -> tuple[Files, Manifest]:
    entries = {entry.filename: entry for entry in archive.infolist()}
    if len(entries) != len(archive.infolist()):
        raise ModelError("The model file has two entries of the same name; it is not used.")
    if len(entries) > MAX_FILES:
        raise ModelError(
            f"The model file has {len(entries)} entries; at most {MAX_FILES} are read."
        )
    for name, entry in entries.items():
        if not _NAME.fullmatch(name):
            raise ModelError(f"The model file has an entry with an unsafe name: {name[:80]!r}.")
        if name in (MANIFEST, README) and entry.file_size > MAX_TEXT_BYTES:
            raise ModelError(f"The model file is damaged: {name} is far too large.")
    total = sum(entry.file_size for entry in entries.values())
    if total > MAX_BYTES or total > max(FREE_BYTES, MAX_RATIO * packed):
        raise ModelError(
            f"The model file would unpack to {size(total)} from {size(packed)}; it is not opened.",
            "A model that Torchlight wrote does not do that: get the file from its source again.",
        )
    if MANIFEST not in entries:
        raise ModelError(
            "This zip is not a Torchlight model: manifest.json is missing.",
            "Expected the zip that the Models page or `export --format bundle` gives.",
        )
    manifest = read_record(Manifest, {MANIFEST: _content(archive, entries[MANIFEST])}, MANIFEST)
    if manifest.kind != "torchlight-bundle":
        raise ModelError(f"This zip is not a Torchlight model but {manifest.kind[:80]!r}.")
    return _verified(archive, entries, manifest), manifest


def _verified(
    archive: zipfile.ZipFile, entries: dict[str, zipfile.ZipInfo], manifest: Manifest
) -> Files:
    listed, present = set(manifest.files), set(entries) - {MANIFEST, README}
    if missing := sorted(listed - present):
        raise ModelError(f"The model file is incomplete: {missing[0][:80]!r} is missing.")
    if unknown := sorted(present - listed):
        raise ModelError(
            f"The model file has a file that does not belong to it: {unknown[0][:80]!r}."
        )
    files = {}
    for name, expected in manifest.files.items():
        if entries[name].file_size != expected.bytes:
            raise ModelError(f"The model file is damaged: {name} has the wrong size.")
        content = _content(archive, entries[name])
        if hashlib.sha256(content).hexdigest() != expected.sha256:
            raise ModelError(f"The model file is damaged: the checksum of {name} is wrong.")
        files[name] = content
    return files


def _content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    # Asking for a size bounds the memory too; `archive.read` would believe the compressed data.
    with archive.open(entry) as file:
        return file.read(entry.file_size)


def library_version(library: str) -> str:
    """The installed version of a library; `absent` where it is not there."""
    try:
        return version(library)
    except PackageNotFoundError:
        return "absent"


def _readme(info: dict[str, Any]) -> str:
    lines = "".join(
        f"    {key}: {json.dumps(value, ensure_ascii=False)}\n"
        for key, value in info.items()
        if not isinstance(value, list)  # they are for programs
    )
    return f"""# A model trained with Torchlight

It needs Torchlight: `pip install .` in the folder of its source installs the command
`torchlight` and the package `automl_core`. Score the rows of a file:

    torchlight predict MODEL.zip NEW.csv --out PREDICTIONS.csv

or a file or a pandas table in Python:

    import automl_core
    predictions = automl_core.load("MODEL.zip").predict("NEW.csv")

The rows keep their order. `prediction` is the answer; for classes there is also
`probability_<label>` for each label. With a threshold, named below, the answer follows it and
not the most probable class. Around values there may be `low_90` and `high_90`: the actual value
should lie between them in 90 of 100 rows that are like those of the training. Columns the
model does not know are ignored; a column that is missing is an error on the command line,
unless `--allow-missing` lets it count as empty. `schema.json` lists what it reads, `manifest.json`
the versions and checksums. `torchlight serve MODEL.zip` answers requests over HTTP.

{lines}"""
