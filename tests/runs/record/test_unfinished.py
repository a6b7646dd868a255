"""Parts of open trials are kept whole, found again, and gone when they are of no use."""

from __future__ import annotations

from pathlib import Path

import pytest

from automl_core.errors import RunError
from automl_core.runs.record.unfinished import FOLDER, Unfinished


def test_what_is_kept_is_found_by_the_next_process(tmp_path: Path) -> None:
    kept = Unfinished(tmp_path)
    kept.save_fit(3, 1, b"fit")
    kept.save_state(3, (0,), b"old")
    kept.save_state(3, (0,), b"new")
    kept.save_state(3, (2, 10), b"two")
    kept.save_state(31, (0,), b"other")
    again = Unfinished(tmp_path)
    assert again.fitted(3) == [1] and again.fit(3, 1) == b"fit"
    assert again.state(3, (0,)) == b"new" and again.state(3, (2, 10)) == b"two"
    assert again.state(3, (1,)) == b"" and again.fitted(31) == []
    again.forget_states(3, 10)
    assert again.state(3, (2, 10)) == b"" and again.state(3, (0,)) == b"new"
    again.forget(3)
    assert again.fitted(3) == [] and again.state(31, (0,)) == b"other"
    (tmp_path / FOLDER / ".31-0.state.1234.tmp").touch()  # of a write that a kill cut short
    again.clear()
    assert not (tmp_path / FOLDER).exists()
    again.clear()


@pytest.mark.parametrize("content", [b"", b"short", b"\0" * 40])
def test_what_is_damaged_is_an_error_once(tmp_path: Path, content: bytes) -> None:
    Unfinished(tmp_path).save_state(3, (0,), b"state")
    (path,) = (tmp_path / FOLDER).iterdir()
    path.write_bytes(content)
    kept = Unfinished(tmp_path)
    with pytest.raises(RunError, match="damaged"):
        kept.state(3, (0,))
    assert kept.state(3, (0,)) == b"" and not path.exists()
