"""The manager: runs start at once, wait their turn, and are found again from outside."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest

from automl_core.errors import AccessError, ModelError, RunError, TableError
from automl_core.runs import manager
from automl_core.runs.executor import ExecutorClosedError, ScoreTableTask
from automl_core.runs.library import delete_run, find_run, list_runs, summarise
from automl_core.runs.manager import get_manager
from automl_core.runs.record import Budget, LogReader, RunFolder, RunInterrupted, left_seconds
from automl_core.runs.record.commands import hold, is_held
from automl_core.runs.record.reader import RunReader
from automl_core.runs.record.runs_ahead import load_runs_ahead
from automl_core.runs.run_queue import QueuedRun, RunOwner
from automl_core.runs.schedule import limits
from automl_core.table.store import open_table, put_table
from tests import fake_run
from tests.fake_run import make_folder
from tests.options import changed
from tests.runs.inline import InlineExecutor
from tests.runs.tables import small_run, small_table


@pytest.fixture(autouse=True)
def one_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing here depends on the number of workers, and each costs seconds of a core."""
    monkeypatch.setattr(manager, "default_workers", lambda: 1)


def wait_for_end(run_id: str, root: Path) -> str:
    reader = RunReader(find_run(run_id, root))
    until = time.monotonic() + 90
    while reader.refresh().status.active and time.monotonic() < until:
        time.sleep(0.1)
    return reader.refresh().status


def test_two_runs_one_after_the_other_then_predict_and_delete(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "LAST_TASKS_UNHURRIED", -1.0)  # no time for the test rows
    spec, schema = small_run(workspace, Budget(trials=1))
    spec = changed(spec, test_fraction=0.2)
    first = get_manager().start(spec, schema).path.name
    waiting = get_manager().start(spec, schema).path
    second = waiting.name
    assert get_manager().is_active(waiting.with_name(first))
    assert get_manager().is_active(waiting)
    place = summarise(waiting).place
    assert place is not None and place.ahead == 1 and place.seconds is None  # a number of trials
    assert RunReader(find_run(second, workspace)).refresh().status == "waiting"
    with pytest.raises(RunError, match="still going"):
        delete_run(second, workspace)
    assert wait_for_end(first, workspace) == "finished"
    assert wait_for_end(second, workspace) == "finished"
    assert {r.id for r in list_runs(workspace)} == {first, second}

    folder = find_run(first, workspace)
    state = RunReader(folder).refresh()
    assert state.finished is not None
    assert state.finished.best is not None
    files = folder.model_files(state.finished.best)
    stored = put_table(small_table(rows=30, seed=1), workspace)
    answer = get_manager().jobs.predict(files, stored).result(timeout=60)
    assert answer.column_names == ["prediction", "probability_no", "probability_yes"]
    assert answer.num_rows == 30
    task, seen = ScoreTableTask(str(workspace), stored, 30, extras=True), list[int]()
    scored = get_manager().jobs.score_table(task, files, seen.append).result(timeout=60)
    assert scored.rows == 30 and seen == [30] and scored.check is not None
    predictions = open_table(scored.predictions, workspace)
    assert predictions.select(range(3)).equals(answer)
    assert predictions.column_names[3:] == ["unseen_columns", "repaired_columns", "unread_columns"]

    with pytest.raises(ModelError):
        get_manager().jobs.predict({"model.json": b"rubbish"}, stored).result(timeout=60)

    while get_manager().is_active(waiting):
        time.sleep(0.05)
    job = get_manager().jobs.test_score_job(folder)  # nobody asked for it
    assert job is not None
    score = job.result(timeout=60).score
    end = RunReader(folder).refresh().finished
    assert score is not None and end is not None and end.test_score == score
    delete_run(first, workspace)
    assert {r.id for r in list_runs(workspace)} == {second}


def test_what_is_refused_leaves_no_run_and_holds_none(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(manager.Manager, "warm_up", lambda _: None)  # none of them begins
    monkeypatch.setenv("TORCHLIGHT_MAX_QUEUED_EACH", "1")
    spec, schema = small_run(workspace, Budget(seconds=5))
    ended = RunFolder(workspace / "runs" / "run-ended")
    ended.create(spec, schema)
    fake_run.write_log(ended)
    first = get_manager().start(spec, schema).path
    for ask in (lambda: get_manager().start(spec, schema), lambda: get_manager().resume(ended, 60)):
        with pytest.raises(RunError, match="1 run at work or waiting, as many as one may have"):
            ask()
    monkeypatch.setenv("TORCHLIGHT_MAX_WORKSPACE_MB", "0.001")
    with pytest.raises(AccessError, match="A new run does not fit"):
        get_manager().start(spec, schema)
    assert {p for p in (workspace / "runs").iterdir()} == {first, ended.path}
    assert is_held(first) and not is_held(ended.path)


def test_a_run_leaves_the_queue_and_a_manager_that_ends_interrupts_its_run(workspace: Path) -> None:
    from automl_core.runs.manager import shutdown_manager

    spec, schema = small_run(workspace, Budget(seconds=300))
    run_id = get_manager().start(spec, schema).path.name
    reader = RunReader(find_run(run_id, workspace))
    until = time.monotonic() + 60
    while not reader.refresh().trials and time.monotonic() < until:
        time.sleep(0.1)
    queued = get_manager().start(spec, schema).path
    ended = RunFolder(workspace / "runs" / "run-ended")
    ended.create(spec, schema)
    fake_run.write_log(ended)
    lost = make_folder(workspace, "run-lost")  # its table is not in the workspace
    fake_run.write_log(lost)
    with pytest.raises(TableError):
        get_manager().resume(lost, 60.0)
    get_manager().resume(ended, 60.0)
    place = summarise(ended.path).place
    assert place is not None and place.ahead == 1  # it is short, and may overtake
    assert place.seconds is not None and 200 < place.seconds <= 300
    with pytest.raises(RunError, match="goes on already"):
        get_manager().resume(ended, 60.0)
    get_manager().withdraw(ended.path)
    assert not get_manager().is_active(ended.path) and not is_held(ended.path)
    assert load_runs_ahead(ended.path) is None
    assert RunReader(ended).refresh().status == "finished"
    get_manager().withdraw(queued)  # it has not begun: it waits on
    assert get_manager().is_active(queued)
    shutdown_manager()
    assert RunReader(RunFolder(queued)).refresh().status == "interrupted"
    state = RunReader(find_run(run_id, workspace)).refresh()
    assert state.status == "interrupted" and state.finished is None
    last = LogReader(find_run(run_id, workspace).log_path).read()[-1]
    assert isinstance(last.event, RunInterrupted) and abs(last.wall - time.time()) < 30
    assert left_seconds(state) == pytest.approx(300 - last.t)


def test_ids_and_paths_that_name_no_run_are_refused(workspace: Path) -> None:
    for name in ("nothing", "../..", "/etc", "a/b", ""):
        with pytest.raises(RunError):
            find_run(name, workspace)
    with pytest.raises(RunError):
        delete_run("../../etc", workspace)


def test_a_run_is_found_by_its_id_first_and_by_a_path_where_that_is_allowed(
    workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    inside, outside = make_folder(workspace, "same"), RunFolder(tmp_path / "other")
    outside.create(fake_run.spec(), fake_run.schema())
    RunFolder(tmp_path / "same").create(fake_run.spec(), fake_run.schema())
    assert find_run("same", workspace).path == inside.path
    assert find_run("other", workspace).path == Path("other")
    assert find_run(str(outside.path), workspace).path == outside.path
    for name in ("other", str(outside.path)):
        with pytest.raises(RunError, match="no run"):
            find_run(name, workspace, folder_of=None)

    def refuse(path: str) -> Path:
        raise RunError(f"{path} may not be opened.")

    with pytest.raises(RunError, match="may not"):
        find_run(str(outside.path), workspace, refuse)


def test_a_run_on_a_cluster_has_workers_of_its_own_for_its_time(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, here, there = make_folder(workspace, "run-a"), InlineExecutor(), InlineExecutor()
    opened: list[str] = []

    def choose(cluster: str, *_: object) -> tuple[InlineExecutor, int]:
        opened.append(cluster)
        return there, 3

    monkeypatch.setattr(manager, "open_executor", choose)
    run = QueuedRun(folder, RunOwner(workspace), 1, 0.0, hold(folder.path), 1.0)
    found = manager.Manager(workspace)
    with found._workers_of(run, here) as workers:  # type: ignore[arg-type]
        assert workers == (here, 1)
    with found._workers_of(replace(run, cluster="auto"), here) as workers:  # type: ignore[arg-type]
        assert workers == (there, 3)
        there.poll(0.0)
    here.poll(0.0)
    with pytest.raises(ExecutorClosedError):
        there.poll(0.0)
    assert opened == ["auto"]
