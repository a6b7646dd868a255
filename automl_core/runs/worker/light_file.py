"""The tasks of ONNX files in the light view: what rounded members say, and files that are timed.

Called by `main.py`.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from automl_core.export import Predictor, load_predictor
from automl_core.onnx_export import (
    OnnxSession,
    UsualRows,
    build_onnx,
    build_rounded,
    rounded_session,
)
from automl_core.runs.executor import (
    Blobs,
    LightFileTask,
    LightFileWritten,
    Scored,
    ScoreMembersTask,
    unpack_rows,
)
from automl_core.runs.worker.connection import Connection
from automl_core.runs.worker.dataset import typed_table
from automl_core.runs.worker.predict import model_files
from automl_core.runs.worker.time_model import timed
from automl_core.table import TypedTable

BATCH = 1_000  # rows that are given at once


def do(task: ScoreMembersTask | LightFileTask, blobs: Blobs, connection: Connection) -> None:
    """Do one of the tasks of this file."""
    if isinstance(task, ScoreMembersTask):
        score_members(task, blobs, connection)
    else:
        write_light_file(task, blobs, connection)


def score_members(task: ScoreMembersTask, blobs: Blobs, connection: Connection) -> None:
    """Send what each member says of the rows that came for it."""
    predictor, table = load_predictor(model_files(blobs)), typed_table(task.data)
    said = [
        _says(_alone(predictor, number), task, table.take(unpack_rows(blobs[f"rows.{number}"])))
        for number in range(len(predictor.members))
    ]
    connection.send(Scored(np.concatenate(said)))


def _alone(predictor: Predictor, number: int) -> Predictor:
    return replace(predictor, members=(predictor.members[number],), weights=(1.0,), temperature=1.0)


def _says(member: Predictor, task: ScoreMembersTask, rows: TypedTable) -> np.ndarray:
    if task.precision == "exact":
        return member.predict(rows)
    session = rounded_session(member, task.precision)
    starts = range(0, max(1, rows.rows), BATCH)
    parts = [rows.take(np.arange(i, min(i + BATCH, rows.rows))) for i in starts]
    return np.concatenate([session.predict(part) for part in parts])


def write_light_file(task: LightFileTask, blobs: Blobs, connection: Connection) -> None:
    """Send the download of the file, with its certificate and its times."""
    predictor = load_predictor(model_files(blobs))
    rows = typed_table(task.data).take(unpack_rows(blobs["rows"]))
    usual = UsualRows(rows, task.rows_of)
    if task.precision == "exact":
        exact = build_onnx(predictor, usual)
        package, words = exact.package, exact.certificate.words
    else:
        rounded = build_rounded(predictor, task.precision, usual)
        package, words = rounded.package, rounded.certificate.words
    session = OnnxSession(package["model.onnx"], predictor.columns)
    connection.send(LightFileWritten(package, words, timed(session.predict, rows)))
