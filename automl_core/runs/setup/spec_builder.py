"""From what a person asks to a RunSpec: held against the table, completed, refused in words.

Starts nothing; the same for pages, command line and Python.
"""

from __future__ import annotations

import math
from typing import get_args

import pyarrow as pa

from automl_core.errors import SpecError, did_you_mean
from automl_core.files import workspace
from automl_core.metrics import METRICS, default_metric, metrics_for
from automl_core.runs.record import DuplicatePolicy, RunSpec, TableLink, TrainRequest, Validation
from automl_core.runs.setup.row_groups import group_and_time
from automl_core.runs.setup.run_data import feature_columns
from automl_core.runs.setup.test_set import check_test_table
from automl_core.search import families
from automl_core.table import Schema, TableInfo, canonical_text, open_table
from automl_core.table.inference import describe_target, guess_task, with_role
from automl_core.table.parsing import parse_column
from automl_core.types import Task

LARGEST_TEST = 0.5  # share of rows
MOST_FOLDS = 50
MOST_WORKERS = 256  # each is a process of its own


def apply_roles(table: pa.Table, schema: Schema, request: TrainRequest) -> Schema:
    """The schema with the roles that the request names."""
    for name, role in request.roles:
        schema = with_role(schema, table, name, role)
    return schema


def build_spec(table: pa.Table, info: TableInfo, schema: Schema, request: TrainRequest) -> RunSpec:
    """The complete, checked specification of a run.

    `schema` already has the roles that the user chose. Raises TableError where the target
    cannot be learned (absent, constant, all missing), SpecError where something else that was
    asked for makes no sense for this table.
    """
    target = schema.column(request.target).name
    task = _task(table, schema, request)
    summary = describe_target(table, schema, target, task)
    group, time = group_and_time(table, schema, request)
    spec = RunSpec(
        table=_link(info),
        target=target,
        task=task,
        metric=_metric(task, request.metric),
        budget=request.budget,
        positive=_positive(task, summary.labels, summary.positive, request.positive),
        class_weight=request.class_weight,
        weight=_weight(table, schema, request),
        group=group,
        time=time,
        copies=_copies(request, time),
        drop=_drop(schema, target, request.drop),
        validation=_validation(request),
        test=None if request.test is None else _link(request.test),
        families=_families(request.families),
        workers=_workers(request.workers),
        device=request.device,
        seed=_seed(request.seed),
        columns=request.columns,
        max_predict_ms=_limit(request.max_predict_ms, "milliseconds a row"),
        max_size_mb=_limit(request.max_size_mb, "megabytes"),
        features=request.features,
    )
    columns = feature_columns(spec, schema)
    if request.test is not None:
        test = open_table(request.test.hash, workspace())
        check_test_table(test, [c.name for c in columns], target)
    return spec


def _link(info: TableInfo) -> TableLink:
    return TableLink(info.hash, info.name, info.rows, info.settings)


def _task(table: pa.Table, schema: Schema, request: TrainRequest) -> Task:
    if request.task != "auto":
        return request.task
    task: Task = guess_task(table, schema, request.target).task
    assert task in get_args(Task)
    return task


def _metric(task: Task, wanted: str) -> str:
    if wanted == "auto":
        return default_metric(task)
    if wanted not in METRICS:
        raise SpecError(f"There is no metric {wanted!r}.", did_you_mean(wanted, METRICS))
    if wanted not in metrics_for(task):
        known = ", ".join(metrics_for(task))
        raise SpecError(
            f"The metric {wanted} does not fit a {task} task.", f"Choose one of: {known}."
        )
    return wanted


def _positive(
    task: Task, labels: tuple[str, ...], default: str | None, wanted: str | None
) -> str | None:
    if task != "binary":
        if wanted is not None:
            raise SpecError("A positive class makes sense for two classes only.")
        return None
    if wanted is None:
        return default
    same = canonical_text(pa.array([wanted], pa.string()))[0].as_py()  # 1.0 is 1, True is true
    for label in (wanted, same):
        if label in labels:
            return str(label)
    raise SpecError(f"No row has the label {wanted!r}.", did_you_mean(wanted, labels))


def _copies(request: TrainRequest, time: str | None) -> DuplicatePolicy:
    if request.copies == "together" and time is not None:
        raise SpecError(
            f"Copies of a row are kept together, or parted by the time in {time!r}, not both.",
            "Take copies once (drop), or leave the time column out.",
        )
    return request.copies


def _weight(table: pa.Table, schema: Schema, request: TrainRequest) -> str | None:
    """The weight column: asked for as such, or by the role that the request gives it."""
    roles = dict(request.roles)
    wanted = request.weight or next((n for n in roles if roles[n] == "weight"), None)
    if wanted is None:
        return None
    column = schema.column(wanted)
    if column.name == request.target:
        raise SpecError("The target cannot be the weight column as well.")
    if column.parse.kind != "number":
        raise SpecError(
            f"The weight column {wanted!r} holds no numbers.", "Choose a numeric column."
        )
    numbers = parse_column(table[wanted], wanted, column.parse).numbers
    assert numbers is not None
    if (numbers < 0).any() or not (numbers > 0).any():
        raise SpecError(
            f"The weight column {wanted!r} has negative numbers, or none above 0.",
            "Weights are 0 or more; a row of weight 2 counts like two rows.",
        )
    return column.name


def _drop(schema: Schema, target: str, wanted: tuple[str, ...]) -> tuple[str, ...]:
    names = tuple(schema.column(name).name for name in wanted)
    if target in names:
        raise SpecError(f"The target {target!r} is among the columns to drop.")
    return names


def _validation(request: TrainRequest) -> Validation:
    fraction = request.test_fraction
    if fraction >= 0 and not fraction <= LARGEST_TEST:
        raise SpecError(
            f"A test part of {fraction:g} of the rows was asked for.",
            f"Give a share from 0 (none) to {LARGEST_TEST}.",
        )
    if fraction > 0 and request.test is not None:
        raise SpecError(
            "A test table was given, and a share of the rows to test on as well.",
            "Give one of the two.",
        )
    if not 0 <= request.folds <= MOST_FOLDS:
        raise SpecError(
            f"{request.folds} folds were asked for.", f"Give 0 (automatic) to {MOST_FOLDS}."
        )
    return Validation(request.folds, fraction if fraction >= 0 else -1.0)


def _workers(workers: int) -> int:
    if not 0 <= workers <= MOST_WORKERS:
        raise SpecError(
            f"{workers} workers were asked for.", f"Give 0 (one a core) to {MOST_WORKERS}."
        )
    return workers


def _seed(seed: int) -> int:
    if seed < 0:
        raise SpecError(f"The seed {seed} is negative.", "Give a whole number from 0 on.")
    return seed


def _limit(most: float | None, unit: str) -> float | None:
    if most is not None and not 0 < most < math.inf:
        raise SpecError(
            f"A model of at most {most:g} {unit} was asked for.", "Give a number above 0."
        )
    return most


def _families(wanted: tuple[str, ...]) -> tuple[str, ...]:
    if not families(wanted):  # which refuses unknown names
        raise SpecError(
            "The constant is tried in every run; there would be nothing to compare with it.",
            "Name at least one other family.",
        )
    return wanted
