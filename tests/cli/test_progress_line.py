"""The line about a long reading: on a terminal, for large files, and gone at the end."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from automl_core.cli import progress_line
from automl_core.cli.progress_line import shown_progress


@pytest.mark.parametrize(("terminal", "size"), [(False, 100), (True, 10)])
def test_nothing_is_shown_where_nobody_sees_it_or_needs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, terminal: bool, size: int
) -> None:
    monkeypatch.setattr(progress_line, "LONG", 50)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal, raising=False)
    (tmp_path / "t.csv").write_bytes(b"x" * size)
    with shown_progress(tmp_path / "t.csv") as report:
        assert report is None


def test_a_large_file_on_a_terminal_has_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(progress_line, "LONG", 50)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    (tmp_path / "t.csv").write_bytes(b"x" * 100)
    with shown_progress(tmp_path / "t.csv") as report:
        assert report is not None
        assert report(50_000_000, 100_000_000)
        assert report(0, 0)
    told = capsys.readouterr()
    assert "50 % of 100 MB" in told.err
    assert told.err.endswith("\r\x1b[K")
    assert not told.out
