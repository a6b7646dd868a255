"""Runs and models that version 0.5.0 wrote open, stream, predict and export as they did there.

`v0_5_0/` holds three finished runs (`run-<task>.zip`, with the leaderboards that 0.5.0 listed),
a bundle of each family and task, and what 0.5.0 predicted with each for the rows of `new.csv`.
"""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import automl_core
from automl_core.cli.main import run_cli
from automl_core.models.catalog import CATALOG
from automl_core.models.tree_specs import RETIRED_SPECS

HERE = Path(__file__).parent / "v0_5_0"
TASKS = ("binary", "multiclass", "regression")
EXPECTED = json.loads((HERE / "expected.json").read_text(encoding="utf-8"))
BUNDLES = sorted(p.stem for p in HERE.glob("*-*.zip") if not p.stem.startswith("run-"))


def _same_predictions(found: pd.DataFrame, expected: dict[str, list[object]]) -> None:
    assert list(found.columns) == list(expected)
    for name, values in expected.items():
        if name == "prediction" and isinstance(values[0], str):
            assert found[name].astype(str).tolist() == values
        else:
            np.testing.assert_allclose(found[name], values, rtol=1e-4, atol=1e-5)


@pytest.fixture
def run(request: pytest.FixtureRequest, workspace: Path) -> Path:
    """The folder of one unpacked run of 0.5.0, in a workspace of its own."""
    folder = workspace / "runs" / request.param
    with zipfile.ZipFile(HERE / f"run-{request.param}.zip") as archive:
        archive.extractall(folder)
    return folder


def test_there_is_a_bundle_of_every_family_and_task() -> None:
    families = [entry.name for entry in (*CATALOG, *RETIRED_SPECS)]
    assert {f"{task}-{family}" for task in TASKS for family in families} <= set(BUNDLES)


@pytest.mark.parametrize("name", BUNDLES)
def test_a_bundle_predicts_as_it_did(name: str) -> None:
    model = automl_core.load(HERE / f"{name}.zip")
    _same_predictions(model.predict(HERE / "new.csv"), EXPECTED[name])


@pytest.mark.parametrize("run", TASKS, indirect=True)
def test_a_run_opens_with_its_leaderboard(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_cli(["leaderboard", str(run), "--json"]) == 0
    listed = json.loads((HERE / f"run-{run.name}.leaderboard.json").read_text(encoding="utf-8"))
    rows = json.loads(
        capsys.readouterr().out
    )  # in the order of the scores, which 0.5.0 did not keep
    assert sorted(rows, key=lambda r: r["name"]) == sorted(listed, key=lambda r: r["name"])


@pytest.mark.parametrize("run", TASKS, indirect=True)
def test_a_run_streams_all_its_events(run: Path) -> None:
    lines = (run / "events.jsonl").read_bytes().count(b"\n")
    opened = automl_core.open_run(run)
    assert len(list(opened.follow())) == lines
    assert opened.state().status == "finished"


@pytest.mark.parametrize("run", TASKS, indirect=True)
def test_a_run_predicts_and_exports_as_it_did(run: Path, tmp_path: Path) -> None:
    expected = EXPECTED[f"{run.name}-run"]
    out = tmp_path / "predictions.csv"
    assert run_cli(["predict", str(run), str(HERE / "new.csv"), "--out", str(out)]) == 0
    _same_predictions(pd.read_csv(out), expected)
    bundle = tmp_path / "model.zip"
    assert run_cli(["export", str(run), "--format", "bundle", "--out", str(bundle)]) == 0
    _same_predictions(automl_core.load(bundle).predict(HERE / "new.csv"), expected)
    assert run_cli(["report", str(run), "-o", str(tmp_path / "report.html")]) == 0
