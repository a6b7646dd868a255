"""Files into the store: the same table whatever the way, nothing left of what was cancelled."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from automl_core.errors import TableError
from automl_core.table.reading import csv_blocks, json_table
from automl_core.table.reading.ingest import ingest_file
from automl_core.table.reading.read import read_file
from automl_core.table.store import TableInfo, load_info, open_table, put_table
from tests.table.files import zipped

ROWS = 4_000


def lines(rows: int = ROWS) -> list[str]:
    """Columns whose type shows late: a float, a word, a filled cell, and one that is clear."""
    made = ["whole,float,word,late,clear"]
    for i in range(rows):
        point = ".5" if i == rows - 3 else ""
        word = "n/a" if i == rows - 2 else f"{i}.0"
        made.append(f"{i},{i}{point},{word},{i if i > rows // 2 else ''},text {i % 7}")
    return made


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Even a small file comes in many blocks."""
    monkeypatch.setattr(csv_blocks, "_BLOCK", 2**12)
    monkeypatch.setattr(csv_blocks, "_BATCH", 100)
    monkeypatch.setattr(json_table, "_BATCH", 2**12)


def stored(path: Path, workspace: Path) -> tuple[TableInfo, pa.Table]:
    info = ingest_file(path, path.name, workspace)
    assert info is not None
    assert load_info(info.hash, workspace) == info
    return info, open_table(info.hash, workspace)


@pytest.mark.usefixtures("small_blocks")
def test_a_type_that_shows_late_is_that_of_the_whole_column(
    tmp_path: Path, workspace: Path
) -> None:
    path = tmp_path / "late.csv"
    path.write_text("\n".join(lines()))
    info, table = stored(path, workspace)
    types = [pa.int64(), pa.float64(), pa.string(), pa.int64(), pa.string()]
    assert table.schema.types == types
    assert (info.rows, info.columns) == (ROWS, 5)
    assert table["word"][1].as_py() == "1.0"  # as the file has it, not as a number would be
    assert table["float"][ROWS - 3].as_py() == ROWS - 2.5
    assert table["late"].null_count == ROWS // 2 + 1
    assert not list((workspace / "tables").glob(".*"))


@pytest.mark.usefixtures("small_blocks")
def test_every_way_gives_the_same_hash(tmp_path: Path, workspace: Path) -> None:
    text = "\n".join(lines())
    ragged = text.replace("\n7,7,7.0,,text 0", '\n7,7,7.0, ,"text 0"')
    files = {
        "a.csv": text.encode(),
        "a.csv.gz": gzip.compress(text.encode()),
        "a.zip": zipped({"a.csv": text.encode()}),
        "wide.csv": text.encode("utf-16"),
        "tabs.csv": text.replace(",", "\t").encode(),
        "ragged.csv": ragged.replace("text 1\n", "text 1,\n", 1).encode(),  # Python's reader
    }
    hashes = set()
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
        hashes.add(stored(tmp_path / name, workspace)[0].hash)
    table = read_file(tmp_path / "a.csv", "a.csv")[0]
    pq.write_table(table, tmp_path / "a.parquet", row_group_size=999)
    hashes.add(stored(tmp_path / "a.parquet", workspace)[0].hash)
    hashes.add(put_table(table, workspace))
    assert len(hashes) == 1
    assert not list((workspace / "scratch").iterdir())


@pytest.mark.usefixtures("small_blocks")
def test_json_lines_in_batches(tmp_path: Path, workspace: Path) -> None:
    records = [{"a": i, "b": "x"} for i in range(2_000)] + [{"a": 0.5, "late": [1]}]
    path = tmp_path / "lines.jsonl"
    path.write_text("\n".join(json.dumps(record) for record in records))
    table = stored(path, workspace)[1]
    assert table.schema.types == [pa.float64(), pa.string(), pa.string()]
    assert table.slice(2_000).to_pylist() == [{"a": 0.5, "b": None, "late": "[1]"}]


def test_a_json_document_is_read_up_to_a_size(
    tmp_path: Path, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_table, "MAX_BYTES", 10)
    (tmp_path / "a.json").write_text('[{"a": 1}, {"a": 2}]')
    with pytest.raises(TableError, match="JSON lines"):
        ingest_file(tmp_path / "a.json", "a.json", workspace)


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("allowed", [0, 1, 2, 3, 5, 40])
@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz", "wide.csv", "a.jsonl", "a.parquet"])
def test_cancelling_at_any_report_leaves_nothing(
    tmp_path: Path, workspace: Path, monkeypatch: pytest.MonkeyPatch, name: str, allowed: int
) -> None:
    monkeypatch.setattr("automl_core.table.read_progress._EVERY", 0.0)
    path = tmp_path / name
    text = "\n".join(lines())
    if name == "a.parquet":
        pq.write_table(pa.table({"a": range(300_000)}), path)
    elif name == "a.jsonl":
        path.write_text('{"a": 1}\n' * 60_000)
    else:
        data = text.encode("utf-16" if name == "wide.csv" else "utf-8")
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    told: list[tuple[int, int]] = []

    def report(done: int, total: int) -> bool:
        told.append((done, total))
        return len(told) <= allowed

    info = ingest_file(path, name, workspace, report=report)
    assert all(0 <= done <= total for done, total in told)
    if info is None:
        assert len(told) == allowed + 1
        assert not [p for p in workspace.rglob("*") if p.is_file()]
    else:
        assert len(told) <= allowed  # there were no more reports than that


def test_what_cannot_be_read_leaves_nothing(tmp_path: Path, workspace: Path) -> None:
    path = tmp_path / "torn.csv"
    path.write_bytes(b"a,b\n" + b"1,2\n" * 10_000 + b"1,2,3\n")
    with pytest.raises(TableError, match="row 10,001 has 3 cells"):
        ingest_file(path, "torn.csv", workspace)
    assert not [p for p in workspace.rglob("*") if p.is_file()]


@pytest.mark.usefixtures("small_blocks")
def test_a_quote_after_a_comma_inside_of_a_cell_is_text(tmp_path: Path, workspace: Path) -> None:
    path = tmp_path / "said.csv"
    path.write_text("a,b\n" + '1,"well, ""so"", he said"\n' * 300)
    table = stored(path, workspace)[1]
    assert set(table["b"].to_pylist()) == {'well, "so", he said'}


@pytest.mark.usefixtures("small_blocks")
def test_a_quote_that_is_never_closed_in_a_large_file(
    tmp_path: Path, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_blocks, "LONGEST_CELL", 5_000)
    path = tmp_path / "open.csv"
    path.write_text("a,b,c\n" + "1,x,2\n" * 500 + '3,"stray,4\n' + "1,x,2\n" * 3_000)
    before = csv.field_size_limit()
    try:
        assert stored(path, workspace)[0].rows == 3_501
    finally:
        csv.field_size_limit(before)
