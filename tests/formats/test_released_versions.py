"""Runs and models that released versions wrote open, stream, predict, export and go on.

A folder `v<version>/` holds, for each task, a finished run, with its table from 0.6.0 on, and the
leaderboard that the version listed; a bundle of each family and task; and what the version
predicted with each for the rows of `new.csv`. `write_version.py` makes the next one.
"""

from __future__ import annotations

import json
import shutil
import time
import zipfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import automl_core
from automl_core.cli.main import run_cli
from automl_core.models.catalog import CATALOG
from automl_core.models.tree_specs import RETIRED_SPECS
from automl_core.runs.coordinator.coordinator import conduct
from automl_core.runs.record import RunFolder
from automl_core.runs.record.commands import hold
from automl_core.types import RunStatus
from tests.formats.write_version import folder_of
from tests.runs.inline import InlineExecutor

OLDEST = "0.5.0"  # its runs have no table here
VERSIONS = (OLDEST, "0.6.0")
TASKS = ("binary", "multiclass", "regression")
BUNDLES = [
    pytest.param(version, path.stem, id=f"{version}-{path.stem}")
    for version in VERSIONS
    for path in sorted(folder_of(version).glob("*-*.zip"))
    if path.stem.partition("-")[0] in TASKS
]


@dataclass(frozen=True)
class Kept:
    """A run of a released version, unpacked into a workspace of its own."""

    version: str
    task: str
    path: Path

    @property
    def new(self) -> Path:
        """The rows to predict."""
        return folder_of(self.version) / "new.csv"

    @property
    def listed(self) -> list[dict[str, Any]]:
        """The leaderboard that the version listed."""
        file = folder_of(self.version) / f"run-{self.task}.leaderboard.json"
        rows: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))
        return rows


@cache
def _expected(version: str) -> dict[str, dict[str, list[object]]]:
    text = (folder_of(version) / "expected.json").read_text(encoding="utf-8")
    found: dict[str, dict[str, list[object]]] = json.loads(text)
    return found


def _same_predictions(found: pd.DataFrame, expected: dict[str, list[object]]) -> None:
    assert list(found.columns) == list(expected)
    for name, values in expected.items():
        if name == "prediction" and isinstance(values[0], str):
            assert found[name].astype(str).tolist() == values
        else:
            np.testing.assert_allclose(found[name], values, rtol=1e-4, atol=1e-5)


@pytest.fixture(params=[(v, t) for v in VERSIONS for t in TASKS], ids="-".join)
def run(request: pytest.FixtureRequest, workspace: Path) -> Kept:
    """Each run of each version."""
    version, task = request.param
    path = workspace / "runs" / task
    whole = folder_of(version) / f"workspace-{task}.zip"
    at = workspace if whole.is_file() else path
    with zipfile.ZipFile(
        whole if at == workspace else whole.with_name(f"run-{task}.zip")
    ) as packed:
        packed.extractall(at)
    return Kept(version, task, path)


@pytest.mark.parametrize("version", VERSIONS)
def test_there_is_a_bundle_of_every_family_and_task(version: str) -> None:
    retired = RETIRED_SPECS if version == OLDEST else ()
    families = [entry.name for entry in (*CATALOG, *retired)]
    names = {path.stem for path in folder_of(version).glob("*.zip")}
    assert {f"{task}-{family}" for task in TASKS for family in families} <= names


@pytest.mark.parametrize(("version", "name"), BUNDLES)
def test_a_bundle_predicts_as_it_did(version: str, name: str) -> None:
    at = folder_of(version)
    model = automl_core.load(at / f"{name}.zip")
    _same_predictions(model.predict_table(at / "new.csv"), _expected(version)[name])


def test_a_run_opens_with_its_leaderboard(run: Kept, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_cli(["leaderboard", str(run.path), "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)  # in an order that 0.5.0 did not keep
    assert sorted(rows, key=lambda r: r["name"]) == sorted(run.listed, key=lambda r: r["name"])


def test_a_run_streams_all_its_events(run: Kept) -> None:
    lines = (run.path / "events.jsonl").read_bytes().count(b"\n")
    opened = automl_core.open_run(run.path)
    assert len(list(opened.follow())) == lines
    assert opened.state().status == "finished"


def test_a_run_predicts_and_exports_as_it_did(run: Kept, tmp_path: Path) -> None:
    expected = _expected(run.version)[f"{run.task}-run"]
    out = tmp_path / "predictions.csv"
    assert run_cli(["predict", str(run.path), str(run.new), "--out", str(out)]) == 0
    found = pd.read_csv(out)
    _same_predictions(found[list(expected)], expected)
    bundle = tmp_path / "model.zip"
    assert run_cli(["export", str(run.path), "--format", "bundle", "--out", str(bundle)]) == 0
    exported = automl_core.load(bundle).predict_table(run.new)
    _same_predictions(exported[list(expected)], expected)
    assert run_cli(["report", str(run.path), "-o", str(tmp_path / "report.html")]) == 0


def test_a_run_that_was_interrupted_goes_on_or_says_why_not(
    run: Kept, workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = run.path / "events.jsonl"
    lines = log.read_bytes().splitlines(keepends=True)
    ends = [i for i, line in enumerate(lines) if b'"trial_finished"' in line]
    log.write_bytes(b"".join(lines[: ends[1] + 1]))  # the baseline and one more
    shutil.rmtree(run.path / "final")
    before = automl_core.open_run(run.path).state()
    assert before.status == RunStatus.INTERRUPTED
    if run.version == OLDEST:
        assert run_cli(["resume", str(run.path)]) == 2
        assert "The table is no longer stored here" in capsys.readouterr().err
        assert automl_core.open_run(run.path).state().status == RunStatus.INTERRUPTED
        return
    with hold(run.path):
        executor = InlineExecutor()
        state = conduct(RunFolder(run.path), executor, workspace, time.monotonic(), 1)
    assert state.status == RunStatus.FINISHED and state.finished is not None
    for number, trial in before.trials.items():
        if trial.usable:
            assert (state.trials[number].name, state.trials[number].score) == (
                trial.name, trial.score,
            )  # fmt: skip
    assert sum(t.usable for t in state.trials.values()) == 4
