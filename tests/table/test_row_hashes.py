"""Rows that stand for a table are the same ones however its columns are cut into chunks."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from automl_core.table.row_hashes import evenly_spaced, sample_rows

SCHEMA = pa.schema([("number", pa.int64()), ("word", pa.string()), ("empty", pa.null())])


def _part(rows: int, first: int) -> pa.Table:
    numbers = np.arange(first, first + rows)
    words = [f"w{number}" for number in numbers]
    return pa.table({"number": numbers, "word": words, "empty": pa.nulls(rows)}, schema=SCHEMA)


@pytest.mark.parametrize("rows", [1, 2, 10, 500, 1751, 5000])
def test_a_sample_of_chunks_is_that_of_the_whole(rows: int) -> None:
    lengths = (700, 1, 0, 55, 999)
    table = pa.concat_tables([_part(n, 1000 * i) for i, n in enumerate(lengths)]).slice(3)
    whole = table.combine_chunks()
    expected = whole
    if rows < whole.num_rows:
        expected = whole.take(pa.array(evenly_spaced(whole.num_rows, rows)))
    assert sample_rows(table, rows).equals(expected)
