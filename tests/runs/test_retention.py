"""Only what no run needs and nobody has used lately is removed, and never while a run starts."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pyarrow as pa
import pytest

from automl_core.errors import RunError, SpecError
from automl_core.runs import retention
from automl_core.runs.retention import (
    DAY,
    free_space,
    look_at_space,
    mark_used,
    nothing_removed,
)
from automl_core.table.store import TableInfo, load_info, open_table, put_table, save_info
from tests.finished_run import make_run


def stored(root: Path, number: int, upload: str = "") -> str:
    """A table of its own, and the upload that it came from."""
    table = put_table(pa.table({"x": [number, 1, 2]}), root)
    save_info(TableInfo(table, "t.csv", 3, 1, {}, upload), root)
    if upload:
        (root / "uploads").mkdir(exist_ok=True)
        (root / "uploads" / upload).write_bytes(b"x" * 100)
    return table


def grow_old(root: Path, days: float = 31) -> None:
    for folder in ("tables", "uploads", "sentences"):
        for path in (root / folder).glob("*"):
            os.utime(path, (time.time() - days * DAY,) * 2)


def names(root: Path, folder: str) -> set[str]:
    return {path.name.split(".")[0] for path in (root / folder).glob("*")}


def test_what_a_run_needs_stays_and_the_rest_goes_when_it_is_old(workspace: Path) -> None:
    needed = make_run(workspace, "run-a").spec().table.hash
    info = load_info(needed, workspace)
    save_info(TableInfo(needed, info.name, info.rows, info.columns, {}, "a" * 32), workspace)
    old = stored(workspace, 1, "b" * 32)
    (workspace / "uploads" / ("a" * 32)).write_bytes(b"x")
    (workspace / "sentences").mkdir()
    (workspace / "sentences" / "v.npy").write_bytes(b"x" * 50)
    assert look_at_space(workspace).freeable == 0  # all of it is new
    grow_old(workspace)
    lately = stored(workspace, 2, "c" * 32)
    space = look_at_space(workspace)
    assert 0 < space.freeable < space.used
    assert free_space(workspace) == space.freeable
    assert names(workspace, "tables") == {needed, lately}
    assert names(workspace, "uploads") == {"a" * 32, "c" * 32}
    assert not names(workspace, "sentences")
    assert old not in names(workspace, "tables")
    assert free_space(workspace) == 0


def test_a_table_that_was_used_lately_stays(workspace: Path) -> None:
    table = stored(workspace, 1)
    open_table(table, workspace)
    grow_old(workspace)
    mark_used(table, workspace)
    assert free_space(workspace) == 0
    open_table(table, workspace)  # and still is what its name says


def test_days_are_the_owners_to_set(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stored(workspace, 1)
    grow_old(workspace, days=3)
    assert look_at_space(workspace).freeable == 0
    monkeypatch.setenv("TORCHLIGHT_KEEP_DAYS", "2")
    assert look_at_space(workspace).freeable > 0
    for wrong in ("soon", "-1", "nan"):
        monkeypatch.setenv("TORCHLIGHT_KEEP_DAYS", wrong)
        with pytest.raises(SpecError, match="TORCHLIGHT_KEEP_DAYS"):
            look_at_space(workspace)


def test_a_damaged_run_keeps_what_it_names_and_an_unreadable_one_keeps_all(
    workspace: Path,
) -> None:
    run = make_run(workspace, "run-a")
    table = run.spec().table.hash
    (run.path / "spec.json").write_bytes(b'{"table": {"hash": "' + table.encode() + b'", ')
    grow_old(workspace)
    assert free_space(workspace) == 0
    (run.path / "spec.json").unlink()
    (run.path / "spec.json").mkdir()
    space = look_at_space(workspace)
    assert space.blocked and not space.unneeded
    assert free_space(workspace) == 0


def test_nothing_is_removed_while_a_run_starts(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = stored(workspace, 1)
    grow_old(workspace)
    monkeypatch.setattr(retention, "_PATIENCE", 0.05)
    with nothing_removed(workspace), pytest.raises(RunError, match="in use"):
        free_space(workspace)
    monkeypatch.setattr(retention, "_PATIENCE", 30.0)
    freed: list[int] = []
    with nothing_removed(workspace):  # it waits, and then finds that the table is needed
        waiting = threading.Thread(target=lambda: freed.append(free_space(workspace)))
        waiting.start()
        (workspace / "runs" / "run-a").mkdir(parents=True)
        (workspace / "runs" / "run-a" / "spec.json").write_text(f'{{"table": "{table}"}}')
    waiting.join(30)
    assert freed == [0]
    assert table in names(workspace, "tables")


def test_a_table_stored_again_meanwhile_stays(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = stored(workspace, 1)
    grow_old(workspace)
    look = retention.look_at_space

    def looked(root: Path) -> retention.Space:
        found = look(root)
        stored(root, 1)  # somebody uploads the same table at this moment
        return found

    monkeypatch.setattr(retention, "look_at_space", looked)
    free_space(workspace)
    assert open_table(table, workspace).num_rows == 3
