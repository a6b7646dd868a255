"""A predictor scores any table that comes, the same after files, and refuses foreign files."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from automl_core.errors import ModelError
from automl_core.evaluation.calibration import apply_temperature
from automl_core.export import predictor as predictor_module
from automl_core.export.predictor import Predictor, load_predictor, predictor_files
from automl_core.scoring.scorer import make_scorer
from automl_core.table.parsing.parse import parse_table
from automl_core.table.schema import Column
from automl_core.table.typed_table import TypedTable
from automl_core.types import Files, Task
from tests import small

TASKS: tuple[Task, ...] = ("binary", "multiclass", "regression")


@pytest.fixture(scope="module", params=TASKS)
def model(request: pytest.FixtureRequest) -> Predictor:
    return small.predictor(request.param, "lightgbm")


@pytest.fixture(scope="module", params=["lightgbm", "mlp"])
def files(request: pytest.FixtureRequest) -> Files:
    return predictor_files(small.predictor("binary", request.param))


def test_predictions_have_the_shape_that_is_promised(model: Predictor) -> None:
    values = model.predict_table(small.table(50, seed=1))
    if model.task == "regression":
        assert values.shape == (50,) and values.dtype == np.float64
    else:
        assert values.shape == (50, model.target.classes)
        assert values.sum(axis=1) == pytest.approx(np.ones(50), abs=1e-12)
    assert np.isfinite(values).all()


def test_is_the_average_of_its_members(model: Predictor) -> None:
    table = small.table(20, seed=1)
    parts = [
        Predictor(
            model.name, model.family, model.task, model.metric,
            model.columns, model.target_name, model.target, (member,),
        ).predict_table(table)
        for member in model.members
    ]  # fmt: skip
    assert not np.allclose(parts[0], parts[1], rtol=1e-6)
    assert model.predict_table(table) == pytest.approx(np.mean(parts, axis=0))


def test_files_and_back_predict_the_same(model: Predictor) -> None:
    again = load_predictor(predictor_files(model))
    table = small.table(60, seed=2)
    assert np.array_equal(again.predict_table(table), model.predict_table(table))
    assert (again.name, again.columns, again.target) == (model.name, model.columns, model.target)
    assert predictor_files(again).keys() == predictor_files(model).keys()


def test_rows_do_not_depend_on_each_other(
    model: Predictor, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = small.table(60, seed=2)
    whole = model.predict_table(table)
    for size in (1, 7):
        parts = [model.predict_table(table.slice(i, size)) for i in range(0, 60, size)]
        assert np.concatenate(parts) == pytest.approx(whole, rel=1e-9, abs=1e-9)
    monkeypatch.setattr(predictor_module, "CHUNK_BYTES", 1000)
    assert model.predict_table(table) == pytest.approx(whole, rel=1e-9, abs=1e-9)


def test_no_rows_and_one_row(model: Predictor) -> None:
    assert model.predict_table(small.table(0)).shape[0] == 0
    assert model.predict_table(small.table(0)).ndim == (1 if model.task == "regression" else 2)
    assert len(model.predict_table(small.table(1))) == 1


def _replace(table: pa.Table, name: str, values: list[object]) -> pa.Table:
    return table.set_column(table.column_names.index(name), name, pa.array(values))


def test_types_that_changed_are_read_not_recoded(model: Predictor) -> None:
    """1, 1.0 and "1" are the same number and the same category, whatever the file made of them."""
    table = small.table(30, seed=3)
    expected = model.predict_table(table)
    for name in ("age", "code"):
        cells = table.column(name).to_pylist()
        for changed in ([float(c) for c in cells], [str(c) for c in cells]):
            got = model.predict_table(_replace(table, name, changed))
            assert np.array_equal(got, expected), name
    since = [str(c) for c in table.column("since").to_pylist()]
    assert np.array_equal(model.predict_table(_replace(table, "since", since)), expected)
    vip = [int(c) for c in table.column("vip").to_pylist()]
    assert np.array_equal(model.predict_table(_replace(table, "vip", vip)), expected)
    packed = table.set_column(2, "city", table.column("city").dictionary_encode())
    assert np.array_equal(model.predict_table(packed), expected)


def test_cells_that_make_no_sense_count_as_missing(model: Predictor) -> None:
    table = small.table(12, seed=3)
    hostile: dict[str, list[list[object]]] = {
        "age": [["n/a", "", "twelve"] * 4, [float("inf"), float("-inf"), 1e308] * 4, [None] * 12],
        "income": [[True] * 12, ["1e999"] * 12, [-1e300] * 12],
        "city": [["Atlantis"] * 12, [1.5] * 12, [[1, 2]] * 12, [float("inf")] * 12],
        "since": [["yesterday"] * 12, [5] * 12, [1e300] * 12],
        "note": [[None] * 12, [5.0] * 12, ["\x00\ud7ff" * 50] * 12],
        "vip": [["maybe"] * 12, [7] * 12],
        "empty": [["something"] * 12],
    }
    for name, choices in hostile.items():
        for cells in choices:
            values = model.predict_table(_replace(table, name, cells))
            assert np.isfinite(values).all() and len(values) == 12, (name, cells[:3])


def test_missing_and_extra_columns_and_their_order(model: Predictor) -> None:
    table = small.table(12, seed=3)
    expected = model.predict_table(table)
    names = list(reversed(table.column_names))
    shuffled = table.select(names).append_column("extra", pa.array(["=1"] * 12))
    assert np.array_equal(model.predict_table(shuffled), expected)
    absent = model.predict_table(table.drop_columns(["age"]))
    assert np.array_equal(absent, model.predict_table(_replace(table, "age", [None] * 12)))


def test_a_table_with_none_of_the_columns_is_refused_and_both_sides_are_named(
    model: Predictor,
) -> None:
    with pytest.raises(ModelError, match=r"None of the columns.* reads 'age'.* has 'other'"):
        model.predict_table(pa.table({"other": [1, 2]}))
    with pytest.raises(ModelError, match="None of the columns"):  # the target is no feature
        model.predict_table(pa.table({model.target_name.upper(): [1, 2]}))


@pytest.mark.parametrize("write", [str.upper, "\u00a0{} ".format, "\ufeff{}\u200b".format])
def test_names_written_otherwise_predict_the_same(
    model: Predictor, write: Callable[[str], str]
) -> None:
    table = small.table(12, seed=3)
    expected = model.predict_table(table)
    again = table.rename_columns([write(name) for name in table.column_names])
    assert np.array_equal(model.predict_table(again), expected)


def test_a_column_that_is_there_twice_is_refused(model: Predictor) -> None:
    table = pa.Table.from_arrays([pa.array([1]), pa.array([2])], ["age", "age"])
    with pytest.raises(ModelError, match="2 columns called 'age'"):
        model.predict_table(table)


DAMAGE = {
    "no model.json": lambda f: f.pop("model.json"),
    "no schema.json": lambda f: f.pop("schema.json"),
    "no encoder": lambda f: f.pop("members/1/encoder.json"),
    "no member": lambda f: [f.pop(n) for n in list(f) if n.startswith("members/1/")],
    "unknown file": lambda f: f.update({"evil.py": b""}),
    "unknown folder": lambda f: f.update({"members/7/x": b""}),
    "unknown number": lambda f: f.update({"members/01/x": b""}),
    "not json": lambda f: f.update({"model.json": b"\xff"}),
    "json of another shape": lambda f: f.update({"schema.json": b"[1, 2]"}),
    "unknown key": lambda f: _edit(f, "model.json", new_key=1),
    "newer model": lambda f: _edit(f, "model.json", format_version=99),
    "newer schema": lambda f: _edit(f, "schema.json", format_version=99),
    "newer member": lambda f: _edit(f, "members/0/member.json", format_version=99),
    "newer encoder": lambda f: _edit(f, "members/0/encoder.json", format_version=99),
    "other task": lambda f: _edit(f, "model.json", task="regression"),
    "no task": lambda f: _edit(f, "model.json", task="clustering"),
    "unknown family": lambda f: _edit(f, "members/0/member.json", model_spec="oracle"),
    "family of another kind": lambda f: _edit(f, "members/0/member.json", model_spec="constant"),
    "many members": lambda f: _edit(f, "model.json", members=10**9),
    "no members": lambda f: _edit(f, "model.json", members=0),
    "too few weights": lambda f: _edit(f, "model.json", weights=[1.0]),
    "weights beyond 1": lambda f: _edit(f, "model.json", weights=[0.7, 0.7]),
    "negative weight": lambda f: _edit(f, "model.json", weights=[-0.5, 1.5]),
    "weight no number": lambda f: _edit(f, "model.json", weights=[float("nan"), 1.0]),
    "no temperature": lambda f: _edit(f, "model.json", temperature=0.0),
    "endless temperature": lambda f: _edit(f, "model.json", temperature=float("inf")),
    "shared encoder missing": lambda f: _edit(f, "model.json", encoders=[0, 0]),
    "shared encoder beside own": lambda f: _share(f, [0, 0], drop=1),
    "too few shared encoders": lambda f: _share(f, [0]),
    "shared encoder nobody uses": lambda f: f.update({"encoders/0.json": b"{}"}),
    "shared encoder below 0": lambda f: _share(f, [-1, -1]),
    "shared encoder by text": lambda f: _share(f, ["0", "0"]),
    "shared encoder by path": lambda f: _share(f, ["../0", "../0"]),
    "shared encoder damaged": lambda f: _share(f, [0, 0], content=b"{"),
}


def _edit(files: Files, name: str, **changes: object) -> None:
    files[name] = json.dumps(json.loads(files[name]) | changes).encode()


def _share(
    files: Files, numbers: list[object], drop: int = 2, content: bytes | None = None
) -> None:
    """One encoder for both members, in the files of two that had their own."""
    for i in range(drop):
        shared = files.pop(f"members/{i}/encoder.json")
        files[f"encoders/{numbers[0]}.json"] = shared if content is None else content
    _edit(files, "model.json", encoders=numbers)


@pytest.mark.parametrize("case", DAMAGE)
def test_damaged_files_are_one_model_error(files: Files, case: str) -> None:
    damaged = dict(files)
    DAMAGE[case](damaged)
    with pytest.raises(ModelError):
        load_predictor(damaged)


def test_any_file_cut_or_emptied_is_one_model_error(files: Files) -> None:
    for name, content in files.items():
        for damaged in (b"", content[: len(content) // 2], content[:-1]):
            with pytest.raises(ModelError):
                load_predictor(files | {name: damaged})


def test_weights_and_temperature_come_back_from_files(model: Predictor) -> None:
    temperature = 1.0 if model.task == "regression" else 1.7
    uneven = replace(model, weights=(0.3, 0.7), temperature=temperature)
    table = small.table(40, seed=4)
    one, two = (
        replace(model, members=(m,), weights=()).predict_table(table) for m in model.members
    )
    expected = 0.3 * one + 0.7 * two
    if model.task != "regression":
        expected = apply_temperature(expected, temperature)
    assert uneven.predict_table(table) == pytest.approx(expected, rel=1e-12)
    again = load_predictor(predictor_files(uneven))
    assert np.array_equal(again.predict_table(table), uneven.predict_table(table))
    assert (again.weights, again.temperature) == ((0.3, 0.7), temperature)


def test_weights_that_make_no_sense_are_refused(model: Predictor) -> None:
    for weights in ((1.0,), (0.5, 0.6), (2.0, -1.0)):
        with pytest.raises(ModelError, match="weights"):
            replace(model, weights=weights)
    with pytest.raises(ModelError, match="weights"):
        replace(model, temperature=-1.0)
    assert model.weights == (0.5, 0.5)


def test_a_value_has_no_temperature() -> None:
    with pytest.raises(ModelError):
        replace(small.predictor("regression", "lightgbm"), temperature=2.0)


def test_files_from_before_weights_load_as_they_did(model: Predictor) -> None:
    files = predictor_files(model)
    plain = json.loads(files["model.json"])
    for key in ("weights", "temperature", "encoders"):
        del plain[key]
    assert plain.keys() == {"name", "family", "task", "metric", "members", "format_version"}
    old = load_predictor(files | {"model.json": json.dumps(plain).encode()})
    table = small.table(30, seed=6)
    assert np.array_equal(old.predict_table(table), model.predict_table(table))


def test_a_model_of_other_columns_or_classes_is_refused(model: Predictor) -> None:
    files = predictor_files(model)
    schema = json.loads(files["schema.json"])
    if model.task == "regression":
        return
    schema["target"]["labels"].append("another")
    with pytest.raises(ModelError):
        load_predictor(files | {"schema.json": json.dumps(schema).encode()})


@pytest.mark.parametrize("values", [[1.5, -0.5], [0.5, 0.4], [0.0, 0.0]])
def test_a_model_whose_predictions_are_no_probabilities_is_refused(values: list[float]) -> None:
    files = predictor_files(small.predictor("binary", "constant"))
    _edit(files, "members/0/constant.json", values=values)
    with pytest.raises(ModelError, match="predicts no numbers that make sense"):
        load_predictor(files)


def test_a_prediction_types_only_the_columns_that_encoders_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = small.predictor("binary", "lightgbm")
    names = {column.name for column in model.columns}
    seen: list[str] = []

    def parsed(table: pa.Table, columns: Sequence[Column]) -> TypedTable:
        seen.extend(column.name for column in columns)
        return parse_table(table, columns)

    monkeypatch.setattr(predictor_module, "parse_table", parsed)
    table = small.table(12)
    expected = model.predict(parse_table(table, model.columns)).tolist()
    assert model.predict_table(table).tolist() == expected
    assert names - set(seen) == {"empty"}  # which has nothing to tell
    seen.clear()
    scored = make_scorer(predictor_files(model)).score(table)
    assert scored["probability_yes"].to_pylist() == [row[1] for row in expected]
    assert names - set(seen) == {"empty"}
