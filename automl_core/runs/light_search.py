"""Finds lighter models of an ended run: averages of fewer trials, single ones, a student, versions.

Each model is timed in a worker, one after the other, so that points arrive while a person watches.
The student and its versions are compared on test rows, which no model saw; all others on the rows
that their trials predicted unseen.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from automl_core.errors import AutoMLError, RunError
from automl_core.evaluation import ComparedScore, compare_paired
from automl_core.export import zip_files
from automl_core.metrics import loss_of
from automl_core.runs.executor import (
    ExecutorClosedError,
    LightFileTask,
    PredictionService,
    ScoreMembersTask,
    TimeModelTask,
)
from automl_core.runs.light_choice import Choice, FoundModel
from automl_core.runs.light_job import LightJob
from automl_core.runs.light_models import (
    STUDENT,
    Kind,
    LightModel,
    LightModels,
    MeasuredCosts,
    light_files,
    save_light_models,
)
from automl_core.runs.light_student import Student, can_have_student, train_student
from automl_core.runs.light_versions import (
    PRECISIONS,
    UnseenAnswers,
    WantedVersion,
    wanted_versions,
)
from automl_core.runs.record import (
    RunFolder,
    RunReader,
    RunState,
    Trial,
    best_model,
    is_partial,
    model_version,
)
from automl_core.runs.setup import RunData, prepare_run_data
from automl_core.runs.shared_rows import SharedRows, shared_rows
from automl_core.table import evenly_spaced
from automl_core.types import Files, Origin

TIMED_ROWS = 1_000
NOT_MEASURED = MeasuredCosts(0.0, 0.0, 0)

Values = NDArray[np.float64]

logger = logging.getLogger(__name__)


def search_light_models(folder: RunFolder, root: Path, service: PredictionService) -> LightJob:
    """Begin to find lighter models of an ended run; returns at once.

    Raises RunError where the run goes on, or has no model.
    """
    state = RunReader(folder).refresh()
    if state.status.active:
        raise RunError("This run is still going.", "Make its model lighter once it has ended.")
    final = best_model(state, folder.spec().metric)
    if final is None:
        raise RunError("This run left no model.", "Start another run.")
    job = LightJob(service)
    search = _Search(folder, state, final, service, job)
    threading.Thread(target=search.run, args=(root,), name="light", daemon=True).start()
    return job


class _Search:
    """One search, in a thread of its own."""

    def __init__(
        self,
        folder: RunFolder,
        state: RunState,
        final: Trial,
        service: PredictionService,
        job: LightJob,
    ) -> None:
        self._folder, self._state, self._final = folder, state, final
        self._service, self._job = service, job
        self._student: Student | None = None
        self._downloads: Files = {}

    def run(self, root: Path) -> None:
        """Search, keep, and tell whoever waits."""
        try:
            self._job.done.set_result(self._search(root))
        except (AutoMLError, ExecutorClosedError) as error:  # whoever waits is told
            self._job.done.set_exception(error)
        except Exception as error:
            logger.exception("no lighter models of %s could be found", self._folder.path)
            self._job.done.set_exception(error)

    def _search(self, root: Path) -> LightModels:
        folder, spec = self._folder, self._folder.spec()
        data = prepare_run_data(spec, folder.schema(), root, stored=folder.folds())
        shared = shared_rows(folder, [self._final.number, *self._trials(spec.metric)])
        if shared is None or self._final.number not in shared.predictions:
            raise RunError(
                "The models of this run share no rows that they had not seen.",
                "Start another run: what it predicts is kept with it.",
            )
        choice = Choice(self._state, self._final, spec.metric, spec.task, shared)
        found = choice.models(lambda: self._job.is_cancelled)
        compared = compare_paired(
            spec.metric, shared.y, [f.prediction for f in found], shared.weight, reference=0
        ).models
        models = LightModels(
            model_version(folder, self._final.number), spec.metric, len(shared.y), (), False
        )
        self._job.latest = models
        for one, own_score in zip(found, compared, strict=True):
            if self._job.is_cancelled:
                break
            self._job.step = f"Timing {one.name}"
            models = self._with(models, one, own_score, data)
        if can_have_student(data) and not self._job.is_cancelled:
            self._job.step = "Training a student of the run's model"
            models = self._with_student(models, data)
        if not self._job.is_cancelled:
            models = self._with_versions(models, shared, data)
        models = replace(models, done=not self._job.is_cancelled)
        student = {} if self._student is None else self._student.files
        save_light_models(folder, models, student, self._downloads)
        self._job.latest = models
        return models

    def _trials(self, metric: str) -> list[int]:
        """Numbers of the whole trials, best first, without the baseline and the run's model."""

        def loss(trial: Trial) -> float:
            return loss_of(metric, trial.score or 0.0)

        whole = [
            t
            for t in self._state.trials.values()
            if t.usable
            and t.origin != Origin.BASELINE
            and not is_partial(t, self._state)
            and t.number != self._final.number
        ]
        return [t.number for t in sorted(whole, key=loss)]

    def _with(
        self, models: LightModels, one: FoundModel, score: ComparedScore, data: RunData
    ) -> LightModels:
        """The models and one more, timed; without it where a worker cannot load it."""
        kind: Kind = "trial" if one.is_trial else "average"
        draft = LightModel(
            one.name,
            "final" if not models.models else kind,
            self._state.trials[one.trials[0]].family if len(one.trials) == 1 else "ensemble",
            one.trials,
            one.weights,
            one.temperature,
            score,
            NOT_MEASURED,
        )
        files = light_files(self._folder, self._final.number, draft)
        return self._added(models, draft, files, data)

    def _added(
        self, models: LightModels, draft: LightModel, files: Files, data: RunData
    ) -> LightModels:
        timing = self._service.time_model(TimeModelTask(data.link), files, _timed_rows(data))
        self._job.waits_for(timing)
        try:
            timed = timing.result()
        except AutoMLError:
            if self._job.is_cancelled:
                return models
            raise
        costs = MeasuredCosts(timed.row_ms, timed.ms_per_row, sum(map(len, files.values())))
        return self._shown(models, replace(draft, costs=costs))

    def _shown(self, models: LightModels, one: LightModel) -> LightModels:
        models = replace(models, models=(*models.models, one))
        self._job.latest = models
        return models

    def _with_student(self, models: LightModels, data: RunData) -> LightModels:
        """The models and a student; without it where training failed or was cancelled."""
        teacher = self._folder.model_files(self._final.number)
        seed = self._folder.spec().options.seed
        try:
            student = train_student(teacher, seed, data, self._service, self._job)
        except AutoMLError as error:
            logger.warning("no student of %s: %s", self._folder.path, error)
            return models
        self._student = student
        score = student.compared(models, student.said)
        draft = LightModel(STUDENT, "student", STUDENT, (), (), 1.0, score, NOT_MEASURED)
        return self._added(models, draft, student.files, data)

    def _with_versions(self, models: LightModels, shared: SharedRows, data: RunData) -> LightModels:
        """The models and versions of some; without those that cannot be made."""
        unseen = UnseenAnswers(self._folder, data, shared.rows, self._members_say)
        for wanted in wanted_versions(self._folder, self._state, models):
            if self._job.is_cancelled:
                break
            self._job.step = f"Making {wanted.name}"
            try:
                compared = self._version_score(models, wanted, unseen, shared)
                models = self._with_version(models, wanted.draft(compared), data)
            except AutoMLError as error:
                logger.warning("no %s of %s: %s", wanted.name, self._folder.path, error)
        return models

    def _version_score(
        self, models: LightModels, wanted: WantedVersion, unseen: UnseenAnswers, shared: SharedRows
    ) -> ComparedScore:
        """That of the version itself; of an exact file that of its source, which it equals."""
        if wanted.form == "onnx":
            return wanted.source.compared
        if wanted.source.kind == "student":
            student = self._student
            assert student is not None
            task = ScoreMembersTask(student.test.link, PRECISIONS[wanted.form])
            found = self._members_say(task, student.files, [student.test.rows])
            return student.compared(models, found)
        both = [shared.predictions[self._final.number], unseen.of(wanted)]
        compared = compare_paired(models.metric, shared.y, both, shared.weight, reference=0)
        return compared.models[1]

    def _members_say(
        self, task: ScoreMembersTask, files: Files, rows: Sequence[NDArray[np.int64]]
    ) -> Values:
        asked = self._service.score_members(task, files, rows)
        self._job.waits_for(asked)
        return asked.result()

    def _with_version(self, models: LightModels, draft: LightModel, data: RunData) -> LightModels:
        """The models and this version, written and timed."""
        assert draft.version is not None
        if not draft.is_onnx:
            files = light_files(self._folder, self._final.number, draft)
            return self._added(models, draft, files, data)
        task = LightFileTask(data.link, PRECISIONS[draft.version.form], "training rows")
        source = next(m for m in models.models if m.name == draft.version.of)
        if source.kind == "student":
            assert self._student is not None
            files = self._student.files
        else:
            files = light_files(self._folder, self._final.number, source)
        writing = self._service.write_light_file(task, files, _timed_rows(data))
        self._job.waits_for(writing)
        done = writing.result()
        self._downloads[draft.name] = zip_files(done.files)
        costs = MeasuredCosts(
            done.timed.row_ms, done.timed.ms_per_row, len(done.files["model.onnx"])
        )
        version = replace(draft.version, certificate=done.certificate)
        return self._shown(models, replace(draft, costs=costs, version=version))


def _timed_rows(data: RunData) -> NDArray[np.int64]:
    rows = data.trained_rows
    return rows if len(rows) <= TIMED_ROWS else rows[evenly_spaced(len(rows), TIMED_ROWS)]
