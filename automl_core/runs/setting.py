"""What a run needs to know of its table before the first trial: target, folds, data link.

Pure preparation; starts nothing and writes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from automl_core.errors import SpecError, TableError
from automl_core.features.target import fit_target
from automl_core.runs.desk import Truth
from automl_core.runs.spec import RunSpec
from automl_core.runs.tasks import DataLink
from automl_core.table.parse import parse_weights
from automl_core.table.schema import Column, Schema
from automl_core.table.split import Folds, make_folds
from automl_core.table.store import open_table


@dataclass(frozen=True, eq=False)
class Setting:
    """The ground a run stands on."""

    link: DataLink
    folds: Folds
    truth: Truth
    rows_without_target: int


def set_up(spec: RunSpec, schema: Schema, root: Path) -> Setting:
    """Encode the target, split the rows, say what workers need.

    Raises TableError where too few rows have a target, SpecError where no column is left, or
    no weight.
    """
    table = open_table(spec.table.hash, root)
    coder = fit_target(
        table[spec.target], spec.task, spec.positive, schema.column(spec.target).parse
    )
    y, present = coder.encode(table[spec.target])
    weight = None
    if spec.weight is not None:
        weight = parse_weights(table[spec.weight], schema.column(spec.weight))
    rows = np.flatnonzero(present).astype(np.int64)
    if len(rows) < 3:
        raise TableError(
            f"Only {len(rows)} rows have a target.", "A model needs at least 3 rows to learn from."
        )
    if weight is not None and not weight[rows].any():
        raise SpecError("No row with a target has a weight above 0.", "Choose another weight.")
    columns = feature_columns(spec, schema)
    folds = make_folds(
        y[rows], rows, spec.task, spec.validation.folds, spec.validation.test_fraction, spec.seed
    )
    link = DataLink(
        root=str(root),
        table=spec.table.hash,
        columns=columns,
        target=spec.target,
        coder=coder,
        weight=None if spec.weight is None else schema.column(spec.weight),
        balanced=spec.class_weight == "balanced",
        task=spec.task,
        metric=spec.metric,
    )
    return Setting(link, folds, Truth(y, weight), table.num_rows - len(rows))


def feature_columns(spec: RunSpec, schema: Schema) -> tuple[Column, ...]:
    """The columns that models see; SpecError where there is none."""
    without = (spec.target, *((spec.weight,) if spec.weight else ()), *spec.drop)
    columns = schema.features(without)
    if not columns:
        raise SpecError(
            "No column is left to learn from: all are dropped, ignored or ids.",
            "Give at least one column another role on the Data page.",
        )
    return columns
