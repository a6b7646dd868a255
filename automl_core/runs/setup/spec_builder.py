"""Makes the RunSpec of a request: checks it against the table and completes it.

Starts nothing; the same for pages, command line and Python.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pyarrow as pa

from automl_core.errors import SpecError, did_you_mean
from automl_core.files import workspace
from automl_core.metrics import default_metric, metrics_for
from automl_core.runs.record import (
    RunOptions,
    RunSpec,
    TableLink,
    TrainRequest,
    check_budget,
    check_options,
)
from automl_core.runs.setup.drawn_rows import draw_rows
from automl_core.runs.setup.row_groups import group_and_time
from automl_core.runs.setup.run_data import feature_columns
from automl_core.runs.setup.test_set import check_test_table, in_training_names
from automl_core.runs.setup.webhook_address import check_webhook
from automl_core.search import families
from automl_core.table import Schema, SourceFormat, TableInfo, canonical_text, open_table
from automl_core.table.inference import describe_target, guess_task, infer_schema, with_roles
from automl_core.table.parsing import parse_column
from automl_core.types import Task


def apply_roles(table: pa.Table, schema: Schema, request: TrainRequest) -> Schema:
    """The schema with the roles that the request names."""
    return with_roles(
        schema, table, {schema.column(name).name: role for name, role in request.roles}
    )


def _in_table_names(request: TrainRequest, schema: Schema) -> TrainRequest:
    """The request with the names as the table writes them, where a person wrote them otherwise."""
    roles = tuple((schema.column(name).name, role) for name, role in request.roles)
    return replace(request, target=schema.column(request.target).name, roles=roles)


def build_from_table(
    info: TableInfo,
    request: TrainRequest,
    root: Path,
    store_test: Callable[[SourceFormat], TableInfo] | None = None,
) -> tuple[RunSpec, Schema]:
    """The specification of a run on a stored table, and the schema that is inferred from it.

    `store_test` stores the test table, read in the format of the first. Raises AutoMLError where
    a table or the request cannot be used.
    """
    table = open_table(info.hash, root)
    schema = apply_roles(table, infer_schema(table, info.decimal), request)
    if store_test is not None:
        request = replace(request, test=store_test(info.source_format(schema)))
    return build_spec(table, info, schema, request, root), schema


def build_spec(
    table: pa.Table,
    info: TableInfo,
    schema: Schema,
    request: TrainRequest,
    root: Path | None = None,
) -> RunSpec:
    """The complete, checked specification of a run on a table of the workspace `root`.

    `schema` already has the roles that the user chose. Of a table with more rows than the run may
    have, those that it has are drawn and stored. Raises TableError where the target
    cannot be learned (absent, constant, all missing), SpecError where something else that was
    asked for makes no sense for this table.
    """
    check_options(request)
    check_options(request.options)
    check_budget(request.options.budget)
    if request.options.webhook:
        check_webhook(request.options.webhook)
    request, root = _in_table_names(request, schema), root or workspace()
    target, given = request.target, info
    info = _drawn(table, info, schema, request, root)
    if info is not given:
        table = open_table(info.hash, root)
    task = _task(table, schema, request)
    summary = describe_target(table, schema, target, task)
    spec = RunSpec(
        table=_link(info),
        target=target,
        task=task,
        metric=_metric(task, request.metric),
        options=_options(table, schema, request),
        positive=_positive(task, summary.labels, summary.positive, request.positive),
        test=None,
        whole=None if info is given else _link(given),
    )
    names = [column.name for column in feature_columns(spec, schema)]
    if request.test is None:
        return spec
    test = in_training_names(request.test, [*schema.names], root)
    rows = open_table(test.hash, root)
    check_test_table(rows, names, target)
    test = _drawn(rows, test, schema, request, root)
    return replace(spec, test=_link(test))


def _drawn(
    table: pa.Table, info: TableInfo, schema: Schema, request: TrainRequest, root: Path
) -> TableInfo:
    """The table, or as many of its rows as the run may have."""
    most = request.options.most_rows
    if info.rows <= most:
        return info
    rule = schema.column(request.target).parse
    return draw_rows(table, info, request.target, rule, most, root)


def _options(table: pa.Table, schema: Schema, request: TrainRequest) -> RunOptions:
    """The options, with the columns that have a role where none was named."""
    options = request.options
    group, time = group_and_time(table, schema, request)
    if options.copies == "together" and time is not None:
        raise SpecError(
            f"Duplicate rows are kept together, or split by the time in {time!r}, not both.",
            "Use each row once (drop), or leave the time column out.",
        )
    if options.test_fraction > 0 and request.test is not None:
        raise SpecError(
            "A test table was given, and a share of the rows to test on as well.",
            "Give one of the two.",
        )
    if not families(options.families):  # which refuses unknown names
        raise SpecError(
            "The constant is tried in every run; there would be nothing to compare with it.",
            "Name at least one other family.",
        )
    return replace(
        options,
        weight=_weight(table, schema, request),
        group=group,
        time=time,
        drop=_drop(schema, request.target, options.drop),
    )


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


def _weight(table: pa.Table, schema: Schema, request: TrainRequest) -> str | None:
    """The weight column: asked for as such, or by the role that the request gives it."""
    roles = dict(request.roles)
    wanted = request.options.weight or next((n for n in roles if roles[n] == "weight"), None)
    if wanted is None:
        return None
    column = schema.column(wanted)
    if column.name == request.target:
        raise SpecError("The target cannot be the weight column as well.")
    if column.parse.kind != "number":
        raise SpecError(
            f"The weight column {wanted!r} holds no numbers.", "Choose a numeric column."
        )
    numbers = parse_column(table[column.name], column.name, column.parse).numbers
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
