"""The choice of columns in a run: when it is asked for, and what trials then see."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from automl_core.export.predictor import load_predictor
from automl_core.feature_selection import Chosen, Dropped
from automl_core.runs.coordinator import column_selection
from automl_core.runs.coordinator.column_selection import ColumnSelection
from automl_core.runs.coordinator.coordinator import conduct
from automl_core.runs.executor.results import ColumnsSelected
from automl_core.runs.executor.tasks import ALL_FOLDS, VisibleFeatures
from automl_core.runs.record import Budget, RunOptions, TrainRequest
from automl_core.runs.record.commands import hold
from automl_core.runs.record.folder import RunFolder
from automl_core.runs.record.reader import RunReader
from automl_core.runs.record.state import RunState
from automl_core.runs.schedule import TimeBudget
from automl_core.runs.setup.run_data import prepare_run_data
from automl_core.types import DropReason, Origin
from tests.options import changed
from tests.runs.inline import InlineExecutor
from tests.runs.tables import stored_run

QUICK = ("lightgbm", "linear")


def noisy(rows: int, noise: int) -> pa.Table:
    """Two columns that tell, and so many that do not."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(rows, noise + 2))
    answer = np.where(2 * x[:, 0] + 2 * x[:, 1] + rng.normal(size=rows) > 0, "yes", "no")
    names = ["first", "second", *(f"noise {i}" for i in range(noise))]
    return pa.table({**{n: x[:, i] for i, n in enumerate(names)}, "answer": answer})


def asked(trials: int, folds: int) -> TrainRequest:
    """Two quick families, and so many trials."""
    return TrainRequest("answer", RunOptions(Budget(trials=trials), families=QUICK, folds=folds))


def run(workspace: Path, table: pa.Table, out: Path, request: TrainRequest) -> RunState:
    """A whole run, in this process."""
    spec, schema = stored_run(workspace, table, request)
    folder = RunFolder(out)
    folder.create(spec, schema)
    with hold(out):
        return conduct(folder, InlineExecutor(), workspace, time.monotonic(), 1)


@pytest.fixture(scope="module")
def of_many_rows(tmp_path_factory: pytest.TempPathFactory) -> tuple[RunState, RunFolder]:
    """A finished run with many rows for its columns; read only."""
    out = tmp_path_factory.mktemp("many") / "run"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(column_selection, "MANY_ROWS", 900)
        state = run(out.parent, noisy(900, 38), out, asked(trials=2, folds=2))
    return state, RunFolder(out)


@pytest.fixture(scope="module")
def of_few_rows(tmp_path_factory: pytest.TempPathFactory) -> tuple[RunState, RunFolder]:
    """A finished run with few rows for its columns; read only."""
    out = tmp_path_factory.mktemp("few") / "run"
    return run(out.parent, noisy(120, 60), out, asked(trials=4, folds=3)), RunFolder(out)


def test_one_list_serves_all_folds_where_rows_are_many(
    of_many_rows: tuple[RunState, RunFolder],
) -> None:
    state, folder = of_many_rows
    event = state.features
    assert event is not None
    assert event.lists == 1
    assert {"first", "second"} <= set(event.kept)
    assert len(event.kept) < 10
    names = [*event.kept, *(d.name for d in event.dropped)]
    assert sorted(names) == sorted(set(noisy(9, 38).column_names[:-1]))
    assert RunReader(folder).refresh() == state


def test_the_first_model_sees_all_columns_and_comes_again_with_the_chosen_ones(
    of_many_rows: tuple[RunState, RunFolder],
) -> None:
    state, folder = of_many_rows
    assert state.features is not None
    first, again = state.trials[1], state.trials[2]
    assert (first.selected, again.selected) == (False, True)
    assert (first.family, first.config) == (again.family, again.config)
    read = [
        {c.name for m in load_predictor(folder.model_files(n)).members for c in m.encoder.columns}
        for n in (1, 2)
    ]
    assert len(read[0]) == 40
    assert read[1] == set(state.features.kept)


def test_families_take_turns_where_rows_are_few(of_few_rows: tuple[RunState, RunFolder]) -> None:
    state, _ = of_few_rows
    assert state.features is not None
    assert state.features.dropped
    seen: dict[str, list[bool]] = {}
    for trial in state.trials.values():
        if trial.origin != Origin.BASELINE:
            seen.setdefault(trial.family, []).append(trial.selected)
    assert max(len(turns) for turns in seen.values()) > 1
    assert all(turns == [i % 2 == 1 for i in range(len(turns))] for turns in seen.values())


def test_each_fold_has_a_list_of_its_own_where_rows_are_few(
    of_few_rows: tuple[RunState, RunFolder],
) -> None:
    state, folder = of_few_rows
    assert state.features is not None
    assert state.features.lists == 3
    assert len(state.features.tried) == 2  # all, and those that are kept
    chosen = next(t.number for t in state.trials.values() if t.selected)
    members = load_predictor(folder.model_files(chosen)).members
    assert len({tuple(c.name for c in m.encoder.columns) for m in members}) > 1


@pytest.mark.parametrize(
    ("table", "changes"),
    [
        (noisy(300, 20), {"columns": "all"}),
        (noisy(300, 1), {}),
        (noisy(300, 20), {"budget": Budget(seconds=10)}),
    ],
)
def test_where_it_is_not_asked_for_nothing_is_chosen(
    workspace: Path, table: pa.Table, changes: dict[str, object]
) -> None:
    spec, schema = stored_run(
        workspace, table, TrainRequest("answer", RunOptions(Budget(trials=3)))
    )
    setting = prepare_run_data(spec, schema, workspace)
    spec = changed(spec, **changes)  # type: ignore[arg-type]
    selection = ColumnSelection(spec, setting, TimeBudget(spec.options.budget.seconds, 1, 0.0))
    assert selection.next_task() is None
    assert selection.is_answered
    assert selection.seen(0) == VisibleFeatures()


@pytest.mark.parametrize(("rows", "fold", "share"), [(6_500, ALL_FOLDS, 1.0), (900, 0, 0.25)])
def test_under_a_clock_it_takes_a_small_part_of_the_budget(
    workspace: Path, rows: int, fold: int, share: float
) -> None:
    """With few rows each of 8 folds chooses for itself, by 4 workers, whatever the columns."""
    request = TrainRequest("answer", RunOptions(Budget(seconds=100), folds=8))
    spec, schema = stored_run(workspace, noisy(rows, 20), request)
    data = prepare_run_data(spec, schema, workspace)
    selection = ColumnSelection(spec, data, TimeBudget(100.0, 4, 0.0))
    asked = selection.next_task()
    assert asked is not None
    task, chosen_from = asked
    assert task.fold == fold
    assert task.seconds == pytest.approx(12.0 * share)
    assert task.pair_seconds == pytest.approx(8.0 * share)
    assert not np.isin(chosen_from, data.folds.test).any()
    assert np.isin(chosen_from, data.folds.valid[0]).any() == (fold == ALL_FOLDS)


def test_columns_of_a_further_fold_are_chosen_where_time_suffices(workspace: Path) -> None:
    request = TrainRequest("answer", RunOptions(Budget(seconds=100), folds=4))
    spec, schema = stored_run(workspace, noisy(900, 20), request)
    data = prepare_run_data(spec, schema, workspace)
    selection = ColumnSelection(spec, data, TimeBudget(100.0, 2, 0.0))
    assert selection.seconds_until(0) == pytest.approx((12 + 8) * 0.5 / 2)  # nothing is known
    first = selection.next_task(left=4.0)
    assert first is not None
    task, _ = first  # a fold that every trial has: at once, in the time that is left
    assert (task.fold, task.seconds, task.pair_seconds) == (0, pytest.approx(3.0), 1.0)
    for fold in range(data.first):
        chosen = Chosen(("first",), (Dropped("second", DropReason.SPARE, "", 0.0),), 0.0, ())
        selection.take(fold, ColumnsSelected(chosen, 2.0))
    further = data.first
    while selection.next_task(left=4.0):
        pass
    assert selection.seen(further) is None and selection.seconds_until(further) == 2.0
    assert selection.next_task(left=1.9) is None
    asked = selection.next_task(left=2.1)
    assert asked is not None and asked[0].fold == further
    assert asked[0].seconds is not None and asked[0].seconds <= 2.1


def test_a_choice_that_failed_leaves_all_columns(workspace: Path) -> None:
    spec, schema = stored_run(
        workspace, noisy(900, 20), TrainRequest("answer", RunOptions(Budget(trials=3)))
    )
    selection = ColumnSelection(
        spec, prepare_run_data(spec, schema, workspace), TimeBudget(None, 1, 0.0)
    )
    assert selection.seen(0) is None
    while asked := selection.next_task():
        selection.miss(asked[0].fold)
    assert selection.is_answered
    assert selection.seen(0) == VisibleFeatures()
    assert selection.event() is None


def ratio(rows: int) -> pa.Table:
    """A value that is one column over another, times what a third says, and two of noise."""
    rng = np.random.default_rng(0)
    x = rng.uniform(1, 9, size=(rows, 5))
    y = x[:, 0] / x[:, 1] * (1 + x[:, 2]) + rng.normal(scale=0.3, size=rows)
    names = ("length", "width", "weight", "noise 1", "noise 2")
    return pa.table({**{n: x[:, i] for i, n in enumerate(names)}, "value": y})


def test_a_pair_that_pays_reaches_later_trials_importance_and_a_note(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(column_selection, "MANY_ROWS", 400)
    request = TrainRequest("value", RunOptions(Budget(trials=3), families=QUICK, folds=2))
    out = workspace / "runs" / "pairs"
    state = run(workspace, ratio(600), out, request)
    assert state.features is not None
    pairs = state.features.pairs
    assert pairs is not None and "length ÷ width" in pairs.names
    assert pairs.better > 2 * pairs.error > 0
    assert any("'length ÷ width'" in note.message for _, note in state.notes)
    members = load_predictor(RunFolder(out).model_files(2)).members
    assert all("length ÷ width" in {f.source for f in m.encoder.features} for m in members)
    assert RunReader(RunFolder(out)).refresh() == state


def test_plain_features_have_no_pairs(workspace: Path) -> None:
    request = TrainRequest(
        "value", RunOptions(Budget(trials=2), families=QUICK, folds=2, features="plain")
    )
    state = run(workspace, ratio(600), workspace / "runs" / "plain", request)
    assert state.features is not None
    assert state.features.pairs is None


@pytest.mark.parametrize("by", ["group", "time"])
def test_groups_and_times_part_the_rows_of_a_choice(
    workspace: Path, by: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(column_selection, "MANY_ROWS", 700)
    steering = np.arange(900) % 90
    table = noisy(900, 38).append_column("steer", pa.array(steering))
    request = changed(
        TrainRequest("answer", RunOptions(Budget(trials=2), families=QUICK)), **{by: "steer"}
    )  # type: ignore[arg-type]
    spec, schema = stored_run(workspace, table, request)
    parted = prepare_run_data(spec, schema, workspace).parted
    assert parted is not None
    if by == "group":
        assert (parted == steering).all()
    else:
        assert len(set(parted)) == 20 and (np.diff(parted[np.argsort(steering)]) >= 0).all()
    state = run(workspace, table, workspace / "runs" / by, request)
    assert state.features is not None
    assert {"first", "second"} <= set(state.features.kept)
    assert len(state.features.kept) < 20
