"""The ground of a run: rows set apart as asked for, what models see, and why."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from automl_core.errors import TableError
from automl_core.runs.record import Budget, RunOptions, TrainRequest
from automl_core.runs.setup import run_data as setting_module
from automl_core.runs.setup.run_data import RunData, prepare_run_data
from automl_core.runs.worker.dataset import encode_fold
from automl_core.table.store import open_table
from tests.options import changed
from tests.runs.tables import stored_run

ROWS = 400


def table(rows: int = ROWS, **columns: Any) -> pa.Table:
    rng = np.random.default_rng(0)
    cells = {"x": rng.normal(size=rows), "z": rng.normal(size=rows)}
    answer = np.where(rng.random(rows) < 0.4, "yes", "no")
    return pa.table(cells | {name: pa.array(v) for name, v in columns.items()} | {"y": answer})


def ground(root: Path, stored: pa.Table, request: TrainRequest, workers: int = 2) -> RunData:
    return prepare_run_data(*stored_run(root, stored, request), root, workers)


ASKED = TrainRequest("y", RunOptions(Budget(seconds=600)))


def names(setting: RunData) -> list[str]:
    return [c.name for c in setting.link.columns]


def test_folds_are_as_planned_and_the_reason_is_kept(workspace: Path) -> None:
    made = ground(workspace, table(), ASKED)
    assert (made.folds.k, made.folds.repeats) == (made.validation.k, made.validation.repeats)
    assert made.folds.k == 8 and made.folds.repeats == 5
    assert "400 rows, 600 s on 2 workers" in made.validation.reason
    asked = ground(workspace, table(), changed(ASKED, folds=3))
    assert asked.folds.k == 3 and "as asked for" in asked.validation.reason


def test_with_trials_nothing_is_measured(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def measured() -> float:
        raise AssertionError("a run by trials must not depend on the machine")

    monkeypatch.setattr(setting_module, "measure_speed", measured)
    request = changed(ASKED, budget=Budget(trials=3))
    first = ground(workspace, table(12_000), request, workers=1)
    second = ground(workspace, table(12_000), request, workers=64)
    assert first.folds.k == second.folds.k == 3
    assert first.validation.reason == second.validation.reason
    ground(workspace, table(), changed(ASKED, folds=2))  # nor where the folds were asked for


def test_groups_stay_on_one_side_and_no_model_sees_them(workspace: Path) -> None:
    shops: list[Any] = [f"s{i % 23}" for i in range(ROWS)]
    shops[7] = shops[100] = None
    made = ground(workspace, table(shop=shops), changed(ASKED, group="shop", test_fraction=0.2))
    assert names(made) == ["x", "z"]
    assert "Rows of one 'shop' stay together" in made.validation.reason
    for train, valid in zip(made.folds.train, made.folds.valid, strict=True):
        parts = [{shops[i] for i in part} - {None} for part in (train, valid, made.folds.test)]
        assert not (parts[0] & parts[1] or parts[0] & parts[2] or parts[1] & parts[2])


def test_fewer_groups_than_folds_are_said(workspace: Path) -> None:
    made = ground(workspace, table(shop=["a", "b", "c", "d"] * 100), changed(ASKED, group="shop"))
    assert made.folds.k == made.validation.k == 4
    assert made.folds.repeats == made.validation.repeats == 1  # there is but one such partition
    assert made.validation.reason.startswith("4-fold")
    assert "More than 4 folds are not possible" in made.validation.reason


def test_one_group_among_the_rows_with_a_target(workspace: Path) -> None:
    stored = table(shop=["a"] * 300 + ["b"] * 100)
    answer = stored["y"].to_pylist()[:300] + [None] * 100
    stored = stored.set_column(3, "y", pa.array(answer))
    with pytest.raises(TableError, match="two different groups"):
        ground(workspace, stored, changed(ASKED, group="shop"))


def test_numbers_are_groups_too(workspace: Path) -> None:
    numbers = [float(i % 9) if i % 50 else None for i in range(ROWS)]
    made = ground(workspace, table(shop=numbers), changed(ASKED, group="shop", folds=3))
    valid = {numbers[i] for i in made.folds.valid[0]} - {None}
    assert not valid & {numbers[i] for i in made.folds.train[0]}
    assert names(made) == ["x", "z"]


DAYS = [f"2024-{1 + i // 28 % 12:02d}-{1 + i % 28:02d}" for i in range(ROWS)]


@pytest.mark.parametrize(
    ("cells", "change", "seen"),
    [
        (DAYS, {"time": "when"}, True),
        (DAYS, {"roles": (("when", "time"),)}, True),
        (np.arange(ROWS) * 1.5, {"time": "when"}, False),
        (np.arange(ROWS) * 1.5, {"roles": (("when", "time"),)}, False),
        (np.arange(ROWS), {"time": "when"}, False),  # taken for an id
        (np.arange(ROWS), {"roles": (("when", "time"),)}, False),
    ],
)
def test_the_latest_rows_validate(workspace: Path, cells: Any, change: Any, seen: bool) -> None:
    made = ground(workspace, table(when=cells), changed(ASKED, **change))
    assert (made.folds.k, made.folds.repeats) == (1, 1)
    assert "by 'when'" in made.validation.reason
    order = [cells[i] for i in made.folds.train[0]], [cells[i] for i in made.folds.valid[0]]
    assert max(order[0]) < min(order[1])
    assert ("when" in names(made)) == seen


def test_rows_without_a_time_are_counted(workspace: Path) -> None:
    cells = [None if i % 10 == 0 else i * 1.5 for i in range(ROWS)]
    made = ground(workspace, table(when=cells), changed(ASKED, time="when"))
    assert "without a time (40)" in made.validation.reason
    assert set(range(0, ROWS, 10)) <= set(made.folds.train[0].tolist())


def answers(kind: str) -> pa.Table:
    n = {"ten rows": 10, "ten rows, two of one class": 10}.get(kind, 1_000)
    y: Any = ["a", "b"] * (n // 2)
    if kind == "ten rows, two of one class":
        y = ["a", "a", *["b"] * 8]
    if kind == "two rows of a class":
        y = ["rare", "rare", *["a", "b"] * 499]
    if kind == "a class with one row":
        y = ["rare", "a", *["a", "b"] * 499]
    if kind == "500 classes":
        y = [f"c{i % 500}" for i in range(n)]
    return pa.table({"x": np.arange(n) * 0.1, "y": pa.array(y)})


@pytest.mark.parametrize("folds", [0, 1, 2, 8])
@pytest.mark.parametrize(
    "kind",
    ["ten rows", "ten rows, two of one class", "two rows of a class", "a class with one row",
     "500 classes"],
)  # fmt: skip
def test_rare_classes_train_in_every_fold(workspace: Path, kind: str, folds: int) -> None:
    made = ground(workspace, answers(kind), changed(ASKED, folds=folds, task="multiclass"))
    classes = len(made.link.coder.labels)
    for train, valid in zip(made.folds.train, made.folds.valid, strict=True):
        assert len(np.unique(made.truth.y[train])) == classes
        assert len(valid)


def test_a_fold_with_groups_can_be_encoded(workspace: Path) -> None:
    stored = table(shop=[f"s{i % 23}" for i in range(ROWS)])
    made = ground(workspace, stored, changed(ASKED, group="shop"))
    from automl_core.models.catalog import model_spec

    fold = encode_fold(
        made.link, made.folds.train[0], made.folds.valid[0], model_spec("lightgbm").encoding
    )
    assert fold.fit.x.shape == (len(made.folds.train[0]), 2)
    assert open_table(made.link.table, workspace).num_rows == ROWS


def test_copies_of_a_row_stay_together_or_count_once(workspace: Path) -> None:
    half = table(200)
    twice = pa.concat_tables([half, half])
    request = changed(ASKED, folds=3, test_fraction=0.0)
    together = ground(workspace, twice, changed(request, copies="together"))
    for train, valid in zip(together.folds.train, together.folds.valid, strict=True):
        assert not {int(r) % 200 for r in train} & {int(r) % 200 for r in valid}
    assert "Duplicate rows stay together" in together.validation.reason
    once = ground(workspace, twice, changed(request, copies="drop"))
    assert sorted(np.concatenate(once.folds.valid[:3]).tolist()) == list(range(200))
    assert once.rows_without_target == 0
    kept = ground(workspace, twice, request)
    assert any(
        {int(r) % 200 for r in train} & {int(r) % 200 for r in valid}
        for train, valid in zip(kept.folds.train, kept.folds.valid, strict=True)
    )


def test_copies_and_groups_are_kept_together_both(workspace: Path) -> None:
    half = table(100, who=[f"p{i // 2}" for i in range(100)])
    other = half.set_column(half.column_names.index("who"), "who", [[f"q{i}" for i in range(100)]])
    request = changed(ASKED, folds=2, test_fraction=0.0, copies="together", group="who")
    made = ground(workspace, pa.concat_tables([half, other]), request)
    for train, valid in zip(made.folds.train, made.folds.valid, strict=True):
        assert not {int(r) % 100 // 2 for r in train} & {int(r) % 100 // 2 for r in valid}
