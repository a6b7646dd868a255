"""A run's leaderboard and learning curves as CSV."""

from __future__ import annotations

import json
from dataclasses import asdict

import pyarrow as pa

from automl_core.export import csv_bytes
from automl_core.runs.exchange.trial_log import TrialLog
from automl_core.types import Files

CURVE_COLUMNS = (
    "epoch", "progress", "train_loss", "valid_loss", "valid_score", "learning_rate", "seconds",
)  # fmt: skip


def write(log: TrialLog) -> Files:
    """leaderboard.csv, one row a model; curves.csv, one row an epoch of a fold of a trial."""
    return {
        "leaderboard.csv": csv_bytes(_board(log), guard_formulas=True),
        "curves.csv": csv_bytes(_curves(log), guard_formulas=True),
    }


def _board(log: TrialLog) -> pa.Table:
    """The leaderboard in its order, with the settings of each trial as JSON."""
    rows = []
    for row in log.board:
        trial = log.state.trials.get(row.trial)
        settings = trial.config if trial is not None else log.ensemble_weights()
        plain = asdict(row) | {"status": str(row.status), "devices": ", ".join(row.devices)}
        rows.append(plain | {"settings": json.dumps(settings, ensure_ascii=False)})
    return pa.Table.from_pylist(rows)


def _curves(log: TrialLog) -> pa.Table:
    columns: dict[str, list[object]] = {name: [] for name in ("model", "fold", *CURVE_COLUMNS)}
    for trial in log.trials:
        for fold, curve in sorted(trial.curves.items()):
            columns["model"] += [trial.name] * len(curve.epoch)
            columns["fold"] += [fold] * len(curve.epoch)
            for name in CURVE_COLUMNS:
                columns[name] += getattr(curve, name)
    return pa.table(columns)
