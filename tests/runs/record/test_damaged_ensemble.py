"""An ensemble whose parts do not belong together is named, and nothing is averaged."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from automl_core.errors import RunError
from automl_core.runs.record import ENSEMBLE, RunFolder
from automl_core.runs.record.folder import EnsembleRecord, save_ensemble
from tests.finished_run import make_run


def _with_rows(folder: RunFolder, trial: int, rows: np.ndarray) -> None:
    own = folder.out_of_fold(trial)
    places = np.arange(len(rows)) % len(own.rows)
    other = replace(own, rows=rows, y=own.y[places], prediction=own.prediction[places])
    folder.save_trial(trial, folder.model_files(trial), other)


def test_parts_may_have_predicted_more_rows_than_others(workspace: Path) -> None:
    folder = make_run(workspace, "run-a")
    whole = folder.out_of_fold(ENSEMBLE)
    _with_rows(folder, 2, np.arange(50))
    part = folder.out_of_fold(ENSEMBLE)
    assert np.array_equal(part.rows, np.arange(50))
    assert np.array_equal(part.prediction, whole.prediction[:50])


@pytest.mark.parametrize(
    "rows", [np.arange(1_000, 1_100), np.arange(50) * 1_000], ids=["others", "some others"]
)
def test_parts_of_other_rows_are_no_ensemble(workspace: Path, rows: np.ndarray) -> None:
    folder = make_run(workspace, "run-a")
    _with_rows(folder, 2, rows)
    with pytest.raises(RunError, match=r"ensemble is damaged.*Choose one of its trials"):
        folder.out_of_fold(ENSEMBLE)


@pytest.mark.parametrize(("trials", "weights"), [((), ()), ((1, 2), (1.0,))])
def test_a_record_without_a_weight_for_each_trial_is_damaged(
    workspace: Path, trials: tuple[int, ...], weights: tuple[float, ...]
) -> None:
    folder = make_run(workspace, "run-a")
    save_ensemble(folder, EnsembleRecord(trials, weights, 1.0))
    with pytest.raises(RunError, match="ensemble is damaged"):
        folder.out_of_fold(ENSEMBLE)


def test_a_run_that_is_deleted_while_its_model_is_read_is_said(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_run(workspace, "run")
    whole = RunFolder.read

    def read_late(self: RunFolder, name: str) -> bytes:
        if name.startswith("trials/"):
            (self.path / name).unlink(missing_ok=True)
        return whole(self, name)

    monkeypatch.setattr(RunFolder, "read", read_late)
    with pytest.raises(RunError, match="is missing"):
        folder.model_files(1)
