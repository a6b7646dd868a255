"""Versions stay apart as they are written; measures with zeros at the end stay numbers."""

from pathlib import Path

import pytest

from automl_core.table import source_format_of
from automl_core.table.inference import infer_schema
from automl_core.table.parsing import parse_column
from automl_core.table.reading import read_file


def column_of(tmp_path: Path, cells: list[str]) -> tuple[str, int]:
    """Role and distinct values of a column with these cells, each ten times."""
    path = tmp_path / "t.csv"
    path.write_text("v,y\n" + "".join(f"{c},{i % 2}\n" for i, c in enumerate(cells * 10)))
    table, used = read_file(path, path.name)
    column = infer_schema(table, used.decimal).column("v")
    return column.role, column.distinct


@pytest.mark.parametrize(
    "cells",
    [
        ["3.1", "3.10", "3.2", "3.9", "3.11"],
        ["2.9", "2.10", "2.1", "2.0", "2.2"],
        ["1.2.3", "1.10", "1.1", "2.0.1"],
        ["10.1", "10.10", "11.0", "", "10.2"],
        ["v1.1", "v1.10", "v1.9"],
        ["1.2.3", "1.10.0", "1.2.10", "2.0.0"],
        ["10.4", "10.4.1", "11.0.2"],
    ],
)
def test_versions_are_categories(tmp_path: Path, cells: list[str]) -> None:
    assert column_of(tmp_path, cells) == ("category", len(set(cells) - {""}))


@pytest.mark.parametrize(
    "cells",
    [
        ["3.25", "3.50", "3.5", "4.75", "12.00"],  # prices, two of them typed by hand
        ["0.1", "0.10", "0.35", "0.97", "0.62"],
        ["7.5", "7.05", "7.50", "8.25"],
    ],
)
def test_measures_are_numbers(tmp_path: Path, cells: list[str]) -> None:
    assert column_of(tmp_path, cells)[0] == "numeric"


@pytest.mark.parametrize(
    "cells",
    [["3.12.99", "5.3.20", "28.1.21"], ["5.3.2020", "12.11.2019"], ["2020.1.5", "2021.12.30"]],
)
def test_dates_with_points_are_dates(tmp_path: Path, cells: list[str]) -> None:
    assert column_of(tmp_path, cells)[0] == "datetime"


def test_addresses_are_no_versions(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("v,y\n" + "10.0.0.1,0\n10.0.0.12,1\n192.168.1.7,1\n" * 10)
    table, used = read_file(path, path.name)
    column = infer_schema(table, used.decimal).column("v")
    assert column.role == "category" and "versions" not in column.reason


def test_new_rows_keep_the_zeros_too(tmp_path: Path) -> None:
    train, new = tmp_path / "train.csv", tmp_path / "new.csv"
    train.write_text("v,y\n" + "3.1,0\n3.10,1\n3.9,0\n3.11,1\n" * 10)
    new.write_text("v\n3.10\n3.10\n")  # alone, these would be the number 3.1
    table, used = read_file(train, train.name)
    column = infer_schema(table, used.decimal).column("v")
    rows, _ = read_file(new, new.name, source_format=source_format_of([column]))
    typed = parse_column(rows["v"], "v", column.parse)
    assert [typed.words[code] for code in typed.codes] == ["3.10", "3.10"]
