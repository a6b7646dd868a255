"""One small model, validated twice: on a random split, and on one by groups, time or copies.

The difference of the scores is what a random split would promise too much. Takes a second or
two; independent of runs.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from automl_core.errors import TableError
from automl_core.evaluation.split_scores import SplitScores
from automl_core.features import Target, fit_encoder, fit_target
from automl_core.metrics import score
from automl_core.models import FitControl, FitData, catalog, model_spec
from automl_core.splitting import Folds, RowIndex, SplitConfig, make_folds
from automl_core.table import Schema, TypedTable, cell_codes, row_keys
from automl_core.table.inference import guess_task
from automl_core.table.parsing import parse_table

How = Literal["group", "time", "copies"]
ROWS, FOLDS = 6_000, 3
TREES, FEWEST_ROUNDS, LEAVES, RATE = 60, 12, 15, 0.15  # of the small model
FAMILY = "lightgbm"
METRIC = {"binary": "roc_auc", "multiclass": "accuracy", "regression": "r2"}


@dataclass(frozen=True, eq=False)
class _Rows:
    typed: TypedTable  # (n,)
    y: Target  # (n,)
    schema: Schema  # of the features alone
    task: Literal["binary", "multiclass", "regression"]
    classes: int


def compare_splits(
    table: pa.Table, schema: Schema, target: str, how: How, column: str = ""
) -> SplitScores:
    """Scores on rows at random and on rows set apart by `column`, or with copies together.

    Raises TableError where the target cannot be learned, or there is nothing to set apart.
    """
    task = guess_task(table, schema, target).task
    coder = fit_target(table[target], task, None, schema.column(target).parse)
    y, present = coder.encode(table[target])
    without = (target, column) if how == "group" else (target,)
    features = schema.features(without)
    if not features:
        raise TableError("No column is left to learn from.", "Give another column a role.")
    known = np.flatnonzero(present)
    keys = _keys(table, schema, target, how, column)[known]
    picked = _picked(keys, how)
    rows = known[picked]
    typed = parse_table(table.take(pa.array(rows)), features)
    classes = 0 if task == "regression" else len(coder.labels)
    data = _Rows(typed, y[rows], Schema(features, len(rows)), task, classes)
    apart = _folds(data, keys[picked], how)
    plain = SplitConfig(apart.k, test_fraction=0.0)
    at_random = make_folds(data.y, np.arange(len(rows), dtype=np.int64), task, plain)
    return SplitScores(METRIC[task], _mean(data, at_random), _mean(data, apart), len(rows))


def _keys(
    table: pa.Table, schema: Schema, target: str, how: How, column: str
) -> NDArray[np.float64]:
    """(n,) numbers, equal for rows that belong together, or larger for later rows."""
    if how == "time":
        numbers = parse_table(table, [schema.column(column)]).columns[column].numbers
        if numbers is None:
            raise TableError(f"The column {column!r} has no order.", "Choose dates or numbers.")
        return numbers
    names = [column] if how == "group" else [*(c.name for c in schema.features()), target]
    names = list(dict.fromkeys(names))
    keys = row_keys((cell_codes(table[name]) for name in names), table.num_rows)
    return np.unique(keys, return_inverse=True)[1].astype(np.float64)


def _picked(keys: NDArray[np.float64], how: How) -> RowIndex:
    """At most about ROWS of the rows, ascending: whole groups, or evenly spaced."""
    n = len(keys)
    if n <= ROWS:
        return np.arange(n, dtype=np.int64)
    if how == "time":
        return np.linspace(0, n - 1, ROWS).astype(np.int64)
    groups = np.unique(keys, return_inverse=True)[1]
    order = np.random.default_rng(0).permutation(int(groups.max()) + 1)
    upto = np.cumsum(np.bincount(groups)[order])
    kept = order[: max(2, int(np.searchsorted(upto, ROWS)))]
    return np.flatnonzero(np.isin(groups, kept)).astype(np.int64)


def _folds(data: _Rows, keys: NDArray[np.float64], how: How) -> Folds:
    rows = np.arange(len(data.y), dtype=np.int64)
    cut = SplitConfig(1 if how == "time" else FOLDS, test_fraction=0.0)
    if how == "time":
        return make_folds(data.y, rows, data.task, cut, times=keys)
    groups = np.unique(keys, return_inverse=True)[1].astype(np.int64)
    return make_folds(data.y, rows, data.task, cut, groups=groups)


def _mean(data: _Rows, folds: Folds) -> float:
    """The model's score over all rows that validate, fold by fold."""
    scores = [
        _score(data, train, valid)
        for train, valid in zip(folds.train[: folds.k], folds.valid[: folds.k], strict=True)
    ]
    return float(np.mean(scores))


def _score(rows: _Rows, train: RowIndex, valid: RowIndex) -> float:
    family = model_spec(FAMILY)
    encoding = replace(family.encoding, rich=False)
    columns, task = rows.schema.columns, rows.task
    encoder, x = fit_encoder(
        rows.typed.take(train), columns, rows.y[train], task, rows.classes, encoding, 0
    )
    x_valid = encoder.encode(rows.typed.take(valid))
    metric = METRIC[task]
    fold = FitData(
        task, rows.classes, encoder.features, x, rows.y[train], None,
        x_valid, rows.y[valid], None, metric,
    )  # fmt: skip
    control = FitControl(lambda _: None, lambda: None, lambda: 0.0, seed=0)
    rounds = max(FEWEST_ROUNDS, TREES // max(1, rows.classes - 1))
    small = {"max_leaves": LEAVES, "learning_rate": RATE, "row_share": 1.0}
    config = {**family.defaults, **small, "max_iterations": rounds, "patience": rounds}
    model = catalog.fit(family, fold, config, control).model
    return score(metric, rows.y[valid], model.predict(x_valid))
