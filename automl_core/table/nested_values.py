"""Nested Arrow values (lists, structs, maps, unions) to text, one JSON a cell.

Never by way of Python's dates alone: those end with the year 9999, Arrow's do not.
"""

from __future__ import annotations

import datetime as dt
import json
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from automl_core.table.names import clean_names

_TICKS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


def nested_text(values: pa.Array) -> pa.Array:
    """Each cell as JSON text; a cell that is one text is that text, null stays null."""
    return pa.array([_text(value) for value in _values(values)], pa.string())


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, default=str)


def _values(values: pa.Array) -> list[Any]:
    """The cells as Python values that JSON has a form for, or whose `str` is meant."""
    kind = values.type
    if pa.types.is_dictionary(kind):
        return _values(values.dictionary_decode())
    if pa.types.is_run_end_encoded(kind):
        return _values(pc.run_end_decode(values))
    if pa.types.is_struct(kind):
        return _structs(values)
    if pa.types.is_map(kind):
        pairs = [list(p) for p in zip(_values(values.keys), _values(values.items), strict=True)]
        return _cut(values, pairs, values.offsets.to_pylist())
    if pa.types.is_union(kind):
        return _union(values)
    if _is_list(kind):
        lengths = pc.fill_null(pc.list_value_length(values), 0)
        ends = pc.cumulative_sum(lengths.cast(pa.int64())).to_pylist()
        return _cut(values, _values(pc.list_flatten(values)), [0, *ends])
    if isinstance(kind, pa.BaseExtensionType) and not isinstance(kind, pa.UuidType):
        return _values(values.storage)
    if pa.types.is_temporal(kind):
        return [_moment(scalar) for scalar in values]
    return list(values.to_pylist())


def _is_list(kind: pa.DataType) -> bool:
    tests = (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list)
    views = (pa.types.is_list_view, pa.types.is_large_list_view)
    return any(test(kind) for test in tests + views)


def _structs(values: pa.Array) -> list[Any]:
    names = clean_names([field.name for field in values.type])
    columns = [_values(column) for column in values.flatten()]
    filled = values.is_valid().to_pylist()
    rows = zip(*columns, strict=True) if columns else [()] * len(values)
    return [
        dict(zip(names, row, strict=True)) if there else None
        for row, there in zip(rows, filled, strict=True)
    ]


def _cut(values: pa.Array, items: list[Any], offsets: list[int]) -> list[Any]:
    filled = values.is_valid().to_pylist()
    parts = zip(pairwise(offsets), filled, strict=True)
    return [items[start:end] if there else None for (start, end), there in parts]


def _union(values: pa.Array) -> list[Any]:
    fields = [_values(values.field(i)) for i in range(values.type.num_fields)]
    codes = {code: i for i, code in enumerate(values.type.type_codes)}
    numbers = [codes[code] for code in values.type_codes.to_pylist()]
    sparse = values.type.mode == "sparse"
    places = range(len(values)) if sparse else values.offsets.to_pylist()
    return [fields[number][place] for number, place in zip(numbers, places, strict=True)]


def _moment(scalar: pa.Scalar) -> Any:
    try:
        value = scalar.as_py()
    except (OverflowError, ValueError):  # beyond Python's years, or a zone that is not known
        return _far_moment(scalar)
    return str(value) if isinstance(value, (dt.date, dt.time, dt.timedelta)) else value


def _far_moment(scalar: pa.Scalar) -> Any:
    kind = scalar.type
    if pa.types.is_duration(kind):
        return scalar.value / _TICKS[kind.unit]
    if pa.types.is_time(kind):
        return str(scalar.cast(pa.string()).as_py())
    unit = "D" if pa.types.is_date32(kind) else "ms" if pa.types.is_date64(kind) else kind.unit
    moment = np.array(scalar.value, np.int64).view(f"datetime64[{unit}]")
    return str(moment).replace("T", " ")
