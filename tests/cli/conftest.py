"""A workspace of its own for every test, and in it a finished run with real models."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.csv
import pytest

from automl_core.export.predictor import Predictor, predictor_files
from automl_core.runs.record import Budget, RunOptions, RunSpec, TableLink
from automl_core.runs.record import events as e
from automl_core.runs.record.folder import OutOfFold, RunFolder
from automl_core.runs.record.log import LogWriter
from automl_core.types import Files, Origin, TrialStatus
from tests import small

SPEC = RunSpec(
    TableLink("0" * 32, "customers.csv", 240, {}),
    "churned",
    "binary",
    "roc_auc",
    RunOptions(Budget(60.0)),
)


@pytest.fixture(autouse=True)
def _own_workspace(workspace: Path) -> Path:
    return workspace


@pytest.fixture(scope="session")
def models() -> dict[str, tuple[Predictor, Files]]:
    """Two trained models: by name the predictor and its files."""
    trained = [small.predictor("binary", family) for family in ("constant", "lightgbm")]
    return {p.name: (p, predictor_files(p)) for p in trained}


@pytest.fixture
def run(workspace: Path, models: dict[str, tuple[Predictor, Files]]) -> RunFolder:
    """Two finished trials, a pruned one without a model, a failed one, a running one."""
    folder = RunFolder(workspace / "runs" / "20250101-1")
    folder.create(SPEC, small.schema())
    writer = LogWriter(folder.log_path)
    writer.append(e.RunStarted(60.0, None, 1, 160, 24, 0, 1), 0.0)
    nothing = OutOfFold(np.zeros(1, np.int64), np.zeros(1, np.int64), np.zeros((1, 2)))
    for trial, (name, score) in enumerate([("constant-1", 0.5), ("lightgbm-1", 0.93)]):
        origin = Origin.BASELINE if trial == 0 else Origin.PORTFOLIO
        writer.append(e.TrialStarted(trial, name, name[:-2], {}, origin), trial)
        folder.save_trial(trial, models[name][1], nothing)
        writer.append(
            e.TrialFinished(trial, TrialStatus.FINISHED, score, 1.5, 0.01, 12_345, 1), trial + 1
        )
    for trial, name in ((2, "mlp-1"), (3, "linear-1"), (4, "mlp-2")):
        writer.append(e.TrialStarted(trial, name, name[:-2], {}, Origin.SEARCH), trial)
    writer.append(e.TrialFinished(2, TrialStatus.PRUNED, None, 0.5, None, None, 0), 6.0)
    writer.append(e.TrialFailed(3, "The loss became infinite."), 6.5)
    writer.close()
    return folder


@pytest.fixture
def new_rows(tmp_path: Path) -> Path:
    """A CSV file to score."""
    path = tmp_path / "new rows.csv"
    pyarrow.csv.write_csv(small.table(30, seed=4).drop_columns(["plan", "spent", "empty"]), path)
    return path
