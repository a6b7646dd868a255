"""A model leaves its run with its threshold or its intervals: files, download and Python alike."""

from __future__ import annotations

from pathlib import Path

import pytest

import automl_core
from automl_core.export import Threshold, open_bundle
from automl_core.runs import bundle_of, delivered_files
from automl_core.runs.record import ENSEMBLE, RunReader, save_threshold
from tests import small
from tests.finished_run import make_run


def test_intervals_of_a_regression_go_along(workspace: Path, tmp_path: Path) -> None:
    folder = make_run(workspace, "spent", "regression")
    run, table = automl_core.open_run(folder.path), small.table(40, seed=9)
    predicted = run.model().predict(table)
    assert list(predicted.columns) == ["prediction", "low_90", "high_90"]
    assert (predicted["low_90"] < predicted["prediction"]).all()
    run.model().save(tmp_path / "model.zip")
    assert automl_core.load(tmp_path / "model.zip").predict(table).equals(predicted)
    _, manifest = open_bundle(tmp_path / "model.zip")
    assert "90 %" in manifest.info["intervals"]


@pytest.mark.parametrize("trial", [1, ENSEMBLE])
def test_a_threshold_goes_along_and_the_download_says_so(workspace: Path, trial: int) -> None:
    folder = make_run(workspace, "churned")
    before = delivered_files(folder, trial)
    assert "answer.json" not in before
    save_threshold(folder, trial, Threshold("yes", 0.25))
    state = RunReader(folder).refresh()
    files, manifest = open_bundle(bundle_of(folder, state.models[trial]))
    assert set(files) == {*before, "answer.json", "selftest.json", "reference.json"}
    assert "above 0.25" in manifest.info["threshold"]


def test_classes_of_three_need_no_answer(workspace: Path) -> None:
    assert "answer.json" not in delivered_files(make_run(workspace, "plan", "multiclass"), 1)
