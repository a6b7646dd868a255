"""A request is held against the table, and refused in words where it makes no sense."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from automl_core.errors import AutoMLError, SpecError, TableError
from automl_core.records import RecordError
from automl_core.runs.record import Budget, RunOptions, RunSpec, TrainRequest, parse_seconds
from automl_core.runs.record.spec import spec_from_plain, spec_to_plain
from automl_core.runs.setup.spec_builder import apply_roles, build_spec
from automl_core.table.inference.schema_inference import infer_schema
from automl_core.table.store import TableInfo
from tests.options import changed
from tests.runs.tables import small_run, small_table

ASKED = TrainRequest("answer", RunOptions(Budget(seconds=10)))


def build(request: TrainRequest, table: pa.Table | None = None) -> RunSpec:
    table = small_table() if table is None else table
    info = TableInfo("0" * 32, "small.csv", table.num_rows, table.num_columns, {})
    schema = apply_roles(table, infer_schema(table), request)
    return build_spec(table, info, schema, request)


def test_auto_is_decided_from_the_table() -> None:
    spec = build(ASKED)
    assert (spec.task, spec.metric, spec.positive) == ("binary", "roc_auc", "yes")
    number = build(replace(ASKED, target="other"))
    assert (number.task, number.metric, number.positive) == ("regression", "rmse", None)
    several = build(replace(ASKED, target="colour"))
    assert (several.task, several.metric) == ("multiclass", "log_loss")


@pytest.mark.parametrize(
    ("budget", "words"),
    [
        (Budget(seconds=91), "A budget of 91 s is more than the 90 s that a run may take here"),
        (Budget(trials=1), "A number of trials has no limit of time, and a run may take 90 s"),
        (Budget(seconds=90), ""),
    ],
)
def test_a_budget_beyond_the_limit_of_the_server_is_refused(
    monkeypatch: pytest.MonkeyPatch, budget: Budget, words: str
) -> None:
    monkeypatch.setenv("TORCHLIGHT_MAX_BUDGET_SECONDS", "90")
    request = replace(ASKED, options=RunOptions(budget))
    if not words:
        assert build(request).options.budget == budget
        return
    with pytest.raises(SpecError, match=words) as refused:
        build(request)
    assert "TORCHLIGHT_MAX_BUDGET_SECONDS" in refused.value.hint


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"target": "anwser"}, "Did you mean 'answer'"),
        ({"metric": "rmse"}, "does not fit a binary task"),
        ({"metric": "auc_roc"}, "one of: 'auto', 'roc_auc'"),
        ({"task": "binari"}, "Did you mean 'binary'"),
        ({"positive": "yess"}, "Did you mean 'yes'"),
        ({"target": "other", "positive": "yes"}, "two classes"),
        ({"weight": "colour"}, "no numbers"),
        ({"weight": "answer"}, "weight column as well"),
        ({"drop": ("answer",)}, "among the columns to drop"),
        ({"drop": ("nothing",)}, "no column"),
        ({"drop": ("size", "colour", "other")}, "No column is left"),
        ({"families": ("xgboost",)}, "no model family"),
        ({"copies": "dorp"}, "Did you mean 'drop'"),
        ({"workers": 1000}, "from 0 to 256"),
        ({"families": ("constant",)}, "at least one other"),
        ({"weight": "other"}, "negative"),
        ({"test_fraction": 0.9}, "from 0 to 0.5"),
        ({"folds": -3}, "from 1 to 50"),
        ({"seed": -1}, "seed cannot be -1"),
        ({"group": "colur"}, "Did you mean 'colour'"),
        ({"group": "answer"}, "target cannot be the group"),
        ({"time": "tme"}, "no column"),
        ({"time": "answer"}, "target cannot be the time"),
        ({"time": "colour"}, "neither dates nor numbers"),
        ({"time": "other", "folds": 5}, "only the latest rows"),
        ({"time": "other", "group": "colour"}, "not both"),
        ({"group": "colour", "drop": ("size", "other")}, "No column is left"),
        ({"max_predict_ms": 0.0}, "above 0"),
        ({"max_predict_ms": float("nan")}, "above 0"),
        ({"max_size_mb": -1.0}, "above 0"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(change: dict[str, Any], words: str) -> None:
    with pytest.raises(AutoMLError, match=words):
        build(changed(ASKED, **change))


@pytest.mark.parametrize(
    ("values", "asked", "label"),
    [([0, 1], "1.0", "1"), ([0.0, 1.0], "0.0", "0"), ([False, True], "False", "false"),
     (["True", "False"], "False", "False")],
)  # fmt: skip
def test_the_positive_label_may_be_spelled_as_in_the_table(
    values: list[Any], asked: str, label: str
) -> None:
    table = small_table()
    table = table.append_column("flag", pa.array(values * (table.num_rows // 2)))
    assert build(replace(ASKED, target="flag", positive=asked), table).positive == label


def test_weights_are_taken_from_a_column_that_is_given_that_role() -> None:
    table = small_table()
    table = table.append_column("often", pa.array([0, 1, 2] * (table.num_rows // 3)))
    assert build(replace(ASKED, roles=(("often", "weight"),)), table).options.weight == "often"
    none = table.set_column(4, "often", pa.array([0] * table.num_rows))
    with pytest.raises(SpecError, match="none above 0"):
        build(changed(ASKED, weight="often"), none)


def with_columns(**columns: list[Any]) -> pa.Table:
    table = small_table()
    for name, values in columns.items():
        cells = (values * table.num_rows)[: table.num_rows]
        table = table.append_column(name, pa.array(cells))
    return table


def test_limits_and_steering_columns_reach_the_spec() -> None:
    wanted = changed(ASKED, group="colour", max_predict_ms=0.5, max_size_mb=20.0, folds=4)
    spec = build(wanted)
    assert (spec.options.group, spec.options.time, spec.options.folds) == ("colour", None, 4)
    assert (spec.options.max_predict_ms, spec.options.max_size_mb) == (0.5, 20.0)
    assert build(changed(ASKED, time="other")).options.time == "other"


@pytest.mark.parametrize("role", ["group", "time"])
def test_a_role_means_the_same_as_a_flag(role: Any) -> None:
    table = with_columns(when=list(range(20)), shop=["a", "b", "c"])
    name = {"group": "shop", "time": "when"}[role]
    by_role = build(replace(ASKED, roles=((name, role),)), table)
    by_flag = build(changed(ASKED, **{role: name}), table)
    assert by_role == by_flag
    assert getattr(by_role.options, role) == name


def test_of_two_columns_with_a_role_one_has_to_be_named() -> None:
    table = with_columns(shop=["a", "b", "c"], town=["x", "y"])
    roles: Any = (("shop", "group"), ("town", "group"))
    with pytest.raises(SpecError, match="'shop' and 'town' have the role group"):
        build(replace(ASKED, roles=roles), table)
    assert build(changed(ASKED, roles=roles, group="town"), table).options.group == "town"


@pytest.mark.parametrize(
    ("change", "cells", "words"),
    [
        ({"group": "extra"}, ["one"], "single group"),
        ({"time": "extra"}, [None], "no time in any row"),
        ({"time": "extra"}, ["2020-01-01"], "same time"),
        ({"time": "extra"}, [7], "same time"),
    ],
)
def test_a_column_that_cannot_steer(change: Any, cells: list[Any], words: str) -> None:
    with pytest.raises(SpecError, match=words):
        build(changed(ASKED, **change), with_columns(extra=cells))


def test_rows_without_a_group_are_groups_of_their_own() -> None:
    assert (
        build(changed(ASKED, group="extra"), with_columns(extra=["a", None])).options.group
        == "extra"
    )


def test_constant_and_missing_targets_are_refused() -> None:
    table = small_table()
    constant = table.append_column("same", pa.array(["x"] * table.num_rows))
    with pytest.raises(TableError):
        build(replace(ASKED, target="same"), constant)
    missing = table.append_column("none", pa.nulls(table.num_rows, pa.string()))
    with pytest.raises(TableError):
        build(replace(ASKED, target="none"), missing)


def test_a_spec_survives_the_disk_and_unknown_keys_are_refused(workspace: Path) -> None:
    spec, _ = small_run(workspace, Budget(trials=3))
    spec = changed(spec, folds=4, copies="drop", device="cpu")
    plain = spec_to_plain(spec)
    assert spec_from_plain(plain) == spec
    assert plain["validation"] == {"folds": 4, "test_fraction": -1.0}  # as 0.5.0 wrote it
    assert plain["copies"] == "drop"
    with pytest.raises(RecordError, match="Did you mean 'metric'"):
        spec_from_plain({**plain, "metrik": "f1"})
    for name in ("target", "budget"):
        with pytest.raises(RecordError, match=f"lacks the key '{name}'"):
            spec_from_plain({k: v for k, v in plain.items() if k != name})
    for damaged in ([], {**plain, "validation": 3}, {**plain, "validation": {"fold": 3}}):
        with pytest.raises(RecordError):
            spec_from_plain(damaged)


@pytest.mark.parametrize(
    ("text", "seconds"), [("120s", 120), ("5m", 300), ("1h30m", 5400), ("45", 45), ("1.5s", 1.5)]
)
def test_budgets_in_words(text: str, seconds: float) -> None:
    assert parse_seconds(text) == seconds


@pytest.mark.parametrize("text", ["", "soon", "-5s", "5x", "s"])
def test_rubbish_is_no_budget(text: str) -> None:
    with pytest.raises(SpecError):
        parse_seconds(text)


def test_a_budget_is_seconds_or_trials_and_within_bounds() -> None:
    for wrong in ({}, {"seconds": 5.0, "trials": 3}, {"seconds": 0.1}, {"trials": 0}):
        with pytest.raises(SpecError):
            Budget(**wrong)  # type: ignore[arg-type]
