"""Predictors of several trials become one whose encoders are stored, and run, once."""

from __future__ import annotations

import json

import numpy as np
import pytest

from automl_core.errors import ModelError
from automl_core.export import predictor as predictor_module
from automl_core.export.predictor import Predictor, load_member, load_predictor, predictor_files
from automl_core.export.predictor_files import (
    ModelRecord,
    combine_files,
    share_encoders,
    split_members,
)
from automl_core.features.encode import Encoder
from automl_core.features.encoded_columns import Matrix
from automl_core.table.typed_table import TypedTable
from automl_core.types import Files, Task
from tests import small

TASKS: tuple[Task, ...] = ("binary", "multiclass", "regression")


@pytest.fixture(scope="module")
def files() -> Files:
    return predictor_files(small.predictor("binary", "lightgbm"))


def _edit(files: Files, name: str, **changes: object) -> None:
    files[name] = json.dumps(json.loads(files[name]) | changes).encode()


@pytest.fixture(scope="module", params=TASKS)
def pair(request: pytest.FixtureRequest) -> tuple[Predictor, Predictor]:
    """Two trials on the same folds and with the same encoding."""
    return small.predictor(request.param, "lightgbm"), small.predictor(request.param, "extra_trees")


def test_combined_files_predict_the_weighted_average(pair: tuple[Predictor, Predictor]) -> None:
    one, two = pair
    parts = [(predictor_files(one), 3.0), (predictor_files(two), 1.0)]
    combined = load_predictor(combine_files(parts, "ensemble"))
    table = small.table(50, seed=5)
    expected = 0.75 * one.predict_table(table) + 0.25 * two.predict_table(table)
    assert combined.predict_table(table) == pytest.approx(expected, rel=1e-12)
    assert combined.weights == pytest.approx((0.375, 0.375, 0.125, 0.125))
    assert (combined.name, combined.family, combined.metric) == ("ensemble", "ensemble", one.metric)


def test_equal_encoders_are_stored_and_run_once(
    pair: tuple[Predictor, Predictor], monkeypatch: pytest.MonkeyPatch
) -> None:
    files = combine_files([(predictor_files(p), 1.0) for p in pair], "ensemble")
    assert sorted(n for n in files if "encoder" in n) == ["encoders/0.json", "encoders/1.json"]
    assert json.loads(files["model.json"])["encoders"] == [0, 1, 0, 1]
    for part, member in zip(
        split_members(files), [m for p in pair for m in p.members], strict=True
    ):
        assert load_member(part).family == member.family
        assert load_member(part).encoder == member.encoder
    combined = load_predictor(files)
    calls = []
    original = Encoder.encode

    def counted(self: Encoder, typed: TypedTable) -> Matrix:
        calls.append(typed.rows)
        return original(self, typed)

    monkeypatch.setattr(Encoder, "encode", counted)
    combined.predict_table(small.table(30))
    assert calls == [30, 30]
    assert predictor_files(combined) == files


def test_rows_of_an_ensemble_do_not_depend_on_each_other(
    pair: tuple[Predictor, Predictor], monkeypatch: pytest.MonkeyPatch
) -> None:
    temperature = 1.0 if pair[0].task == "regression" else 0.8
    files = combine_files([(predictor_files(p), 1.0) for p in pair], "ensemble", temperature)
    combined, table = load_predictor(files), small.table(60, seed=2)
    whole = combined.predict_table(table)
    rows = [combined.predict_table(table.slice(i, 7)) for i in range(0, 60, 7)]
    assert np.concatenate(rows) == pytest.approx(whole, rel=1e-9, abs=1e-9)
    monkeypatch.setattr(predictor_module, "CHUNK_BYTES", 1000)
    assert combined.predict_table(table) == pytest.approx(whole, rel=1e-9, abs=1e-9)
    assert combined.predict_table(small.table(0)).shape == whole[:0].shape


def test_what_cannot_be_averaged_is_refused(files: Files) -> None:
    with pytest.raises(ModelError, match="no model"):
        combine_files([(files, 0.0)], "ensemble")
    other = dict(files)
    _edit(other, "schema.json", target_name="another")
    with pytest.raises(ModelError, match="different columns"):
        combine_files([(files, 1.0), (other, 1.0)], "ensemble")
    warm = dict(files)
    _edit(warm, "model.json", temperature=2.0)
    with pytest.raises(ModelError, match="calibrated"):
        combine_files([(files, 1.0), (warm, 1.0)], "ensemble")
    with pytest.raises(ModelError):
        combine_files([(files, 1.0), ({}, 1.0)], "ensemble")
    missing = {n: d for n, d in files.items() if not n.startswith("members/1/")}
    with pytest.raises(ModelError):
        combine_files([(files, 1.0), (missing, 1.0)], "ensemble")


def test_an_ensemble_cut_or_emptied_is_one_model_error(pair: tuple[Predictor, Predictor]) -> None:
    files = combine_files([(predictor_files(p), 1.0) for p in pair], "ensemble")
    for name, content in files.items():
        rest = {n: d for n, d in files.items() if n != name}
        for damaged in (rest, rest | {name: b""}, rest | {name: content[: len(content) // 2]}):
            with pytest.raises(ModelError):
                load_predictor(damaged)


def test_encoders_that_differ_stay_with_their_members(files: Files) -> None:
    """A trial's folds have encoders of their own: each member's files stand for themselves."""
    assert not any(name.startswith("encoders/") for name in files)
    assert share_encoders(files) == files
    assert [load_member(part).family for part in split_members(files)] == ["lightgbm"] * 2
    assert ModelRecord("a", "b", "binary", "f1", 2).encoders == ()
