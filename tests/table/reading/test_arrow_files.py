"""Parquet, Feather, Arrow and ORC: the same table from each, columns of bytes, damage."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import feather, orc

from automl_core.errors import TableError
from automl_core.table.reading.read import read_file
from tests.table.files import read


@pytest.fixture(autouse=True)
def _own_workspace(workspace: Path) -> None:
    """Scratch files land in a workspace of the test's own."""


def _stream(table: pa.Table, path: Path) -> None:
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, table.schema) as writer:
        writer.write_table(table)


Write = Callable[[pa.Table, Path], object]
WRITERS: dict[str, Write] = {
    "parquet": pq.write_table,
    "feather": lambda table, path: feather.write_feather(table, str(path)),
    "stream": _stream,
    "orc": lambda table, path: orc.write_table(table, str(path)),
}
kinds = pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)


@kinds
def test_the_same_table_from_every_format(tmp_path: Path, write: Write) -> None:
    day = pa.array([0, None, 86_400_000_000], pa.timestamp("us"))
    source = pa.table({"n": [1, 2, None], "s": ["a", "é", None], "d": day, "l": [[1], None, []]})
    write(source, tmp_path / "f")
    table, settings = read_file(tmp_path / "f", "f.csv")  # the name is no evidence
    assert settings.left_out == ()
    assert table["n"].to_pylist() == [1, 2, None]
    assert table["s"].to_pylist() == ["a", "é", None]
    assert table["d"].cast(pa.timestamp("us")).to_pylist() == day.to_pylist()
    assert table["l"].to_pylist() == ["[1]", None, "[]"]


@kinds
def test_columns_of_bytes_are_left_out_and_said(tmp_path: Path, write: Write) -> None:
    # Text first, so that only a later batch shows what the column is.
    mixed = pa.array([b"text"] * 70_000 + [b"\xff\x00"])
    names = ["a", "a", "picture", "mixed"]
    columns = [pa.array(range(70_001)), mixed, pa.array([b"\xfe"] * 70_001), mixed]
    source = pa.Table.from_arrays(columns, names=names)
    if write is WRITERS["orc"]:
        source = source.rename_columns(["a", "b", "picture", "mixed"])
    write(source, tmp_path / "f")
    table, settings = read_file(tmp_path / "f", "f")
    assert table.column_names == ["a"]
    assert table["a"].to_pylist() == list(range(70_001))
    assert "picture" in settings.left_out and "mixed" in settings.left_out
    assert "binary data" in settings.for_people()["left out"]


@kinds
def test_flipped_bits_are_an_error_in_words_or_a_table(tmp_path: Path, write: Write) -> None:
    rows = range(200)
    source = pa.table({"n": rows, "s": [f"é {i % 7}" for i in rows], "l": [[i] for i in rows]})
    write(source, tmp_path / "f")
    whole, rng = (tmp_path / "f").read_bytes(), random.Random(1)
    for _ in range(60):
        data = bytearray(whole)
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        try:
            read(tmp_path, bytes(data), "t").to_pydict()
        except TableError as error:
            assert error.hint


def test_a_row_of_nested_cells_beyond_the_year_9999(tmp_path: Path) -> None:
    kind = pa.struct([("t", pa.timestamp("us"))])
    pq.write_table(
        pa.table({"s": pa.array([{"t": 10**18}] * 3, kind), "y": [1, 2, 3]}), tmp_path / "f"
    )
    table, _ = read_file(tmp_path / "f", "f.parquet")
    assert table["s"][0].as_py() == '{"t": "33658-09-27 01:46:40.000000"}'
