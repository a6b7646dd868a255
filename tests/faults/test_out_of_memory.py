"""A short run with workers of little memory; `python -m tests.faults.out_of_memory` does more."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from tests.faults.out_of_memory import FAILURES, make_table, measure


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is limited on Linux only")
def test_a_run_whose_workers_run_out_of_memory_ends_with_a_model(workspace: Path) -> None:
    for budget in (5.0, 20.0, 80.0):  # a slow machine comes later to what takes much memory
        line = measure(make_table("wide"), "wide", budget, room=int(250e6), at=workspace)
        if line.most:
            break
        shutil.rmtree(workspace / "run")
    assert line.most, line  # it did run out
    assert line.most <= FAILURES and line.models + line.baseline > 0, line
