"""Fixtures for all tests: a workspace of their own, the benchmark tables, fresh singletons."""

from __future__ import annotations

import gc
import os
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import numpy as np
import pytest

# Like a worker, a test has one thread: tests run side by side, and OpenMP's threads that wait
# for each other on shared cores are many times slower than one.
for _name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

ROOT = Path(__file__).resolve().parents[1]

# No deadlines: a busy machine is not an error. The same cases each time where changes are checked.
hypothesis.settings.register_profile("quick", deadline=None, max_examples=50, database=None)
hypothesis.settings.register_profile(
    "ci", hypothesis.settings.get_profile("quick"), derandomize=True
)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "quick")


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print the seed of the tests' order: pytest -q leaves out the header that has it."""
    seed = config.getoption("randomly_seed", None)
    if isinstance(seed, int):
        terminalreporter.write_line(f"Order of the tests: --randomly-seed={seed}")


def pytest_collection_finish() -> None:
    """Leave what libraries hold to the end: a full look through it for garbage costs a second."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty workspace; everything that asks for one during the test gets this."""
    folder = tmp_path / "workspace"
    folder.mkdir()
    monkeypatch.setenv("TORCHLIGHT_WORKSPACE", str(folder))
    return folder


@pytest.fixture(scope="session")
def datasets() -> Path:
    """The folder of benchmark tables (`TORCHLIGHT_DATASETS`, `../shared/datasets`), read only."""
    folder = Path(os.environ.get("TORCHLIGHT_DATASETS", ROOT.parent / "shared" / "datasets"))
    if not (folder / "datasets.json").is_file():
        pytest.skip(f"no benchmark tables in {folder}; TORCHLIGHT_DATASETS may name another folder")
    return folder


@pytest.fixture(scope="session", autouse=True)
def nothing_waits_for_the_disk() -> Iterator[None]:
    """Only a machine that loses power would tell, and each of thousands of files waits for ms."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)
        yield


@pytest.fixture(autouse=True)
def fresh_singletons() -> Iterator[None]:
    """A manager that a test brought to life ends with the test, and its workers with it."""
    yield
    module = sys.modules.get("automl_core.runs.manager")
    if module is not None:
        module.shutdown_manager()


_AT_IMPORT: dict[tuple[str, str], Any] = {}


@pytest.fixture(autouse=True)
def generators_start_over(request: pytest.FixtureRequest) -> None:
    """A module's random generators give each test the same numbers, whatever ran before it."""
    for name, value in vars(request.module).items():
        if isinstance(value, np.random.Generator):
            key = (request.module.__name__, name)
            value.bit_generator.state = _AT_IMPORT.setdefault(key, value.bit_generator.state)
        elif isinstance(value, random.Random):
            key = (request.module.__name__, name)
            value.setstate(_AT_IMPORT.setdefault(key, value.getstate()))
