"""Workbooks: sheets, where the table stands, what cells mean, damage."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import random
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlwt
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P

from automl_core.errors import TableError
from automl_core.table.reading import apart
from automl_core.table.reading.apart_process import reply_to
from automl_core.table.reading.excel import read_excel
from automl_core.table.reading.read import ReadSettings, read_file
from tests.table.files import read, workbook, zipped

Cells = dict[str, Any]


@pytest.fixture(autouse=True)
def _own_workspace(workspace: Path) -> None:
    """Scratch files land in a workspace of the test's own."""


def _sheet(book: openpyxl.Workbook, title: str, rows: list[list[Any]]) -> Any:
    sheet = book.create_sheet(title)
    for row in rows:
        sheet.append(row)
    return sheet


def _saved(book: openpyxl.Workbook, path: Path) -> Path:
    book.save(path / "book")
    return path / "book"


def _book(path: Path, cells: Cells, merged: tuple[str, ...] = ()) -> Path:
    book = openpyxl.Workbook()
    for place, value in cells.items():
        book.active[place] = value[0] if isinstance(value, tuple) else value
        if isinstance(value, tuple):
            book.active[place].number_format = value[1]
    for cells_ in merged:
        book.active.merge_cells(cells_)
    return _saved(book, path)


def _columns(path: Path, settings: ReadSettings | None = None) -> dict[str, list[Any]]:
    return read_excel(path, settings)[0].to_pydict()


def test_rows_that_the_file_leaves_out_are_no_rows(tmp_path: Path) -> None:
    cells = {"A1": "a", "B1": "b", "A2": 1, "B2": 2, "A4": 3, "B4": 4, "B7": 5, "A7": 6}
    assert _columns(_book(tmp_path, cells)) == {"a": [1, 3, 6], "b": [2, 4, 5]}


def test_columns_without_a_cell_are_no_columns(tmp_path: Path) -> None:
    cells = {"B3": "a", "D3": "b", "B4": 1, "D4": 2, "B5": 3, "D5": 4}
    assert _columns(_book(tmp_path, cells)) == {"a": [1, 3], "b": [2, 4]}


@pytest.mark.parametrize("place", ["A1048576", "ZZ900", "H40000"])
def test_a_stray_cell_makes_no_rows(tmp_path: Path, place: str) -> None:
    cells: Cells = {"A1": "a", "B1": "b", place: "x"}
    cells |= {f"A{i}": i for i in range(2, 32)} | {f"B{i}": i / 8 for i in range(2, 32)}
    table = _columns(_book(tmp_path, cells))
    assert table == {"a": list(range(2, 32)), "b": [i / 8 for i in range(2, 32)]}


def test_a_cell_in_the_last_corner_is_read_in_little_memory(tmp_path: Path) -> None:
    cells: Cells = {"A1": "a", "B1": "b", "XFD1048576": "x"}
    cells |= {f"A{i}": i for i in range(2, 32)} | {f"B{i}": i / 8 for i in range(2, 32)}
    path = _book(tmp_path, cells)
    table, _ = read_excel(path, None, sparse=True)
    assert table.to_pydict() == {"a": list(range(2, 32)), "b": [i / 8 for i in range(2, 32)]}


def test_percent_reads_as_the_text_of_a_text_file(tmp_path: Path) -> None:
    cells = {"A1": "p", "B1": "q", "A2": (0.45, "0%"), "A3": (0.075, "0.00%"), "A4": (1, "0%")}
    path = _book(tmp_path, cells | {"B2": (0.45, '0" %"'), "B3": (0.5, "0.00"), "B4": 0.25})
    assert _columns(path) == {"p": ["45%", "7.5%", "100%"], "q": [0.45, 0.5, 0.25]}


def test_money_is_a_number_and_times_are_times(tmp_path: Path) -> None:
    cells = {
        "A1": "m",
        "B1": "t",
        "C1": "h",
        "A2": (1234.5, '"$"#,##0.00'),
        "A3": (2, "0 [$€-407]"),
    }
    times = {
        "B2": dt.time(13, 30),
        "B3": dt.time(7, 5),
        "C2": (1.25, "[h]:mm"),
        "C3": (0.5, "[h]:mm"),
    }
    table = _columns(_book(tmp_path, cells | times))
    expected = {"m": [1234.5, 2.0], "t": ["13:30:00", "07:05:00"], "h": ["30:00:00", "12:00:00"]}
    assert table == expected


def test_days_that_lost_their_format_are_days_among_dates(tmp_path: Path) -> None:
    days = [["d", "n"], *([dt.datetime(2020, 1, 1 + i), i] for i in range(8)), [43_840, 9]]
    table = read_excel(_saved_rows(tmp_path, days), None)[0]
    assert table["d"][8].as_py() == dt.datetime(2020, 1, 10)


def test_text_dates_among_dates_are_one_column_of_text_dates(tmp_path: Path) -> None:
    days = [
        ["d", "n"],
        [dt.datetime(2020, 1, 2), 1],
        ["13/01/2020", 2],
        [dt.datetime(2020, 1, 4), 3],
    ]
    table = _columns(_saved_rows(tmp_path, days))
    assert table["d"] == ["2020-01-02", "13/01/2020", "2020-01-04"]


def test_whole_numbers_keep_all_their_digits(tmp_path: Path) -> None:
    rows = [["id", "y"], *([1_000 + n, n] for n in range(5))]
    with zipfile.ZipFile(io.BytesIO(workbook(rows))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = parts[sheet].replace(b"<v>100", b"<v>123456789012345678")
    (tmp_path / "book").write_bytes(zipped(parts))
    ids = [1_234_567_890_123_456_780 + n for n in range(5)]
    assert _columns(tmp_path / "book")["id"] == ids


def _saved_rows(path: Path, rows: list[list[Any]]) -> Path:
    (path / "book").write_bytes(workbook(rows))
    return path / "book"


def test_two_header_rows_become_one(tmp_path: Path) -> None:
    cells = {"A1": "Name", "B1": "Price", "D1": "Sold", "B2": "low", "C2": "high", "D2": 2019}
    cells |= {"E2": 2020, "A3": "Ann", "B3": 1, "C3": 2, "D3": 3, "E3": 4}
    cells |= {"A4": "Bob", "B4": 5, "C4": 6, "D4": 7, "E4": 8}
    path = _book(tmp_path, cells, ("A1:A2", "B1:C1", "D1:E1"))
    assert _columns(path) == {
        "Name": ["Ann", "Bob"],
        "Price low": [1, 5],
        "Price high": [2, 6],
        "Sold 2019": [3, 7],
        "Sold 2020": [4, 8],
    }


def test_a_merged_title_is_no_group_and_merged_cells_have_their_value(tmp_path: Path) -> None:
    cells = {"A1": "Sales report", "A3": "area", "B3": "city", "C3": "n"}
    cells |= {"A4": "North", "B4": "Oslo", "C4": 1, "B5": "Bergen", "C5": 2, "A6": "South"}
    cells |= {"B6": "Rome", "C6": 3, "B7": "Bari", "C7": 4}
    path = _book(tmp_path, cells, ("A1:C1", "A4:A5", "A6:A7"))
    table = _columns(path)
    assert table["area"] == ["North", "North", "South", "South"]
    assert table["n"] == [1, 2, 3, 4]


@pytest.mark.parametrize("years", [[2018, 2019, 2020], [dt.date(2020, m, 1) for m in (1, 2, 3)]])
def test_years_and_dates_name_columns(tmp_path: Path, years: list[Any]) -> None:
    rows = [["Country", *years], *([f"Land{i}", i / 3, i / 7, i / 9] for i in range(12))]
    table = read_excel(_saved_rows(tmp_path, rows), None)[0]
    assert table.num_rows == 12
    assert table.column_names == ["Country", *map(str, years)]


def test_titles_units_and_sums_are_no_rows(tmp_path: Path) -> None:
    rows = [["Sales report"], [None], ["city", "mass", "price"], [None, "kg", "EUR"]]
    rows += [[f"city {i}", i * 1.5, i] for i in range(20)]
    rows += [["Total", sum(i * 1.5 for i in range(20)), 190], [None], ["Source: the shop"]]
    table, settings = read_excel(_saved_rows(tmp_path, rows), None)
    assert table.column_names == ["city", "mass", "price"]
    assert table["price"].to_pylist() == list(range(20))
    assert settings.skip_rows == 2 and settings.units_row
    again, _ = read_excel(tmp_path / "book", settings)
    assert again.equals(table)


def test_notes_beside_the_table_are_no_columns(tmp_path: Path) -> None:
    rows: list[list[Any]] = [["a", "b"], *([i, i / 7] for i in range(20))]
    rows[4] = [*rows[4], None, None, "checked by Ann"]
    assert read_excel(_saved_rows(tmp_path, rows), None)[0].column_names == ["a", "b"]


TABLE = [["a", "b"], *([i, f"x{i % 3}"] for i in range(30))]
COVER = [["Annual report"], [], ["Made by", "Ann"]]


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_hidden_cover_and_empty_sheets_are_not_taken(tmp_path: Path, state: str) -> None:
    book = openpyxl.Workbook()
    _sheet(book, "Cover", COVER)
    _sheet(book, "Old", [["a", "b"], [1, 2], [3, 4]]).sheet_state = state
    _sheet(book, "Data", TABLE)
    book.create_chartsheet("Chart")
    table, settings = read_excel(_saved(book, tmp_path), None)
    assert table["a"].to_pylist() == list(range(30))
    assert settings.sheet == "Data"
    decision = settings.decisions[0]
    assert decision.value == "Data" and not decision.doubtful
    assert all(word in decision.why for word in ("'Cover'", "no table", "'Old' (hidden", "empty"))


def test_two_tables_of_similar_size_are_asked_about(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.remove(book.active)
    _sheet(book, "2019", TABLE)
    _sheet(book, "2020", TABLE)
    _sheet(book, "Codes", [["code", "word"], ["x0", "zero"], ["x1", "one"]])
    _, settings = read_excel(_saved(book, tmp_path), None)
    assert (settings.decisions[0].value, settings.decisions[0].alternative) == ("2019", "2020")
    assert read_excel(tmp_path / "book", ReadSettings("excel", sheet="Codes"))[0].num_rows == 2


def test_words_that_explain_a_far_larger_table_are_not_taken(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.remove(book.active)
    _sheet(book, "Columns", [["column", "meaning"], ["a", "a number"], ["b", "a word"]])
    _sheet(book, "Data", TABLE)
    assert read_excel(_saved(book, tmp_path), None)[1].sheet == "Data"


def test_only_a_hidden_sheet_is_read_and_said(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    _sheet(book, "Data", TABLE).sheet_state = "hidden"
    table, settings = read_excel(_saved(book, tmp_path), None)
    assert table.num_rows == 30 and settings.sheet == "Data"


def _xls(path: Path) -> None:
    book = xlwt.Workbook()
    sheet, hidden = book.add_sheet("Data"), book.add_sheet("Old")
    hidden.visibility = 1
    day = xlwt.XFStyle()
    day.num_format_str = "YYYY-MM-DD"
    for column, name in enumerate(("n", "d", "w")):
        sheet.write(0, column, name)
    for row, (n, d, w) in enumerate(ROWS, 1):
        sheet.write(row, 0, n)
        sheet.write(row, 1, d, day)
        sheet.write(row, 2, w)
    book.save(str(path))


def _ods(path: Path) -> None:
    document = OpenDocumentSpreadsheet()
    table = Table(name="Data")

    def add(cells: list[tuple[str, dict[str, str]]], times: int = 1) -> None:
        row = TableRow(numberrowsrepeated=times)
        for text, values in cells:
            cell = TableCell(**values)
            cell.addElement(P(text=text))
            row.addElement(cell)
        table.addElement(row)

    word = {"valuetype": "string"}
    add([("n", word), ("d", word), ("w", word), ("p", word)])
    for n, d, w in ROWS:
        date = {"valuetype": "date", "datevalue": d.date().isoformat()}
        percent = {"valuetype": "percentage", "value": "0.45"}
        number = {"valuetype": "float", "value": str(n)}
        add([(str(n), number), (str(d), date), (w, word), ("45%", percent)])
    add([], 1_040_000)
    document.spreadsheet.addElement(table)
    document.save(str(path))


ROWS = [(i, dt.datetime(2020, 1, 1 + i), f"word {i % 3}") for i in range(12)]


@pytest.mark.parametrize("write", [_xls, _ods])
def test_workbooks_of_other_programs(tmp_path: Path, write: Callable[[Path], None]) -> None:
    write(tmp_path / "book")
    table, settings = read_file(tmp_path / "book", "book.csv")
    assert settings.format == "excel"
    assert table["n"].to_pylist() == [n for n, _, _ in ROWS]
    assert table["d"].to_pylist() == [d for _, d, _ in ROWS]
    assert table["w"].to_pylist() == [w for _, _, w in ROWS]
    if write is _ods:
        assert table["p"].to_pylist() == ["45%"] * 12


def _reply(path: Path, data: bytes) -> dict[str, Any]:
    path.write_bytes(data)
    order = {"path": str(path), "format": "excel", "settings": None, "table": str(path) + ".arrow"}
    return reply_to(order | {"names": [], "sparse": False})


@pytest.mark.parametrize("seed", range(2))
def test_flipped_bits_are_an_error_in_words_or_a_table(tmp_path: Path, seed: int) -> None:
    whole = workbook([["a", "b", "c"], *([i, i / 7, f"word {i % 5}"] for i in range(30))])
    rng = random.Random(seed)
    for _ in range(40):
        data = bytearray(whole)
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        reply = _reply(tmp_path / "damaged", bytes(data))
        assert "settings" in reply or reply["hint"]


def test_damage_that_ends_the_process_is_an_error_in_words(tmp_path: Path) -> None:
    _xls(tmp_path / "book")
    data = bytearray((tmp_path / "book").read_bytes())
    size = (
        data.index(b"\x00\x02\x0e\x00") + 4
    )  # of the sheet: its first row, the one after the last
    data[size + 7] ^= 0x80
    with pytest.raises(TableError, match="damaged"):
        read(tmp_path, bytes(data), "t.xls")


def test_a_workbook_that_needs_more_memory_than_there_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apart, "MAX_MEMORY", 2**31)
    cells: Cells = {"A1": "a", "B1": "b", "XFD1048576": "x"}
    cells |= {f"A{i}": i for i in range(2, 22)} | {f"B{i}": i / 8 for i in range(2, 22)}
    table, _ = read_file(_book(tmp_path, cells), "t.xlsx")
    assert table["a"].to_pylist() == list(range(2, 22))


def test_an_encrypted_workbook_is_named(tmp_path: Path) -> None:
    data = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + "EncryptedPackage".encode("utf-16-le")
    with pytest.raises(TableError, match="encrypted"):
        read(tmp_path, data + bytes(2_000), "t.xlsx")


def test_a_workbook_in_a_gzip_and_a_zip(tmp_path: Path) -> None:

    data = workbook(TABLE)
    for packed in (gzip.compress(data), zipped({"t.xlsx": data})):
        table = read(tmp_path, packed, "t.gz")
        assert table["a"].to_pylist() == list(range(30))


def test_the_header_of_tables_put_together_is_no_row(tmp_path: Path) -> None:
    part = [["id", "price", "kind"], *([i, i * 1.5, "red"] for i in range(40))]
    table, used = read_excel(_saved_rows(tmp_path, part * 2), None)
    assert table["price"].to_pylist() == [i * 1.5 for i in range(40)] * 2
    assert "repeated_header" in {d.setting for d in used.decisions}
