"""Judgements of labels: kept beside the table, and the table that follows from them."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from automl_core.errors import TableError
from automl_core.table.label_judgements import (
    CORRECTED,
    Judgement,
    Judgements,
    correct_table,
    judge,
    load_judgements,
    take_back,
)
from automl_core.table.store import TableInfo, load_info, open_table, put_table, save_info

TABLE = pa.table(
    {"x": [1, 2, 3, 4, 5], "word": ["a", "b", None, "a", "b"], "number": [0, 1, 0, 1, 1]}
)


def stored(root: Path) -> TableInfo:
    info = TableInfo(put_table(TABLE, root), "t.csv", 5, 3, {"decimal": "point"}, upload="u")
    save_info(info, root)
    return info


def test_judgements_are_kept_by_column_and_row(tmp_path: Path) -> None:
    table = stored(tmp_path).hash
    assert load_judgements(table, "word", tmp_path) == Judgements("word")
    judge(table, "word", [Judgement(3, "keep"), Judgement(0, "correct", "b")], tmp_path)
    judge(table, "number", [Judgement(1, "aside")], tmp_path)
    judge(table, "word", [Judgement(3, "aside")], tmp_path)
    found = load_judgements(table, "word", tmp_path)
    assert found.found == (Judgement(0, "correct", "b"), Judgement(3, "aside"))
    assert take_back(table, "word", [0, 4], tmp_path).found == (Judgement(3, "aside"),)
    assert load_judgements(table, "number", tmp_path).of("aside") == (Judgement(1, "aside"),)


def test_the_corrected_table_is_another_one_and_says_so(tmp_path: Path) -> None:
    info = stored(tmp_path)
    given = [Judgement(0, "correct", "b"), Judgement(1, "aside"), Judgement(3, "keep")]
    made = correct_table(info, judge(info.hash, "word", given, tmp_path), tmp_path)
    assert open_table(info.hash, tmp_path).equals(TABLE)
    assert open_table(made.hash, tmp_path).to_pydict() == {
        "x": [1, 3, 4, 5], "word": ["b", None, "a", "b"], "number": [0, 0, 1, 1],
    }  # fmt: skip
    assert made == load_info(made.hash, tmp_path) and made.rows == 4 and made.upload == ""
    assert made.name == "t.csv, 1 label corrected, 1 row set aside"
    assert made.settings[CORRECTED] == "t.csv with 1 label corrected, 1 row set aside"
    assert made.corrected is not None and made.corrected.table == info.hash
    settled = load_judgements(made.hash, "word", tmp_path).found
    assert settled == (Judgement(0, "keep"), Judgement(2, "keep"))
    again = judge(made.hash, "word", [Judgement(3, "correct", "a")], tmp_path)
    further = correct_table(made, again, tmp_path)
    assert further.name == "t.csv, 2 labels corrected, 1 row set aside"
    assert further.corrected is not None and further.corrected.table == made.hash


def test_numbers_stay_numbers_and_the_way_back_is_the_old_table(tmp_path: Path) -> None:
    info = stored(tmp_path)
    one = judge(info.hash, "number", [Judgement(0, "correct", "1")], tmp_path)
    made = correct_table(info, one, tmp_path)
    column = open_table(made.hash, tmp_path)["number"]
    assert column.type == pa.int64() and column.to_pylist() == [1, 1, 0, 1, 1]
    back = judge(made.hash, "number", [Judgement(0, "correct", "0")], tmp_path)
    assert correct_table(made, back, tmp_path) == info


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ([Judgement(0, "keep")], "No label is to be corrected"),
        ([Judgement(0, "correct", "many")], "does not fit the column's type"),
        ([Judgement(row, "aside") for row in range(5)], "Every row would be set aside"),
        ([Judgement(99, "aside")], "No label is to be corrected"),
    ],
)
def test_what_cannot_be_is_said(tmp_path: Path, given: list[Judgement], words: str) -> None:
    info = stored(tmp_path)
    judged = judge(info.hash, "number", given, tmp_path)
    with pytest.raises(TableError, match=words):
        correct_table(info, judged, tmp_path)
