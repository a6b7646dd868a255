"""Models fitted once more on all rows at the end of a run with one holdout."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from automl_core.errors import ModelError
from automl_core.export.predictor import load_predictor
from automl_core.models import catalog
from automl_core.models.base import FitControl, FitData, FitResult, ModelSpec
from automl_core.runs.coordinator.coordinator import conduct
from automl_core.runs.coordinator.refit_plan import TREES, Refit, RefitPlanner
from automl_core.runs.coordinator.trial_tracker import fit_facts
from automl_core.runs.executor.results import FoldFitted
from automl_core.runs.record import Budget, RunOptions, RunSpec, TableLink, TrainRequest
from automl_core.runs.record import events as e
from automl_core.runs.record.commands import hold, send_command
from automl_core.runs.record.events import ENSEMBLE
from automl_core.runs.record.final_model import refit_words
from automl_core.runs.record.folder import RunFolder, trial_files
from automl_core.runs.record.state import RunState
from automl_core.runs.schedule import TimeBudget
from automl_core.splitting.folds import Folds
from automl_core.table.schema import Schema
from automl_core.table.store import open_table
from automl_core.types import Config, Origin, RunStatus, StopReason, TrialStatus
from tests.options import changed
from tests.runs.inline import InlineExecutor
from tests.runs.tables import stored_run

ROWS = 400


def noisy_table() -> pa.Table:
    """A number that says something, one that tells rows apart, and noise in the target."""
    random = np.random.default_rng(0)
    x, own = random.normal(size=ROWS), random.normal(size=ROWS)
    return pa.table({"x": x, "own": own, "y": 3 * x + random.normal(scale=2, size=ROWS)})


def holdout_run(
    root: Path, families: tuple[str, ...], budget: Budget, folds: int = 1
) -> tuple[RunSpec, Schema]:
    request = TrainRequest(
        "y", RunOptions(budget, folds=folds, families=families, test_fraction=0.1)
    )
    return stored_run(root, noisy_table(), request)


def conduct_inline(run: tuple[RunSpec, Schema], root: Path) -> tuple[RunState, RunFolder]:
    folder = RunFolder(root / "runs" / "refit")
    folder.create(*run)
    with hold(folder.path):
        return conduct(folder, InlineExecutor(), root, time.monotonic(), 1), folder


def members_of(state: RunState) -> tuple[int, ...]:
    assert state.finished is not None
    if state.finished.best != ENSEMBLE:
        return (state.finished.best or 0,)
    assert state.ensemble is not None
    return state.ensemble.trials


def test_the_final_model_has_seen_all_rows_and_scores_stay_those_of_before(
    workspace: Path,
) -> None:
    run = holdout_run(workspace, ("extra_trees", "lightgbm"), Budget(trials=3))
    state, folder = conduct_inline(run, workspace)
    assert state.finished is not None
    assert state.finished.refitted == members_of(state)
    best = state.finished.best
    assert best is not None
    folds, table = folder.folds(), open_table(run[0].table.hash, workspace)
    y = np.asarray(table["y"])
    final = load_predictor(folder.model_files(best)).predict_table(table)
    held = folder.out_of_fold(best)

    def error(rows: np.ndarray, prediction: np.ndarray) -> float:
        return float(np.sqrt(np.mean((y[rows] - prediction) ** 2)))

    valid = folds.valid[0]
    assert error(valid, final[valid]) < 0.9 * error(held.rows, held.prediction)
    for trial in members_of(state):  # a trial's own page shows the model that its score is of
        before = load_predictor(trial_files(folder, trial)).predict_table(table)
        oof = folder.out_of_fold(trial)
        assert before[oof.rows] == pytest.approx(oof.prediction, abs=1e-6)


def test_the_test_rows_are_scored_with_the_model_that_is_delivered(workspace: Path) -> None:
    run = holdout_run(workspace, ("extra_trees",), Budget(trials=2))
    state, folder = conduct_inline(run, workspace)
    assert state.finished is not None
    best = state.finished.best
    assert best is not None
    table, rows = open_table(run[0].table.hash, workspace), folder.folds().test
    final = load_predictor(folder.model_files(best)).predict_table(table)[rows]
    wanted = float(np.sqrt(np.mean((np.asarray(table["y"])[rows] - final) ** 2)))
    assert state.finished.test_score == pytest.approx(wanted)


def test_a_run_says_what_was_refitted_in_its_log_and_in_final_json(workspace: Path) -> None:
    run = holdout_run(workspace, ("knn",), Budget(trials=1))
    state, folder = conduct_inline(run, workspace)
    assert state.finished is not None
    plain = json.loads((folder.path / "final" / "final.json").read_bytes())
    assert plain["refitted"] == [1] == list(state.finished.refitted)
    words = refit_words(state, state.finished.best or 0, state.finished.refitted)
    assert words.startswith("Refitted on all 360 rows")
    assert words in [note.message for _, note in state.notes]


def test_a_model_of_neighbours_knows_the_rows_that_validated(workspace: Path) -> None:
    run = holdout_run(workspace, ("knn",), Budget(trials=1))
    _, folder = conduct_inline(run, workspace)
    rows = []
    for refit in (False, True):
        member = load_predictor(trial_files(folder, 1, refit)).members[0].model
        rows.append((len(member.rows), member.record.k))  # type: ignore[attr-defined]
    folds = folder.folds()
    assert [count for count, _ in rows] == [len(folds.train[0]), 360]
    assert rows[0][1] == rows[1][1]


def test_of_folds_only_forests_and_neighbours_are_refitted(workspace: Path) -> None:
    run = holdout_run(workspace, ("lightgbm",), Budget(trials=1), folds=2)
    state, folder = conduct_inline(run, workspace)
    assert state.finished is not None and state.finished.refitted == ()
    assert not (folder.path / "final" / "refit.json").exists()


def test_one_forest_on_all_rows_stands_for_those_of_the_folds(workspace: Path) -> None:
    run = holdout_run(workspace, ("extra_trees",), Budget(trials=1), folds=2)
    state, folder = conduct_inline(run, workspace)
    assert state.finished is not None and state.finished.refitted == (1,)
    of_folds = load_predictor(trial_files(folder, 1)).members
    (whole,) = load_predictor(trial_files(folder, 1, True)).members
    assert len(of_folds) == 2
    counts = [len(m.model.trees.root) for m in (whole, of_folds[0])]  # type: ignore[attr-defined]
    assert counts[0] == TREES * counts[1]


def fits(monkeypatch: pytest.MonkeyPatch, seconds: float = 0.0, fails: bool = False) -> list[int]:
    """Fits on all rows take so long, or fail; the list counts them."""
    fit, seen = catalog.fit, []

    def slow(entry: ModelSpec, data: FitData, config: Config, control: FitControl) -> FitResult:
        if len(data.y_valid):
            return fit(entry, data, config, control)
        seen.append(len(data.y))
        if fails:
            raise ModelError("it cannot be")
        until = time.monotonic() + seconds
        while time.monotonic() < until and control.interrupted() is None:
            time.sleep(0.01)
        return fit(entry, data, config, control)

    monkeypatch.setattr(catalog, "fit", slow)
    return seen


def test_a_fit_that_fails_leaves_the_model_as_it_was_and_says_so(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fits(monkeypatch, fails=True)
    run = holdout_run(workspace, ("extra_trees",), Budget(trials=1))
    state, folder = conduct_inline(run, workspace)
    assert state.status == RunStatus.FINISHED
    assert state.finished is not None
    assert state.finished.refitted == ()
    assert any("it cannot be" in note.message for _, note in state.notes)
    assert folder.model_files(state.finished.best or 0)


def test_a_fit_that_takes_too_long_costs_nothing_but_the_time_kept_for_it(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = fits(monkeypatch, seconds=60)
    run = holdout_run(workspace, ("lightgbm",), Budget(seconds=4))
    began = time.monotonic()
    state, _ = conduct_inline(run, workspace)
    assert state.finished is not None
    assert seen
    assert state.finished.refitted == ()
    assert state.finished.test_score is not None
    assert time.monotonic() - began < 4 + 3  # the promise is 1 s; a loaded machine is allowed for


def test_a_run_that_is_stopped_refits_nothing(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = fits(monkeypatch)
    run = holdout_run(workspace, ("extra_trees",), Budget(trials=50))
    fit = catalog.fit

    def stops(entry: ModelSpec, data: FitData, config: Config, control: FitControl) -> FitResult:
        if entry.name != "constant":
            send_command(workspace / "runs" / "refit", "stop")
        return fit(entry, data, config, control)

    monkeypatch.setattr(catalog, "fit", stops)
    state, _ = conduct_inline(run, workspace)
    assert state.status == RunStatus.STOPPED
    assert state.finished is not None
    assert (seen, state.finished.refitted) == ([], ())


def test_a_model_that_would_break_the_limits_stays_as_it_was(workspace: Path) -> None:
    spec, schema = holdout_run(workspace, ("knn",), Budget(trials=1))
    state, folder = conduct_inline((spec, schema), workspace)
    size = state.trials[1].size_bytes or 0
    folder.path.rename(folder.path.with_name("without"))
    spec = changed(spec, max_size_mb=1.05 * size / 1e6)  # a fourth more rows are more than that
    state, _ = conduct_inline((spec, schema), workspace)
    assert state.finished is not None
    assert members_of(state) == (1,)
    assert state.finished.refitted == ()


def fitted(trial: int, seconds: float, encode: float, rounds: int) -> FoldFitted:
    return FoldFitted(
        trial=trial,
        fold=0,
        reason=StopReason.EARLY,
        train_seconds=seconds,
        encode_seconds=encode,
        predict_ms_per_row=0.1,
        size_bytes=1000,
        early_stopped={"max_iterations": rounds},
        epochs=rounds,
        files={},
        prediction=np.zeros(0),
    )


def refits_of(weights: tuple[float, ...]) -> list[Refit]:
    """The refits after two finished trials of 100 rows, 80 of which trained."""
    state = RunState()
    for number in range(len(weights)):
        started = e.TrialStarted(number, f"lightgbm-{number}", "lightgbm", {}, Origin.PORTFOLIO)
        state.apply(started, 1.0, 1.0)
    state.apply(e.EnsembleSolved(0.9, (0, 1), weights, 1.0, 2, 0.1, 100), 2.0, 2.0)
    rows = np.arange(100)
    none = np.zeros(0, dtype=np.int64)
    link = TableLink("0" * 64, "small.csv", 100, {})
    spec = RunSpec(link, "y", "binary", "roc_auc", RunOptions(Budget(seconds=100)))
    planner = RefitPlanner(spec, state, Folds((rows[:80],), (rows[80:],), none, 1), 1)
    for number in range(len(weights)):
        planner.take(number, fit_facts(fitted(number, 9.0, 1.0, 10)))
    assert planner.of(None) == []
    return planner.of(state.models[ENSEMBLE])


def test_what_weighs_most_for_its_time_comes_first() -> None:
    refits = refits_of((0.3, 0.7))
    assert [r.job.trial for r in refits] == [1, 0]
    assert refits[0].job.config["max_iterations"] == 10
    assert refits[0].seconds > 8.0 * 100 / 80  # there is some slack


def test_time_is_kept_for_what_fits_into_a_quarter_of_the_budget() -> None:
    refits = refits_of((0.3, 0.7))
    for seconds, most in ((1000, 30), (100, 25), (40, 0)):
        one = TimeBudget(seconds, 1, 0.0)
        assert one.refit_reserve(refits, 100.0) <= most
        assert bool(one.refit_reserve(refits, 100.0) > 10) == bool(most)
        assert one.refit_reserve([], 100.0) == 0.0
    one, two = TimeBudget(1000, 1, 0.0), TimeBudget(1000, 2, 0.0)
    assert two.refit_reserve(refits, 100.0) < 0.6 * one.refit_reserve(refits, 100.0)


def test_a_member_that_weighs_little_is_not_fitted_again() -> None:
    (refit,) = refits_of((0.05, 0.95))
    assert refit.weight == 0.95


def test_one_forest_for_those_of_five_folds_saves_three_fifths_of_its_time() -> None:
    state, numbers = RunState(), (0, 1)
    for number, family in zip(numbers, ("extra_trees", "lightgbm"), strict=True):
        state.apply(e.TrialStarted(number, family, family, {}, Origin.PORTFOLIO), 1.0, 1.0)
        ended = e.TrialFinished(number, TrialStatus.FINISHED, 0.9, 40.0, 5.0, 1000, 5)
        state.apply(ended, 2.0, 2.0)
    state.apply(e.EnsembleSolved(0.9, numbers, (0.5, 0.5), 1.0, 2, 10.0, 100), 3.0, 3.0)
    rows, none = np.arange(100), np.zeros(0, dtype=np.int64)
    link = TableLink("0" * 64, "small.csv", 100, {})
    spec = RunSpec(link, "y", "binary", "roc_auc", RunOptions(Budget(seconds=100)))
    parts = np.array_split(rows, 5)
    others = tuple(np.setdiff1d(rows, part) for part in parts)
    planner = RefitPlanner(spec, state, Folds(others, tuple(parts), none, 5), 5)
    first = fitted(0, 8.0, 1.0, 10)
    planner.take(0, fit_facts(replace(first, early_stopped={"trees": 100})))
    planner.take(1, fit_facts(fitted(1, 8.0, 1.0, 10)))
    (refit,) = planner.of(state.models[ENSEMBLE])  # boosting of five folds stays as it is
    assert refit.job.config["trees"] == TREES * 100
    assert refit.saved_ms == pytest.approx(3.0)


def test_what_would_not_end_in_what_is_left_is_not_waited_for_but_what_would_is() -> None:
    refits, budget = refits_of((0.3, 0.7)), TimeBudget(100, 1, 0.0)
    assert budget.refit_reserve(refits, 5.0) == 0.0  # a late trial made the model one of long fits
    left = 100.0
    while left > 0 and left > budget.refit_reserve(refits, left):
        left -= 0.1  # as often as the run looks
    assert left > 10  # it stopped in time for the refit
