"""The task of a student: one small network that learns what a larger model predicts.

Hinton, Vinyals and Dean 2015, "Distilling the knowledge in a neural network". The student sees the
rows that the teacher learned from and generated ones, each a row whose cells of some columns are
those of another one (Fakoor et al. 2020, "Fast, accurate, and simple models for tabular data",
sample rows near the real ones, too), all with what the teacher predicts for them. Called by
`main.py`.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

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
from automl_core.runs.worker.predict import model_files
from automl_core.runs.worker.time_limit import TimeLimit
from automl_core.table import TypedColumn, TypedTable
from automl_core.types import Config, StopReason

Values = NDArray[np.float64]

FAMILY = "realmlp"
CONFIG: Config = {"dropout": 0.0, "label_smoothing": 0.0, "steps": 6_000}
"""Where it differs from the defaults of the family: what the teacher says has little noise, and
takes long to learn."""

GENERATED, MOST_ROWS = 5, 80_000  # generated rows for each real one; of all that train
SWAPPED = 0.1  # of the cells of a generated row that are another row's
TEACHING = 0.35  # of the time that the teacher may take for generated rows
VALID, FEWEST_VALID = 0.1, 20  # of the rows, which say when training ends
LEAST_CHANCE = 0.02  # probabilities below it are not taught
BATCH = 1_000  # rows that the teacher predicts between two looks at the clock


def distill(task: DistillTask, blobs: Blobs, connection: Connection) -> None:
    """Send the student as the files of a predictor."""
    files = model_files(blobs)
    teacher = load_predictor(files)
    model_spec = catalog.model_spec(FAMILY)
    preload.for_family(model_spec)
    limit = TimeLimit(time.monotonic(), task.seconds, connection)
    rows = unpack_rows(blobs["rows"])
    mixed = np.random.default_rng(task.seed).permutation(len(rows))
    held = min(len(rows) // 2, max(FEWEST_VALID, round(VALID * len(rows))))
    valid, train = mixed[:held], mixed[held:][:MOST_ROWS]
    typed = _columns_of(teacher, typed_table(task.data))
    lessons = _lessons(teacher, typed.take(rows[train]), task.seed, limit)
    encoder, data = _encoded(task, teacher, lessons, typed.take(rows[valid]), rows[valid])

    def report(_: Epoch) -> StopReason | None:
        return limit.interrupted()

    control = FitControl(report, limit.interrupted, limit.elapsed, task.seed)
    model = catalog.fit(model_spec, data, CONFIG | task.config, control).model
    member = Member(FAMILY, encoder, model)
    record = ModelRecord("student", FAMILY, teacher.task, teacher.metric, 1)
    schema = read_record(SchemaRecord, files, SCHEMA_FILE)
    student = assemble_files(record, schema, [member_files(member)])
    connection.send(Distilled(student, lessons.typed.rows))


def _columns_of(teacher: Predictor, typed: TypedTable) -> TypedTable:
    return TypedTable({c.name: typed.columns[c.name] for c in teacher.columns}, typed.rows)


@dataclass(frozen=True, eq=False)
class _Lessons:
    """Rows, and what the teacher says of each."""

    typed: TypedTable
    answers: Values  # (n, classes) or (n,)


def _lessons(teacher: Predictor, typed: TypedTable, seed: int, limit: TimeLimit) -> _Lessons:
    """The real rows, then generated ones as far as the time of the teacher goes."""
    rng = np.random.default_rng(seed + 1)
    most = min(GENERATED * typed.rows, MOST_ROWS)
    parts, answers = [typed], [teacher.predict(typed)]
    made = 0
    while made < most and limit.elapsed() < TEACHING and limit.interrupted() is None:
        part = generated_rows(typed, min(BATCH, most - made), rng)
        parts.append(part)
        answers.append(teacher.predict(part))
        made += part.rows
    return _Lessons(_joined(parts), np.concatenate(answers))


def generated_rows(typed: TypedTable, count: int, rng: np.random.Generator) -> TypedTable:
    """Rows (count) of the table in which a tenth of the cells are another row's."""
    base, donor = rng.integers(0, typed.rows, (2, count))
    columns = {}
    for name, column in typed.columns.items():
        columns[name] = column.take(np.where(rng.random(count) < SWAPPED, donor, base))
    return TypedTable(columns, count)


def _joined(parts: list[TypedTable]) -> TypedTable:
    """The rows of tables that were taken from one table, one after the other."""
    columns = {
        name: _joined_column([part.columns[name] for part in parts]) for name in parts[0].columns
    }
    return TypedTable(columns, sum(part.rows for part in parts))


def _joined_column(parts: list[TypedColumn]) -> TypedColumn:
    first = parts[0]
    if first.numbers is not None:
        numbers = [part.numbers for part in parts if part.numbers is not None]
        return replace(first, numbers=np.concatenate(numbers))
    return replace(first, codes=np.concatenate([p.codes for p in parts if p.codes is not None]))


def _encoded(
    task: DistillTask, teacher: Predictor, lessons: _Lessons, valid: TypedTable, rows: Rows
) -> tuple[Encoder, FitData]:
    """The lessons as rows of classes with weights, or as values; the true answers validate."""
    every = load_data(task.data)
    row, y, weight = _answers(lessons.answers, teacher.target.classes)
    encoder, x = fit_encoder(
        lessons.typed,
        list(teacher.columns),
        _likeliest(lessons.answers, teacher.target.classes),
        task.data.task,
        teacher.target.classes,
        replace(catalog.model_spec(FAMILY).encoding, rich=task.data.rich),
        seed=0,
    )
    return encoder, FitData(
        task=task.data.task,
        classes=teacher.target.classes,
        features=encoder.features,
        x=x if row is None else x[row],
        y=y,
        weight=weight,
        x_valid=encoder.encode(valid),
        y_valid=every.y[rows],
        weight_valid=None if every.weight is None else every.weight[rows],
        metric=task.data.metric,
    )


def _likeliest(answers: Values, classes: int) -> NDArray[np.float64] | NDArray[np.int64]:
    return answers.argmax(axis=1).astype(np.int64) if classes else answers


def _answers(
    answers: Values, classes: int
) -> tuple[NDArray[np.intp] | None, NDArray[np.float64] | NDArray[np.int64], Values | None]:
    """Rows (m,), their class, and how much each counts: a row stands once for each likely class.

    The weighted log loss of these is the cross entropy with the probabilities. Of values: as they
    are.
    """
    if not classes:
        return None, answers, None
    likely = answers >= LEAST_CHANCE
    likely[np.arange(len(answers)), answers.argmax(axis=1)] = True
    row, y = np.nonzero(likely)
    weight = answers[row, y]
    return row, y.astype(np.int64), weight / weight.mean()
