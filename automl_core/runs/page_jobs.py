"""Work that pages wait for: predictions, explanations, measurements, files of models.

Done by two workers of their own beside those that train: one answers quickly, the other explains.
Long ones may be done on a cluster instead, each by a worker that leaves it with the job's end.
The last job of each kind is kept by its run, so that every page that looks finds it.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from automl_core.errors import AutoMLError, ModelError
from automl_core.evaluation import SplitScores
from automl_core.explain import Proposals
from automl_core.export import CHANCE, Cell
from automl_core.files import workspace_of
from automl_core.runs.certified_download import write_certified
from automl_core.runs.column_costs import ColumnJob, measure_column_sets
from automl_core.runs.executor import (
    CertifiedForm,
    CertifiedWritten,
    ChangeRowTask,
    CompareTask,
    ExecutorClosedError,
    ExplainRowTask,
    PackageWritten,
    PredictionService,
    RowExplained,
    ScoreTableTask,
    StoredPredictions,
)
from automl_core.runs.late_score import score_late
from automl_core.runs.light_job import LightJob
from automl_core.runs.light_search import search_light_models
from automl_core.runs.more_rows import RowsJob, measure_rows
from automl_core.runs.record import HeldOutScore, RunFolder
from automl_core.runs.run_explanation import ExplainJob, ExplainRequest, explain_run
from automl_core.types import Files

Begun = TypeVar("Begun")

CELLS_SECONDS = 60.0  # for which a download waits for the self-test of its model


class PageJobs:
    """Takes the jobs of one process's pages. Any thread may call it.

    Every method that needs a worker raises ExecutorClosedError after `close`.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._changing = threading.Lock()
        self._closed = False
        self._scoring: dict[Path, Future[HeldOutScore]] = {}  # test rows, by the run's folder
        self._explaining: dict[tuple[Path, int], ExplainJob] = {}  # by run folder and model
        self._lightening: dict[Path, LightJob] = {}  # by run folder
        self._measuring: dict[Path, ColumnJob] = {}  # what columns cost, by the run's folder
        self._service: PredictionService | None = None
        self._explainer: PredictionService | None = None
        self._away: dict[PredictionService, Future[Any] | None] = {}  # on clusters, and their jobs

    def service(self) -> PredictionService:
        """The worker that pages wait for; it starts with the first call."""
        with self._changing:
            if self._closed:
                raise ExecutorClosedError
            if self._service is None:
                self._service = PredictionService(self._root)
            return self._service

    def predict(self, files: Files, table_hash: str, root: Path | None = None) -> Future[pa.Table]:
        """Score a stored table of the workspace `root` with a predictor's files, in the worker
        that pages wait for; without `root` of this program's own."""
        return self.service().predict(files, table_hash, root)

    def score_table(
        self,
        task: ScoreTableTask,
        files: Files,
        report: Callable[[int], object],
        cluster: str | None = None,
    ) -> Future[StoredPredictions]:
        """Score a stored table piece by piece, in the worker that pages wait for, or on a cluster.

        The predictions are stored in the workspace of the task.
        """
        return self._future(cluster, lambda service: service.score_table(task, files, report))

    def predict_row(self, model: str, files: Files, cells: tuple[Cell, ...]) -> Future[pa.Table]:
        """Score one row with a predictor's files; `model` tells them from those of another."""
        return self.service().predict_row(model, files, cells)

    def predict_cells(
        self, files: Files, rows: Sequence[tuple[Cell, ...]]
    ) -> NDArray[np.float64] | None:
        """Predict a few rows of cells: (n, classes) or (n,); waits for the worker.

        None where it is busy for longer than CELLS_SECONDS, or cannot tell.
        """
        content = b"".join(files[name] for name in sorted(files))
        model = f"self-test {hashlib.sha256(content).hexdigest()}"
        jobs = [self.predict_row(model, files, cells) for cells in rows]
        try:
            tables = [job.result(timeout=CELLS_SECONDS) for job in jobs]
        except (ModelError, TimeoutError):
            return None
        finally:
            for job in jobs:
                if not job.done():
                    self.give_up(job)
        names = [n for n in tables[0].column_names if n.startswith(CHANCE)]
        found = [[t.column(name)[0].as_py() for name in names or ["prediction"]] for t in tables]
        return np.array(found, np.float64)

    def explain_row(
        self, task: ExplainRowTask, files: Files, rows: NDArray[np.int64]
    ) -> Future[RowExplained]:
        """Explain the prediction of a row, in the worker that pages wait for."""
        return self.service().explain_row(task, files, rows)

    def change_row(
        self, task: ChangeRowTask, files: Files, rows: NDArray[np.int64]
    ) -> Future[Proposals]:
        """Changes of a row that reach a goal, by the worker that pages wait for."""
        return self.service().change_row(task, files, rows)

    def compare_splits(self, task: CompareTask) -> Future[SplitScores]:
        """Compare two splits of a stored table, in the worker that pages wait for."""
        return self.service().compare(task)

    def write_certified(
        self, form: CertifiedForm, folder: RunFolder, trial: int, cluster: str | None = None
    ) -> Future[CertifiedWritten]:
        """Write a model of a run for other programs, in the worker that pages wait for, or on a
        cluster.

        Raises RunError where the run left no such model, TableError where its table is gone.
        """
        return self._future(cluster, lambda service: write_certified(form, folder, trial, service))

    def write_package(self, files: Files, cluster: str | None = None) -> Future[PackageWritten]:
        """Write a model of networks for PyTorch, in the worker that pages wait for, or on a
        cluster."""
        return self._future(cluster, lambda service: service.write_package(files))

    def measure_rows(self, folder: RunFolder) -> RowsJob:
        """Measure what more rows would bring, in the worker that pages wait for.

        Raises TableError where the table is gone.
        """
        return measure_rows(folder, workspace_of(folder.path), self.service())

    def score_test_rows(self, folder: RunFolder) -> Future[HeldOutScore]:
        """Score the test rows of an ended run, in the worker that pages wait for.

        Gives the job that goes on already where there is one. Raises RunError where there is
        nothing to score, TableError where the table is gone.
        """
        job = self.test_score_job(folder)
        if job is None or job.done():
            job = score_late(folder, workspace_of(folder.path), self.service())
            with self._changing:
                self._scoring[folder.path] = job
        return job

    def test_score_job(self, folder: RunFolder) -> Future[HeldOutScore] | None:
        """The last job that scores, or scored, the test rows of the run; None: there is none."""
        with self._changing:
            return self._scoring.get(folder.path)

    def explain(
        self, folder: RunFolder, trial: int, request: ExplainRequest, cluster: str | None = None
    ) -> ExplainJob:
        """Explain a model of an ended run, in a worker that nothing else waits for, or on a
        cluster.

        The job that goes on for this model already is ended first. Raises as `explain_run`.
        """

        def begin(service: PredictionService) -> ExplainJob:
            if (before := self.explain_job(folder, trial)) is not None:
                before.cancel()
            return explain_run(folder, trial, request, workspace_of(folder.path), service)

        if cluster is None:
            job = begin(self.explainer())
        else:
            job = self._begun_on(cluster, begin, lambda job: job.done)
        with self._changing:
            self._explaining[folder.path, trial] = job
        return job

    def explainer(self) -> PredictionService:
        """The worker that explains; it starts with the first call, and takes a moment for it."""
        with self._changing:
            if self._closed:
                raise ExecutorClosedError
            if self._explainer is None:
                self._explainer = PredictionService(self._root)
            return self._explainer

    def explain_job(self, folder: RunFolder, trial: int) -> ExplainJob | None:
        """The last job that explains, or explained, this model; None: there is none."""
        with self._changing:
            return self._explaining.get((folder.path, trial))

    def lighten(self, folder: RunFolder) -> LightJob:
        """Look for lighter models of an ended run, in the worker that explains.

        Gives the job that goes on already where there is one. Raises as `search_light_models`.
        """
        job = self.light_job(folder)
        if job is None or job.done.done():
            job = search_light_models(folder, workspace_of(folder.path), self.explainer())
            with self._changing:
                self._lightening[folder.path] = job
        return job

    def light_job(self, folder: RunFolder) -> LightJob | None:
        """The last job that looked for lighter models of the run; None: there is none."""
        with self._changing:
            return self._lightening.get(folder.path)

    def measure_columns(self, folder: RunFolder, prices: Mapping[str, float] | None) -> ColumnJob:
        """Measure what the columns of an ended run cost, in the worker that explains.

        The job that goes on for this run already is ended first. Raises as `measure_column_sets`.
        """
        service = self.explainer()
        if (before := self.column_job(folder)) is not None:
            before.cancel()
        job = measure_column_sets(folder, workspace_of(folder.path), service, prices)
        with self._changing:
            self._measuring[folder.path] = job
        return job

    def column_job(self, folder: RunFolder) -> ColumnJob | None:
        """The last job that measures, or measured, the columns of this run; None: there is none."""
        with self._changing:
            return self._measuring.get(folder.path)

    def give_up(self, future: Future[Any]) -> None:
        """End a prediction or comparison that nobody waits for any more."""
        with self._changing:
            away = next((service for service, job in self._away.items() if job is future), None)
        (away or self.service()).give_up(future)

    def _future(
        self, cluster: str | None, begin: Callable[[PredictionService], Future[Begun]]
    ) -> Future[Begun]:
        """What `begin` gives for the worker that pages wait for, or for one on a cluster."""
        if cluster is None:
            return begin(self.service())
        return self._begun_on(cluster, begin, lambda future: future)

    def _begun_on(
        self,
        cluster: str,
        begin: Callable[[PredictionService], Begun],
        done: Callable[[Begun], Future[Any]],
    ) -> Begun:
        """What `begin` gives for a worker on a cluster, which leaves it when `done` has ended."""
        with self._changing:
            if self._closed:
                raise ExecutorClosedError
            service = PredictionService(self._root, cluster)
            self._away[service] = None
        try:
            begun = begin(service)
        except AutoMLError:
            self._leave(service)
            raise
        future = done(begun)
        with self._changing:
            self._away[service] = future
        future.add_done_callback(lambda _: self._leave(service))
        return begun

    def _leave(self, service: PredictionService) -> None:
        with self._changing:
            self._away.pop(service, None)
        service.close()

    def close(self) -> None:
        """End all workers at once."""
        with self._changing:
            self._closed = True
            for service in (self._service, self._explainer, *self._away):
                if service is not None:
                    service.close()
