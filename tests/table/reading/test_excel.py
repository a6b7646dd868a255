"""Workbooks: rows and columns that are not there, damage, sheets."""

from __future__ import annotations

import io
import random
from pathlib import Path

import openpyxl
import pytest

from automl_core.errors import TableError
from tests.table.files import read, workbook


@pytest.fixture(autouse=True)
def _own_workspace(workspace: Path) -> None:
    """Scratch files land in a workspace of the test's own."""


def _book(cells: dict[str, object]) -> bytes:
    book = openpyxl.Workbook()
    for place, value in cells.items():
        book.active[place] = value
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def test_rows_that_the_file_leaves_out_are_no_rows(tmp_path: Path) -> None:
    cells = {"A1": "a", "B1": "b", "A2": 1, "B2": 2, "A4": 3, "B4": 4, "B7": 5}
    table = read(tmp_path, _book(cells), "t.xlsx")
    assert table.to_pydict() == {"a": [1, 3, None], "b": [2, 4, 5]}


def test_columns_without_a_cell_are_no_columns(tmp_path: Path) -> None:
    table = read(tmp_path, _book({"B3": "a", "D3": "b", "B4": 1, "D4": 2}), "t.xlsx")
    assert table.to_pydict() == {"a": [1], "b": [2]}


@pytest.mark.parametrize("seed", range(6))
def test_flipped_bits_are_an_error_in_words_or_a_table(tmp_path: Path, seed: int) -> None:
    whole = workbook([["a", "b", "c"], *([i, i / 7, f"word {i % 5}"] for i in range(30))])
    rng = random.Random(seed)
    for _ in range(10):
        data = bytearray(whole)
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        try:
            assert read(tmp_path, bytes(data), "t.xlsx").num_rows
        except TableError as error:
            assert error.hint
