"""CSV and its kin, however they are written."""

from __future__ import annotations

import re
from pathlib import Path

import pyarrow as pa
import pytest

from automl_core.errors import TableError
from automl_core.table.reading.read import ReadSettings, read_file, read_table
from tests.table.files import PEOPLE, read, settings


@pytest.fixture(autouse=True)
def _own_workspace(workspace: Path) -> None:
    """Scratch files land in a workspace of the test's own."""


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


def test_a_quote_that_is_never_closed_swallows_no_rows(tmp_path: Path) -> None:
    rows = "1,x,2\n" * 50
    table = read(tmp_path, f'a,b,c\n{rows}3,"stray,4\n{rows}')
    assert table.num_rows == 101
    assert table["b"][50].as_py() == '"stray'


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


@pytest.mark.parametrize("bad", [{"delimiter": ",a,"}, {"quote": ","}, {"decimal": ":"}])
def test_impossible_settings_are_refused(bad: dict[str, str]) -> None:
    with pytest.raises(TableError):
        ReadSettings("csv", **bad)


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


@pytest.mark.parametrize(
    ("names", "row"),
    [
        ("id,price,kind", "{},{}.5,red"),
        ("Land;2018;2019", "L{};{},5;2,5"),
        ('"name"\t"city"', "n{}\tOrt{}"),
        ("id,note,kind", 'x{},"a, {}",red'),
    ],
)
def test_the_header_of_files_put_together_is_no_row(tmp_path: Path, names: str, row: str) -> None:
    part = f"{names}\n" + "".join(row.format(i, i % 4) + "\n" for i in range(40))
    (tmp_path / "f").write_text(part * 3)
    table, used = read_file(tmp_path / "f", "f.csv")
    assert table.num_rows == 120
    assert table.column_names == re.sub('"', "", re.sub("[,;\t]", " ", names)).split()
    assert [d.why for d in used.decisions if d.setting == "repeated_header"] == [
        "2 rows are the header once more."
    ]
    assert read_file(tmp_path / "f", "f.csv", used)[0].equals(table)


def test_rows_that_equal_a_header_of_numbers_are_rows(tmp_path: Path) -> None:
    rows = "".join(f"{i % 2},{(i + 1) % 2}\n" for i in range(30))
    (tmp_path / "f").write_text("0,1\n" + rows)
    table = read_table(tmp_path / "f", ReadSettings("csv"))
    assert table.num_rows == 30


def test_rows_of_words_that_occur_often_are_rows(tmp_path: Path) -> None:
    rows = "".join(f"{'high' if i % 2 else 'low'},{'yes' if i % 3 else 'no'}\n" for i in range(30))
    assert read(tmp_path, rows).num_rows == 30


@pytest.mark.parametrize(
    "text",
    [
        "a;b;c;\n" + "1;2,5;red;\n" * 30,
        "| a | b | c |\n|---|:---:|---:|\n" + "| 1 | 2.5 | red |\n" * 30,
        "a||b||c\n" + "1||2.5||red\n" * 30,
        ",a,b,c,,\n" + ",1,2.5,red,,\n" * 30,
    ],
)
def test_columns_without_a_name_and_a_cell_are_none(tmp_path: Path, text: str) -> None:
    table = read(tmp_path, text)
    assert table.column_names == ["a", "b", "c"]
    assert table.slice(0, 1).to_pylist() == [{"a": 1, "b": 2.5, "c": "red"}]


def test_a_column_without_a_name_is_kept_where_a_late_row_fills_it(tmp_path: Path) -> None:
    table = read(tmp_path, "a,b,\n" + "1,2,\n" * 60_000 + "1,2,9\n")
    assert table.column_names == ["a", "b", "column_3"]
    assert str(table["column_3"][-1].as_py()) == "9"


@pytest.mark.parametrize("cell", ["'O, {}'", '"a \\"{}\\", b"'])
def test_a_quoted_cell_with_the_delimiter_in_each_row(tmp_path: Path, cell: str) -> None:
    rows = "".join(f"{i},{cell.format('xyz'[i % 3])},{i % 2}\n" for i in range(40))
    table = read(tmp_path, "id,name,y\n" + rows)
    assert table.column_names == ["id", "name", "y"]
    assert table["y"].to_pylist() == [i % 2 for i in range(40)]
