"""Tables on a node: put together from pieces, once for all its workers, and removed by the last."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from automl_core.runs.executor.cluster_data import NODE_FOLDER
from automl_core.runs.executor.node_store import NodeStore

CONTENT = bytes(range(256)) * 10
TABLE = hashlib.blake2b(CONTENT, digest_size=16).hexdigest()


def give(store: NodeStore, name: str = f"{TABLE}.arrow") -> None:
    pieces = [CONTENT[:1000], CONTENT[1000:2000], CONTENT[2000:]]
    for number, piece in enumerate(pieces):
        store.add(name, piece, number, len(pieces))


def test_workers_of_a_node_share_a_table_and_the_last_one_removes_it(tmp_path: Path) -> None:
    root = tmp_path / f"{NODE_FOLDER}one"
    first, second = NodeStore(root), NodeStore(root)
    give(first)
    path = root / "tables" / f"{TABLE}.arrow"
    written = path.stat()
    give(second)
    assert path.read_bytes() == CONTENT
    assert path.stat() == written
    assert [p.name for p in path.parent.iterdir()] == [path.name]
    first.close()
    assert path.is_file()
    second.close()
    assert not root.exists()


def test_a_table_that_is_not_what_it_should_be_is_not_kept(tmp_path: Path) -> None:
    store = NodeStore(tmp_path / f"{NODE_FOLDER}one")
    with pytest.raises(ValueError, match="damaged"):
        give(store, f"{'0' * 32}.arrow")
    folder = tmp_path / f"{NODE_FOLDER}one" / "tables"
    assert not list(folder.iterdir())
    give(store, f"../{TABLE}.drawn.npy")  # has no hash of its own, and stays in the folder
    assert (folder / f"{TABLE}.drawn.npy").read_bytes() == CONTENT
    store.close()


def test_what_workers_that_were_killed_left_is_removed_by_the_next(tmp_path: Path) -> None:
    left, used = tmp_path / f"{NODE_FOLDER}left", NodeStore(tmp_path / f"{NODE_FOLDER}used")
    (left / "tables").mkdir(parents=True)
    (left / ".in-use").touch()
    other = NodeStore(tmp_path / f"{NODE_FOLDER}new")
    assert {p.name for p in tmp_path.iterdir()} == {f"{NODE_FOLDER}{n}" for n in ("used", "new")}
    used.close()
    other.close()
