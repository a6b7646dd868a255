"""A second table below the first, beyond the lines by which a file is judged."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from automl_core.errors import TableError
from automl_core.table import ReadOptions, SourceFormat
from automl_core.table.reading import second_table
from automl_core.table.reading.read import ReadSettings, read_file

FIRST = 1_200


@pytest.fixture(autouse=True)
def _own_workspace(workspace: Path) -> None:
    """Scratch files land in a workspace of the test's own."""


def first(rows: int = FIRST, names: str = "id,price,kind") -> str:
    return f"{names}\n" + "".join(f"{i},{i % 7}.5,{'xyz'[i % 3]}ö\n" for i in range(rows))


def second(names: str, rows: int) -> str:
    cells = names.split(",")
    return f"{names}\n" + "".join(
        ",".join([f"S{i}", *(f"w{i % (k + 2)}" for k in range(len(cells) - 1))]) + "\n"
        for i in range(rows)
    )


def read(
    path: Path, text: str, known: SourceFormat | None = None, encoding: str = "utf-8"
) -> tuple[pa.Table, ReadSettings]:
    path.write_bytes(text.encode(encoding))
    return read_file(path, "t.csv", source_format=known)


def said(settings: ReadSettings) -> str:
    (decision,) = [d for d in settings.decisions if d.setting == "footer_rows"]
    assert (decision.value, decision.alternative) == (str(settings.footer_rows), "0")
    return decision.why


@pytest.mark.parametrize("names", ["shop,city", "shop,city,open", "shop,city,open,n,m"])
@pytest.mark.parametrize("rows", [10, 300, 2_000])
@pytest.mark.parametrize("gap", ["\n", "\n\n\n", ",,\n"])
def test_it_is_left_out_and_asked_about(tmp_path: Path, names: str, rows: int, gap: str) -> None:
    text = first() + gap + second(names, rows)
    line = 1 + text[: text.index(names)].count("\n")
    table, settings = read(tmp_path / "f", text)
    assert table["id"].to_pylist() == list(range(FIRST))
    assert [str(kind) for kind in table.schema.types] == ["int64", "double", "string"]
    assert settings.footer_rows == rows + 1
    words = names.replace(",", " ")
    assert said(settings) == f"Another table begins in line {line:,}: '{words}'. It is left out."
    assert read_file(tmp_path / "f", "t.csv", settings)[0].equals(table)


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_however_the_file_is_written(
    tmp_path: Path, delimiter: str, encoding: str, newline: str
) -> None:
    text = (first() + "\n" + second("shop,city", 300)).replace(",", delimiter)
    known = SourceFormat("", names=("id", "price", "kind"))
    for kind in (None, known):
        table, settings = read(tmp_path / "f", text.replace("\n", newline), kind, encoding)
        assert (table.num_rows, settings.footer_rows) == (FIRST, 301)


def test_it_may_begin_among_the_first_lines_or_in_a_long_file(tmp_path: Path) -> None:
    table, settings = read(tmp_path / "f", first(500) + "\n" + second("shop,city", 1_400))
    assert table.num_rows == 500 and "line 503" in said(settings)
    table, settings = read(tmp_path / "f", first(90_000) + "\n" + second("shop,city", 60))
    assert table.num_rows == 90_000 and "line 90,003" in said(settings)


def test_other_names_above_cells_of_the_same_kinds(tmp_path: Path) -> None:
    table, settings = read(tmp_path / "f", first() + "\n" + first(70, "nr,cost,type"))
    assert table.num_rows == FIRST and settings.footer_rows == 71


def test_the_footer_of_the_first_is_left_out_as_well(tmp_path: Path) -> None:
    table, settings = read(tmp_path / "f", first() + "Total,4197,\n\n" + second("shop,city", 70))
    assert table.num_rows == FIRST and settings.footer_rows == 72


@pytest.mark.parametrize(
    "more",
    [
        "\n" + first(40),  # the same names again
        "\n" + "".join(f"{i},1.5,x\n" for i in range(40)),
        "\nNorth\n" + "".join(f"{i},1.5,x\n" for i in range(40)),
        "".join(f"\n{i},1.5,x\n" for i in range(40)),
        '0,1.5,"a text\n\nshop,city\nS1,w1\nS2,w2\nS3,w3\n"\n' * 40,
    ],
)
def test_blank_lines_that_part_no_tables(tmp_path: Path, more: str) -> None:
    table, settings = read(tmp_path / "f", first() + more)
    assert table.num_rows in (FIRST + 40, FIRST + 41)
    assert settings.footer_rows == 0


def test_it_is_read_where_a_person_says_so(tmp_path: Path) -> None:
    asked = SourceFormat("", asked=ReadOptions(footer_rows=0))
    table, _ = read(tmp_path / "f", first() + "\n" + second("shop,city", 30), asked)
    assert table.num_rows == FIRST + 31


def test_a_large_one_is_refused_with_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(second_table, "_MOST", 1_000)
    with pytest.raises(TableError, match=r"begins in line 1,203: 'shop city'\. Both are large"):
        read(tmp_path / "f", first() + "\n" + second("shop,city", 300))
