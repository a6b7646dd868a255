"""Settings hold; the rest is found given it; and the next file is read alike."""

from __future__ import annotations

from pathlib import Path

import pytest

from automl_core.errors import SpecError, TableError
from automl_core.table import ReadOptions, SourceFormat, options_of_words
from automl_core.table.reading.read import detect_settings, preview, read_file
from automl_core.table.reading.settings import ReadSettings

ROWS = "".join(f"{i},5;{i % 7};word{i % 3}\n" for i in range(60))
COMMENTED = "made by hand\n#;;\nsize;rank;kind\n" + ROWS


def settings(path: Path, text: str, options: ReadOptions, encoding: str = "utf-8") -> ReadSettings:
    path.write_text(text, encoding=encoding)
    return read_file(path, path.name, source_format=SourceFormat("", asked=options))[1]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "t.csv"


def test_the_rest_is_found_given_what_is_set(path: Path) -> None:
    used = settings(path, "a;b,c\nd;1,2\n" * 1 + "e;3,4\nf;5,6\n", ReadOptions(delimiter=","))
    assert (used.delimiter, used.header, used.given) == (",", True, ("delimiter",))
    assert {d.setting: d.why for d in used.decisions}["delimiter"] == "It was set."
    used = settings(path, "size;rank;kind\n" + ROWS, ReadOptions(header=False))
    assert (used.delimiter, used.decimal, used.header) == (";", ",", False)
    table = read_file(path, path.name, used)[0]
    assert table.num_rows == 61 and table.column_names[0] == "column_1"


def test_skipped_rows_and_footer(path: Path) -> None:
    used = settings(path, COMMENTED + "Total;9;all\n", ReadOptions(skip_rows=2, footer_rows=1))
    assert (used.skip_rows, used.header, used.footer_rows) == (2, True, 1)
    table = read_file(path, path.name, used)[0]
    assert table.column_names == ["size", "rank", "kind"] and table.num_rows == 60


def test_the_encoding_that_is_set_is_taken(path: Path) -> None:
    used = settings(path, "name,n\nGröße,1\nMaß,2\n", ReadOptions(encoding="cp1250"), "cp1250")
    assert used.encoding == "cp1250"
    assert read_file(path, path.name, used)[0]["name"][0].as_py() == "Größe"
    with pytest.raises(TableError):
        settings(path, "name,n\nGröße,1\nMaß,2\n", ReadOptions(encoding="utf-16"))


@pytest.mark.parametrize(
    ("name", "text", "options"),
    [
        ("t.csv", "a,b\n1,2\n3,4\n", ReadOptions(sheet="Data")),
        ("t.json", '[{"a": 1}, {"a": 2}]', ReadOptions(delimiter=";")),
        ("t.jsonl", '{"a": 1}\n{"a": 2}\n', ReadOptions(header=False)),
    ],
)
def test_what_a_format_does_not_have_is_said(
    tmp_path: Path, name: str, text: str, options: ReadOptions
) -> None:
    with pytest.raises(SpecError, match=f"Leave out: {options.given[0]}"):
        settings(tmp_path / name, text, options)


def test_the_next_file_is_read_as_was_set_unless_its_names_deny_it(path: Path) -> None:
    rows = "".join(f"{i};{i + 1};x,{i + 2},y\n" for i in range(60))
    trained = settings(path, "a;b,c,d\n" + rows, ReadOptions(delimiter=","))
    usual = options_of_words(trained.for_people())
    assert usual == ReadOptions(delimiter=",")
    source_format = SourceFormat("", names=("a;b", "c", "d"), usual=usual)
    again = detect_settings(path, path.name, source_format)
    assert (again.delimiter, again.given) == (",", ("delimiter",))
    # a file of another program: its names are found with semicolons
    path.write_text("c;d;a\n" + "".join(f"{i};2,5;3\n" for i in range(60)))
    other = SourceFormat("", names=("a", "c", "d"), usual=usual)
    assert detect_settings(path, path.name, other).delimiter == ";"


def test_first_rows_show_what_a_setting_makes_of_the_file(path: Path) -> None:
    path.write_text("size;rank;kind\n" + ROWS * 2_000)
    used = detect_settings(path, path.name)
    assert preview(path, path.name, used, 3).num_rows == 3
    assert preview(path, path.name, used, 3).column_names == ["size", "rank", "kind"]


def test_a_path_that_cannot_be_read_is_an_error_in_words(tmp_path: Path) -> None:
    for gone in (tmp_path / "absent.csv", tmp_path):
        with pytest.raises(TableError, match="cannot be read"):
            detect_settings(gone, "t.csv")
