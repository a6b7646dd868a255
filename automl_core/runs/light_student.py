"""A student of a run's model: trained in a worker, and compared with the model on the test rows.

The test rows are those that no model saw. A student is not compared on others: it has learned what
the run's model says of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from automl_core.evaluation import ComparedScore, compare_paired
from automl_core.metrics import loss_of
from automl_core.runs.executor import DistillTask, PredictionService, ScoreTask
from automl_core.runs.light_job import LightJob
from automl_core.runs.light_models import LightModels
from automl_core.runs.setup import RunData, TestSet
from automl_core.types import Config, Files

SECONDS = 90.0
CONFIG: Config = {}  # where it differs from other students'
LEAST_TEST_ROWS = 50  # of fewer nobody could say how good a student is

Values = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Student:
    """A student, and what it and its teacher say of the test rows."""

    files: Files  # of its predictor
    test: TestSet
    expected: Values  # what the teacher says of the test rows
    said: Values  # what the student says of them

    def compared(self, models: LightModels, said: Values) -> ComparedScore:
        """How far what is `said` of the test rows is behind, on the scale of the other models."""
        rows, truth = self.test.rows, self.test.truth
        weight = None if truth.weight is None else truth.weight[rows]
        both = [self.expected, said]
        behind = compare_paired(models.metric, truth.y[rows], both, weight, reference=0)
        return _on_own_scale(models, behind.models[1])


def can_have_student(data: RunData) -> bool:
    """True where there are test rows enough to say how good a student is."""
    return len(data.test_set.rows) >= LEAST_TEST_ROWS


def train_student(
    teacher: Files, seed: int, data: RunData, service: PredictionService, job: LightJob
) -> Student:
    """A student of the predictor in `teacher`; AutoMLError where it fails or is cancelled."""
    task = DistillTask(data.link, CONFIG, seed, SECONDS)
    training = service.distill(task, teacher, data.trained_rows)
    job.waits_for(training)
    files = training.result().files
    job.step = "Scoring the student"
    asked, rows = ScoreTask(data.test_set.link), data.test_set.rows
    expected, said = [service.score(asked, scored, rows).result() for scored in (teacher, files)]
    return Student(files, data.test_set, expected, said)


def _on_own_scale(models: LightModels, score: ComparedScore) -> ComparedScore:
    """A score that was measured on other rows, moved by what the run's model differs there."""
    worse = 1.0 if loss_of(models.metric, 1.0) > 0 else -1.0  # the sign of a worse score
    moved = models.models[0].compared.score + worse * score.behind
    by = moved - score.score
    low = None if score.low is None else score.low + by
    high = None if score.high is None else score.high + by
    return replace(score, score=moved, low=low, high=high)
