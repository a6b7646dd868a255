"""Types of columns of text: the same however the cells are cut into blocks."""

from __future__ import annotations

import itertools

import pyarrow as pa
import pytest

from automl_core.table.number_text import Kind, joined, read_block

LONG = "12345678901234567"


def kind_of(blocks: list[list[str | None]], decimal: str = ".") -> Kind:
    kind = Kind.EMPTY
    for block in blocks:
        kind, cells = read_block(pa.array(block, pa.string()), kind, decimal)
        assert cells.type == kind.type
        assert len(cells) == len(block)
    return kind


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        ([None, None], Kind.EMPTY),
        (["1", None, "-5", "0", "-0"], Kind.INTEGER),
        (["1", LONG], Kind.LONG),
        (["1", "2.5", None, ".5", "1e3"], Kind.FLOAT),
        (["1", "2.5", LONG], Kind.TEXT),
        (["1", "123456789012345678901"], Kind.TEXT),
        (["1", "2.5", "123456789012345678.5"], Kind.FLOAT),
        (["1", "007"], Kind.TEXT),
        (["1.5", "-00.5"], Kind.TEXT),
        (["1", "0x1F"], Kind.TEXT),
        (["1", "nan"], Kind.TEXT),
        (["1", "inf"], Kind.TEXT),
        (["1", "1e999"], Kind.TEXT),
        (["1", "?"], Kind.TEXT),
    ],
)
def test_a_type_does_not_depend_on_order_or_blocks(cells: list[str | None], kind: Kind) -> None:
    for order in itertools.islice(itertools.permutations(cells), 24):
        assert kind_of([list(order)]) is kind
        assert kind_of([[cell] for cell in order]) is kind
        assert kind_of([list(order[:2]), list(order[2:])]) is kind


def test_joining_is_the_same_in_any_order() -> None:
    for a, b, c in itertools.product(Kind, repeat=3):
        assert joined(a, b) is joined(b, a)
        assert joined(joined(a, b), c) is joined(a, joined(b, c))


def test_a_decimal_comma_is_a_point_and_a_point_is_none() -> None:
    kind, cells = read_block(pa.array(["1,5", "2"]), Kind.EMPTY, ",")
    assert (kind, cells.to_pylist()) == (Kind.FLOAT, [1.5, 2.0])
    assert kind_of([["1,5", "2.5"]], ",") is Kind.TEXT


def test_whole_numbers_after_a_float_are_floats() -> None:
    kind, cells = read_block(pa.array(["1", None]), Kind.FLOAT)
    assert (kind, cells.to_pylist()) == (Kind.FLOAT, [1.0, None])
    assert read_block(pa.array([LONG]), Kind.FLOAT)[0] is Kind.TEXT
