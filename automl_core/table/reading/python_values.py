"""Python cells (from JSON or a spreadsheet) to one Arrow column of one type.

Knows nothing of files.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
import json
import math
import re
from collections.abc import Iterable, Sequence
from typing import Any

import pyarrow as pa

from automl_core.table import trimmed

_SURROGATES = re.compile(r"[\ud800-\udfff]")
_INT64 = 2**63


def column_of_values(values: Sequence[Any]) -> pa.Array:
    """All booleans, all numbers, all dates, or else text; blank text and None are null.

    Nested values become JSON text, and so does everything in a column of mixed types.
    """
    return column_of_kinds(values, kinds_of(values))


def kinds_of(values: Iterable[Any]) -> set[str]:
    """The types of the values, gaps left out; they decide the type of the column."""
    values = list(values)
    kinds = set()
    for kind in {*map(type, values)} - {type(None), bool}:
        kinds |= {_kind(value) for value in _telling([v for v in values if type(v) is kind])}
    return (kinds | ({"bool"} if bool in {*map(type, values)} else set())) - {""}


def _telling(values: list[Any]) -> Iterable[Any]:
    """Values of one type that show every kind that is among them."""
    if isinstance(values[0], int):
        return (min(values), max(values))
    if isinstance(values[0], (str, float)):  # blanks and NaN are gaps: the first other one tells
        return itertools.islice((value for value in values if _kind(value)), 1)
    return values[:1]


def column_of_kinds(values: Sequence[Any], kinds: set[str]) -> pa.Array:
    """Values that are part of a column with these kinds, as `column_of_values` says."""
    if not kinds:
        return pa.nulls(len(values), pa.string())
    # `from_pandas`: NaN is a gap.
    if kinds == {"bool"}:
        return pa.array(_without_gaps(values), pa.bool_(), from_pandas=True)
    if kinds == {"int"}:
        return pa.array(_without_gaps(values), pa.int64(), from_pandas=True)
    if kinds <= {"int", "float", "big"} and "float" in kinds:
        floats = [v if v is None else float(v) for v in _without_gaps(values)]
        return pa.array(floats, pa.float64(), from_pandas=True)
    if kinds == {"moment"}:
        return pa.array([_moment(v) for v in values], pa.timestamp("us"))
    if {*map(type, values)} <= {str, type(None)}:
        with contextlib.suppress(UnicodeEncodeError):  # half a character, which _text replaces
            return trimmed(pa.array(values, pa.string()))
    return pa.array([_text(v) for v in values], pa.string())


def _without_gaps(values: Sequence[Any]) -> Sequence[Any]:
    """Values none of which is text but blanks, and these are None."""
    return (
        [None if isinstance(v, str) else v for v in values]
        if str in {*map(type, values)}
        else values
    )


def _kind(value: Any) -> str:
    if value is None or (isinstance(value, str) and not value.strip()):
        return ""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int):
        return "int" if -_INT64 <= value < _INT64 else "big"
    if isinstance(value, float):
        return "" if math.isnan(value) else "float"
    return "moment" if isinstance(value, (dt.datetime, dt.date)) else "text"


def _moment(value: Any) -> dt.datetime | None:
    if _kind(value) == "":
        return None
    if not isinstance(value, dt.datetime):
        return dt.datetime(value.year, value.month, value.day)
    if value.tzinfo is not None:
        return value.astimezone(dt.UTC).replace(tzinfo=None)
    return value


def _text(value: Any) -> str | None:
    if _kind(value) == "":
        return None
    if isinstance(value, str):
        return _SURROGATES.sub("\ufffd", value).strip()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (dt.datetime, dt.date, dt.time)):
        return value.isoformat(" ") if isinstance(value, dt.datetime) else value.isoformat()
    if isinstance(value, (list, dict)):
        return _SURROGATES.sub("\ufffd", json.dumps(value, ensure_ascii=False, default=str))
    return str(value)
