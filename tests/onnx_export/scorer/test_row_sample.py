"""Rows of a file that comes in batches are sampled as those of a file that comes at once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from automl_core.onnx_export.scorer.row_sample import RowSample
from automl_core.onnx_export.scorer.typed_rows import RowReader
from automl_core.onnx_export.scorer_rules import scorer_schema
from automl_core.table import TypedTable
from tests import small

PREDICTOR = small.predictor("regression", "constant")
READER = RowReader(scorer_schema(PREDICTOR.columns, PREDICTOR))


def _rows(number: int) -> list[dict[str, Any]]:
    rows = small.table(number, seed=2).select(list(READER.kinds)).to_pylist()
    texts = ["Fine", "fine", "", "!!!", None]  # two that differ in case, one without letters
    return [
        row | {"since": str(row["since"]), "note": texts[i % 5] if i > 9 else None}
        for i, row in enumerate(rows)
    ]


def _words(typed: TypedTable) -> dict[str, list[Any]]:
    """What the graph is given, which has no order of words."""
    return {name: values.tolist() for name, values in READER.feed(typed).items()}


@pytest.mark.parametrize(("rows", "most"), [(60, 100), (60, 60), (60, 13), (7, 100), (10, 3)])
def test_batches_are_as_the_whole(rows: int, most: int) -> None:
    given, sample = _rows(rows), RowSample(rows, most)
    for begin in range(0, rows, 8):
        typed = READER.read(given[begin : begin + 8])
        sample.add(typed.take(sample.picked(typed.rows)))
    places = np.arange(rows) if rows <= most else np.linspace(0, rows - 1, most).astype(int)
    expected = READER.read([given[place] for place in places.tolist()])
    found = sample.table()
    assert found.rows == min(rows, most)
    assert str(_words(found)) == str(_words(expected))  # a NaN is as another
    for name, column in found.columns.items():
        assert set(column.words) == set(expected.columns[name].words)
