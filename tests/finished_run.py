"""A finished run with real models on tests/small.py's table, made without workers in a second."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np

from automl_core.export.predictor import predictor_files
from automl_core.metrics import score
from automl_core.runs.record import Budget, RunOptions, RunSpec, TableLink
from automl_core.runs.record import events as e
from automl_core.runs.record.folder import EnsembleRecord, OutOfFold, RunFolder, save_ensemble
from automl_core.runs.record.log import LogWriter
from automl_core.table.store import TableInfo, put_table, save_info
from automl_core.types import Files, Origin, RunStatus, Severity, Task, TrialStatus
from tests import small

METRIC = {"binary": "roc_auc", "multiclass": "log_loss", "regression": "rmse"}
ROWS = 240
MEMBERS, WEIGHTS = (1, 2), (0.875, 0.125)
VALIDATION = "2-fold cross-validation: every row is held out once."


def make_run(
    workspace: Path,
    run_id: str,
    task: Task = "binary",
    status: str = RunStatus.FINISHED,
    network: str = "linear",
) -> RunFolder:
    """A constant, trees, a network, their ensemble, a failure; running: without an end."""
    folder = RunFolder(workspace / "runs" / run_id)
    table = small.table(ROWS)
    stored = put_table(table, workspace)
    save_info(TableInfo(stored, "customers.csv", ROWS, table.num_columns, {}), workspace)
    spec = RunSpec(
        TableLink(stored, "customers.csv", ROWS, {}),
        small.TARGETS[task],
        task,
        METRIC[task],
        RunOptions(
            Budget(seconds=30),
            drop=tuple(t for t in small.TARGETS.values() if t != small.TARGETS[task]),
        ),
        positive="yes" if task == "binary" else None,
    )
    folder.create(spec, small.schema(ROWS))
    log = LogWriter(folder.log_path)
    log.append(e.RunStarted(30.0, None, 2, ROWS - 40, 40, 0, 1, checksums=True), 0.0)
    log.append(e.Note(Severity.INFO, VALIDATION), 0.1)
    for number, family in enumerate(("constant", "lightgbm", network)):
        _trial(folder, log, spec, number, family)
    best = _ensemble(folder, log, spec)
    log.append(e.TrialStarted(3, "mlp-3", "mlp", {"width": 64}, Origin.PORTFOLIO), 4.0)
    log.append(e.TrialFailed(3, "The loss was <b>not</b> a number after 3 epochs."), 5.0)
    features = ("age", "city", "income")
    means = (0.2, 0.1, 0.001)
    log.append(
        e.Importance(1, 5, features, means, (0.18, 0.09, -0.01), (0.22, 0.11, 0.01), True), 6.0
    )
    if status != RunStatus.RUNNING:
        reason, low = "The budget is used up.", 0.98 * best
        high = min(1.0, 1.01 * best) if spec.task == "binary" else 1.01 * best
        log.append(e.RunFinished(RunStatus(status), reason, e.ENSEMBLE, best, low, high, 2, 1), 9.0)
    log.close()
    return folder


def _ensemble(folder: RunFolder, log: LogWriter, spec: RunSpec) -> float:
    """Trials 1 and 2, weighted; its score."""
    temperature = 1.0 if spec.task == "regression" else 0.8
    save_ensemble(folder, EnsembleRecord(MEMBERS, WEIGHTS, temperature))
    oof = folder.out_of_fold(e.ENSEMBLE)
    value = score(spec.metric, oof.y, oof.prediction)
    log.append(e.EnsembleSolved(value, MEMBERS, WEIGHTS, temperature, 4, 0.008, 90_000), 3.5)
    return value


@cache
def _trained(task: Task, family: str) -> tuple[Files, OutOfFold, float]:
    """A model's files, what it predicts and its score; each is trained once in a process."""
    predictor = small.predictor(task, family, rows=ROWS)
    table = small.table(ROWS)
    y, _ = predictor.target.encode(table.column(small.TARGETS[task]))
    prediction = predictor.predict_table(table)
    oof = OutOfFold(np.arange(ROWS), y, prediction)
    return predictor_files(predictor), oof, score(METRIC[task], y, prediction)


def _trial(folder: RunFolder, log: LogWriter, spec: RunSpec, number: int, family: str) -> None:
    """Keep the files of a model, write the events of its trial."""
    files, oof, value = _trained(spec.task, family)
    origin = Origin.BASELINE if family == "constant" else Origin.PORTFOLIO
    config = (small.QUICK | small.OTHERS)[family] | (
        {} if family == "constant" else {"early_stop": True}
    )
    log.append(e.TrialStarted(number, f"{family}-{number}", family, config, origin), 1.0 + number)
    losses = tuple(float(v) for v in 0.3 + 0.4 * np.exp(-np.arange(12) / 4))
    for fold in range(2):
        if family != "constant":
            epochs = e.Epochs(
                number, fold, tuple(range(1, 13)), tuple((i + 1) / 12 for i in range(12)),
                tuple(v - 0.05 for v in losses), losses, (None,) * 12, (0.1,) * 12,
                tuple(0.1 * i for i in range(12)),
            )  # fmt: skip
            log.append(epochs, 2.0)
        log.append(e.FoldFinished(number, fold, value, "completed", 0.6), 2.5)
    folder.save_trial(number, files, oof)
    log.append(e.TrialFinished(number, TrialStatus.FINISHED, value, 1.2, 0.004, 45_000, 2), 3.0)
