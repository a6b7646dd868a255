"""Files of every kind to tables, and what is said of those that are none."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import json
import os
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from automl_core.errors import TableError
from automl_core.table import archive
from automl_core.table.read import ReadSettings, detect_settings, read_file, read_table

PEOPLE = "name,age,city\nAnn,31,Rome\nBob,27,Oslo\nCid,45,Bern\n"


@pytest.fixture(autouse=True)
def _own_workspace(workspace: Path) -> None:
    """Scratch files land in a workspace of the test's own."""


def read(tmp_path: Path, data: bytes | str, name: str = "t.csv") -> pa.Table:
    path = tmp_path / "upload"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return read_file(path, name)[0]


def settings(tmp_path: Path, data: bytes | str, name: str = "t.csv") -> ReadSettings:
    path = tmp_path / "upload"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return detect_settings(path, name)


def zipped(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return buffer.getvalue()


def workbook(rows: list[list[Any]], sheets: dict[str, list[list[Any]]] | None = None) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for title, content in (sheets or {}).items():
        sheet = book.create_sheet(title)
        for row in content:
            sheet.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


# -- delimited text


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_any_delimiter(tmp_path: Path, delimiter: str) -> None:
    table = read(tmp_path, PEOPLE.replace(",", delimiter))
    assert table.column_names == ["name", "age", "city"]
    assert table["age"].to_pylist() == [31, 27, 45]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"]
)
def test_any_encoding(tmp_path: Path, encoding: str) -> None:
    text = "städt,größe\nMünchen,1\nKöln,2\nZürich,3\n" + "Saarbrücken,4\n" * 30
    table = read(tmp_path, text.encode(encoding))
    assert table.column_names == ["städt", "größe"]
    assert table["städt"].to_pylist()[:3] == ["München", "Köln", "Zürich"]


def test_an_encoding_that_breaks_late_is_still_found(tmp_path: Path) -> None:
    data = b"a,b\n" + b"plain,1\n" * 200_000 + "caf\xe9,2\n".encode("cp1252")
    assert read(tmp_path, data)["a"][-1].as_py() == "café"


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_any_line_end(tmp_path: Path, newline: str) -> None:
    assert read(tmp_path, PEOPLE.replace("\n", newline)).num_rows == 3


def test_decimal_comma(tmp_path: Path) -> None:
    found = settings(tmp_path, "a;b\n1,5;x\n2,25;y\n")
    assert (found.delimiter, found.decimal) == (";", ",")
    assert read(tmp_path, "a;b\n1,5;x\n2,25;y\n")["a"].to_pylist() == [1.5, 2.25]


def test_quotes_keep_delimiters_newlines_and_doubled_quotes(tmp_path: Path) -> None:
    table = read(tmp_path, 'a,b\n"x, ""y""\nz",1\n"w",2\n')
    assert table["a"].to_pylist() == ['x, "y"\nz', "w"]


def test_blanks_after_the_delimiter(tmp_path: Path) -> None:
    table = read(tmp_path, 'a, b, c\n1, "x, y", 2\n3, z, \n')
    assert table.column_names == ["a", "b", "c"]
    assert table["b"].to_pylist() == ["x, y", "z"]
    assert table["c"].to_pylist() == [2, None]


def test_single_quotes(tmp_path: Path) -> None:
    table = read(tmp_path, "'a','b'\n'x, y','1'\n'z','2'\n")
    assert table["a"].to_pylist() == ["x, y", "z"]


def test_short_rows_are_filled_and_blank_lines_left_out(tmp_path: Path) -> None:
    table = read(tmp_path, "a,b,c\n1,2,3\n\n4,5\n6\n\n\n")
    assert table.to_pydict() == {"a": [1, 4, 6], "b": [2, 5, None], "c": [3, None, None]}


def test_a_longer_row_is_refused_with_its_number(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"row 2 has 4 cells.*3 columns"):
        read(tmp_path, "a,b,c\n1,2,3\n4,5,6,7\n8,9,10\n")


def test_trailing_delimiters_are_no_column(tmp_path: Path) -> None:
    assert read(tmp_path, "a,b\n1,2,\n3,4,\n").column_names == ["a", "b"]


def test_row_names_without_a_title(tmp_path: Path) -> None:
    table = read(tmp_path, "mpg,cyl\nMazda,21,6\nFiat,32,4\n")
    assert table.column_names == ["column_1", "mpg", "cyl"]


@pytest.mark.parametrize("top", ["sep=;\n", "Report of 2024\n\n", "# made by x, v1\n# y\n"])
def test_lines_above_the_header_are_skipped(tmp_path: Path, top: str) -> None:
    assert read(tmp_path, top + "a;b\n1;x\n2;y\n3;z\n").column_names == ["a", "b"]


def test_a_file_without_header(tmp_path: Path) -> None:
    table = read(tmp_path, "5.1,3.5,setosa\n4.9,3.0,setosa\n6.3,3.3,virginica\n")
    assert table.num_rows == 3
    assert table.column_names == ["column_1", "column_2", "column_3"]


def test_years_as_names_are_a_header(tmp_path: Path) -> None:
    assert read(tmp_path, "2019,2020,2021\n1,2,3\n4,5,6\n").column_names == ["2019", "2020", "2021"]


def test_codes_keep_their_zeros_and_long_keys_their_digits(tmp_path: Path) -> None:
    table = read(tmp_path, "zip,key,x\n007,12345678901234567890,1\n010,12345678901234567891,2\n")
    assert table["zip"].to_pylist() == ["007", "010"]
    assert table["key"].to_pylist()[0] == "12345678901234567890"


def test_words_among_numbers_stay_text(tmp_path: Path) -> None:
    table = read(tmp_path, "a,b,c\n1,nan,inf\n?,2,3\n")
    assert table.schema.types == [pa.string()] * 3


def test_one_column(tmp_path: Path) -> None:
    assert read(tmp_path, "value\n1\n2\n3\n").to_pydict() == {"value": [1, 2, 3]}


def test_one_column_of_sentences(tmp_path: Path) -> None:
    table = read(tmp_path, "text\nhello, world\nwell, yes, no\nthe end\n")
    assert table["text"].to_pylist() == ["hello, world", "well, yes, no", "the end"]


def test_mixed_types_in_one_column(tmp_path: Path) -> None:
    table = read(tmp_path, "a,b\n1,x\ntwo,y\n2020-01-01,z\n,w\n")
    assert table["a"].to_pylist() == ["1", "two", "2020-01-01", None]


def test_five_thousand_columns(tmp_path: Path) -> None:
    lines = [",".join(f"c{i}" for i in range(5_000))]
    lines += [",".join(str(i * j % 7) for i in range(5_000)) for j in range(30)]
    table = read(tmp_path, "\n".join(lines))
    assert (table.num_rows, table.num_columns) == (30, 5_000)


def test_too_many_columns_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="20,001 columns"):
        read(tmp_path, ",".join(f"c{i}" for i in range(20_001)) + "\n" + ",".join("1" * 20_001))


def test_stated_settings_win(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_text("junk\na;b\n1,5;2\n")
    stated = ReadSettings("csv", delimiter=";", decimal=",", skip_rows=1)
    assert read_table(path, stated).to_pydict() == {"a": [1.5], "b": [2]}


def test_a_wrong_stated_encoding_is_one_message(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes("a,b\ncaf\xe9,1\n".encode("cp1252"))
    with pytest.raises(TableError, match="not utf-8"):
        read_table(path, ReadSettings("csv"))
    with pytest.raises(TableError, match="'klingon' is not known"):
        read_table(path, ReadSettings("csv", encoding="klingon"))


@pytest.mark.parametrize("bad", [{"delimiter": ",,"}, {"quote": ","}, {"decimal": ":"}])
def test_impossible_settings_are_refused(bad: dict[str, str]) -> None:
    with pytest.raises(TableError):
        ReadSettings("csv", **bad)


# -- names


def test_duplicated_and_empty_names(tmp_path: Path) -> None:
    table = read(tmp_path, "x,,x,x_2,\n1,2,3,4,5\n")
    assert table.column_names == ["x", "column_2", "x_3", "x_2", "column_5"]


def test_names_with_markup_emoji_quotes_and_newlines(tmp_path: Path) -> None:
    table = read(
        tmp_path,
        '"<script>alert(1)</script>","**bold** [l](http://x)","\U0001f600 mood",'
        '"say ""hi""","two\nlines"\n1,2,3,4,5\n6,7,8,9,10\n',
    )
    assert table.column_names == [
        "<script>alert(1)</script>",
        "**bold** [l](http://x)",
        "\U0001f600 mood",
        'say "hi"',
        "two lines",
    ]
    assert table.num_rows == 2


# -- what is no table


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
        (b"\xd0\xcf\x11\xe0" + b"\x00" * 512, "old Excel"),
        (b"<!DOCTYPE html><html></html>", "web page"),
    ],
)
def test_what_is_no_table_gets_one_message(tmp_path: Path, data: bytes, words: str) -> None:
    with pytest.raises(TableError, match=words) as caught:
        read(tmp_path, data)
    assert caught.value.hint


@pytest.mark.parametrize("seed", range(20))
def test_rubbish_never_raises_anything_else(tmp_path: Path, seed: int) -> None:
    import random

    rng = random.Random(seed)
    starts = [b"", b"PAR1", b"PK\x03\x04", b"\x1f\x8b", b"{", b"[", b"\xff\xfe", b"a,b\n"]
    data = rng.choice(starts) + rng.randbytes(rng.randrange(1, 3_000))
    try:
        read(tmp_path, data, rng.choice(["t.csv", "t.parquet", "t.json", "t.xlsx"]))
    except TableError as error:
        assert error.message


def test_a_name_that_begins_with_bm_is_no_picture(tmp_path: Path) -> None:
    assert read(tmp_path, "BMI,age\n20.5,3\n21,4\n").column_names == ["BMI", "age"]


# -- Parquet


def test_parquet_with_categories_decimals_and_lists(tmp_path: Path) -> None:
    source = pa.table(
        {
            "c": pa.array(["x", "y", "x"]).dictionary_encode(),
            "d": pa.array([1, 2, 3]).cast(pa.decimal128(10, 2)),
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


# -- JSON


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
        "b": ['{"c": [1]}', None, None],
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


# -- Excel


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
    with pytest.raises(TableError, match="Excel file is damaged"):
        read(tmp_path, data, "t.xlsx")


# -- archives


def test_gzip_and_zip_of_everything(tmp_path: Path) -> None:
    sink = io.BytesIO()
    pq.write_table(pa.table({"name": ["Ann"], "age": [31]}), sink)
    for data, kind in ((PEOPLE.encode(), "csv"), (sink.getvalue(), "parquet")):
        assert read(tmp_path, gzip.compress(data), f"t.{kind}.gz")["age"][0].as_py() == 31
        packed = zipped({"__MACOSX/x": b"junk", f"dir/t.{kind}": data})
        assert read(tmp_path, packed, "t.zip")["age"][0].as_py() == 31


def test_a_zip_with_two_files_names_them(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"2 files: 'a.csv', 'b.csv'"):
        read(tmp_path, zipped({"a.csv": b"a\n1\n", "b.csv": b"b\n1\n"}), "t.zip")


def test_a_zip_cannot_write_outside(tmp_path: Path, workspace: Path) -> None:
    packed = zipped({"../../escaped.csv": PEOPLE.encode()})
    assert read(tmp_path, packed, "t.zip").num_rows == 3
    assert not list(tmp_path.parent.glob("**/escaped.csv"))
    assert not list((workspace / "scratch").iterdir())


@pytest.mark.parametrize("pack", [gzip.compress, lambda data: zipped({"a.csv": data})])
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
)
def test_damaged_empty_and_nested_archives(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(TableError):
        read(tmp_path, data, "t.gz")


# -- real tables


def test_every_benchmark_table_is_read_whole(datasets: Path) -> None:
    for entry in json.loads((datasets / "datasets.json").read_text()):
        table, _ = read_file(datasets / entry["file"], entry["file"])
        assert (table.num_rows, table.num_columns) == (entry["rows"], entry["columns"]), entry
        assert entry["target"] in table.column_names
