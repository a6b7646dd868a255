"""Pages under test: the real page scripts in the real frame, with a manager that runs nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import streamlit as st
from filelock import FileLock
from numpy.typing import NDArray
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.scriptrunner.script_cache import ScriptCache
from streamlit.testing.v1 import AppTest, app_test, local_script_runner

from automl_core import runs
from automl_core.errors import ModelError
from automl_core.evaluation import RowScores, SplitScores
from automl_core.export import Cell, load_predictor, predict_row
from automl_core.runs import (
    ColumnJob,
    ExplainJob,
    ExplainRequest,
    LightJob,
    RowsJob,
    RunOwner,
)
from automl_core.runs import manager as managers
from automl_core.runs.cluster_look import ClusterLook
from automl_core.runs.executor import (
    CertifiedWritten,
    ChangeRowTask,
    CompareTask,
    ExplainRowTask,
    PackageTask,
    ScoreTableTask,
    StoredPredictions,
    TaskFailed,
    Work,
    pack_rows,
)
from automl_core.runs.record import HeldOutScore, RunSpec
from automl_core.runs.record.commands import hold, mark_queued
from automl_core.runs.record.folder import RunFolder
from automl_core.runs.reference import predict_here
from automl_core.scoring import FileCheck
from automl_core.table.schema import Schema
from automl_core.table.store import put_table
from automl_core.types import Files
from tests.runs.inline import InlineExecutor

ROOT = Path(__file__).resolve().parents[2]
Open = Callable[..., AppTest]


@dataclass
class FakeWorkers:
    count: int = 2
    ready: int = 2
    device: str = "cpu"
    device_title: str = "CPU"
    room: int | None = 8 * 10**9


@dataclass
class FakeManager:
    """Writes the folder of a run that is started, and never goes on with it."""

    root: Path
    started: list[RunSpec] = field(default_factory=list)
    active: set[str] = field(default_factory=set)
    asked: list[tuple[Files, str]] = field(default_factory=list)
    job: Future[pa.Table] = field(default_factory=Future)  # what `predict` gives
    scoring: Future[StoredPredictions] = field(default_factory=Future)  # what `score_table` gives
    compared: list[CompareTask] = field(default_factory=list)
    comparison: Future[SplitScores] = field(default_factory=Future)
    measured: list[Path] = field(default_factory=list)  # runs of which more rows were asked
    row_scores: Future[RowScores] = field(default_factory=Future)
    rows_job: RowsJob = field(default_factory=RowsJob)
    columns: list[Path] = field(default_factory=list)  # runs whose columns were asked for
    column_costs: ColumnJob | None = None  # the job that `column_job` gives
    written: list[tuple[str, Path, int]] = field(default_factory=list)  # models asked for as files
    certified: Future[CertifiedWritten] = field(default_factory=Future)
    scored: list[Path] = field(default_factory=list)  # runs whose test rows were asked for
    test_score: Future[HeldOutScore] = field(default_factory=Future)
    resumed: list[tuple[str, float | None]] = field(default_factory=list)
    rows: list[tuple[Cell, ...]] = field(default_factory=list)  # that were predicted
    explained: list[tuple[int, ExplainRequest]] = field(default_factory=list)  # model, and what
    explanation: ExplainJob | None = None  # the job that `explain_job` gives
    lightened: list[Path] = field(default_factory=list)  # runs of which lighter models were asked
    light: LightJob | None = None  # the job that `light_job` gives
    changed: list[ChangeRowTask] = field(default_factory=list)  # for which changes were sought
    look: Future[ClusterLook] = field(default_factory=Future)  # what `cluster` gives
    places: list[str | None] = field(default_factory=list)  # where jobs were asked to be done
    slow: bool = False  # whether `predict_row` gives `job`, too
    locks: dict[str, FileLock] = field(default_factory=dict)  # of runs that are to go on

    @property
    def jobs(self) -> FakeManager:
        """The jobs of pages: it answers for them, too."""
        return self

    def explainer(self) -> None:
        """No worker is started."""

    def explain(
        self, folder: RunFolder, trial: int, request: ExplainRequest, cluster: str | None = None
    ) -> None:
        del folder
        self.places.append(cluster)
        self.explained.append((trial, request))

    def explain_job(self, folder: RunFolder, trial: int) -> ExplainJob | None:
        del folder, trial
        return self.explanation

    def lighten(self, folder: RunFolder) -> None:
        self.lightened.append(folder.path)

    def light_job(self, folder: RunFolder) -> LightJob | None:
        del folder
        return self.light

    def resume(self, folder: RunFolder, more: float | None, owner: RunOwner) -> None:
        assert folder.path.is_relative_to(owner.root)
        key = folder.path.name
        self.locks[key] = hold(folder.path)
        self.locks[key].acquire()
        mark_queued(folder.path)
        self.resumed.append((key, more))
        self.active.add(key)

    def withdraw(self, folder: Path) -> None:
        self.active.discard(folder.name)
        self.locks.pop(folder.name).release()

    def warm_up(self) -> None:
        pass

    def start(self, request: RunSpec, schema: Schema, owner: RunOwner) -> RunFolder:
        self.started.append(request)
        run = f"run-{len(self.started)}"
        folder = RunFolder(owner.root / "runs" / run)
        folder.create(request, schema)
        self.active.add(run)
        return folder

    def predict(self, files: Files, table_hash: str, root: Path | None = None) -> Future[pa.Table]:
        assert root is None or root.is_relative_to(self.root)
        self.asked.append((files, table_hash))
        return self.job

    def score_table(
        self,
        task: ScoreTableTask,
        files: Files,
        report: Callable[[int], None],
        cluster: str | None = None,
    ) -> Future[Any]:
        self.places.append(cluster)
        report(task.rows)
        self.asked.append((files, task.table))
        return self.scoring

    def answer(self, predictions: pa.Table, check: FileCheck | None = None) -> None:
        """End the scoring of a table with these predictions."""
        stored = put_table(predictions, self.root)
        rows, same = predictions.num_rows, predictions["prediction"].unique()
        self.scoring.set_result(StoredPredictions(stored, rows, len(same) == 1, check))

    def predict_row(self, model: str, files: Files, cells: tuple[Cell, ...]) -> Future[pa.Table]:
        assert model
        if self.slow:
            return self.job
        self.rows.append(cells)
        done: Future[pa.Table] = Future()
        try:
            done.set_result(predict_row(load_predictor(files), cells))
        except ModelError as error:
            done.set_exception(error)
        return done

    def predict_cells(self, files: Files, rows: Sequence[tuple[Cell, ...]]) -> NDArray[np.float64]:
        found = predict_here(files, rows)
        assert found is not None
        return found

    def explain_row(self, task: ExplainRowTask, files: Files, rows: Any) -> Future[Any]:
        return self._in_worker(task, files, rows)

    def change_row(self, task: ChangeRowTask, files: Files, rows: Any) -> Future[Any]:
        self.changed.append(task)
        return self._in_worker(task, files, rows)

    def write_package(self, files: Files, cluster: str | None = None) -> Future[Any]:
        self.places.append(cluster)
        return self._in_worker(PackageTask(), files, np.zeros(0, np.int64))

    def _in_worker(self, task: Work, files: Files, rows: Any) -> Future[Any]:
        """What a worker answers, at once."""
        executor, done = InlineExecutor(), Future[Any]()
        blobs = {f"model/{name}": data for name, data in files.items()}
        executor.submit(task, blobs | {"rows": pack_rows(rows)})
        first = executor.poll(0.0)[0].result
        if isinstance(first, TaskFailed):
            done.set_exception(ModelError(first.message))
        else:
            done.set_result(first)
        return done

    def compare_splits(self, task: CompareTask) -> Future[SplitScores]:
        self.compared.append(task)
        return self.comparison

    def measure_rows(self, folder: RunFolder) -> RowsJob:
        self.measured.append(folder.path)
        self.rows_job.done = self.row_scores
        return self.rows_job

    def measure_columns(self, folder: RunFolder, prices: object) -> None:
        assert prices is None  # by those that are kept
        self.columns.append(folder.path)

    def column_job(self, folder: RunFolder) -> ColumnJob | None:
        del folder
        return self.column_costs

    def write_certified(
        self, form: str, folder: RunFolder, trial: int, cluster: str | None = None
    ) -> Future[CertifiedWritten]:
        self.places.append(cluster)
        self.written.append((form, folder.path, trial))
        return self.certified

    def score_test_rows(self, folder: RunFolder) -> Future[HeldOutScore]:
        self.scored.append(folder.path)
        return self.test_score

    def test_score_job(self, folder: RunFolder) -> Future[HeldOutScore] | None:
        return self.test_score if folder.path in self.scored else None

    def give_up(self, future: Future[Any]) -> None:
        future.cancel()

    def is_active(self, folder: Path) -> bool:
        return folder.name in self.active

    def cluster(self, address: str) -> Future[ClusterLook]:
        assert address in ("auto", "10.0.0.1:6379")
        return self.look

    def workers(self) -> FakeWorkers:
        return FakeWorkers()


@pytest.fixture(scope="session", autouse=True)
def quick_app_tests() -> Iterator[None]:
    """What an AppTest does anew each time is done once, as by a server.

    It looks through every installed package for components of Streamlit, 0.2 s, and compiles the
    scripts at each run.
    """
    scripts, scan = ScriptCache(), cache(manifest_scanner.scan_component_manifests)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", scan)
        for module in (app_test, local_script_runner):
            patch.setattr(module, "ScriptCache", lambda: scripts)
        yield


@pytest.fixture
def fake_manager(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeManager]:
    """The manager that every page gets, wherever it imports it from."""
    fake = FakeManager(workspace)
    monkeypatch.setattr(runs, "get_manager", lambda: fake)  # first: a package keeps what it gave
    monkeypatch.setattr(managers, "get_manager", lambda: fake)
    for name, module in list(sys.modules.items()):
        if name.startswith("pages.") and hasattr(module, "get_manager"):
            monkeypatch.setattr(module, "get_manager", lambda: fake)
    st.cache_data.clear()
    yield fake
    for lock in fake.locks.values():
        lock.release()
    st.cache_data.clear()


def open_link(page: str, query: dict[str, str], user: dict[str, Any] | None = None) -> AppTest:
    """A page as a link opens it, for somebody who is signed in where `user` says who."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30)
    if user is not None:
        app.user = user
    if page != "app.py":
        app.switch_page(page)
    for key, value in query.items():
        app.query_params[key] = value
    return app.run()


@pytest.fixture
def open_page(fake_manager: FakeManager) -> Open:
    """Opens a page as a link would: `open_page("pages/data.py", table=HASH)`."""
    del fake_manager

    def opened(page: str = "app.py", **query: str) -> AppTest:
        return open_link(page, query)

    return opened
