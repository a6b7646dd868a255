"""PREDICTIONS.csv as the design names it, and what differs from training said in words."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pytest

from automl_core.errors import ModelError
from automl_core.export.predictor import Predictor, predictor_files
from automl_core.export.scoring import (
    ColumnIssue,
    compare_columns,
    compare_table,
    csv_bytes,
    predictions_table,
    sameness_words,
    write_predictions,
)
from automl_core.features.target import fit_target
from automl_core.table.inference import infer_schema
from automl_core.table.schema import Column, ParseRule
from tests import small


@pytest.fixture(scope="module")
def binary() -> Predictor:
    return small.predictor("binary", "lightgbm")


@pytest.fixture(scope="module")
def multiclass() -> Predictor:
    return small.predictor("multiclass", "constant")


def test_classes_have_a_label_and_a_probability_each(binary: Predictor) -> None:
    table = small.table(40, seed=5)
    got = predictions_table(binary, table)
    assert got.column_names == ["prediction", "probability_no", "probability_yes"]
    values = binary.predict_table(table)
    assert got.column("probability_yes").to_numpy() == pytest.approx(values[:, 1])
    expected = ["yes" if v > 0.5 else "no" for v in values[:, 1]]
    assert got.column("prediction").to_pylist() == expected


def test_labels_keep_the_type_they_had(multiclass: Predictor) -> None:
    got = predictions_table(multiclass, small.table(3))
    assert got.schema.field("prediction").type == pa.int64()
    assert got.column_names[1:] == ["probability_0", "probability_10", "probability_20"]


@pytest.mark.parametrize(
    ("cells", "names"),
    [
        (pa.array([0.0, 1.0]), ["0.0", "1.0"]),
        (pa.array([False, True]), ["False", "True"]),
        (pa.array(["no", "yes "]), ["no", "yes"]),
    ],
)
def test_labels_read_the_same_in_files_and_columns(
    binary: Predictor, cells: pa.Array, names: list[str]
) -> None:
    model = replace(binary, target=fit_target(cells, "binary"))
    table = small.table(40, seed=5)
    written, typed = (predictions_table(model, table, typed=own) for own in (False, True))
    assert written.column_names == ["prediction", *(f"probability_{name}" for name in names)]
    assert set(written.column("prediction").to_pylist()) == {*names}
    assert {row[0] for row in _cells(csv_bytes(written, guard_formulas=True))[1:]} == {*names}
    assert typed.column_names == written.column_names
    assert typed.schema.field("prediction").type == cells.type
    assert [str(v.as_py()) for v in typed["prediction"]] == written["prediction"].to_pylist()


def test_regression_has_one_column() -> None:
    model = small.predictor("regression", "constant")
    got = predictions_table(model, small.table(3))
    assert got.column_names == ["prediction"]
    assert got.schema.field("prediction").type == pa.float64()
    assert predictions_table(model, small.table(0)).num_rows == 0


def test_csv_reads_back_equal(binary: Predictor, tmp_path: Path) -> None:
    table = predictions_table(binary, small.table(40, seed=5))
    path = tmp_path / "new folder" / "predictions.csv"
    write_predictions(table, path)
    assert pyarrow.csv.read_csv(path).equals(table)


def _cells(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode(), newline="")))


RISKY = ["=1+1", "+SUM(A1)", "-x", "@cmd", "\ttab", "\rcr", "=", "-1-1"]
HARMLESS = ["+", "-", "-1", "+1.5e-3", "-.5", "a=1", "", " =1", "it's", 'a "quoted", cell', "-7."]


def test_formulas_are_guarded_when_asked() -> None:
    table = pa.table({"=name": RISKY + HARMLESS, "n": [-1.5] * (len(RISKY) + len(HARMLESS))})
    rows = _cells(csv_bytes(table, guard_formulas=True))
    assert rows[0] == ["'=name", "n"]
    assert [r[0] for r in rows[1:]] == [f"'{c}" for c in RISKY] + HARMLESS
    assert {r[1] for r in rows[1:]} == {"-1.5"}
    plain = _cells(csv_bytes(table, guard_formulas=False))
    assert [r[0] for r in plain] == ["=name", *RISKY, *HARMLESS]


def test_guard_leaves_missing_cells_and_order() -> None:
    table = pa.table({"a": pa.chunked_array([["=1", None], ["b"]])})
    assert csv_bytes(table, guard_formulas=True) == b'"a"\n"\'=1"\n\n"b"\n'


def _kinds(issues: tuple[ColumnIssue, ...]) -> dict[str, str]:
    return {issue.column: issue.kind for issue in issues}


def test_the_training_table_itself_has_no_issues(binary: Predictor) -> None:
    issues = compare_table(predictor_files(binary), small.table())
    # `plan` and `spent` were no features; no encoder reads `empty`, which never held anything
    assert _kinds(issues) == {"plan": "extra", "spent": "extra"}


def test_missing_extra_and_renamed_columns(binary: Predictor) -> None:
    table = small.table(10).rename_columns(["years", "Income", *small.table(10).column_names[2:]])
    issues = {i.column: i for i in compare_columns(binary.columns, table, binary.target_name)}
    assert issues["age"].kind == "missing" and "missing" in issues["age"].message
    assert (issues["years"].kind, issues["years"].severity) == ("extra", "info")
    assert (issues["income"].kind, issues["income"].severity) == ("renamed", "info")
    assert "'Income' is read as 'income'" in issues["income"].message
    assert "capital letters only" in issues["income"].message
    without_target = table.drop_columns(["churned"])
    assert list(issues.values()) == [*compare_columns(binary.columns, without_target, "churned")]


def test_of_very_many_missing_columns_the_first_are_named_and_unread_ones_are_not_said() -> None:
    columns = [Column(f"c{i}", "numeric", "", ParseRule("number"), 0, 3) for i in range(203)]
    table = pa.table({"c0": [1.0], "C1": [2.0], "y": [0]})
    issues = compare_columns(columns, table, "y")
    missing = [issue for issue in issues if issue.kind == "missing"]
    assert [issue.column for issue in missing[:2]] == ["c2", "c3"] and len(missing) == 101
    assert missing[-1].message == "101 further columns are missing, too."
    assert [i.column for i in compare_columns(columns, table, "y", {"c0", "c9"})] == ["c9", "c1"]


def test_two_columns_that_could_be_meant_are_both_named_and_neither_is_taken(
    binary: Predictor,
) -> None:
    table = small.table(10).drop_columns(["age"])
    for name in ("AGE", "Age"):
        table = table.append_column(name, pa.array([1] * 10))
    issue = compare_columns(binary.columns, table, "churned")[0]
    assert issue.kind == "missing" and "'AGE' and 'Age' could be meant" in issue.message


def test_a_table_without_most_of_what_the_model_uses_is_a_strong_warning(
    binary: Predictor,
) -> None:
    files, table = predictor_files(binary), small.table(30)
    few = compare_table(files, table.select(["vip", "churned"]))[0]
    assert (few.kind, few.severity) == ("few", "warning") and "most of what it uses" in few.message
    empty = pa.table({n: pa.nulls(30) if n != "vip" else table["vip"] for n in table.column_names})
    assert compare_table(files, empty)[0].kind == "few"
    most = compare_table(files, table.drop_columns(["vip", "note"]))
    assert "few" not in {issue.kind for issue in most}


@pytest.mark.parametrize("factor", [0.01, 100, 1000])
def test_numbers_in_another_unit_are_a_warning(binary: Predictor, factor: float) -> None:
    files, table = predictor_files(binary), small.table(40, seed=5)
    place = table.column_names.index("income")
    scaled = pc.multiply(table["income"].cast(pa.float64()), float(factor))
    issues = compare_table(files, table.set_column(place, "income", scaled))
    (issue,) = (i for i in issues if i.kind == "scale")
    assert issue.column == "income" and "times" in issue.message
    assert not [i for i in compare_table(files, table) if i.kind == "scale"]


def test_equal_predictions_for_all_rows_are_said(binary: Predictor) -> None:
    table = small.table(30)
    assert sameness_words(predictions_table(binary, table)) == ""
    same = predictions_table(binary, pa.concat_tables([table.slice(0, 1)] * 30))
    assert "All 30 rows have the same prediction" in sameness_words(same)
    assert sameness_words(same.slice(0, 3)) == ""  # may be chance


def _one(binary: Predictor, name: str, cells: list[object]) -> ColumnIssue | None:
    table = small.table(len(cells), seed=7)
    table = table.set_column(table.column_names.index(name), name, pa.array(cells))
    issues = [i for i in compare_table(predictor_files(binary), table) if i.column == name]
    assert len(issues) <= 1
    return issues[0] if issues else None


WORDS = [
    ("age", ["12", "x", "y", ""], "type", "all but 2 rows"),
    ("age", ["a", "b", None, None], "type", "nothing can be read"),
    ("age", ["12", "13", "14", "15"], "type", "numbers written as text"),
    ("age", [float("inf"), 1.0, 2.0, 3.0], "type", "all but 1 row"),
    ("age", [None, None, None, None], "missing", "empty"),
    ("since", [1, 2, 3, 4], "type", "whole numbers"),
    ("since", ["soon", "2020-01-01", None, ""], "type", "'soon'"),
    ("vip", ["yes!", "no", "true", "1"], "type", "yes or no"),
    ("note", [1.5, 2.5, 3.5, 4.5], "type", "text"),
    ("city", ["Oslo", "Paris", "Paris", None], "unseen", "1 value"),
    ("city", [1, 2, 3, 4], "unseen", "4 values"),
    ("code", [1.5, 2.0, 3.0, 4.0], "unseen", "'1.5'"),
]


@pytest.mark.parametrize(("name", "cells", "kind", "words"), WORDS)
def test_each_difference_is_said(
    binary: Predictor, name: str, cells: list[object], kind: str, words: str
) -> None:
    issue = _one(binary, name, cells)
    assert issue is not None and issue.kind == kind and words in issue.message, issue


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("age", [1.0, 2.5, float("nan"), None]),
        ("code", [1.0, 2.0, None, 4.0]),
        ("code", ["1", "2.0", "", "4"]),
        ("vip", [1, 0, 1, None]),
        ("since", ["2020-01-01", "2020-01-01 10:00:00", None, ""]),
    ],
)
def test_what_reads_the_same_is_not_an_issue(
    binary: Predictor, name: str, cells: list[object]
) -> None:
    assert _one(binary, name, cells) is None


def test_missing_marks_are_no_issue() -> None:
    rule = ParseRule("number", missing=("?", "-999"))
    column = Column("x", "numeric", "", rule, 0, 3)
    for cells in ([1, -999, None], ["1", "?", " ? "], [1.0, -999.0, float("nan")]):
        assert compare_columns([column], pa.table({"x": cells}), "y") == ()


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ([0.45, 0.2], "up to 1 they are read as fractions"),
        ([0.45, 1.35, 0.2], "1.35 as 1.35 %, in 1 row). Workbooks such as .xls"),
        ([45.0, 135.0], ""),
        (["45%", "135%"], ""),
    ],
)
def test_fractions_where_training_had_percentages_are_said(cells: list[object], said: str) -> None:
    rule = infer_schema(pa.table({"x": [f"{i}%" for i in range(60)]})).column("x").parse
    assert rule.percent == "percent"
    issues = compare_columns([Column("x", "numeric", "", rule, 0, 3)], pa.table({"x": cells}), "y")
    assert [issue.kind for issue in issues] == (["scale"] if said else [])
    assert all(said in issue.message for issue in issues)
    assert all((issue.severity == "warning") == ("1.35" in said) for issue in issues)


def test_long_and_hostile_names_stay_short_and_printable(binary: Predictor) -> None:
    names = ["<script>alert(1)</script>" * 50, "line\nend\x1b[31m"]
    table = pa.table({name: [1] for name in [*names, "age"]})
    issues = compare_columns(binary.columns, table, "churned")
    assert all(len(i.message) < 200 and i.message.isprintable() for i in issues)


def test_columns_twice_and_no_rows(binary: Predictor) -> None:
    table = pa.Table.from_arrays([pa.array([1]), pa.array([2])], ["age", "age"])
    issues = compare_columns(binary.columns, table, "churned")
    assert "2 columns called 'age'" in {i.column: i for i in issues}["age"].message
    kinds = _kinds(compare_table(predictor_files(binary), small.table(0)))
    assert kinds == {"plan": "extra", "spent": "extra"}


def test_damaged_files_are_a_model_error(binary: Predictor) -> None:
    files = predictor_files(binary)
    with pytest.raises(ModelError):
        compare_table(files | {"members/0/encoder.json": b"{"}, small.table(1))
    with pytest.raises(ModelError):
        compare_table({}, small.table(1))


def test_many_rows_of_a_category_are_counted_not_listed(binary: Predictor) -> None:
    table = small.table(1000, seed=1)
    cells = np.array([f"new {i}" for i in range(1000)], dtype=object)
    table = table.set_column(2, "city", pa.array(cells))
    (issue,) = (i for i in compare_table(predictor_files(binary), table) if i.column == "city")
    assert "1000 values" in issue.message and "1,000 rows" in issue.message
