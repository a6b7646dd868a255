"""Several files of one schema are one table; one that differs is named."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from automl_core.errors import TableError
from automl_core.table import ReadOptions, SourceFormat
from automl_core.table.reading.multiple_files import ingest_several
from automl_core.table.store import open_table


def write(folder: Path, name: str, text: str) -> tuple[Path, str]:
    path = folder / name
    path.write_text(text)
    return path, name


def test_rows_follow_each_other_whatever_the_order_of_columns_and_the_format(
    tmp_path: Path,
) -> None:
    pq.write_table(pa.table({"b": ["z"], "a": [4]}), tmp_path / "three.parquet")
    files = [
        write(tmp_path, "one.csv", "a,b\n1,x\n2,y\n"),
        write(tmp_path, "two.csv", "b;a\n;3\n"),
        (tmp_path / "three.parquet", "three.parquet"),
    ]
    info = ingest_several(files, tmp_path)
    assert info is not None
    assert (info.name, info.rows, info.columns) == ("one.csv, two.csv and 1 more", 4, 2)
    assert open_table(info.hash, tmp_path).to_pydict() == {
        "a": [1, 2, 3, 4], "b": ["x", "y", None, "z"]
    }  # fmt: skip


def test_columns_whose_names_are_written_otherwise_are_the_same_column(tmp_path: Path) -> None:
    files = [
        write(tmp_path, "one.csv", "Größe,b\n1,x\n"),
        write(tmp_path, "two.csv", "b ,GRO\u0308ßE\ny,2\n"),
    ]
    info = ingest_several(files, tmp_path)
    assert info is not None
    rows = open_table(info.hash, tmp_path).to_pydict()
    assert rows == {"Größe": [1, 2], "b": ["x", "y"]}


def test_a_column_becomes_what_holds_the_values_of_all_files(tmp_path: Path) -> None:
    files = [
        write(tmp_path, "one.csv", "a,b,c\n1,1,\n2,2,\n"),
        write(tmp_path, "two.csv", "a,b,c\n1.5,x,5\n,7,6\n"),
    ]
    info = ingest_several(files, tmp_path)
    assert info is not None
    assert open_table(info.hash, tmp_path).to_pydict() == {
        "a": [1.0, 2.0, 1.5, None], "b": ["1", "2", "x", "7"], "c": [None, None, 5, 6]
    }  # fmt: skip


def test_the_same_rows_in_one_file_are_the_same_table(tmp_path: Path) -> None:
    parts = [write(tmp_path, f"{i}.csv", f"a,b\n{i},x{i}\n") for i in range(3)]
    whole = [write(tmp_path, "all.csv", "a,b\n0,x0\n1,x1\n2,x2\n")]
    several, one = ingest_several(parts, tmp_path), ingest_several(whole, tmp_path)
    assert several is not None and one is not None and several.hash == one.hash


@pytest.mark.parametrize(
    ("second", "words"),
    [
        ("a\n1\n", "'two.csv' has other columns.*lacks 'b'"),
        ("a,b,c\n1,2,3\n", "further column 'c'"),
        ("", "empty"),
    ],
)
def test_a_file_that_does_not_fit_is_named(tmp_path: Path, second: str, words: str) -> None:
    files = [write(tmp_path, "one.csv", "a,b\n1,x\n"), write(tmp_path, "two.csv", second)]
    with pytest.raises(TableError, match=words):
        ingest_several(files, tmp_path)
    assert not list((tmp_path / "tables").iterdir())
    assert not list((tmp_path / "scratch").iterdir())


def test_each_file_is_read_by_its_own_evidence_and_what_differs_is_said(tmp_path: Path) -> None:
    rows = "".join(f"{i},x{i % 3}\n" for i in range(30))
    files = [
        write(tmp_path, "one.csv", "A title, with a comma\n\na,b\n" + rows),
        write(tmp_path, "two.csv", "a;b\n" + rows.replace(",", ";")),
        write(tmp_path, "three.csv", "A title\n\na,b\n" + rows),
    ]
    pq.write_table(pa.table({"a": [4], "b": ["z"]}), tmp_path / "four.parquet")
    files.append((tmp_path / "four.parquet", "four.parquet"))
    asked = SourceFormat("", asked=ReadOptions(skip_rows=2, delimiter=","))
    info = ingest_several(files, tmp_path, source_format=asked)
    assert info is not None and (info.rows, info.columns) == (91, 2)
    said = {d.setting: d.value for d in info.decisions}
    assert (said["skip_rows"], said["delimiter"]) == ("2", "comma")
    assert said["delimiter of two.csv"] == "semicolon"
    assert not any(setting.endswith(("three.csv", "four.parquet")) for setting in said)


def test_a_cancelled_reading_leaves_nothing(tmp_path: Path) -> None:
    files = [write(tmp_path, "one.csv", "a,b\n1,x\n")]
    assert ingest_several(files, tmp_path, lambda *_: False) is None
    assert not list((tmp_path / "tables").iterdir())
