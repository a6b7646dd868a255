"""Packed files: one table in them, and no harm."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from automl_core.errors import TableError
from automl_core.table.reading import archive
from tests.table.files import PEOPLE, read, zipped


@pytest.fixture(autouse=True)
def _own_workspace(workspace: Path) -> None:
    """Scratch files land in a workspace of the test's own."""


def test_gzip_and_zip_of_everything(tmp_path: Path) -> None:
    sink = io.BytesIO()
    pq.write_table(pa.table({"name": ["Ann"], "age": [31]}), sink)
    for data, kind in ((PEOPLE.encode(), "csv"), (sink.getvalue(), "parquet")):
        assert read(tmp_path, gzip.compress(data), f"t.{kind}.gz")["age"][0].as_py() == 31
        packed = zipped({"__MACOSX/x": b"junk", f"dir/t.{kind}": data})
        assert read(tmp_path, packed, "t.zip")["age"][0].as_py() == 31


def _zstd(data: bytes) -> bytes:
    return bytes(pa.compress(data, codec="zstd", asbytes=True))


PACKERS = [bz2.compress, lambda data: lzma.compress(data, preset=0), _zstd]


@pytest.mark.parametrize("pack", PACKERS, ids=["bzip2", "xz", "zstd"])
def test_other_compressions(tmp_path: Path, pack: Any) -> None:
    assert read(tmp_path, pack(PEOPLE.encode()), "t.csv")["age"].to_pylist() == [31, 27, 45]
    with pytest.raises(TableError):
        read(tmp_path, pack(PEOPLE.encode())[:-9], "t.csv")


def test_a_column_that_begins_like_an_archive(tmp_path: Path) -> None:
    for name in ("BZh9", "PKEY", "ORC", "PAR1", "$FL2", "ARROW1", "MZ"):
        assert read(tmp_path, f"{name},b\n1,2\n", "t.csv").column_names == [name, "b"]


def test_a_zip_with_two_files_names_them(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"2 files: 'a.csv', 'b.csv'"):
        read(tmp_path, zipped({"a.csv": b"a\n1\n", "b.csv": b"b\n1\n"}), "t.zip")


def test_a_zip_cannot_write_outside(tmp_path: Path, workspace: Path) -> None:
    packed = zipped({"../../escaped.csv": PEOPLE.encode()})
    assert read(tmp_path, packed, "t.zip").num_rows == 3
    assert not list(tmp_path.parent.glob("**/escaped.csv"))
    assert not list((workspace / "scratch").iterdir())


@pytest.mark.parametrize("pack", [gzip.compress, lambda data: zipped({"a.csv": data}), *PACKERS])
def test_bombs_are_refused_and_leave_nothing(
    tmp_path: Path, workspace: Path, monkeypatch: pytest.MonkeyPatch, pack: Any
) -> None:
    monkeypatch.setattr(archive, "FREE_BYTES", 2**20)
    with pytest.raises(TableError, match="far more"):
        read(tmp_path, pack(b"0,0,0\n" * 8_000_000), "t.csv.gz")
    scratch = workspace / "scratch"
    assert not scratch.exists() or not list(scratch.iterdir())


def test_a_zip_that_lies_about_its_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "FREE_BYTES", 2**20)
    data = bytearray(zipped({"a.csv": b"0,0,0\n" * 8_000_000}))
    real = (48_000_000).to_bytes(4, "little")
    lied = bytes(data).replace(real, (1_000).to_bytes(4, "little"))
    with pytest.raises(TableError):
        read(tmp_path, lied, "t.zip")


@pytest.mark.parametrize(
    "data",
    [
        zipped({}),
        gzip.compress(PEOPLE.encode())[:-12],
        zipped({"a.csv": PEOPLE.encode()})[:-30],
        gzip.compress(gzip.compress(PEOPLE.encode())),
        gzip.compress(b""),
    ],
    # gzip writes the time into its bytes: as names, they would differ from run to run
    ids=["empty zip", "torn gzip", "torn zip", "gzip in gzip", "empty gzip"],
)
def test_damaged_empty_and_nested_archives(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(TableError):
        read(tmp_path, data, "t.gz")
