"""Real tables, encoded as a run would encode them: scikit-learn's own, or those of a folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits

from automl_core.features.encode import fit_encoder
from automl_core.features.target import fit_target
from automl_core.models.base import FitData, ModelSpec
from automl_core.table.inference.schema_inference import infer_schema
from automl_core.table.parsing.parse import parse_table
from automl_core.types import Task
from tests.benchmarks import case

METRICS: dict[Task, str] = {"binary": "roc_auc", "multiclass": "log_loss", "regression": "rmse"}
OWN: dict[str, tuple[Task, Callable[..., object]]] = {
    "breast_cancer": ("binary", load_breast_cancer),
    "diabetes": ("regression", load_diabetes),
    "digits": ("multiclass", load_digits),
}
"""Tables that scikit-learn brings along: they are there on a machine that has nothing else."""


def encoded(name: str, model_spec: ModelSpec, root: Path | None, most_rows: int) -> FitData:
    """Three quarters of the rows to train on, the rest to validate; `root` as in splits.py."""
    if name in OWN:
        task, load = OWN[name]
        frame = load(as_frame=True).frame  # type: ignore[attr-defined]
        target = "target"
    elif root is not None:
        found = case.load(name, root)
        frame, target = pd.concat([found.train, found.test]), found.target
        task = found.task  # type: ignore[assignment]
    else:
        raise SystemExit(f"There is no table {name!r}; there are {', '.join(OWN)}.")
    frame = frame.sample(min(most_rows, len(frame)), random_state=0).reset_index(drop=True)
    return encoded_frame(frame, target, task, model_spec)


def encoded_frame(frame: pd.DataFrame, target: str, task: Task, model_spec: ModelSpec) -> FitData:
    """The rows of a frame: of four three train, and one validates."""
    table = pa.Table.from_pandas(frame, preserve_index=False)
    columns = infer_schema(table).features(without=(target,))
    coder = fit_target(table.column(target), task)
    y, _ = coder.encode(table.column(target))
    typed = parse_table(table, columns)
    valid = np.arange(len(frame)) % 4 == 0
    train_rows, valid_rows = np.flatnonzero(~valid), np.flatnonzero(valid)
    encoder, x = fit_encoder(
        typed.take(train_rows), columns, y[train_rows], task, coder.classes, model_spec.encoding, 0
    )
    x_valid = encoder.encode(typed.take(valid_rows))
    return FitData(
        task, coder.classes, encoder.features, x, y[train_rows], None,
        x_valid, y[valid_rows], None, METRICS[task],
    )  # fmt: skip
