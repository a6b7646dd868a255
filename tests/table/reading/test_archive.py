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
from automl_core.table import ReadOptions, SourceFormat
from automl_core.table.reading import archive
from automl_core.table.reading.read import preview, read_file
from tests.table.files import PEOPLE, read, workbook, zipped


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


CITIES = "city,people\n" + "".join(f"c{i},{i}\n" for i in range(40))


def _several(tmp_path: Path) -> Path:
    members = {"info.txt": b"x" * 9_000, "data/people.csv": PEOPLE.encode(), "cities.csv": CITIES}
    path = tmp_path / "t.zip"
    path.write_bytes(
        zipped({n: d.encode() if isinstance(d, str) else d for n, d in members.items()})
    )
    return path


def test_of_a_zip_with_several_files_the_largest_table_is_read_and_the_others_are_named(
    tmp_path: Path,
) -> None:
    table, used = read_file(_several(tmp_path), "t.zip")
    assert table.column_names == ["city", "people"] and used.sheet == "cities.csv"
    (decision,) = (d for d in used.decisions if d.setting == "sheet")
    assert decision.doubtful and decision.alternative == "data/people.csv"
    assert "'info.txt' (9,000 bytes)" in decision.why
    assert used.for_people()["sheets"] == "info.txt / data/people.csv / cities.csv"


@pytest.mark.parametrize("name", ["people.csv", "data/people.csv"])
def test_a_file_of_a_zip_is_chosen_by_its_name(tmp_path: Path, name: str) -> None:
    path = _several(tmp_path)
    asked = SourceFormat("", asked=ReadOptions(sheet=name))
    table, used = read_file(path, "t.zip", source_format=asked)
    assert table.num_rows == 3 and used.given == ("sheet",) and used.sheet == "data/people.csv"
    assert read_file(path, "t.zip", used)[0].equals(table)  # as the pages read it again
    assert preview(path, "t.zip", used).column_names == table.column_names
    usual = SourceFormat("", usual=ReadOptions(sheet="people.csv"))  # set for the training file
    assert read_file(path, "t.zip", source_format=usual)[0].equals(table)


def test_a_name_that_no_file_of_a_zip_has_is_refused_with_those_that_there_are(
    tmp_path: Path,
) -> None:
    asked = SourceFormat("", asked=ReadOptions(sheet="2020"))
    with pytest.raises(TableError, match="no file '2020'") as raised:
        read_file(_several(tmp_path), "t.zip", source_format=asked)
    assert "'cities.csv'" in raised.value.hint


def test_the_only_file_of_a_zip_may_be_a_workbook_with_sheets(tmp_path: Path) -> None:
    path = tmp_path / "t.zip"
    path.write_bytes(zipped({"b.xlsx": workbook([["a"], [1]], {"more": [["b", "c"], [2, 3]]})}))
    asked = SourceFormat("", asked=ReadOptions(sheet="more"))
    assert read_file(path, "t.zip", source_format=asked)[0].column_names == ["b", "c"]


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
        read(tmp_path, pack(b"0" * 12_000_000), "t.csv.gz")
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
