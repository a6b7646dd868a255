"""Finds lighter models of an ended run: averages of fewer trials, single ones, a student, versions.

Averages are chosen under a ladder of limits on size and time, by the same selection as the run's
own; each model is timed in a worker, one after the other, so that points arrive while a person
watches. The student and its versions are compared on test rows, which no model saw; all others on
the rows that their trials predicted unseen.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl_core.ensemble import Candidate, Limits, Problem, select
from automl_core.errors import AutoMLError, RunError
from automl_core.evaluation import ComparedScore, compare_paired
from automl_core.export import zip_files
from automl_core.metrics import loss_of, score
from automl_core.models import TABM, model_spec
from automl_core.runs.executor import (
    DistillTask,
    ExecutorClosedError,
    LightFileTask,
    PredictionService,
    ScoreMembersTask,
    ScoreTask,
    TimeModelTask,
)
from automl_core.runs.light_models import (
    STUDENT,
    Kind,
    LightModel,
    LightModels,
    MeasuredCosts,
    light_files,
    save_light_models,
)
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
from automl_core.runs.setup import RunData, TestSet, prepare_run_data
from automl_core.runs.shared_rows import SharedRows, shared_rows
from automl_core.table import evenly_spaced
from automl_core.types import Config, Files, Origin

SHARES = (0.5, 0.25, 0.1, 0.05, 0.02)  # of the size, or the time, of the run's model
CHOOSING_ROWS, CHOOSING_SECONDS = 6_000, 2.0  # of one selection
MOST_SINGLES = 6
STUDENT_SECONDS = 90.0
STUDENT_CONFIG: Config = {}  # where it differs from other students'
LEAST_TEST_ROWS = 50  # of fewer nobody could say how good a student is
TIMED_ROWS = 1_000
NOT_MEASURED = MeasuredCosts(0.0, 0.0, 0)

Values = NDArray[np.float64]

logger = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class _Found:
    """A model that is not yet timed."""

    name: str
    trials: tuple[int, ...]
    weights: tuple[float, ...]
    temperature: float
    prediction: Values  # for the shared rows

    @property
    def is_trial(self) -> bool:
        """It is a trial as it is, not calibrated."""
        return len(self.trials) == 1 and self.temperature == 1.0


class LightJob:
    """A search on its way. Any thread may look at `latest`; `done` has all that was found.

    `done` raises AutoMLError where it failed, ExecutorClosedError where the process ends.
    """

    def __init__(self, service: PredictionService) -> None:
        self.done: Future[LightModels] = Future()
        self.latest: LightModels | None = None
        self.step = "Choosing what to average"
        self._service = service
        self._waiting: Future[Any] | None = None
        self._given_up = False

    def cancel(self) -> None:
        """End it soon; what was found so far is kept."""
        self._given_up = True
        if self._waiting is not None:
            self._service.give_up(self._waiting)

    @property
    def is_cancelled(self) -> bool:
        """True once `cancel` was called."""
        return self._given_up

    def waits_for(self, future: Future[Any]) -> None:
        """Remember what a worker is doing for it."""
        self._waiting = future


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
        self._student: Files = {}
        self._on_test: _OnTest | None = None
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
        found = self._choose(shared, spec.metric)
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
        if len(data.test_set.rows) >= LEAST_TEST_ROWS and not self._job.is_cancelled:
            self._job.step = "Training a student of the run's model"
            models = self._with_student(models, data)
        if not self._job.is_cancelled:
            models = self._with_versions(models, shared, data)
        models = replace(models, done=not self._job.is_cancelled)
        save_light_models(folder, models, self._student, self._downloads)
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

    def _choose(self, shared: SharedRows, metric: str) -> list[_Found]:
        """The run's model first, then averages under limits and single trials, each once."""
        final = self._final.number
        solved = self._state.ensemble
        own = (final,) if final in self._state.trials or solved is None else solved.trials
        shares = (1.0,) if len(own) == 1 or solved is None else solved.weights
        warmth = 1.0 if len(own) == 1 or solved is None else solved.temperature
        found = [_Found(self._final.name, own, shares, warmth, shared.predictions[final])]
        numbers = [n for n in shared.predictions if n in self._state.trials]
        if not numbers:
            return found
        candidates = [self._candidate(n, shared.predictions[n]) for n in numbers]
        problem = Problem(metric, self._folder.spec().task, shared.y, shared.weight)
        for limits in _ladder(candidates, [numbers.index(n) for n in own if n in numbers]):
            if self._job.is_cancelled:
                break
            chosen = select(
                problem, candidates, limits, rows=CHOOSING_ROWS, seconds=CHOOSING_SECONDS
            )
            if chosen is None:
                continue
            inside = [i for i, weight in enumerate(chosen.weights) if weight > 0]
            found.append(
                _Found(
                    "",
                    tuple(numbers[i] for i in inside),
                    tuple(chosen.weights[i] for i in inside),
                    chosen.temperature,
                    chosen.prediction,
                )
            )
        for i in _singles(problem, candidates):
            found.append(_Found("", (numbers[i],), (1.0,), 1.0, candidates[i].prediction))
        return self._named([found[0], *sorted(found[1:], key=self._bytes, reverse=True)])

    def _bytes(self, one: _Found) -> int:
        return sum(self._state.trials[trial].size_bytes or 0 for trial in one.trials)

    def _candidate(self, number: int, prediction: Values) -> Candidate:
        trial = self._state.trials[number]
        return Candidate(
            trial.family,
            prediction,
            trial.folds,
            trial.predict_ms_per_row or 0.0,
            trial.size_bytes or 0,
        )

    def _named(self, found: Sequence[_Found]) -> list[_Found]:
        """Each average once; one trial as it is has its name."""
        named: list[_Found] = []
        seen: set[tuple[tuple[int, ...], bool]] = set()
        averages = 0
        for one in found:
            if (one.trials, one.is_trial) in seen:
                continue
            seen.add((one.trials, one.is_trial))
            name = one.name
            if not name and one.is_trial:
                name = self._state.trials[one.trials[0]].name
            elif not name:
                averages += 1
                name = f"light-{averages}"
            named.append(replace(one, name=name))
        return named

    def _with(
        self, models: LightModels, one: _Found, score: ComparedScore, data: RunData
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
        task = DistillTask(
            data.link, STUDENT_CONFIG, self._folder.spec().options.seed, STUDENT_SECONDS
        )
        training = self._service.distill(task, teacher, data.trained_rows)
        self._job.waits_for(training)
        try:
            student = training.result()
            self._job.step = "Scoring the student"
            asked = ScoreTask(data.test_set.link)
            rows = data.test_set.rows
            expected, found = [
                self._service.score(asked, files, rows).result()
                for files in (teacher, student.files)
            ]
        except AutoMLError as error:
            logger.warning("no student of %s: %s", self._folder.path, error)
            return models
        self._student, self._on_test = student.files, _OnTest(data.test_set, expected)
        score = self._on_test.compared(models, found)
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
            assert self._on_test is not None
            test = self._on_test.rows
            task = ScoreMembersTask(test.link, PRECISIONS[wanted.form])
            found = self._members_say(task, self._student, [test.rows])
            return self._on_test.compared(models, found)
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
        files = self._student
        if source.kind != "student":
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


@dataclass(frozen=True, eq=False)
class _OnTest:
    """The test rows, and what the run's model says of them."""

    rows: TestSet
    expected: Values

    def compared(self, models: LightModels, found: Values) -> ComparedScore:
        """How far other answers are behind, on the scale of the other models."""
        rows, truth = self.rows.rows, self.rows.truth
        weight = None if truth.weight is None else truth.weight[rows]
        both = [self.expected, found]
        behind = compare_paired(models.metric, truth.y[rows], both, weight, reference=0)
        return _on_own_scale(models, behind.models[1])


def _timed_rows(data: RunData) -> NDArray[np.int64]:
    rows = data.trained_rows
    return rows if len(rows) <= TIMED_ROWS else rows[evenly_spaced(len(rows), TIMED_ROWS)]


def _on_own_scale(models: LightModels, score: ComparedScore) -> ComparedScore:
    """A score that was measured on other rows, moved by what the run's model differs there."""
    worse = 1.0 if loss_of(models.metric, 1.0) > 0 else -1.0  # the sign of a worse score
    moved = models.models[0].compared.score + worse * score.behind
    by = moved - score.score
    low = None if score.low is None else score.low + by
    high = None if score.high is None else score.high + by
    return replace(score, score=moved, low=low, high=high)


def _ladder(candidates: Sequence[Candidate], own: Sequence[int]) -> list[Limits]:
    """Limits on size, then on time, from half of the run's model down."""
    parts = [candidates[i] for i in own] or list(candidates)
    every_byte = sum(c.size_bytes for c in parts)
    every_ms = sum(c.predict_ms_per_row for c in parts)
    sizes = [Limits(most_bytes=round(share * every_byte)) for share in SHARES]
    return sizes + [Limits(most_ms=share * every_ms) for share in SHARES]


def _cheapest_front(problem: Problem, candidates: Sequence[Candidate]) -> list[int]:
    """Single candidates that no other one beats in score and size, or in score and time."""
    losses = [
        loss_of(problem.metric, _score(problem, candidate.prediction)) for candidate in candidates
    ]
    front: list[int] = []
    for cost in ([c.size_bytes for c in candidates], [c.predict_ms_per_row for c in candidates]):
        least = float("inf")
        for i in sorted(range(len(candidates)), key=lambda i: (cost[i], losses[i])):
            if losses[i] < least and i not in front:
                front.append(i)
            least = min(least, losses[i])
    return sorted(front, key=lambda i: losses[i])


def _singles(problem: Problem, candidates: Sequence[Candidate]) -> list[int]:
    """The front, and the best network and TabM beside it: versions are made of them."""
    front = _cheapest_front(problem, candidates)
    every = sorted(
        range(len(candidates)),
        key=lambda i: loss_of(problem.metric, _score(problem, candidates[i].prediction)),
    )
    networks = [i for i in every if model_spec(candidates[i].family).kind == "network"]
    tabms = [i for i in networks if candidates[i].family == TABM]
    return list(dict.fromkeys([*front[:MOST_SINGLES], *networks[:1], *tabms[:1]]))


def _score(problem: Problem, prediction: Values) -> float:
    return float(score(problem.metric, problem.y, prediction, problem.weight))
