"""Some rows of a run's table in a worker: the cells of the whole, in the order asked for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from automl_core.runs.setup import prepare_run_data
from automl_core.runs.worker.dataset import load_data, load_rows
from automl_core.table import TypedColumn
from tests.finished_run import make_run


def _cells(column: TypedColumn) -> list[object]:
    if column.numbers is not None:
        return column.numbers.tolist()
    assert column.codes is not None
    return [None if code < 0 else column.words[code] for code in column.codes.tolist()]


@pytest.mark.parametrize("sentences", [False, True])
def test_rows_alone_are_those_of_the_whole_table(workspace: Path, sentences: bool) -> None:
    folder = make_run(workspace, "run-a")
    link = prepare_run_data(folder.spec(), folder.schema(), workspace).link
    weight = replace(folder.schema().column("age"), role="weight")
    link = replace(link, weight=weight, sentences=sentences)
    rows = np.random.default_rng(0).permutation(200)[:30].astype(np.int64)
    whole, some = load_data(link), load_rows(link, rows)
    assert np.array_equal(some.y, whole.y[rows])
    assert some.weight is not None and whole.weight is not None
    assert np.array_equal(some.weight, whole.weight[rows])
    assert some.typed.rows == 30 and list(some.typed.columns) == list(whole.typed.columns)
    for name, column in some.typed.columns.items():
        assert str(_cells(column)) == str(_cells(whole.typed.columns[name].take(rows)))
