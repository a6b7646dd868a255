"""Uploads land in the workspace under names of ours; server paths stay below their roots."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from automl_core.errors import TableError
from automl_core.table.reading.uploads import open_server_path, save_upload, upload_path


def test_an_upload_is_copied_whole(tmp_path: Path) -> None:
    data = bytes(range(256)) * 40_000
    source = io.BytesIO(data)
    source.read(10)  # somebody looked at it before
    upload = save_upload(source, "table.csv", tmp_path)
    assert (upload.name, upload.bytes) == ("table.csv", len(data))
    assert upload_path(upload.id, tmp_path).read_bytes() == data


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "passwd"), ("C:\\Users\\x\\a.csv", "a.csv"), ("", "table"),
        ("a\x00b\n.csv", "ab.csv"), ("x" * 500 + ".csv", "x" * 116 + ".csv"), ("..", ".."),
        ("<b>\U0001f600</b>.csv", "b>.csv"), ("a\u202egnp.csv", "agnp.csv"),
    ],
)  # fmt: skip
def test_names_are_for_showing_only(tmp_path: Path, name: str, shown: str) -> None:
    upload = save_upload(io.BytesIO(b"x"), name, tmp_path)
    assert upload.name == shown
    assert [p.name for p in (tmp_path / "uploads").iterdir()] == [upload.id]
    assert [p.name for p in tmp_path.iterdir()] == ["uploads"]


@pytest.mark.parametrize("bad", ["", "..", "../secret", "a" * 32, "A" * 32, "x"])
def test_unknown_ids_are_refused(tmp_path: Path, bad: str) -> None:
    (tmp_path / "secret").write_text("x")
    with pytest.raises(TableError):
        upload_path(bad, tmp_path)


def test_a_failing_source_leaves_nothing(tmp_path: Path) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise OSError(f"connection lost after {size}")

    with pytest.raises(OSError, match="connection"):
        save_upload(Broken(), "a.csv", tmp_path)
    assert not list((tmp_path / "uploads").iterdir())


def test_server_paths_below_their_roots(tmp_path: Path) -> None:
    allowed, other = tmp_path / "data", tmp_path / "other"
    allowed.mkdir()
    other.mkdir()
    (allowed / "a.csv").write_text("x")
    (other / "b.csv").write_text("x")
    (allowed / "link.csv").symlink_to(other / "b.csv")
    roots = (allowed,)
    assert open_server_path(f" {allowed / 'a.csv'} ", roots) == allowed / "a.csv"
    assert open_server_path(str(other / "b.csv"), None) == other / "b.csv"
    for outside in (other / "b.csv", allowed / "../other/b.csv", allowed / "link.csv", "/nowhere"):
        with pytest.raises(TableError, match="not in a folder"):
            open_server_path(str(outside), roots)


@pytest.mark.parametrize(
    "text", ["", "  ", "a\x00b", "x" * 10_000, "~nobody-here/x", "missing.csv"]
)
def test_impossible_paths_are_one_message(text: str) -> None:
    with pytest.raises(TableError):
        open_server_path(text, None)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="no file"):
        open_server_path(str(tmp_path), (tmp_path,))
