"""The task of a student: one small network that learns what a larger model predicts.

Hinton, Vinyals and Dean 2015, "Distilling the knowledge in a neural network". It learns the
probabilities themselves, or the values, of rows that lessons.py has; the true answers of real rows
that are no lessons say which of its epochs is the best. Called by `main.py`.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl_core.export import (
    SCHEMA_FILE,
    Member,
    ModelRecord,
    Predictor,
    SchemaRecord,
    assemble_files,
    load_predictor,
    member_files,
    read_record,
)
from automl_core.features import Encoder, fit_encoder
from automl_core.models import Epoch, FitControl, FitData, catalog
from automl_core.runs.executor import Blobs, Distilled, DistillTask, unpack_rows
from automl_core.runs.worker import preload
from automl_core.runs.worker.connection import Connection
from automl_core.runs.worker.dataset import Rows, load_data, typed_table
from automl_core.runs.worker.lessons import Lessons, make_lessons, near_rows
from automl_core.runs.worker.predict import model_files
from automl_core.runs.worker.teacher import quick_teacher
from automl_core.runs.worker.time_limit import TimeLimit
from automl_core.table import TypedTable
from automl_core.types import Config, StopReason

FAMILY = "realmlp"
CONFIG: Config = {"dropout": 0.0, "label_smoothing": 0.0, "steps": 6_000}
"""Where it differs from the defaults of the family: what the teacher says has little noise, and
takes long to learn."""

MOST_REAL = 80_000  # rows that are looked at
MOST_ROWS, MOST_CELLS = 120_000, 40_000_000  # of all lessons, and of their matrix
FEW = 500  # rows on which the quick teacher is compared
VALID, FEWEST_VALID = 0.1, 20  # of the rows, which say when training ends


def distill(task: DistillTask, blobs: Blobs, connection: Connection) -> None:
    """Send the student as the files of a predictor."""
    files = model_files(blobs)
    teacher = load_predictor(files)
    model_spec = catalog.model_spec(FAMILY)
    preload.for_family(model_spec)
    limit = TimeLimit(time.monotonic(), task.seconds, connection)
    encoder, data = _taught(task, teacher, unpack_rows(blobs["rows"]), limit)

    def report(_: Epoch) -> StopReason | None:
        return limit.interrupted()

    control = FitControl(report, limit.interrupted, limit.elapsed, task.seed)
    model = catalog.fit(model_spec, data, CONFIG | task.config, control).model
    record = ModelRecord("student", FAMILY, teacher.task, teacher.metric, 1)
    schema = read_record(SchemaRecord, files, SCHEMA_FILE)
    member = member_files(Member(FAMILY, encoder, model))
    connection.send(Distilled(assemble_files(record, schema, [member]), len(data.y)))


def _taught(
    task: DistillTask, teacher: Predictor, rows: Rows, limit: TimeLimit
) -> tuple[Encoder, FitData]:
    """The lessons, encoded; a tenth of the rows, with their true answers, validates."""
    rng = np.random.default_rng(task.seed)
    mixed = rng.permutation(rows)
    held = min(len(rows) // 2, max(FEWEST_VALID, round(VALID * len(rows))))
    valid, train = mixed[:held], mixed[held:][:MOST_REAL]
    every = load_data(task.data)
    typed = _columns_of(teacher, typed_table(task.data))
    real = typed.take(train)
    encoder, x = _fit_encoder(task, teacher, real, every.y[train])
    most = max(2, min(MOST_ROWS, MOST_CELLS // x.shape[1]))
    near = near_rows(x, encoder.features, rng)
    says = quick_teacher(teacher, real.take(np.arange(min(FEW, real.rows))))
    lessons = make_lessons(says, real, near, most, limit, rng)
    data = FitData(
        task=task.data.task,
        classes=teacher.target.classes,
        features=encoder.features,
        x=np.concatenate([x[lessons.real], encoder.encode(lessons.generated)]),
        y=_hard(lessons, teacher.target.classes),
        weight=None,
        x_valid=encoder.encode(typed.take(valid)),
        y_valid=every.y[valid],
        weight_valid=None if every.weight is None else every.weight[valid],
        metric=task.data.metric,
        soft=lessons.answers if teacher.target.classes else None,
    )
    return encoder, data


def _columns_of(teacher: Predictor, typed: TypedTable) -> TypedTable:
    return TypedTable({c.name: typed.columns[c.name] for c in teacher.columns}, typed.rows)


def _fit_encoder(
    task: DistillTask, teacher: Predictor, real: TypedTable, y: NDArray[Any]
) -> tuple[Encoder, NDArray[np.float32]]:
    """Fitted to real rows and their true answers, as those of other networks are."""
    encoding = replace(catalog.model_spec(FAMILY).encoding, rich=task.data.rich)
    columns, classes = list(teacher.columns), teacher.target.classes
    return fit_encoder(real, columns, y, task.data.task, classes, encoding, seed=0)


def _hard(lessons: Lessons, classes: int) -> NDArray[np.float64] | NDArray[np.int64]:
    """Values, or the likeliest class of each lesson."""
    return lessons.answers.argmax(axis=1).astype(np.int64) if classes else lessons.answers
