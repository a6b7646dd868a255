"""Two rows of names: groups of columns above the names of the columns, in text and in workbooks."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from automl_core.table import SourceFormat
from automl_core.table.reading.read import ReadSettings, read_file
from tests.table.files import workbook

JOINED = ["city", "2019 price", "2019 n", "2020 price", "2020 n"]
GROUPS = {
    "written once": ",2019,,2020,\ncity,price,n,price,n\n",
    "written each time": ",2019,2019,2020,2020\ncity,price,n,price,n\n",
    "names above none": "city,2019,,2020,\n,price,n,price,n\n",
    "an index": ",2019,2019,2020,2020\n,price,n,price,n\ncity,,,,\n",
    "levels with names": "year,2019,2019,2020,2020\nwhat,price,n,price,n\ncity,,,,\n",
    "a title": "Sales report,,,,\n,,,,\n,2019,,2020,\ncity,price,n,price,n\n",
}


@pytest.fixture(autouse=True)
def _own_workspace(workspace: Path) -> None:
    """Scratch files land in a workspace of the test's own."""


def body(row: str = "Ort {i},{i}.5,{i},{i}.25,{i}", rows: int = 30) -> str:
    return "".join(row.format(i=i, w="xyz"[i % 3]) + "\n" for i in range(rows))


def read(path: Path, data: bytes, names: tuple[str, ...] = ()) -> tuple[pa.Table, ReadSettings]:
    path.write_bytes(data)
    return read_file(path, "t.csv", source_format=SourceFormat("", names=names))


@pytest.mark.parametrize("top", GROUPS.values(), ids=GROUPS.keys())
@pytest.mark.parametrize("names", [(), tuple(JOINED)])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_names_that_occur_again_are_joined_with_their_groups(
    tmp_path: Path, top: str, names: tuple[str, ...], delimiter: str
) -> None:
    data = (top + body()).replace(",", delimiter).encode()
    table, settings = read(tmp_path / "f", data, names)
    assert table.column_names == JOINED
    assert table["2019 n"].to_pylist() == list(range(30))
    (said,) = [d for d in settings.decisions if d.setting == "header_rows"]
    assert "names groups of columns" in said.why and said.value == str(settings.header_rows)
    assert read_file(tmp_path / "f", "t.csv", settings)[0].equals(table)


@pytest.mark.parametrize("top", GROUPS.values(), ids=GROUPS.keys())
def test_in_workbooks_whose_cells_are_not_merged(tmp_path: Path, top: str) -> None:
    cells = [line.split(",") for line in top.splitlines()]
    rows = [[int(c) if c.isdecimal() else c or None for c in row] for row in cells]
    rows += [[f"Ort {i}", i + 0.5, i, i + 0.25, i] for i in range(30)]
    table, settings = read(tmp_path / "f", workbook(rows))
    assert table.column_names == JOINED and table.num_rows == 30
    assert read_file(tmp_path / "f", "t.xlsx", settings)[0].equals(table)


def test_short_and_quoted_rows(tmp_path: Path) -> None:
    top = ',2019,,2020\n"city","price","n","price","n"\n'
    table, _ = read(tmp_path / "f", (top + body('"Ort {i}, {w}",{i}.5,{i},{i}.25')).encode())
    assert table.column_names == JOINED and table.num_rows == 30
    assert table["2020 n"].null_count == 30


def test_years_below_what_was_measured(tmp_path: Path) -> None:
    top = ",price,,n,\ncity,2019,2020,2019,2020\n"
    table, _ = read(tmp_path / "f", (top + body()).encode())
    assert table.column_names == ["city", "price 2019", "price 2020", "n 2019", "n 2020"]


def test_words_only(tmp_path: Path) -> None:
    rows = body("{w}{w},{w},a{w},b{w}", 60)
    table, _ = read(tmp_path / "f", ("Home,Home,Away,Away\nname,kind,name,kind\n" + rows).encode())
    assert table.column_names == ["Home name", "Home kind", "Away name", "Away kind"]
    assert table.num_rows == 60


@pytest.mark.parametrize(
    "groups", ["Person,Person,Sale,Sale,Sale", "Person,,Sale,,", ",Person,Person,Sale,Sale"]
)
def test_names_that_say_all_are_the_header_and_the_groups_are_said(
    tmp_path: Path, groups: str
) -> None:
    text = f"{groups}\nname,age,n,price,visits\n" + body()
    table, settings = read(tmp_path / "f", text.encode())
    assert table.column_names == ["name", "age", "n", "price", "visits"]
    assert table.num_rows == 30
    (said,) = [d for d in settings.decisions if d.setting == "skip_rows"]
    assert "Person" in said.why and said.value == "1"


@pytest.mark.parametrize(
    ("top", "names"),
    [
        ("a,,b,c,d\n,°C,kg,m,s\n", ["a", "column_2", "b", "c", "d"]),  # units
        ("price,price,kind,kind,n\n", ["price", "price_2", "kind", "kind_2", "n"]),
        ("Report,,,,\na,b,c,d,e\n", ["a", "b", "c", "d", "e"]),
        ("Region:,Germany,,,\na,b,c,d,e\n", ["a", "b", "c", "d", "e"]),
        ("a,b,c,d,e\n", ["a", "b", "c", "d", "e"]),
    ],
)
def test_other_rows_above_a_table_are_no_groups(tmp_path: Path, top: str, names: list[str]) -> None:
    table, settings = read(tmp_path / "f", (top + body()).encode())
    assert table.column_names == names
    assert table.num_rows == 30 and settings.header_rows == 1


@pytest.mark.parametrize(
    "top",
    [
        "Region:,Germany,,,\na,b,c,d,e\n",
        "Station,Berlin,\na,b,c,d,e,\n",
        "Source,Indicators,\n\nUpdated,2023-05-10,\n\na,b,c,d,e,\n",
    ],
)
def test_a_setting_above_a_table_is_no_group_where_rows_end_in_a_delimiter(
    tmp_path: Path, top: str
) -> None:
    data = top + body("Ort {i},{i}.5,{i},{i}.25,{i},")
    table, settings = read(tmp_path / "f", data.encode())
    assert table.column_names == ["a", "b", "c", "d", "e"]
    assert table.num_rows == 30 and settings.header_rows == 1


@pytest.mark.parametrize("row", ["{w},{w},b{w},b{w}", "1,1,{i},{i}", "{w},{w},{i},{i}"])
def test_rows_of_data_that_repeat_are_no_groups(tmp_path: Path, row: str) -> None:
    table, settings = read(tmp_path / "f", body(row, 60).encode())
    assert settings.header_rows == 1
    assert table.num_rows >= 59
