"""Memory is counted as the container allows it, and is short where workers hold it."""

from __future__ import annotations

from pathlib import Path

import pytest

from automl_core.runs.executor import system_memory
from automl_core.runs.executor.system_memory import free_memory, is_short, total_memory

GB = 2**30


@pytest.fixture
def group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which a system tells the limits of a container."""
    monkeypatch.setattr(system_memory, "GROUP", tmp_path)
    return tmp_path


def _limit(group: Path, limit: str, used: int, idle: int) -> None:
    (group / "memory.max").write_text(f"{limit}\n")
    (group / "memory.current").write_text(f"{used}\n")
    (group / "memory.stat").write_text(f"anon {used - idle}\ninactive_file {idle}\n")


def test_what_a_container_holds_is_not_free_and_files_that_can_go_are(group: Path) -> None:
    _limit(group, str(GB), used=GB // 2, idle=GB // 8)
    assert total_memory() == GB
    assert free_memory() == GB - GB // 2 + GB // 8


@pytest.mark.parametrize("limit", ["max", "no number"])
def test_without_a_limit_the_machine_counts(group: Path, limit: str) -> None:
    _limit(group, limit, used=GB, idle=0)
    assert free_memory() > 0
    assert total_memory() > GB // 2


def test_a_limit_without_what_is_used_is_a_limit_all_the_same(group: Path) -> None:
    (group / "memory.max").write_text(f"{GB}\n")
    assert total_memory() == GB
    assert free_memory() > 0


def test_memory_is_short_where_workers_hold_it(group: Path) -> None:
    _limit(group, str(GB), used=GB - GB // 50, idle=0)
    assert is_short(workers=GB // 2)
    assert not is_short(workers=GB // 10)  # other programs do
    _limit(group, str(GB), used=GB // 2, idle=0)
    assert not is_short(workers=GB // 2)
