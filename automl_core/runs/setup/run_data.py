"""The data of a run, prepared before the first trial: target, folds, data link.

Pure preparation; starts nothing and writes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from automl_core.errors import SpecError, TableError
from automl_core.features import Target, find_folder, fit_target
from automl_core.runs.executor import DataLink
from automl_core.runs.record import RunSpec
from automl_core.runs.setup.duplicates import copy_numbers, first_of_each, joined
from automl_core.runs.setup.machine_speed import measure_speed
from automl_core.runs.setup.row_groups import group_numbers, row_times
from automl_core.runs.setup.targets import Targets
from automl_core.runs.setup.test_set import TestSet, separate
from automl_core.runs.setup.validation import ValidationPlan, as_done, planned
from automl_core.splitting import Folds, RowIndex, SplitConfig, count_test, make_folds
from automl_core.table import Column, Schema, open_table
from automl_core.table.parsing import parse_weights

STRETCHES = 20  # of time that a choice of columns is checked by


@dataclass(frozen=True, eq=False)
class RunData:
    """Link to the table, folds, targets and test set of a run."""

    link: DataLink
    folds: Folds
    validation: ValidationPlan  # of these folds, with its reason in words
    truth: Targets
    test_set: TestSet
    rows_without_target: int
    parted: RowIndex | None  # (rows of the table,) inner folds take the rows of one number together

    @property
    def first(self) -> int:
        """The folds of the first partition that every trial is trained on."""
        return self.validation.started

    @property
    def trained_rows(self) -> RowIndex:
        """All rows of the run's table that train or validate, ascending."""
        return np.union1d(self.folds.train[0], self.folds.valid[0])


def prepare_run_data(
    spec: RunSpec, schema: Schema, root: Path, workers: int = 1, stored: Folds | None = None
) -> RunData:
    """Encode the target, split the rows, say what workers need.

    `workers` is how many tasks may be out at once: with a clock, the number of folds depends
    on it. `stored` are the folds of a run that is resumed. Raises TableError where too few rows
    have a target, or of one group or time only; SpecError where no column is left, or no weight.
    """
    table = open_table(spec.table.hash, root)
    parse = schema.column(spec.target).parse
    coder = fit_target(table[spec.target], spec.task, spec.positive, parse)
    y, present = coder.encode(table[spec.target])
    weight = None
    if spec.options.weight is not None:
        weight = parse_weights(table[spec.options.weight], schema.column(spec.options.weight))
    rows = np.flatnonzero(present).astype(np.int64)
    if len(rows) < 3:
        raise TableError(
            f"Only {len(rows)} rows have a target.", "A model needs at least 3 rows to learn from."
        )
    if weight is not None and not weight[rows].any():
        raise SpecError("No row with a target has a weight above 0.", "Choose another weight.")
    columns = feature_columns(spec, schema)
    rows, groups, times = _steering(spec, schema, table, rows)
    plan = _plan(spec, columns, y[rows], workers)
    cut = SplitConfig(plan.k, plan.repeats, _test_fraction(spec), spec.options.seed)
    folds = stored or make_folds(y[rows], rows, spec.task, cut, groups=groups, times=times)
    link = DataLink(
        root=str(root),
        table=spec.table.hash,
        columns=columns,
        target=spec.target,
        coder=coder,
        weight=None if spec.options.weight is None else schema.column(spec.options.weight),
        balanced=spec.options.class_weight == "balanced",
        task=spec.task,
        metric=spec.metric,
        rich=spec.options.features != "plain",
        sentences=_reads_sentences(spec, columns),
        whole=_further_rows(spec),
    )
    untimed = 0 if times is None else int(np.isnan(times).sum())
    validation = as_done(plan, folds.k, folds.repeats, untimed)
    truth = Targets(y, weight)
    test_set = TestSet(link, folds.test, truth)
    if spec.test is not None:
        test_set = separate(link, spec.test.hash, rows)
    parted = _parted(len(y), rows, groups, times)
    return RunData(link, folds, validation, truth, test_set, int((~present).sum()), parted)


def _parted(
    count: int, rows: RowIndex, groups: RowIndex | None, times: NDArray[np.float64] | None
) -> RowIndex | None:
    """A number for each row that keeps rows together in inner folds: its group or stretch of time.

    By time rows are checked a stretch at a time, as next to a row of the same day any column
    that tells the day would do. Rows without a time are one more stretch.
    """
    if groups is None and times is None:
        return None
    found = np.full(count, -1, np.int64)
    if groups is not None:
        found[rows] = groups
    if times is not None:
        ranks = np.unique(times, return_inverse=True)[1]  # equal times, and NaN, count once
        found[rows] = ranks * STRETCHES // (int(ranks.max()) + 1)
    return found


def _further_rows(spec: RunSpec) -> str:
    """The longer table whose other rows networks may train on; "" where there is none.

    Which of them belong to rows that validate is known for those of the run only: none is used
    where rows are kept together or parted by time.
    """
    options = spec.options
    apart = options.group is not None or options.time is not None or options.copies != "keep"
    return "" if spec.whole is None or apart else spec.whole.hash


def _reads_sentences(spec: RunSpec, columns: tuple[Column, ...]) -> bool:
    texts = spec.options.features == "full" and any(c.parse.kind == "text" for c in columns)
    return texts and find_folder() is not None


def _test_fraction(spec: RunSpec) -> float:
    """The share of the rows that is set apart: none where a table of its own is the test."""
    return 0.0 if spec.test is not None else spec.options.test_fraction


def _plan(spec: RunSpec, columns: tuple[Column, ...], y: Target, workers: int) -> ValidationPlan:
    counts: list[int] = []
    if spec.task != "regression":
        counts = np.unique(y, return_counts=True)[1].tolist()
    rows = len(y) - count_test(len(y), _test_fraction(spec))
    # Without a clock a run is reproducible, so nothing that is measured may count.
    clock = (
        spec.options.budget.seconds is not None
        and not spec.options.folds
        and spec.options.time is None
    )
    return planned(spec, columns, counts, rows, workers, measure_speed() if clock else 1.0)


def _steering(
    spec: RunSpec, schema: Schema, table: pa.Table, rows: RowIndex
) -> tuple[RowIndex, RowIndex | None, NDArray[np.float64] | None]:
    """The rows that count, fewer where copies are dropped, with their groups and times (n,)."""
    groups = times = None
    if spec.options.copies != "keep":
        names = [*(c.name for c in feature_columns(spec, schema)), spec.target]
        copies = copy_numbers(table, names)
        if spec.options.copies == "drop":
            rows = first_of_each(copies, rows)
        else:
            groups = copies[rows]
    if spec.options.group is not None:
        own = group_numbers(table, schema, spec.options.group)[rows]
        groups = own if groups is None else joined(groups, own)
    if spec.options.time is not None:
        times = row_times(table, schema, spec.options.time)[rows]
    return rows, groups, times


def feature_columns(spec: RunSpec, schema: Schema) -> tuple[Column, ...]:
    """The columns that models see; SpecError where there is none.

    Without the group column: no new row comes from a group that trained. A time column of
    dates stays, because months and weekdays come again; one of plain numbers that only count
    on leaves, because what validates, and every new row, lies beyond all numbers that trained.
    """
    without = {spec.target, spec.options.weight, spec.options.group, *spec.options.drop}
    if spec.options.time is not None and schema.column(spec.options.time).parse.kind != "datetime":
        without.add(spec.options.time)
    columns = schema.features(tuple(name for name in without if name is not None))
    if not columns:
        raise SpecError(
            "No column is left to learn from: all are dropped, ignored or ids.",
            "Give at least one column another role on the Data page.",
        )
    return columns
