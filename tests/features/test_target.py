"""The target: classes in a stable order, labels back in their type, unknown cells reported."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from automl_core.errors import AutoMLError, ModelError, SpecError, TableError
from automl_core.features.target import TargetCoder, fit_target
from automl_core.records import from_plain, to_plain
from automl_core.table.schema import ParseRule


def test_labels_are_sorted_and_the_positive_one_is_last() -> None:
    values = pa.array(["yes", "no", "yes", None])
    assert fit_target(values, "binary").labels == ("no", "yes")
    coder = fit_target(values, "binary", positive="no")
    assert coder.labels == ("yes", "no") and coder.positive == "no"
    y, present = coder.encode(values)
    assert y.tolist() == [0, 1, 0, 0] and present.tolist() == [True, True, True, False]
    assert y.dtype == np.int64


@pytest.mark.parametrize(
    ("cells", "names"),
    [
        (["True", "False", "False", "TRUE", "True"], ("False", "True")),
        (["TRUE", "FALSE", "FALSE"], ("FALSE", "TRUE")),
        (["1.0", "2.0", "x", "1", "1.0"], ("1.0", "2.0", "x")),
        ([" a", "b", "b "], ("a", "b")),
    ],
)
def test_labels_come_back_as_most_rows_write_them(cells: list[str], names: tuple[str, ...]) -> None:
    coder = fit_target(pa.array(cells), "multiclass")
    assert coder.names == names
    assert coder.decode(range(len(names))).to_pylist() == [*names]
    y, present = coder.encode(pa.array(cells))
    assert present.all() and coder.names[y[0]] == names[coder.labels.index(coder.labels[y[0]])]
    assert from_plain(TargetCoder, to_plain(coder)) == coder


def test_numeric_labels_are_in_numeric_order() -> None:
    for cells in ([10, 9, 2, 10], ["10", "9", "2", "2"], [10.0, 9.0, 2.0, 2.0]):
        assert fit_target(pa.array(cells), "multiclass").labels == ("2", "9", "10")
    assert fit_target(pa.array(["b", "10", "9"]), "multiclass").labels == ("10", "9", "b")
    assert fit_target(pa.array(["nan", "10", "9"]), "multiclass").labels == ("10", "9", "nan")


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["b", "a", "b"], pa.string()),
        ([0, 1, 1], pa.int64()),
        ([0.5, 1.5, 1.0], pa.float64()),
        ([True, False, True], pa.bool_()),
        ([-5, 2**62, 7], pa.int64()),
    ],
)
def test_labels_come_back_in_their_type(cells: list[object], kind: pa.DataType) -> None:
    coder = fit_target(pa.array(cells), "multiclass")
    y, present = coder.encode(pa.array(cells))
    assert present.all()
    decoded = coder.decode(y)
    assert decoded.type == kind and decoded.to_pylist() == cells


@pytest.mark.parametrize(
    "values",
    [
        pa.array([1, 0, 1], pa.int8()),
        pa.array([2**64 - 1, 5, 5], pa.uint64()),
        pa.array(["a", "b", "b"]).dictionary_encode(),
        pa.array(["a", "b", "b"], pa.large_string()),
        pa.array([Decimal("1.5"), Decimal("2.5"), Decimal("2.5")]),
        pa.array([0, 86_400, 0], pa.timestamp("s")),
        pa.array([0.1, 0.2, 0.1], pa.float32()),
    ],
    ids=lambda v: str(v.type),
)
def test_every_column_type_can_be_a_target(values: pa.Array) -> None:
    coder = fit_target(values, "binary")
    y, present = coder.encode(values)
    assert present.all() and set(y.tolist()) == {0, 1}
    assert len(coder.decode(y)) == 3


@pytest.mark.parametrize(
    ("cells", "names", "kind"),
    [
        ([1.0, 0.0, 1.0], ("0.0", "1.0"), pa.string()),
        ([2.5, 3.0, 3.0], ("2.5", "3.0"), pa.string()),
        ([True, False, True], ("False", "True"), pa.string()),
        ([7, 5, 5], ("5", "7"), pa.int64()),
        (["TRUE", "FALSE"], ("FALSE", "TRUE"), pa.string()),
    ],
)
def test_labels_without_a_spelling_are_written_as_python_writes_them(
    cells: list[object], names: tuple[str, ...], kind: pa.DataType
) -> None:
    coder = fit_target(pa.array(cells), "binary")
    old = from_plain(TargetCoder, {**to_plain(coder), "spellings": []})  # as 0.5.0 kept it
    assert coder.names == names and (coder.label_type == "string" or old.names == names)
    written = coder.spell([1, 0])
    assert written.type == kind and list(map(str, written.to_pylist())) == [names[1], names[0]]


def test_classes_are_found_again_when_the_type_has_changed() -> None:
    coder = fit_target(pa.array([1, 2, 3, 3]), "multiclass")
    for cells in (["1", "3", " 2 "], [1.0, 3.0, 2.0], ["1.0", "3.0", "2.0"]):
        assert coder.encode(pa.array(cells))[0].tolist() == [0, 2, 1]
    flags = fit_target(pa.array([True, False]), "binary")
    assert flags.encode(pa.array(["TRUE", "False"]))[0].tolist() == [1, 0]


def test_unseen_labels_and_missing_marks_are_not_present() -> None:
    rule = ParseRule("string", missing=("?",))
    values = pa.array(["a", "b", "?", None, "a"])
    coder = fit_target(values, "binary", rule=rule)
    assert coder.labels == ("a", "b")
    assert coder.encode(values)[1].tolist() == [True, True, False, False, True]
    assert coder.encode(pa.array(["new", "b"]))[1].tolist() == [False, True]
    assert coder.encode(pa.nulls(2, pa.string()))[1].tolist() == [False, False]


def test_regression_reads_numbers_by_the_columns_rule() -> None:
    rule = ParseRule("number", missing=("-999",), decimal=",")
    coder = fit_target(pa.array(["1,5", "2", "-999", "x", None]), "regression", rule=rule)
    y, present = coder.encode(pa.array(["1,5", "2", "-999", "x", None]))
    assert y.dtype == np.float64 and y[:2].tolist() == [1.5, 2.0]
    assert present.tolist() == [True, True, False, False, False]
    _, present = coder.encode(pa.array([1.0, np.inf, np.nan]))
    assert present.tolist() == [True, False, False]
    assert coder.decode(np.array([1.5])).to_pylist() == [1.5]
    assert fit_target(pa.array(["1", "2"]), "regression", rule=ParseRule("string")).classes == 0


def test_the_positive_class_may_be_spelt_in_any_way() -> None:
    assert fit_target(pa.array([0, 1]), "binary", positive="0.0").positive == "0"
    assert fit_target(pa.array([True, False]), "binary", positive="False").positive == "false"
    with pytest.raises(SpecError, match="maybe"):
        fit_target(pa.array([0, 1]), "binary", positive="maybe")


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_a_target_that_cannot_be_learned_is_refused(task: str) -> None:
    with pytest.raises(TableError):
        fit_target(pa.nulls(3, pa.string()), task)  # type: ignore[arg-type]
    if task != "regression":
        with pytest.raises(TableError, match="single"):
            fit_target(pa.array(["a", "a", None]), task)  # type: ignore[arg-type]
    with pytest.raises(AutoMLError):
        fit_target(pa.array(["a", "b", "c"]), task if task != "multiclass" else "binary")  # type: ignore[arg-type]


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_survives_storage(task: str) -> None:
    coder = fit_target(pa.array([3, 1, 3]), task)  # type: ignore[arg-type]
    assert from_plain(TargetCoder, to_plain(coder)) == coder


@pytest.mark.parametrize(
    "change",
    [
        {"labels": ["a"]},
        {"labels": ["a", "a"]},
        {"labels": ["a", "b", "c"]},
        {"positive": "a"},
        {"positive": None},
        {"label_type": "int"},
        {"label_type": "bool"},
        {"task": "regression"},
    ],
    ids=str,
)
def test_contradictions_in_a_file_are_refused(change: dict[str, object]) -> None:
    plain = to_plain(fit_target(pa.array(["a", "b"]), "binary"))
    with pytest.raises(ModelError):
        from_plain(TargetCoder, {**plain, **change})
