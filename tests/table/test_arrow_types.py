"""Arrow types of any kind to plain ones: far dates within nested cells, views, bytes."""

from __future__ import annotations

import decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from automl_core.table import plain_array

FAR = 10**18  # microseconds: the year 33658
FAR_TEXT = "33658-09-27 01:46:40.000000"
MOMENT = pa.timestamp("us")
PAIR = pa.list_(pa.int8(), 2)


@pytest.mark.parametrize(
    ("values", "text"),
    [
        (pa.array([{"t": FAR}, None], pa.struct([("t", MOMENT)])), f'{{"t": "{FAR_TEXT}"}}'),
        (pa.array([[FAR], None], pa.list_(MOMENT)), f'["{FAR_TEXT}"]'),
        (pa.array([[FAR], None], pa.large_list_view(MOMENT)), f'["{FAR_TEXT}"]'),
        (pa.array([[FAR, 0], None], pa.list_(MOMENT, 2)), f'["{FAR_TEXT}", "1970-01-01 00:00:00"]'),
        (pa.array([[("k", FAR)], None], pa.map_(pa.string(), MOMENT)), f'[["k", "{FAR_TEXT}"]]'),
        (
            pa.array([{"t": FAR}, None], pa.struct([("t", pa.timestamp("us", "Europe/Rome"))])),
            f'{{"t": "{FAR_TEXT}"}}',
        ),
        (pa.array([[2**62], None], pa.list_(pa.duration("s"))), f"[{float(2**62)}]"),
        (
            pa.array([[decimal.Decimal("1.50")], None], pa.list_(pa.decimal256(50, 2))),
            '["1.50"]',
        ),
        (
            pa.array([[("a", "b")], None], pa.map_(pa.large_string(), pa.large_string())),
            '[["a", "b"]]',
        ),
        (pa.array([[2**31 - 1], None], pa.list_(pa.int32())), "[2147483647]"),
    ],
)
def test_nested_cells_are_text_whatever_they_hold(values: pa.Array, text: str) -> None:
    assert plain_array(values).to_pylist() == [text, None]
    assert plain_array(values.slice(1)).to_pylist() == [None]


def _run_ends(ends: list[int], values: list[Any]) -> pa.Array:
    return pa.RunEndEncodedArray.from_arrays(pa.array(ends, pa.int32()), values)


def test_the_same_name_twice_in_a_struct() -> None:
    values = pa.StructArray.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])
    assert plain_array(values).to_pylist() == ['{"a": 1, "a_2": 2}']


def _sparse() -> pa.Array:
    parts = [pa.array([FAR, 0], MOMENT), pa.array(["a", "b"])]
    return pa.UnionArray.from_sparse(pa.array([0, 1], pa.int8()), parts)


def _dense() -> pa.Array:
    parts = [pa.array([FAR], MOMENT), pa.array(["b"])]
    return pa.UnionArray.from_dense(
        pa.array([0, 1], pa.int8()), pa.array([0, 0], pa.int32()), parts
    )


@pytest.mark.parametrize("values", [_sparse(), _dense()])
def test_a_union_is_the_text_of_what_it_holds(values: pa.Array) -> None:
    assert plain_array(values).to_pylist() == [FAR_TEXT, "b"]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (_run_ends([2, 3], ["x", "y"]), ["x", "x", "y"]),
        (_run_ends([1, 2], [1.5, 2]), [1.5, 2.0]),
        (pa.array([b"x", None], pa.binary_view()), ["x", None]),
        (pa.array(["x", None], pa.string_view()), ["x", None]),
        (pa.array([b"ab", None], pa.binary(2)), ["ab", None]),
        (pa.array(np.array([1.5], np.float16)), [1.5]),
        (pa.array([2**62, None], pa.duration("s")), [float(2**62), None]),
        (pa.array([1_500, None], pa.duration("ms")), [1.5, None]),
        (pa.DictionaryArray.from_arrays(pa.array([0, 1, None]), ["x", None]), ["x", None, None]),
    ],
)  # fmt: skip
def test_other_types(values: pa.Array, expected: list[Any]) -> None:
    assert plain_array(values).to_pylist() == expected


@pytest.mark.parametrize(
    ("kind", "stored", "expected"),
    [
        (pa.uuid(), pa.array([b"0" * 16], pa.binary(16)), ["30303030-3030-3030-3030-303030303030"]),
        (pa.json_(), pa.array(['{"a": 1}']), ['{"a": 1}']),
        (pa.bool8(), pa.array([1, 0, None], pa.int8()), [True, False, None]),
        (pa.fixed_shape_tensor(pa.int8(), [2]), pa.array([[1, 2]], PAIR), ["[1, 2]"]),
        (pa.opaque(pa.int32(), "t", "v"), pa.array([1, None], pa.int32()), [1, None]),
    ],
)  # fmt: skip
def test_extension_types_are_what_they_hold(kind: Any, stored: pa.Array, expected: Any) -> None:
    assert plain_array(pa.ExtensionArray.from_storage(kind, stored)).to_pylist() == expected
