"""The scorer runs where numpy and ONNX Runtime are, and nothing else was ever installed."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

import pyarrow.csv
import pytest

from automl_core.export import library_version
from tests import small
from tests.onnx_export.unpacked import unpacked, write_files

NEEDED = [f"{name}=={library_version(name)}" for name in ("numpy", "onnxruntime")]
ABSENT = ("torch", "pandas", "pyarrow", "automl_core", "starlette", "onnx", "pytest")
LOOK = "import importlib.util as u, sys; print([n for n in sys.argv[1:] if u.find_spec(n)])"


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of a new environment; skipped without an index of packages."""
    folder = tmp_path_factory.mktemp("fresh") / "venv"
    venv.create(folder, with_pip=False, symlinks=os.name != "nt")
    made = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    pip = [sys.executable, "-m", "pip", "--python", str(made), "install", "--quiet"]
    options = ["--disable-pip-version-check", "--no-input", "--retries=1", "--timeout=10"]
    done = subprocess.run(
        [*pip, *options, "--no-compile", "--only-binary=:all:", *NEEDED],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode and not os.environ.get("CI"):
        pytest.skip(f"nothing can be installed here: {done.stderr.strip().splitlines()[-1]}")
    assert done.returncode == 0, done.stderr
    return made


def _run(python: Path, folder: Path, *words: str) -> str:
    """What a program of the download prints; fails where it does."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL"))}
    done = subprocess.run(
        [str(python), *words], cwd=folder, env=clean, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_scores_a_file_and_checks_itself(python: Path, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    write_files(unpacked("multiclass").files, folder)
    assert _run(python, folder, "-c", LOOK, *ABSENT, "numpy").strip() == "['numpy']"
    pyarrow.csv.write_csv(small.table(60, seed=8), tmp_path / "IN.csv")
    said = _run(python, folder, "score.py", "../IN.csv", "../OUT.csv", "--extras")
    verdict, fall, *_ = said.splitlines()
    assert verdict.startswith("None of the 7 columns has moved") and "Log loss" in fall
    found = pyarrow.csv.read_csv(tmp_path / "OUT.csv")
    expected = unpacked("multiclass").scorer.score(small.table(60, seed=8), extras=True)
    assert found.column_names == expected.column_names
    for name in ("prediction", "prediction_set", "unlike_columns"):
        assert found.column(name).to_pylist() == expected.column(name).to_pylist()
    assert _run(python, folder, "test_model.py").count("passed: ") == 4
