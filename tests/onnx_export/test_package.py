"""The download works where nothing of the project is, and answers as the model does."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import pyarrow.csv
import pytest

from automl_core.export import Predictor, load_predictor, predictions_table, read_bundle
from automl_core.onnx_export import UsualRows, build_onnx
from tests.onnx_export.unpacked import write_files

FOLDER = Path(__file__).parents[1] / "formats" / "v0_5_0"
NAMES = ("binary-run", "multiclass-linear", "regression-run", "regression-constant")
ALONE = """
import runpy, sys
sys.path.insert(0, ".")
sys.argv = {arguments!r}
try:
    runpy.run_path(sys.argv[0], run_name="__main__")
except SystemExit as end:
    assert not end.code, end.code
print("LOADED", *sorted({{name.split(".")[0] for name in sys.modules}}))
"""
"""Runs a program and says what it has loaded."""

HEAVY = {"automl_core", "torch", "sklearn", "pandas", "pyarrow", "scipy", "onnx", "lightgbm"}


@cache
def _predictor(name: str) -> Predictor:
    return load_predictor(read_bundle(FOLDER / f"{name}.zip"))


@pytest.fixture(scope="module", params=NAMES)
def package(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an unpacked download; its name is that of the model."""
    predictor = _predictor(request.param)
    usual = UsualRows(predictor.typed(pyarrow.csv.read_csv(FOLDER / "new.csv")), "new rows")
    folder = tmp_path_factory.mktemp("package") / request.param
    written = build_onnx(predictor, usual)
    write_files(written.package, folder)
    assert written.package["model.onnx"] == written.data
    return folder


def _run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs a program of the download, and checks that it loads nothing that is heavy."""
    command = [sys.executable, "-I", "-c", ALONE.format(arguments=list(arguments))]
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.split("LOADED ", 1)[1].split())
    assert "onnxruntime" in loaded and not loaded & HEAVY
    return done


def test_its_own_test_passes_without_the_project(package: Path) -> None:
    assert _run(package, "test_model.py").stdout.count("passed: ") == 4


def test_a_file_gets_the_predictions_of_the_model(package: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    _run(package, "score.py", str(FOLDER / "new.csv"), str(out))
    table = pyarrow.csv.read_csv(FOLDER / "new.csv")
    expected = predictions_table(_predictor(package.name), table)
    found = pyarrow.csv.read_csv(out)
    assert found.column_names == expected.column_names
    for name in found.column_names:
        values, wanted = found.column(name).to_pylist(), expected.column(name).to_pylist()
        if isinstance(wanted[0], float):
            assert values == pytest.approx(wanted, rel=1e-9, abs=1e-9)
        else:
            assert values == wanted


def test_it_says_what_it_reads_and_how_it_was_compared(package: Path) -> None:
    schema = json.loads((package / "schema.json").read_text(encoding="utf-8"))
    example = json.loads((package / "example.json").read_text(encoding="utf-8"))
    assert schema["items"]["required"] == list(example["request"][0])
    assert "greatest difference" in (package / "model_card.md").read_text(encoding="utf-8")
    assert len((package / "score.py").read_text(encoding="utf-8").splitlines()) <= 150
