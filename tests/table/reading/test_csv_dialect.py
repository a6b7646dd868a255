"""Text files as people have them: the delimiter, the table in the file, and what is said of it."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from automl_core.errors import TableError
from automl_core.table import ReadOptions, SourceFormat
from automl_core.table.reading.read import read_file
from tests.table.files import read, settings

ROWS = range(60)


@pytest.fixture(autouse=True)
def _own_workspace(workspace: Path) -> None:
    """Scratch files land in a workspace of the test's own."""


def lines(head: str, row: str) -> str:
    """A header and sixty rows; {i} is the number, {x} a decimal, {w} one of three words."""
    words = ("lorem", "ipsum", "dolor")
    body = (row.format(i=i, x=f"{i * 7 % 10}.{i % 10}", w=words[i % 3]) for i in ROWS)
    return head + "".join(line + "\n" for line in body)


def doubts(found: object) -> set[str]:
    return {d.setting for d in found.decisions if d.doubtful}  # type: ignore[attr-defined]


@pytest.mark.parametrize("cell", ["{x};{i}.0", '"{x};{i}.0"', "A|{i}", "{w}\t{w}", "{i}^2~{w}"])
@pytest.mark.parametrize("with_names", [True, False])
def test_another_delimiter_in_a_cell_of_every_row(
    tmp_path: Path, cell: str, with_names: bool
) -> None:
    path = tmp_path / "upload"
    path.write_text(lines("id,coords,y\n", "{i}," + cell + ",{w}"))
    known = SourceFormat("", names=("id", "coords", "y")) if with_names else None
    table, _ = read_file(path, "t.csv", source_format=known)
    assert table.column_names == ["id", "coords", "y"]
    assert table["id"].to_pylist() == list(ROWS)


@pytest.mark.parametrize("cell", ["{x};{i}.0", "A|{i}"])
def test_rows_to_be_scored_lack_the_target(tmp_path: Path, cell: str) -> None:
    path = tmp_path / "upload"
    path.write_text(lines("id,coords\n", "{i}," + cell))
    known = SourceFormat("", names=("id", "coords", "y"))
    table, _ = read_file(path, "t.csv", source_format=known)
    assert (table.num_rows, table.column_names) == (60, ["id", "coords"])


def test_names_that_a_model_knows_are_a_header_of_numbers(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_text("7,5,3\n" + "1,2,3\n3,9,1\n" * 15)
    table, _ = read_file(path, "t.csv", source_format=SourceFormat("", names=("7", "5", "3")))
    assert (table.num_rows, table.column_names) == (30, ["7", "5", "3"])


@pytest.mark.parametrize("delimiter", [":", "^", "~", "\x01"])
def test_rare_delimiters(tmp_path: Path, delimiter: str) -> None:
    table = read(tmp_path, lines("a,b,c\n", "{w},{i},{x}").replace(",", delimiter))
    assert table.column_names == ["a", "b", "c"]
    assert table["c"].type == pa.float64()


def test_flags_and_blanks_around_numbers_between_tabs(tmp_path: Path) -> None:
    names = "unit,geo\\time\t2018 \t2019 \n"
    table = read(tmp_path, lines(names, "PC,{w}\t{x} b\t{x} "))
    assert table.column_names == ["unit,geo\\time", "2018", "2019"]
    assert table["2019"].type == pa.float64()


@pytest.mark.parametrize(
    "row", ["name {i}", "{w} and {w}", "2020-01-01 10:{i}:00", "{i} Main Street", "{w}, {w}; {w}"]
)
def test_blanks_and_marks_within_one_column(tmp_path: Path, row: str) -> None:
    table = read(tmp_path, lines("text\n", row))
    assert (table.num_columns, table.num_rows) == (1, 60)


@pytest.mark.parametrize(
    "row",
    [
        "A1{i} {i} {w} {x}",
        "A1{i}   {i}  {w}   {x}",
        "  {x}5 {i}\tA{i}   {x} ",
        "A1{i} {i} '{w}' {x}",
    ],
)
def test_blanks_between_words_and_numbers(tmp_path: Path, row: str) -> None:
    table = read(tmp_path, lines("", row))
    assert (table.num_rows, table.num_columns) == (60, 4)
    assert table["column_2"].to_pylist() == list(ROWS)
    assert table["column_4"].type == pa.float64()


def test_quoted_words_between_blanks_keep_their_blanks(tmp_path: Path) -> None:
    text = lines('"mpg" "cyl"\n', '"Mazda  RX {i}" {x} {i}')
    table = read(tmp_path, text)
    assert table.column_names == ["column_1", "mpg", "cyl"]
    assert table["column_1"][0].as_py() == "Mazda  RX 0"


def test_columns_of_fixed_width(tmp_path: Path) -> None:
    rows = [("New York", 7, "a"), ("Rome", "", "b c"), ("Bad Homburg", 1250, "a")] * 10
    body = "".join(f"{a:<14}{b:>6}  {c}\n" for a, b, c in rows)
    found = settings(tmp_path, f"{'city':<14}{'n':>6}  kind\n" + body)
    assert found.for_people()["delimiter"] == "fixed width, 3 columns"
    table = read(tmp_path, f"{'city':<14}{'n':>6}  kind\n" + body)
    assert table.slice(0, 3).to_pydict() == {
        "city": ["New York", "Rome", "Bad Homburg"],
        "n": [7, None, 1250],
        "kind": ["a", "b c", "a"],
    }


CITIES = ("New York", "Rome", "Bad Homburg v d H")


@pytest.mark.parametrize("header", [True, False])
@pytest.mark.parametrize(
    ("widths", "city"), [((8, 8, 20), 2), ((20, 8, 8), 0), ((8, 20, 8), 1), ((5, 4, 20), 2)]
)
def test_words_in_a_column_of_fixed_width(
    tmp_path: Path, widths: tuple[int, ...], city: int, header: bool
) -> None:
    """One to five words in the last, first or middle column; a blank or more between columns."""
    rows = [[f"A{i:03}", f"{i * 7 % 10}.{i % 10}"] for i in ROWS]
    names = ["code", "x"]
    for place, row in enumerate([names, *rows]):
        row.insert(city, "city" if row is names else CITIES[(place - 1) % 3])
    text = "".join(
        "".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() + "\n"
        for row in ([names, *rows] if header else rows)
    )
    table = read(tmp_path, text)
    assert table.column_names == (names if header else ["column_1", "column_2", "column_3"])
    assert table.column(city).to_pylist() == [CITIES[i % 3] for i in ROWS]
    assert table.num_rows == 60


@pytest.mark.parametrize("signs", ["||", "::", "~|~", "&&", "<>", ";;"])
@pytest.mark.parametrize("price", ["{x}", ""])
def test_several_signs_between_cells(tmp_path: Path, signs: str, price: str) -> None:
    text = lines("id,price,kind\n", "{i}," + price + ",{w}").replace(",", signs)
    text += signs.join(("60", "7.5", "lorem"))
    table = read(tmp_path, text)
    assert table.column_names == ["id", "price", "kind"]
    assert table["id"].to_pylist() == [*ROWS, 60]
    found = settings(tmp_path, text)
    assert found.delimiter == signs
    assert read_file(tmp_path / "upload", "t.csv", found)[0].equals(table)


@pytest.mark.parametrize("sign", ["，", "；", "§", "¦"])
def test_signs_beyond_ascii_part_cells(tmp_path: Path, sign: str) -> None:
    table = read(tmp_path, lines("id,price,kind\n", "{i},{x},{w}").replace(",", sign))
    assert table.column_names == ["id", "price", "kind"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("after", ["", ";;"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("known", [False, True])
def test_lines_in_quotes_hold_rows(
    tmp_path: Path, delimiter: str, after: str, encoding: str, known: bool
) -> None:
    rows = lines("id,note,kind\n", '{i},""a, {w}"",{w}').replace(",", delimiter)
    text = "".join(f'"{row}"{after}\n' for row in rows.splitlines())
    path = tmp_path / "upload"
    path.write_bytes(text.encode(encoding))
    names = ("id", "note", "kind") if known else ()
    table, found = read_file(path, "t.csv", source_format=SourceFormat("", names=names))
    assert table.column_names == ["id", "note", "kind"]
    assert table["note"].to_pylist()[:2] == [f"a{delimiter} lorem", f"a{delimiter} ipsum"]
    (said,) = [d for d in found.decisions if d.setting == "delimiter"]
    assert "one cell in quotes, which holds 3 cells" in said.why and not said.doubtful
    assert read_file(path, "t.csv", found)[0].equals(table)


def test_rows_over_several_lines_within_quotes(tmp_path: Path) -> None:
    text = lines('"id,note,kind"\n', '"{i},""a\nb"",{w}"')
    table = read(tmp_path, text)
    assert table.column_names == ["id", "note", "kind"]
    assert table["note"].to_pylist() == ["a\nb"] * 60


def test_lines_in_single_quotes_hold_rows(tmp_path: Path) -> None:
    table = read(tmp_path, lines("'id;price;kind'\n", "'{i};{x};{w}'"))
    assert table.column_names == ["id", "price", "kind"]
    assert table["id"].to_pylist() == list(ROWS)


@pytest.mark.parametrize("name", ["Smith, John", "Doe, Jane", "Berg"])
def test_commas_and_drawn_lines_in_columns_of_fixed_width(tmp_path: Path, name: str) -> None:
    head = f"{'code':<7}{'name':<16}{'n':>5}\n{'-' * 6} {'-' * 15} {'-' * 5}\n"
    rows = "".join(f"A{i:03}   {name:<16}{i:>5}\n" for i in ROWS)
    assert read(tmp_path, head + rows).column_names == ["code", "name", "n"]
    table = read(tmp_path, rows)
    assert table["column_2"].to_pylist() == [name] * 60
    assert table["column_3"].to_pylist() == list(ROWS)


def test_only_lines_with_quotes_in_them_are_in_quotes(tmp_path: Path) -> None:
    rows = [f"{i},a,x" if i % 2 else f'"{i},""a, b"",x"' for i in ROWS]
    table = read(tmp_path, "\n".join(["id,note,kind", *rows]))
    assert table["note"].to_pylist() == ["a, b", "a"] * 30
    assert table["id"].to_pylist() == list(ROWS)


@pytest.mark.parametrize(
    "row", ['"{w}, {w} and {i}"', '"52.{i},13.{i}"', '"{w}"', '"{w},{w},{w}"', '"x ""{w}"", y"']
)
def test_quoted_cells_of_one_column_are_no_rows(tmp_path: Path, row: str) -> None:
    table = read(tmp_path, lines('"text"\n', row))
    assert (table.column_names, table.num_rows) == (["text"], 60)


def test_numbers_in_quotes_without_names_are_asked_about(tmp_path: Path) -> None:
    text = lines("", '"52.{i},13.{i}"')
    assert "delimiter" in doubts(settings(tmp_path, text))
    path = tmp_path / "upload"
    asked = SourceFormat("", asked=ReadOptions(delimiter="none"))
    table, _ = read_file(path, "t.csv", source_format=asked)
    assert table.column(0).to_pylist()[0] == "52.0,13.0"


def test_a_delimiter_that_a_backslash_escapes(tmp_path: Path) -> None:
    table = read(tmp_path, lines("id,name,age\n", "{i},Smith\\, {w},{i}"))
    assert table.column_names == ["id", "name", "age"]
    assert table["name"].to_pylist()[:2] == ["Smith, lorem", "Smith, ipsum"]


def test_a_first_line_that_states_another_delimiter(tmp_path: Path) -> None:
    table = read(tmp_path, "sep=,\n" + lines("id;price\n", "{i};{x}"))
    assert table.column_names == ["id", "price"]


@pytest.mark.parametrize("place", [0, 1, 30])
def test_a_row_that_is_too_long_shifts_no_column(tmp_path: Path, place: int) -> None:
    rows = [f"{i},Person {i},{i + 20}\n" for i in ROWS]
    rows[place] = "1,Smith, John,50\n"
    with pytest.raises(TableError, match=rf"row {place + 1} has 4 cells.*Smith \| John"):
        read(tmp_path, "id,name,age\n" + "".join(rows))
    if place == 0:
        with pytest.raises(TableError, match="row 1 has 4 cells"):
            read(tmp_path, "".join(rows))


def test_quotes_escaped_by_a_backslash(tmp_path: Path) -> None:
    text = lines("id,name,age\n", '{i},"Jo \\"x, {w}\\" \\\\ {i}",\\N')
    table = read(tmp_path, text)
    assert table["name"][0].as_py() == 'Jo "x, lorem" \\ 0'
    assert table["age"][0].as_py() == "\\N"


def test_a_path_that_ends_in_a_backslash_escapes_nothing(tmp_path: Path) -> None:
    table = read(tmp_path, lines("id,dir,n\n", '{i},"C:\\dir{i}\\",{i}'))
    assert table["dir"][0].as_py() == "C:\\dir0\\"
    assert table["n"].to_pylist() == list(ROWS)


@pytest.mark.parametrize("blank", [";;", "", " ; ;", ";;;"])
def test_lines_of_delimiters_only_are_no_rows(tmp_path: Path, blank: str) -> None:
    body = lines("a;b;c\n", "{i};{w};{x}").replace("lorem", "lorem")
    text = body.replace("\n", f"\n{blank}\n", 5) + f"{blank}\n"
    assert read(tmp_path, text)["a"].to_pylist() == list(ROWS)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
@pytest.mark.parametrize(
    "end", ["\nQuelle: Bundesamt für Statistik\n", "Summe;1770;\nQuelle: x, y\n"]
)
def test_footers_of_long_files_are_left_out(tmp_path: Path, end: str, encoding: str) -> None:
    body = "".join(f"Küste {i % 9};{i % 60};{i % 7}.5\n" for i in range(70_000))
    found = settings(tmp_path, ("ort;n;x\n" + body + end).encode(encoding))
    assert found.footer_rows == (2 if "Summe" in end else 1)
    table = read(tmp_path, ("ort;n;x\n" + body + end).encode(encoding))
    assert table.num_rows == 70_000
    assert [str(kind) for kind in table.schema.types] == ["string", "int64", "double"]


def test_a_row_of_units_is_left_out_and_asked_about(tmp_path: Path) -> None:
    text = lines("t,temp,w\n", "{i},{x},{w}").replace("t,temp,w\n", "t,temp,w\ns,°C,\n")
    assert read(tmp_path, text)["t"].to_pylist() == list(ROWS)
    assert doubts(settings(tmp_path, text)) <= {"units_row"}
    tagged = text.replace("s,°C,\n", "#t+s,#value,#w\n")
    assert read(tmp_path, tagged)["t"].to_pylist() == list(ROWS)


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_what_was_decided_is_said(tmp_path: Path, delimiter: str) -> None:
    text = "Report\n\n" + lines("a;b\n", "{w};{i},5").replace(";", delimiter)
    found = {d.setting: d for d in settings(tmp_path, text).decisions}
    assert found["delimiter"].value == {";": "semicolon", "\t": "tab"}[delimiter]
    assert found["delimiter"].why == "All 61 lines have 2 cells."
    assert found["skip_rows"].value == "2"
    assert found["decimal"].value == "comma"
    assert not any(d.doubtful for d in found.values())


def test_a_comma_that_may_part_decimals_is_asked_about(tmp_path: Path) -> None:
    found = settings(tmp_path, lines("", "{i},{i}"))
    assert "delimiter" in doubts(found)


def test_rows_with_a_cell_more_than_there_are_names_are_said(tmp_path: Path) -> None:
    text = lines("price,kind\n", "r{i},{x},{w}")
    assert read(tmp_path, text).column_names == ["column_1", "price", "kind"]
    (said,) = [d for d in settings(tmp_path, text).decisions if d.setting == "row_names"]
    assert "a cell more than the 2 names" in said.why
    plain = settings(tmp_path, lines("id,price,kind\n", "r{i},{x},{w}")).decisions
    assert "row_names" not in {d.setting for d in plain}


@pytest.mark.parametrize("mark", ["%", "//", "--", "#", ";", "*"])
def test_comments_with_any_mark_stand_before_the_table(tmp_path: Path, mark: str) -> None:
    top = f"{mark} made by x, v1\n{mark} unit, EUR, net\n"
    table = read(tmp_path, top + lines("id,price,kind\n", "{i},{x},{w}"))
    assert (table.column_names, table.num_rows) == (["id", "price", "kind"], 60)


def test_files_put_together_with_their_marks_of_utf_8(tmp_path: Path) -> None:
    part = "\ufeff" + lines("id,price\n", "{i},{x}")
    table = read(tmp_path, part * 3)
    assert table["id"].to_pylist() == [*ROWS] * 3


def test_stray_nul_bytes_are_left_out_and_said(tmp_path: Path) -> None:
    data = lines("a,b\n", "{i},{w}").encode().replace(b"ipsum", b"ip\0sum", 1)
    table = read(tmp_path, data)
    assert table["b"].to_pylist()[:3] == ["lorem", "ipsum", "dolor"]
    (said,) = [d for d in settings(tmp_path, data).decisions if d.setting == "nuls"]
    assert "1 NUL byte" in said.why
