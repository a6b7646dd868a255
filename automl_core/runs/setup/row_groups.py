"""The columns that steer validation: rows of one group together, rows in the order of time.

A role (`group`, `time`) and a name in the request mean the same; a name wins over a role.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from automl_core.errors import SpecError, TableError
from automl_core.runs.record import TrainRequest
from automl_core.table import Column, ParseRule, Schema
from automl_core.table.inference import with_role
from automl_core.table.parsing import parse_column


def group_and_time(
    table: pa.Table, schema: Schema, request: TrainRequest
) -> tuple[str | None, str | None]:
    """The group and the time column of a run; SpecError where one cannot be it, or both are."""
    group, time = _group(table, schema, request), _time(table, schema, request)
    if group is not None and time is not None:
        raise SpecError(
            f"Rows are kept together by {group!r}, or parted by the time in {time!r}, not both.",
            "Leave one of the two out, or give its column another role.",
        )
    return group, time


def _group(table: pa.Table, schema: Schema, request: TrainRequest) -> str | None:
    name = _named(schema, request.options.group, "group", request.target)
    if name is None:
        return None
    groups = group_numbers(table, schema, name)
    if not len(groups) or (groups == groups[0]).all():
        raise SpecError(
            f"The group column {name!r} holds a single group, so no rows can be set apart.",
            "Choose a column with two groups or more.",
        )
    return name


def _time(table: pa.Table, schema: Schema, request: TrainRequest) -> str | None:
    name = _named(schema, request.options.time, "time", request.target)
    if name is None:
        return None
    times = row_times(table, schema, name)
    known = times[~np.isnan(times)]
    if not len(known):
        raise SpecError(
            f"The time column {name!r} has no time in any row.", "Choose another column."
        )
    if (known == known[0]).all():
        raise SpecError(
            f"Every row has the same time in {name!r}, so none is later than another.",
            "Choose another column.",
        )
    if request.options.folds > 1:
        raise SpecError(
            f"{request.options.folds} folds were asked for, but by time only the latest rows "
            "validate.",
            "Leave the folds or the time column out.",
        )
    return name


def group_numbers(table: pa.Table, schema: Schema, name: str) -> NDArray[np.int64]:
    """A group number from 0 on for each row (n,). A row without a group is one of its own.

    Cells are compared as canonical text: 1, 1.0 and "1" are one group.
    """
    rule = ParseRule("string", schema.column(name).parse.missing)
    column = parse_column(table[name], name, rule)
    assert column.codes is not None
    alone = np.arange(len(column), dtype=np.int64) + len(column.words)
    return np.where(column.codes >= 0, column.codes, alone)


def row_times(table: pa.Table, schema: Schema, name: str) -> NDArray[np.float64]:
    """The time of each row (n,): seconds since 1970, or plain numbers; NaN where unknown."""
    column = _time_column(table, schema, name)
    numbers = parse_column(table[name], name, column.parse).numbers
    assert numbers is not None
    return numbers


def _time_column(table: pa.Table, schema: Schema, name: str) -> Column:
    """The column read as a time, whatever its role is."""
    column = schema.column(name)
    if column.role == "time":
        return column
    try:
        return with_role(schema, table, name, "time").column(name)
    except TableError as error:
        raise SpecError(
            f"The time column {name!r} holds neither dates nor numbers.", "Choose another column."
        ) from error


def _named(schema: Schema, wanted: str | None, role: str, target: str) -> str | None:
    names = [c.name for c in schema.columns if c.role == role]
    if wanted is None:
        if len(names) > 1:
            raise SpecError(
                f"{' and '.join(map(repr, names[:3]))} have the role {role}; a run knows one.",
                f"Name one with --{role}, or give the others another role.",
            )
        wanted = names[0] if names else None
    if wanted is None:
        return None
    name = schema.column(wanted).name
    if name == target:
        raise SpecError(f"The target cannot be the {role} column as well.")
    return name
