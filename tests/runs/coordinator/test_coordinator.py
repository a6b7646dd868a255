"""Whole runs with real workers on a small table: what a user would miss if it broke."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import psutil
import pyarrow as pa
import pytest

from automl_core.evaluation import apply_temperature
from automl_core.export.predictor import load_predictor
from automl_core.metrics import score
from automl_core.runs.coordinator.coordinator import conduct
from automl_core.runs.executor import process
from automl_core.runs.executor.local import LocalExecutor
from automl_core.runs.record import Budget, RunOptions, RunSpec, TrainRequest
from automl_core.runs.record.commands import hold, send_command
from automl_core.runs.record.events import ENSEMBLE
from automl_core.runs.record.folder import RunFolder, load_refit, trial_files
from automl_core.runs.record.leaderboard import build_leaderboard
from automl_core.runs.record.reader import RunReader
from automl_core.runs.record.state import RunState
from automl_core.table.schema import Schema
from automl_core.table.store import open_table
from automl_core.types import RunStatus, TrialStatus
from tests.options import changed
from tests.runs.tables import small_run, small_table, stored_run


def conduct_here(
    run: tuple[RunSpec, Schema], out: Path, root: Path, executor: LocalExecutor, workers: int
) -> RunState:
    folder = RunFolder(out)
    out.mkdir(parents=True)
    folder.create(*run)
    with hold(out):
        return conduct(folder, executor, root, time.monotonic(), workers)


@dataclass(frozen=True)
class Ended:
    """A run that has ended: nobody writes to its folder any more."""

    spec: RunSpec
    root: Path
    folder: RunFolder
    state: RunState


@dataclass(frozen=True)
class Shared:
    """Two warm workers, and the same run of six trials by one of them and by both."""

    executor: LocalExecutor
    by_one: Ended
    by_two: Ended


def _ready(executor: LocalExecutor, count: int) -> LocalExecutor:
    executor.resize(count)
    while executor.status().ready < count:
        executor.poll(0.1)
    return executor


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shared]:
    """What the tests of this file share; they only read the two runs."""
    root = tmp_path_factory.mktemp("shared")
    spec, schema = small_run(root, Budget(trials=6))
    executor = LocalExecutor(1, root / "workers.log")
    ended = []
    for count in (1, 2):
        out = root / "runs" / f"w{count}"
        state = conduct_here((spec, schema), out, root, _ready(executor, count), count)
        ended.append(Ended(spec, root, RunFolder(out), state))
    yield Shared(executor, *ended)
    executor.close()


def test_a_number_of_trials_gives_the_same_leaderboard_with_any_number_of_workers(
    shared: Shared,
) -> None:
    boards = []
    for ended in (shared.by_one, shared.by_two):
        assert ended.state.status == RunStatus.FINISHED
        rows = build_leaderboard(ended.state, ended.spec.metric)
        boards.append([(r.name, r.family, r.status, r.score) for r in rows])
    assert len(boards[0]) == 8  # six trials, the baseline and the ensemble
    assert boards[0] == boards[1]


def test_a_run_under_a_clock_ends_in_time_with_a_model_better_than_the_constant(
    workspace: Path, shared: Shared
) -> None:
    # Workers may still be loading what networks need: that takes some of the time.
    spec, schema = small_run(workspace, Budget(seconds=8))
    out = workspace / "runs" / "clock"
    state = conduct_here((spec, schema), out, workspace, shared.executor, 2)
    rows = build_leaderboard(state, spec.metric)
    assert state.status == RunStatus.FINISHED
    assert state.finished is not None
    assert rows[0].delta is not None
    assert rows[0].delta > 0.1
    assert state.started is not None
    assert state.started.rows_without_target == 1
    assert state.importance is not None
    assert state.importance.final
    assert state.importance.features[0] == "size"


def test_the_log_says_what_the_state_was_and_models_on_disk_give_the_scores(
    shared: Shared,
) -> None:
    spec, folder, state = shared.by_two.spec, shared.by_two.folder, shared.by_two.state
    assert RunReader(folder).refresh() == state
    table = open_table(spec.table.hash, shared.by_two.root)
    folds = folder.folds()
    for row in build_leaderboard(state, spec.metric):
        if row.score is None:
            continue
        oof = folder.out_of_fold(row.trial)
        if row.trial == ENSEMBLE:  # its score is of weights that did not meet the rows
            continue
        assert score(spec.metric, oof.y, oof.prediction) == pytest.approx(row.score)
        predictor = load_predictor(folder.model_files(row.trial))
        first = predictor.members[0]
        again = replace(predictor, members=(first,), weights=(1.0,)).predict_table(table)[
            folds.valid[0]
        ]
        stored = oof.prediction[np.isin(oof.rows, folds.valid[0])]
        assert again == pytest.approx(stored, abs=1e-6), row.name


def test_stop_keeps_the_best_so_far_within_two_seconds(workspace: Path, shared: Shared) -> None:
    spec, schema = small_run(workspace, Budget(seconds=600))
    out = workspace / "runs" / "stopped"
    asked: list[float] = []

    def stop_soon() -> None:
        reader = None
        while reader is None or not any(t.usable for t in reader.refresh().trials.values()):
            time.sleep(0.1)
            if reader is None and (out / "spec.json").exists():
                reader = RunReader(RunFolder(out))
        asked.append(time.monotonic())
        send_command(out, "stop")

    thread = threading.Thread(target=stop_soon)
    thread.start()
    state = conduct_here((spec, schema), out, workspace, shared.executor, 2)
    thread.join()
    assert state.status == RunStatus.STOPPED
    assert state.finished is not None
    assert state.finished.best is not None
    assert RunFolder(out).model_files(state.finished.best)
    # The promise is 2 s; the test allows for a loaded machine and still notices a hang.
    assert time.monotonic() - asked[0] < 10


def test_a_killed_worker_costs_nothing_that_was_kept(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "ended_for_memory", lambda: 0)  # memory was not the cause
    spec, schema = small_run(workspace, Budget(trials=4))
    spec = changed(spec, families=("mlp",))
    executor = LocalExecutor(1, workspace / "workers.log")
    out = workspace / "runs" / "killed"

    def kill_first() -> None:
        while not (out / "events.jsonl").exists():
            time.sleep(0.05)
        reader = RunReader(RunFolder(out))
        while not any(t.curves for t in reader.refresh().trials.values() if t.number):
            time.sleep(0.02)
        for child in psutil.Process().children():
            if "automl_core.runs.worker.main" in " ".join(child.cmdline()) and child.pid in pids:
                os.kill(child.pid, signal.SIGKILL)

    pids = {worker.pid for worker in executor._pool.workers}
    thread = threading.Thread(target=kill_first)
    thread.start()
    try:
        state = conduct_here((spec, schema), out, workspace, executor, 1)
    finally:
        thread.join()
        executor.close()
    (struck,) = [t for t in state.trials.values() if t.workers_lost]
    words = f"The worker was killed from outside. {struck.name} goes on "
    assert any(note.message.startswith(words) for _, note in state.notes)
    assert state.status == RunStatus.FINISHED
    assert all(t.status != TrialStatus.FAILED for t in state.trials.values())
    assert struck.usable or struck.status == TrialStatus.PRUNED


def test_class_weights_positive_label_and_weight_column_reach_the_models(
    workspace: Path, shared: Shared
) -> None:
    request = TrainRequest(
        "answer",
        RunOptions(Budget(trials=2), class_weight="balanced", weight="often"),
        positive="no",
    )
    table = small_table()
    often = pa.array([0, 1, 2] * (table.num_rows // 3))
    spec, schema = stored_run(workspace, table.append_column("often", often), request)
    out = workspace / "runs" / "weights"
    state = conduct_here((spec, schema), out, workspace, shared.executor, 2)
    assert state.status == RunStatus.FINISHED
    assert state.finished is not None
    assert state.finished.best is not None
    predictor = load_predictor(RunFolder(out).model_files(state.finished.best))
    assert predictor.target.labels[1] == "no"
    assert "often" not in [c.name for c in predictor.columns]


def test_the_ensemble_is_the_runs_model_and_predicts_what_its_members_average_to(
    shared: Shared,
) -> None:
    spec, folder, state = shared.by_two.spec, shared.by_two.folder, shared.by_two.state
    solved = state.ensemble
    assert solved is not None
    assert state.finished is not None
    assert state.finished.best == ENSEMBLE
    assert [r.trial for r in build_leaderboard(state, spec.metric) if r.best] == [ENSEMBLE]
    table = open_table(spec.table.hash, shared.by_two.root)
    whole = load_predictor(folder.model_files(ENSEMBLE)).predict_table(table)
    refit = load_refit(folder)
    again = refit.trials if refit is not None else ()
    files = [trial_files(folder, n, n in again) for n in solved.trials]
    parts = [load_predictor(f) for f in files]
    shares = zip(solved.weights, parts, strict=True)
    average = np.sum([w * p.predict_table(table) for w, p in shares], axis=0)
    assert whole == pytest.approx(apply_temperature(average, solved.temperature), abs=1e-9)
    assert sum(len(p.members) for p in parts) <= solved.members <= 40


def test_limits_on_the_model_are_kept(workspace: Path, shared: Shared) -> None:
    spec, schema = small_run(workspace, Budget(trials=6))
    out = workspace / "runs" / "limited"
    spec = changed(spec, max_size_mb=0.05)
    state = conduct_here((spec, schema), out, workspace, shared.executor, 2)
    if state.ensemble is not None:
        assert state.ensemble.size_bytes <= 50_000
    best = RunFolder(out).model_files(state.finished.best if state.finished else 0)
    assert sum(map(len, best.values())) <= 60_000
