"""The name of a run: kept in its folder, and nothing that lies there can harm a list."""

from __future__ import annotations

from pathlib import Path

import pytest

from automl_core.errors import RunError, StorageError
from automl_core.runs.record import NAME_FILE, load_name, save_name


def test_a_name_is_kept_on_one_line_and_taken_away(tmp_path: Path) -> None:
    assert load_name(tmp_path) == ""
    save_name(tmp_path, "  without\n zip codes ")
    assert load_name(tmp_path) == "without zip codes"
    save_name(tmp_path, " ")
    assert load_name(tmp_path) == ""


def test_a_name_that_cannot_be_kept_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="81 characters"):
        save_name(tmp_path, 81 * "x")
    with pytest.raises(StorageError):
        save_name(tmp_path / "gone", "name")


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"{", ""),
        (b'{"name": 3, "format_version": 1}', ""),
        (b'{"name": "a\\u001b[2Jb", "format_version": 1}', "a [2Jb"),
        (b'{"name": "%s", "format_version": 1}' % (200 * b"y"), 80 * "y"),
    ],
)
def test_what_others_wrote_there_is_made_fit_to_be_shown(
    tmp_path: Path, data: bytes, name: str
) -> None:
    (tmp_path / NAME_FILE).write_bytes(data)
    assert load_name(tmp_path) == name
