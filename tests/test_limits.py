"""The limits of a server's owner: who brings more hears it in words, and what was there stays."""

from __future__ import annotations

import io
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from automl_core import api, limits
from automl_core.errors import AccessError, SpecError
from automl_core.limits import TableLimits, bytes_in, check_room_for_run, room_of, table_limits
from automl_core.people import person_root
from automl_core.table.reading import Query, ingest_file, ingest_query, ingest_several, save_upload
from automl_core.table.store import open_table, put_table

CSV = "a,b,c\n" + "".join(f"{i},{i % 3},x{i}\n" for i in range(40))
FULL = "1e-6"  # MB: a byte


def _a_file(folder: Path, root: Path) -> None:
    (folder / "t.csv").write_text(CSV)
    ingest_file(folder / "t.csv", "t.csv", root)


def _files(folder: Path, root: Path) -> None:
    parts = [folder / "one.csv", folder / "two.csv"]
    for path in parts:
        path.write_text("\n".join(CSV.splitlines()[:21]) + "\n")
    ingest_several([(path, path.name) for path in parts], root)


def _a_query(folder: Path, root: Path) -> None:
    with sqlite3.connect(folder / "t.db") as connection:
        connection.execute("create table if not exists t (a, b, c)")
        connection.execute("delete from t")
        connection.executemany("insert into t values (?, ?, ?)", [(i, i, i) for i in range(40)])
    connection.close()
    ingest_query(Query(f"sqlite:///{folder / 't.db'}", "select * from t"), root)


def _a_frame(folder: Path, root: Path) -> None:
    del folder
    api._store(pd.DataFrame({"a": range(40), "b": range(40), "c": range(40)}), root)  # type: ignore[arg-type]


WAYS = (_a_file, _files, _a_query, _a_frame)


@pytest.mark.parametrize("bring", WAYS)
@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("TORCHLIGHT_MAX_ROWS", "39", "more than the 39 rows that are allowed here. Give it fewer"),
        ("TORCHLIGHT_MAX_COLUMNS", "2", "more than the 2 columns"),
        ("TORCHLIGHT_MAX_WORKSPACE_MB", FULL, "does not fit into this workspace"),
    ],
)
def test_a_table_that_is_too_large_is_refused_and_leaves_nothing(
    workspace: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    bring: Callable[[Path, Path], None],
    name: str,
    value: str,
    words: str,
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(AccessError, match=words) as refused:
        bring(tmp_path, workspace)
    assert name in refused.value.hint
    assert [path for path in workspace.rglob("*") if path.is_file()] == []
    monkeypatch.setenv(name, "40")
    bring(tmp_path, workspace)
    assert len([*workspace.glob("tables/*.arrow")]) == 1


def test_nothing_is_limited_that_no_setting_limits(workspace: Path) -> None:
    assert table_limits(workspace) == TableLimits() and limits.most_uploaded() is None
    check_room_for_run(workspace)


def test_a_file_that_is_too_large_is_refused_and_leaves_what_was_there(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = save_upload(io.BytesIO(b"x" * 3000), "old.csv", workspace)
    monkeypatch.setenv("TORCHLIGHT_MAX_UPLOAD_MB", "0.002")
    with pytest.raises(AccessError, match=r"The file has 3 kB; up to 2 kB may be uploaded here"):
        save_upload(io.BytesIO(b"x" * 3000), "new.csv", workspace)
    assert [path.name for path in (workspace / "uploads").iterdir()] == [before.id]
    save_upload(io.BytesIO(b"x" * 2000), "new.csv", workspace)


def test_a_full_workspace_takes_nothing_until_something_is_deleted(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = person_root("a" * 32)
    stored = put_table(pa.table({"a": [1, 2, 3]}), ann)
    run = ann / "runs" / "run-a" / "model.bin"
    run.parent.mkdir(parents=True)
    run.write_bytes(b"x" * 50_000)
    monkeypatch.setenv("TORCHLIGHT_MAX_WORKSPACE_MB", "0.05")
    assert (room := room_of(ann)) is not None and room.is_full
    for add in (
        lambda: save_upload(io.BytesIO(b"x"), "t.csv", ann),
        lambda: put_table(pa.table({"a": [4]}), ann),
        lambda: check_room_for_run(ann),
    ):
        with pytest.raises(AccessError, match=r"50\.5 kB of 50 kB are taken\. On Runs, delete"):
            add()
    assert open_table(stored, ann).num_rows == 3
    assert bytes_in(workspace) == 0  # what is of people is not the server's
    check_room_for_run(person_root("b" * 32))  # nor one person's another's
    run.unlink()
    save_upload(io.BytesIO(b"x"), "t.csv", ann)
    check_room_for_run(ann)


@pytest.mark.parametrize("value", ["0", "many", "-1", "nan"])
def test_a_limit_that_makes_no_sense_is_told(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("TORCHLIGHT_MAX_ROWS", value)
    with pytest.raises(SpecError, match=f"MAX_ROWS is '{value}'. Give a whole number"):
        table_limits(workspace)
