"""Python cells (from JSON or a spreadsheet) to one Arrow column of one type.

Knows nothing of files.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from collections.abc import Iterable, Sequence
from typing import Any

import pyarrow as pa

_SURROGATES = re.compile(r"[\ud800-\udfff]")
_INT64 = 2**63


def column_of_values(values: Sequence[Any]) -> pa.Array:
    """All booleans, all numbers, all dates, or else text; blank text and None are null.

    Nested values become JSON text, and so does everything in a column of mixed types.
    """
    return column_of_kinds(values, kinds_of(values))


def kinds_of(values: Iterable[Any]) -> set[str]:
    """The types of the values, gaps left out; they decide the type of the column."""
    return {_kind(v) for v in values} - {""}


def column_of_kinds(values: Sequence[Any], kinds: set[str]) -> pa.Array:
    """Values that are part of a column with these kinds, as `column_of_values` says."""
    if not kinds:
        return pa.nulls(len(values), pa.string())
    if kinds == {"bool"}:
        return pa.array([None if _kind(v) == "" else v for v in values], pa.bool_())
    if kinds == {"int"}:
        return pa.array([None if _kind(v) == "" else v for v in values], pa.int64())
    if kinds <= {"int", "float", "big"} and "float" in kinds:
        return pa.array([None if _kind(v) == "" else float(v) for v in values], pa.float64())
    if kinds == {"moment"}:
        return pa.array([_moment(v) for v in values], pa.timestamp("us"))
    return pa.array([_text(v) for v in values], pa.string())


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
