"""Keeps runs and models of the current version for the tests of later ones.

    python -m tests.formats.write_version

Run once, at a release: writes `v<version>/` beside this file, and refuses to change it later. It
holds, for each task, a finished run with its table (`workspace-<task>.zip`) and the leaderboard
that this version lists, a bundle of each family, and what this version predicts with each for the
rows of `new.csv`.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import sys
import tempfile
import zipfile
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq

import automl_core
from automl_core.cli.main import run_cli
from automl_core.export.bundle import write_bundle
from automl_core.export.predictor import predictor_files
from tests import small

ROWS, NEW = 120, 20
RUN = ("--trials", "3", "--families", "linear,knn", "--folds", "2", "--seed", "1")


def folder_of(version: str) -> Path:
    """Where the files of a version lie."""
    return Path(__file__).parent / f"v{version.replace('.', '_')}"


def main() -> int:
    """Write the files; 1 where they are there."""
    at = folder_of(automl_core.__version__)
    if at.exists():
        print(f"{at} is there already: what a version wrote does not change.")
        return 1
    at.mkdir()
    new = small.table(NEW, seed=9).drop_columns(list(small.TARGETS.values()))
    frame = new.to_pandas()
    frame.to_csv(at / "new.csv", index=False, date_format="%Y-%m-%d")
    expected: dict[str, Any] = {}
    for task in small.TARGETS:
        for family in small.QUICK | small.OTHERS:
            name = f"{task}-{family}"
            files = predictor_files(small.predictor(task, family, rows=ROWS))
            bundle = write_bundle(files, {"run": "customers", "model": f"{family}-1"})
            (at / f"{name}.zip").write_bytes(bundle)
            expected[name] = _predicted(at / f"{name}.zip", at / "new.csv")
        expected[f"{task}-run"] = _write_run(at, task)
    (at / "expected.json").write_text(json.dumps(expected), encoding="utf-8")
    return 0


def _predicted(bundle: Path, new: Path) -> dict[str, list[Any]]:
    frame = automl_core.load(bundle).predict_table(new)
    return {str(name): frame[name].tolist() for name in frame.columns}


def _write_run(at: Path, task: small.Task) -> dict[str, list[Any]]:
    """A finished run in its workspace; what it predicts."""
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        os.environ["TORCHLIGHT_WORKSPACE"] = str(root / "workspace")
        run, table = root / "workspace" / "runs" / task, root / "customers.parquet"
        others = [name for name in small.TARGETS.values() if name != small.TARGETS[task]]
        pq.write_table(small.table(ROWS).drop_columns(others), table)
        _done(["train", str(table), "--target", small.TARGETS[task], "--out", str(run), *RUN])
        listed = _done(["leaderboard", str(run), "--json"])
        (at / f"run-{task}.leaderboard.json").write_text(listed, encoding="utf-8")
        for name in ("inbox", "lock", "model.zip"):
            path = run / name
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        predictions = root / "predictions.csv"
        _done(["predict", str(run), str(at / "new.csv"), "--out", str(predictions)])
        _pack(root / "workspace", at / f"workspace-{task}.zip")
        frame = pd.read_csv(predictions)
        return {str(name): frame[name].tolist() for name in frame.columns}


def _done(arguments: list[str]) -> str:
    said = io.StringIO()
    with redirect_stdout(said):
        status = run_cli(arguments)
    if status:
        raise SystemExit(f"{arguments[0]} ended with {status}.")
    return said.getvalue()


def _pack(folder: Path, file: Path) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.suffix != ".log":
                archive.write(path, path.relative_to(folder))


if __name__ == "__main__":
    sys.exit(main())
