"""Arrow tables of any origin to the few plain types that this package handles.

Knows nothing of roles or missing marks: only storage types are changed, never values.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from automl_core.errors import TableError
from automl_core.table.nested_values import nested_text


def plain_table(table: pa.Table) -> pa.Table:
    """The table without schema metadata, every column of a plain type (see `plain_array`)."""
    fields, columns = [], []
    for name, values in zip(table.column_names, table.columns, strict=True):
        column = plain_array(values, name)
        fields.append(pa.field(name, column.type))
        columns.append(column)
    return pa.table(columns, schema=pa.schema(fields))


def plain_array(values: pa.Array | pa.ChunkedArray, name: str = "") -> pa.ChunkedArray:
    """The values as bool, an integer or float, string, timestamp or date.

    Categories become their values, decimals floats (whole ones that no float holds integers or
    text), durations seconds, times of day and nested values text. Raises TableError where a
    cell is binary and no text.
    """
    if isinstance(values, pa.Array):
        values = pa.chunked_array([values])
    kind = values.type
    if pa.types.is_dictionary(kind) or isinstance(kind, pa.BaseExtensionType):
        return plain_array(_inside(values), name)
    if pa.types.is_run_end_encoded(kind):
        decoded = [pc.run_end_decode(chunk) for chunk in values.chunks]
        return plain_array(pa.chunked_array(decoded, kind.value_type), name)
    if _is_plain(kind):
        return values
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return _as_string(values)
    if pa.types.is_decimal(kind):
        return _plain_decimals(values)
    if pa.types.is_float16(kind):
        return values.cast(pa.float32())
    if pa.types.is_duration(kind):
        units = {"s": 1.0, "ms": 1e3, "us": 1e6, "ns": 1e9}[kind.unit]
        return pc.divide(values.cast(pa.int64()).cast(pa.float64(), safe=False), units)
    if pa.types.is_time(kind) or pa.types.is_null(kind):
        return values.cast(pa.string())
    if _is_binary(kind):
        return _binary_as_text(values, name)
    return pa.chunked_array([nested_text(chunk) for chunk in values.chunks], pa.string())


def binary_columns(table: pa.Table) -> list[int]:
    """Places of the columns whose cells are bytes and no text: `plain_table` refuses them."""
    return [
        place
        for place, values in enumerate(table.columns)
        if _is_binary(values.type) and _text_of_binary(values) is None
    ]


def _inside(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """What a dictionary or an extension type holds."""
    kind = values.type
    if pa.types.is_dictionary(kind):
        parts = [chunk.dictionary_decode() for chunk in values.chunks]
        return pa.chunked_array(parts, kind.value_type)
    if isinstance(kind, pa.UuidType):
        words = [[None if v is None else str(v) for v in c.to_pylist()] for c in values.chunks]
        return pa.chunked_array([pa.array(w, pa.string()) for w in words], pa.string())
    stored = pa.chunked_array([chunk.storage for chunk in values.chunks], kind.storage_type)
    return stored.cast(pa.bool_()) if isinstance(kind, pa.Bool8Type) else stored


def _is_plain(kind: pa.DataType) -> bool:
    tests = (pa.types.is_boolean, pa.types.is_integer, pa.types.is_float32, pa.types.is_float64)
    texts = (pa.types.is_string, pa.types.is_timestamp, pa.types.is_date)
    return any(test(kind) for test in tests + texts)


def _plain_decimals(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Floats; where that would make one number of several whole ones, integers or else text."""
    numbers = values.cast(pa.float64())
    largest = pc.max(pc.abs(numbers)).as_py() or 0.0
    if largest <= 2**53 or not pc.all(pc.equal(values, pc.round(values))).as_py():
        return numbers
    for kind in (pa.int64(), pa.uint64()):
        try:
            return values.cast(kind)
        except pa.ArrowInvalid:
            continue
    return pc.replace_substring_regex(values.cast(pa.string()), r"\.0+$", "")


def _is_binary(kind: pa.DataType) -> bool:
    tests = (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_fixed_size_binary)
    return any(test(kind) for test in (*tests, pa.types.is_binary_view))


def _as_string(values: pa.ChunkedArray) -> pa.ChunkedArray:
    # A string array holds at most 2 GB: longer chunks are cut first.
    pieces = []
    for chunk in values.chunks:
        step = max(1, len(chunk) * 2**29 // max(1, chunk.nbytes))
        pieces += [chunk[i : i + step].cast(pa.string()) for i in range(0, len(chunk), step)]
    return pa.chunked_array(pieces, pa.string())


def _binary_as_text(values: pa.ChunkedArray, name: str) -> pa.ChunkedArray:
    text = _text_of_binary(values)
    if text is None:
        raise TableError(
            f"The column {name!r} holds binary data, not text or numbers.",
            "Leave it out of the file, or write it as text.",
        )
    return text


def _text_of_binary(values: pa.ChunkedArray) -> pa.ChunkedArray | None:
    try:
        return values.cast(pa.binary()).cast(pa.string())
    except pa.ArrowInvalid:
        return None


def is_text(kind: pa.DataType) -> bool:
    """True if a plain type holds strings."""
    return bool(pa.types.is_string(kind))


def is_number(kind: pa.DataType) -> bool:
    """True if a plain type holds integers or floats."""
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))


def is_moment(kind: pa.DataType) -> bool:
    """True if a plain type holds dates, with or without a time of day."""
    return bool(pa.types.is_timestamp(kind) or pa.types.is_date(kind))
