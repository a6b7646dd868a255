"""Doubts about a file of new rows are decided as they were in training."""

from __future__ import annotations

from pathlib import Path

import pytest

from automl_core.table.inference.schema_inference import infer_schema
from automl_core.table.parsing.parse import parse_column
from automl_core.table.reading.read import read_file
from automl_core.table.source_format import source_format_of


@pytest.fixture(autouse=True)
def _own_workspace(workspace: Path) -> None:
    """Scratch files land in a workspace of the test's own."""


def scored(tmp_path: Path, training: list[str], delimiter: str, new: str) -> list[float]:
    """The numbers of the column x of `new`, for a model trained on cells of that column."""
    old, later = tmp_path / "old.csv", tmp_path / "new.csv"
    rows = (f"w{i}{delimiter}{cell}" for i, cell in enumerate(training * 20))
    old.write_text("\n".join([f"a{delimiter}x", *rows]) + "\n")
    table, used = read_file(old, "old.csv")
    columns = infer_schema(table, used.decimal).columns
    later.write_text(new)
    table, _ = read_file(later, "new.csv", source_format=source_format_of(columns))
    rule = next(c.parse for c in columns if c.name == "x")
    found = parse_column(table["x"], "x", rule).numbers
    assert found is not None
    return [float(v) for v in found]


EURO, POINTS, ENGLISH = ["6,69", "12,5"], ["8.684,74", "656,5"], ["2.629", "0.5"]
GROUPS = ["2.629", "656", "1.250", "720"]


@pytest.mark.parametrize(
    ("training", "delimiter", "new", "numbers"),
    [
        (EURO, ";", "a;x\nu;2,500\nv;3,125\n", [2.5, 3.125]),
        (EURO, ";", 'a,x\nu,"2,500"\n', [2.5]),
        (EURO, ";", "a;x\nu;2.500\n", [2500]),
        (EURO, ";", "a,x\nu,6.69\nv,7.5\n", [6.69, 7.5]),  # written in English by then
        (POINTS, ";", "a;x\nu;1.234\n", [1234]),
        (POINTS, ";", "a,x\nu,1.234\n", [1234]),
        (POINTS, ";", "a;x\nu;1.234,5\n", [1234.5]),
        (POINTS, ";", "a;x\nu;700\n", [700]),
        (GROUPS, ",", "a,x\nu,4.100\nv,3.900\n", [4100, 3900]),
        (GROUPS, ";", "a;x\nu;4.100\n", [4100]),
        (ENGLISH, ",", "a,x\nu,4.100\nv,656\nw,720\n", [4.1, 656, 720]),
        (ENGLISH, ";", "a;x\nu;4.100\nv;3.900\n", [4.1, 3.9]),
    ],
)
def test_new_rows_are_read_as_the_training_rows_were(
    tmp_path: Path, training: list[str], delimiter: str, new: str, numbers: list[float]
) -> None:
    assert scored(tmp_path, training, delimiter, new) == numbers
