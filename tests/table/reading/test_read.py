"""Files of every kind to tables, and what is said of those that are none."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import os
import random
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from automl_core.errors import TableError
from automl_core.table.reading.read import ReadSettings, read_file, read_table
from tests.table.files import read, workbook, zipped


@pytest.fixture(autouse=True)
def _own_workspace(workspace: Path) -> None:
    """Scratch files land in a workspace of the test's own."""


PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"   \n\n", "nothing but blanks"),
        (b"a,b,c\n", "no rows"),
        (b"a,b,c", "no rows"),
        (b"\xef\xbb\xbf", "nothing but blanks"),
        (os.urandom(5_000), "binary|damaged|is a"),
        (b"\x00" * 1_000, "binary"),
        (PNG, "PNG picture"),
        (b"%PDF-1.7\n" + b"x" * 100, "PDF"),
        (b"BM" + b"\x00" * 50, "BMP"),
        (b"\xd0\xcf\x11\xe0" + b"\x00" * 512, "damaged"),
        (b"<!DOCTYPE html><html></html>", "web page"),
        (b"\n <TABLE><tr><td>1</td></tr></TABLE>", "web page"),
        (b"\xef\xbb\xbf<html xmlns:x='urn:schemas-microsoft-com:office:excel'>", "web page"),
        (b'<?xml version="1.0"?><Workbook></Workbook>', "XML"),
        (b"SQLite format 3\x00" + b"\x00" * 100, "SQLite"),
        (b"\x80\x02}q\x00." + b"\x00" * 20, "pickle"),
        (gzip.compress(b"X\n\x00\x00\x00\x03" + b"\x00" * 99, mtime=0), "R objects"),
        (b"a.csv" + b"\x00" * 252 + b"ustar\x0000" + b"\x00" * 600, "tar archive"),
        (zipped({"word/document.xml": b"<w/>", "[Content_Types].xml": b"<t/>"}), "Word document"),
    ],
)
def test_what_is_no_table_gets_one_message(tmp_path: Path, data: bytes, words: str) -> None:
    with pytest.raises(TableError, match=words) as caught:
        read(tmp_path, data)
    assert caught.value.hint


def test_a_file_that_is_not_there_or_a_folder_is_a_table_error(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nothing.csv"):
        with pytest.raises(TableError, match="cannot be read"):
            read_file(path, path.name)


@pytest.mark.parametrize("seed", range(20))
def test_rubbish_never_raises_anything_else(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    starts = [b"", b"PAR1", b"PK\x03\x04", b"\x1f\x8b", b"{", b"[", b"\xff\xfe", b"a,b\n"]
    data = rng.choice(starts) + rng.randbytes(rng.randrange(1, 3_000))
    try:
        read(tmp_path, data, rng.choice(["t.csv", "t.parquet", "t.json", "t.xlsx"]))
    except TableError as error:
        assert error.message


def test_a_name_that_begins_with_bm_is_no_picture(tmp_path: Path) -> None:
    assert read(tmp_path, "BMI,age\n20.5,3\n21,4\n").column_names == ["BMI", "age"]


def test_parquet_with_categories_decimals_and_lists(tmp_path: Path) -> None:
    source = pa.table(
        {
            "c": pa.array(["x", "y", "x"]).dictionary_encode(),
            "d": pa.array([1, 2, 3]).cast(pa.decimal128(21, 2)),
            "l": [[1, 2], None, []],
            "t": pa.array([1, 2, 3], pa.timestamp("ns")),
            "s": pa.array(["a", None, "b"], pa.large_string()),
        }
    )
    pq.write_table(source, tmp_path / "f")
    table, _ = read_file(tmp_path / "f", "f.csv")
    assert table["c"].to_pylist() == ["x", "y", "x"]
    assert table["d"].to_pylist() == [1.0, 2.0, 3.0]
    assert table["l"].to_pylist() == ["[1, 2]", None, "[]"]
    assert table.schema.field("s").type == pa.string()


def test_parquet_row_labels_of_pandas_are_no_column(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": [1, 2, 3]}, index=[7, 5, 9])
    frame.to_parquet(tmp_path / "frame.parquet")
    assert read_file(tmp_path / "frame.parquet", "frame.parquet")[0].column_names == ["a"]


def test_parquet_without_rows_bytes_or_tail(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="empty"):
        read(tmp_path, b"", "t.parquet")
    pq.write_table(pa.table({"a": pa.array([], pa.int64())}), tmp_path / "none")
    with pytest.raises(TableError, match="no rows"):
        read_file(tmp_path / "none", "none.parquet")
    pq.write_table(pa.table({"a": [1, 2]}), tmp_path / "whole")
    with pytest.raises(TableError, match="damaged"):
        read(tmp_path, (tmp_path / "whole").read_bytes()[:-20], "t.parquet")


def test_parquet_with_binary_cells_is_refused(tmp_path: Path) -> None:
    pq.write_table(pa.table({"b": [b"\xff\xfe\x00"]}), tmp_path / "f")
    with pytest.raises(TableError, match="'b' holds binary data"):
        read_file(tmp_path / "f", "f.parquet")


@pytest.mark.parametrize(
    "document",
    [
        [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}],
        {"a": [1, 2], "b": ["x", "y"]},
        {"data": [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]},
        {"a": {"0": 1, "1": 2}, "b": {"0": "x", "1": "y"}},
        [["a", "b"], [1, "x"], [2, "y"]],
    ],
)
@pytest.mark.parametrize("indent", [None, 2])
def test_json_shapes(tmp_path: Path, document: Any, indent: int | None) -> None:
    table = read(tmp_path, json.dumps(document, indent=indent), "t.json")
    assert table.to_pydict() == {"a": [1, 2], "b": ["x", "y"]}


def test_json_lines_with_gaps_mixed_and_nested_values(tmp_path: Path) -> None:
    lines = '{"a": 1, "b": {"c": [1]}}\n\n{"a": "x", "z": true}\n{"a": null, "z": NaN}\n'
    table = read(tmp_path, lines, "t.txt")
    assert table.to_pydict() == {
        "a": ["1", "x", None],
        "b.c": ["[1]", None, None],
        "z": [None, True, None],
    }


@pytest.mark.parametrize(
    "text",
    [
        "[]", "{}", "[1, 2]", '{"a": 1}', '{"a": [1], "b": [1, 2]}', '[{"a": 1}, 2]',
        '{"a": [1, 2', "[" * 5_000 + "]" * 5_000, '{"a": 1}\n{"a": 2}\nnonsense', "[[], []]",
    ],
)  # fmt: skip
def test_json_that_is_no_table(tmp_path: Path, text: str) -> None:
    with pytest.raises(TableError):
        read(tmp_path, text, "t.json")


def test_json_with_half_a_character(tmp_path: Path) -> None:
    table = read(tmp_path, '[{"a\\ud800": "x\\ud800"}, {"a\\ud800": "y"}]', "t.json")
    assert table.num_rows == 2
    table.to_pandas()


def test_excel_keeps_types_and_dates(tmp_path: Path) -> None:
    day = dt.datetime(2024, 3, 1)
    rows = [["n", "f", "d", "w", None, "n"], [1, 1.5, day, "x", True, "7"], [2, 2.0, day, None]]
    table = read(tmp_path, workbook(rows), "t.csv")
    assert table.column_names == ["n", "f", "d", "w", "column_5", "n_2"]
    assert table["d"].to_pylist() == [day, day]
    assert table["n"].to_pylist() == [1, 2]
    assert table["w"].to_pylist() == ["x", None]


def test_excel_another_sheet_and_an_unknown_one(tmp_path: Path) -> None:
    path = tmp_path / "book"
    path.write_bytes(workbook([["a"], [1]], {"Sales": [["b", "c"], [1, 2]]}))
    assert read_table(path, ReadSettings("excel", sheet="Sales")).column_names == ["b", "c"]
    with pytest.raises(TableError, match="no sheet 'Sale'") as caught:
        read_table(path, ReadSettings("excel", sheet="Sale"))
    assert "Sales" in caught.value.hint


@pytest.mark.parametrize("rows", [[], [["a", "b"]]])
def test_excel_without_rows(tmp_path: Path, rows: list[list[Any]]) -> None:
    with pytest.raises(TableError, match="no rows"):
        read(tmp_path, workbook(rows), "t.xlsx")


def test_damaged_excel(tmp_path: Path) -> None:
    data = zipped({"xl/workbook.xml": b"<x", "[Content_Types].xml": b"<y"})
    with pytest.raises(TableError, match="workbook is damaged"):
        read(tmp_path, data, "t.xlsx")
