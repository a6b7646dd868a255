"""Dirty files that are made from seeds: read right, or asked about, and never a traceback.

`python -m tests.benchmarks.dirty_files` reads as many as it is told, and prints shares.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dirty.files import make_file
from tests.dirty.judge import judge

_CHUNK = 50


@pytest.mark.parametrize("first", range(0, 500, _CHUNK))
def test_dirty_files(workspace: Path, first: int) -> None:
    wrong, unasked = [], []
    for seed in range(first, first + _CHUNK):
        file = make_file(seed)
        verdict = judge(file, workspace)
        assert not verdict.crashed, f"seed {seed}: {verdict.why}"
        if file.ambiguous:
            if not verdict.right and not verdict.asked:
                unasked.append(seed)
        elif not verdict.right:
            wrong.append((seed, verdict.why))
    assert len(wrong) <= 1, wrong
    assert not unasked, unasked
