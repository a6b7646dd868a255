"""Cells without white space at both ends, whatever they begin and end with."""

import pyarrow as pa
import pytest

from automl_core.table import trimmed


@pytest.mark.parametrize(
    "cells",
    [
        [],
        ["a", "b c", None],
        ["", "a", None],
        [" a", "b"],
        ["a", "b\t"],
        ["a\u00a0", "\u3000b", "\x1cc"],
        ["Łódź", "é", "北京"],
        [" ", "\u2003"],
        [None, None],
    ],
)
def test_blank_ends_are_cut_and_empty_cells_null(cells: list[str | None]) -> None:
    expected = [cell.strip() or None if cell is not None else None for cell in cells]
    array = pa.array(cells, pa.string())
    assert trimmed(array).to_pylist() == expected
    assert trimmed(array.slice(1)).to_pylist() == expected[1:]
    assert trimmed(pa.chunked_array([array, array])).to_pylist() == expected * 2
