"""Types of columns of text: the same however the cells are cut into blocks."""

from __future__ import annotations

import itertools

import pyarrow as pa
import pytest

from automl_core.table.reading.column_types import Kind, joined, read_block

LONG = "12345678901234567"
KINDS = [*Kind, Kind.EMPTY, Kind.TRIPLE | Kind.ROUND, Kind.SMALL | Kind.TINY]


def kind_of(blocks: list[list[str | None]], decimal: str = ".") -> Kind:
    kind = Kind.EMPTY
    for block in blocks:
        kind, cells = read_block(pa.array(block, pa.string()), kind, decimal)
        assert cells.type == kind.type
        assert len(cells) == len(block)
    return kind


@pytest.mark.parametrize(
    ("cells", "type"),
    [
        ([None, None], pa.string()),
        (["1", None, "-5", "0", "-0"], pa.int64()),
        (["1", LONG], pa.int64()),
        (["1", "2.5", None, ".5", "1e3"], pa.float64()),
        (["1", "2.5", LONG], pa.string()),
        (["1", "1.500", LONG], pa.string()),
        (["1", "123456789012345678901"], pa.string()),
        (["1", "2.5", "123456789012345678.5"], pa.float64()),
        (["1", "007"], pa.string()),
        (["1.5", "-00.5"], pa.string()),
        (["1", "0x1F"], pa.string()),
        (["1", "nan"], pa.string()),
        (["1", "inf"], pa.string()),
        (["1", "1e999"], pa.string()),
        (["1", "?"], pa.string()),
        (["3.1", "3.10", "3.9", None], pa.string()),
        (["3.1", "3.10", "12", "2.11"], pa.string()),
        (["3.1", "3.2", "3.9"], pa.float64()),
        (["3.10", "3.25", "3.90"], pa.float64()),
        (["3.1", "3.10", "3.125"], pa.float64()),
        (["3.1", "3.10", "-2.5", "310.75"], pa.float64()),
        (["9223372036854775807", "1"], pa.int64()),
        (["9223372036854775808", "1"], pa.string()),
    ],
)
def test_a_type_does_not_depend_on_order_or_blocks(
    cells: list[str | None], type: pa.DataType
) -> None:
    for order in itertools.islice(itertools.permutations(cells), 24):
        assert kind_of([list(order)]).type == type
        assert kind_of([[cell] for cell in order]).type == type
        assert kind_of([list(order[:2]), list(order[2:])]).type == type


@pytest.mark.parametrize(
    ("cells", "unclear", "may_group"),
    [
        (["2.629", "656", "7"], True, True),
        (["2.500", "50", None], True, True),  # a zero that decimals would have lost
        (["2.629", "1.234"], True, False),
        (["1.333", "2.667", "1", "3"], True, False),  # means of three
        (["2.629", "656", "1000"], False, False),
        (["2.629", "656", "0.250"], False, False),
        (["2.629", "656", "12.5"], False, False),
        (["2.629", "656", "2629.000"], False, False),
        (["2.629", "656", "?"], False, False),
        (["656", "7"], False, False),
    ],
)
def test_marks_that_may_group_thousands(
    cells: list[str | None], unclear: bool, may_group: bool
) -> None:
    for order in itertools.permutations(cells):
        for blocks in ([list(order)], [[cell] for cell in order]):
            kind = kind_of(blocks)
            assert (kind.is_unclear, kind.may_group) == (unclear, may_group)


def test_joining_is_the_same_in_any_order() -> None:
    for a, b, c in itertools.product(KINDS, repeat=3):
        assert joined(a, b) is joined(b, a)
        assert joined(joined(a, b), c) is joined(a, joined(b, c))


def test_a_decimal_comma_is_a_point_and_a_point_is_none() -> None:
    kind, cells = read_block(pa.array(["1,5", "2"]), Kind.EMPTY, ",")
    assert (kind.type, cells.to_pylist()) == (pa.float64(), [1.5, 2.0])
    assert kind_of([["1,5", "2.5"]], ",") is Kind.TEXT


def test_whole_numbers_after_a_float_are_floats() -> None:
    kind, cells = read_block(pa.array(["1", None]), Kind.FRACTION)
    assert (kind.type, cells.to_pylist()) == (pa.float64(), [1.0, None])
    assert read_block(pa.array([LONG]), Kind.FRACTION)[0] is Kind.TEXT
