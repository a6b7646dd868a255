"""`score.py --extras` says of each row and of the file what `torchlight predict --extras` says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pytest

from automl_core import scoring
from automl_core.cli import run_cli
from automl_core.onnx_export.scorer import file_extras, score
from automl_core.types import Task
from tests import small
from tests.onnx_export.unpacked import unpacked

Change = Callable[[pa.Table], pa.Table]


def _with(table: pa.Table, name: str, cells: list[object]) -> pa.Table:
    return table.set_column(table.column_names.index(name), name, pa.array(cells))


def _odd(table: pa.Table) -> pa.Table:
    """Cells that cannot be read, numbers as texts, words never seen, far values, gaps."""
    age = ["abc", "400", " 31 ", "", "4e1", *map(str, table.column("age").to_pylist()[5:])]
    city = ["Paris", None, "oslo", *table.column("city").to_pylist()[3:]]
    vip = ["perhaps", "yes", *map(str, table.column("vip").to_pylist()[2:])]
    since = ["soon", "1901-01-01", *map(str, table.column("since").to_pylist()[2:])]
    for name, cells in {"age": age, "city": city, "vip": vip, "since": since}.items():
        table = _with(table, name, cells)
    note = ["", "!!!", "x" * 3_000, *table.column("note").to_pylist()[3:]]
    return _with(table, "note", note)


def _moved(table: pa.Table) -> pa.Table:
    age = [3 * age for age in table.column("age").to_pylist()]
    city = ["Oslo" if i % 3 else "Rome" for i in range(table.num_rows)]
    table = _with(_with(table, "age", age), "city", city).drop_columns(["empty"])
    return table.select(table.column_names[::-1])


@pytest.mark.parametrize(
    ("task", "change", "rows"), [("multiclass", _odd, 70), ("regression", _moved, 1300)]
)
@pytest.mark.usefixtures("workspace")
def test_the_same_as_torchlight_says(
    task: Task,
    change: Change,
    rows: int,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for module in (file_extras, scoring):  # of more rows some are compared, evenly spaced
        monkeypatch.setattr(module, "MOST_CHECKED", 400)
    monkeypatch.setattr(score, "HERE", unpacked(task).folder)
    given, own, other = (tmp_path / name for name in ("in.csv", "own.csv", "other.csv"))
    pyarrow.csv.write_csv(change(small.table(rows, seed=8)), given)
    words = ["predict", str(unpacked(task).bundle), str(given), "--out", str(other)]
    assert run_cli([*words, "--raw", "--extras"]) == 0
    expected = capsys.readouterr().out.splitlines()[:-1]  # the last says where they are
    assert score.main([str(given), str(own), "--extras"]) == 0
    said = capsys.readouterr()
    assert said.out.splitlines() == expected and "The score fell" in said.out
    assert "Ignored: " in said.err and "'churned'" in said.err
    found, wanted = pyarrow.csv.read_csv(own), pyarrow.csv.read_csv(other)
    assert found.column_names == wanted.column_names
    for name in found.column_names:
        if pa.types.is_floating(wanted.column(name).type):
            assert np.allclose(found.column(name), wanted.column(name), rtol=1e-6, atol=1e-6)
        else:
            assert found.column(name).to_pylist() == wanted.column(name).to_pylist(), name
    assert len({*found.column("unlike_columns").to_pylist()}) > 1
