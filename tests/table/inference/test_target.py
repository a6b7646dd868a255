"""Facts that follow from a target: its task, its distribution, its problems."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pyarrow as pa
import pytest

from automl_core.errors import TableError
from automl_core.table.inference import column_stats, target
from automl_core.table.inference.schema_inference import infer_schema, with_role
from automl_core.table.inference.target import TargetSummary, Task, describe_target, guess_task


def guess(values: Any) -> Task:
    table = pa.table({"y": values})
    found = guess_task(table, infer_schema(table), "y")
    assert found.reason
    return found.task


def describe(values: Any, task: Task) -> TargetSummary:
    table = pa.table({"y": values})
    return describe_target(table, infer_schema(table), "y", task)


@pytest.mark.parametrize(
    ("task", "values"),
    [
        ("binary", ["a", "b"] * 20), ("binary", [0, 1] * 20), ("binary", [True, False] * 20),
        ("binary", ["0", "1", "?"] * 20), ("binary", [0.0, 1.0, None] * 20),
        ("binary", ["yes", "no"] * 20), ("binary", [3.5, 4.5] * 20),
        ("multiclass", ["a", "b", "c"] * 20), ("multiclass", [1, 2, 3] * 20),
        ("multiclass", ["1", "2", "3"] * 20), ("multiclass", ["007", "010", "123"] * 20),
        ("regression", list(range(100))), ("regression", [str(i) for i in range(100)]),
        ("regression", [0.5, 1.5, 2.5] * 20), ("regression", [1, 2, 3, 4, 5]),
        ("regression", list(range(100, 200))), ("regression", ["1,5", "2,5", "3,5"] * 20),
    ],
)  # fmt: skip
def test_the_task_that_a_target_makes(task: Task, values: Any) -> None:
    assert guess(values) == task


def test_classes_by_size_with_missing_rows_counted() -> None:
    found = describe(["b", "a", "a", "c", None, " ", "a", "b"], "multiclass")
    assert (found.labels, found.counts) == (("a", "b", "c"), (3, 2, 1))
    assert (found.rows, found.missing) == (6, 2)
    assert found.positive is None
    assert [p.kind for p in found.problems] == ["rare_class"]


@pytest.mark.parametrize(
    ("values", "positive"),
    [
        (["no", "yes", "yes"], "yes"), ([0, 1, 1], "1"), ([0.0, 1.0, 1.0], "1"),
        ([True, True, False], "true"), (["ham", "spam", "spam"], "spam"),
        (["a", "a", "b"], "b"), (["b", "b", "a"], "a"), (["a", "b"], "b"), ([3, 3, 7], "7"),
    ],
)  # fmt: skip
def test_the_positive_class_and_why(values: Any, positive: str) -> None:
    found = describe(values, "binary")
    assert found.positive == positive
    assert found.positive_reason


def test_numbers_make_a_histogram() -> None:
    found = describe([*range(1_000), None], "regression")
    assert (sum(found.histogram), found.missing, found.rows) == (1_000, 1, 1_000)
    assert len(found.histogram_edges) == len(found.histogram) + 1
    assert (found.histogram_edges[0], found.histogram_edges[-1]) == (0.0, 999.0)


@pytest.mark.parametrize("values", [[None] * 9, [""] * 9, [float("nan")] * 9])
@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_an_all_missing_target_is_refused(values: Any, task: Task) -> None:
    with pytest.raises(TableError):
        describe(values, task)


@pytest.mark.parametrize("values", [[1] * 9, ["x"] * 8 + [None], [2.5] * 9])
def test_a_constant_target_is_refused(values: Any) -> None:
    for task in ("multiclass", "regression"):
        with pytest.raises(TableError):
            describe(values, task)  # type: ignore[arg-type]


def test_tasks_that_the_values_do_not_allow() -> None:
    with pytest.raises(TableError, match="3 classes"):
        describe(["a", "b", "c"], "binary")
    with pytest.raises(TableError, match="words or dates"):
        describe(["a", "b", "c"], "regression")
    with pytest.raises(TableError, match="words or dates"):
        describe([dt.date(2020, 1, d) for d in range(1, 9)], "regression")


def test_numbers_whose_squares_overflow_are_refused() -> None:
    with pytest.raises(TableError, match="squares overflow"):
        describe([1e200, 2.5, 3.5], "regression")


def test_numbers_whose_squares_are_lost_are_refused() -> None:
    with pytest.raises(TableError, match="smaller unit"):
        describe([1e-200, 2e-200, 3e-200], "regression")


def test_an_unknown_target_names_the_closest() -> None:
    table = pa.table({"income": [1, 2]})
    for use in (guess_task, lambda t, s, n: describe_target(t, s, n, "binary")):
        with pytest.raises(TableError) as caught:
            use(table, infer_schema(table), "incom")
        assert "'income'" in caught.value.hint


def test_an_id_as_target_is_said() -> None:
    found = describe([f"C-{i}" for i in range(100)], "multiclass")
    assert {"target", "rare_class"} <= {p.kind for p in found.problems}
    many = describe([f"C-{i % 150}" for i in range(900)], "multiclass")
    assert [p.kind for p in many.problems] == ["many_classes"]


def test_an_ignored_or_id_column_can_be_a_target_of_numbers() -> None:
    table = pa.table({"y": list(range(100))})
    schema = infer_schema(table)
    assert schema.column("y").role == "id"
    assert guess_task(table, schema, "y").task == "regression"
    ignored = with_role(schema, table, "y", "category")
    assert describe_target(table, ignored, "y", "regression").rows == 100


@pytest.mark.parametrize(
    ("cells", "names", "reason"),
    [
        (
            ["TRUE", "FALSE", "FALSE"],
            ("FALSE", "TRUE"),
            "'TRUE' is a usual name for the positive class",
        ),
        ([True, False, False], ("False", "True"), "'True' is a usual name for the positive class"),
        ([5.0, 7.0, 7.0], ("7.0", "5.0"), "'5.0' is the rarer class"),
    ],
)
def test_labels_are_shown_as_the_table_writes_them(
    cells: list[object], names: tuple[str, ...], reason: str
) -> None:
    found = describe(cells, "binary")
    assert found.names == names and found.positive_reason == reason
    assert found.positive in found.labels


def test_numbers_of_a_very_long_table_are_judged_by_some_rows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(target, "VERY_LONG", 1_000)
    monkeypatch.setattr(column_stats, "SAMPLE_ROWS", 2_000)
    rows = 20_000
    cells = [None if i % 10 == 0 else i / 7 for i in range(rows)]
    table = pa.table({"y": cells, "few": [i % 3 for i in range(rows)]})
    schema = infer_schema(table)
    guessed = guess_task(table, schema, "y")
    assert guessed.task == "regression" and "18,000 different" in guessed.reason
    found = describe_target(table, schema, "y", "regression")
    assert (found.rows, found.missing) == (18_000, 2_000)
    assert abs(sum(found.histogram) - 18_000) < len(found.histogram)
    assert describe_target(table, schema, "few", "multiclass").counts == (6_667, 6_667, 6_666)
