"""A run's trials as runs of MLflow, where it is installed."""

from __future__ import annotations

import importlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from automl_core.runs.exchange.trial_log import TrialLog, first_curve, trial_facts
from automl_core.runs.record import Trial
from automl_core.types import Files, TrialStatus

LIBRARY, FILE = "mlflow", "mlflow.db"

BATCH = 1000
"""Numbers that MLflow takes at once, at most."""

CURVES = ("train_loss", "valid_loss", "valid_score", "learning_rate")


def write(log: TrialLog) -> Files:
    """`mlflow.db`: an experiment of the run's name, with one run for the whole and one a trial.

    Settings are parameters; scores, and the curves of the first fold by epoch, are metrics.
    MLflow must be installed.
    """
    with tempfile.TemporaryDirectory(prefix="torchlight-") as folder:
        path = Path(folder) / FILE
        client = importlib.import_module(LIBRARY).MlflowClient(f"sqlite:///{path.as_posix()}")
        experiment = client.create_experiment(log.name)
        parent = client.create_run(
            experiment, _milliseconds(log, 0.0), run_name=log.name, tags=_texts(log.facts())
        )
        for name, value in log.facts().items():
            if isinstance(value, float):
                client.log_metric(parent.info.run_id, name, value)
        client.set_terminated(parent.info.run_id, end_time=_milliseconds(log, log.state.clock))
        for trial in log.trials:
            _add(client, experiment, parent.info.run_id, log, trial)
        return {FILE: path.read_bytes()}


def _add(client: Any, experiment: str, parent: str, log: TrialLog, trial: Trial) -> None:
    """The trial as a run below the parent."""
    entities = importlib.import_module(f"{LIBRARY}.entities")
    tags = _texts(trial_facts(trial)) | {"mlflow.parentRunId": parent, "family": trial.family}
    start = _milliseconds(log, trial.started)
    run = client.create_run(experiment, start, run_name=trial.name, tags=tags).info.run_id
    params = [entities.Param(name, str(value)) for name, value in trial.config.items()]
    client.log_batch(run, params=params)
    metrics = [
        entities.Metric(name, value, _milliseconds(log, seconds), step)
        for name, value, seconds, step in _numbers(log, trial)
    ]
    for first in range(0, len(metrics), BATCH):
        client.log_batch(run, metrics=metrics[first : first + BATCH])
    if trial.status != TrialStatus.RUNNING:
        status = "FAILED" if trial.status == TrialStatus.FAILED else "FINISHED"
        end = trial.started if trial.ended is None else trial.ended
        client.set_terminated(run, status, _milliseconds(log, end))


def _numbers(log: TrialLog, trial: Trial) -> Iterator[tuple[str, float, float, int]]:
    """Name, value, seconds on the run's clock and step of all that is measured of a trial."""
    end, facts = trial.ended or trial.started, trial_facts(trial)
    if trial.score is not None:
        yield log.spec.metric, trial.score, end, 0
    for name in ("train_seconds", "predict_ms_per_row", "size_bytes"):
        if name in facts:
            yield name, float(facts[name]), end, 0
    curve = first_curve(trial)
    if curve is None:
        return
    for place, epoch in enumerate(curve.epoch):
        for name in CURVES:
            value = getattr(curve, name)[place]
            if value is not None:
                yield name, value, trial.started + curve.seconds[place], epoch


def _texts(facts: dict[str, str | float]) -> dict[str, str]:
    return {name: str(value) for name, value in facts.items()}


def _milliseconds(log: TrialLog, seconds: float) -> int:
    return int(1000 * log.wall(seconds))
