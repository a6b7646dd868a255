"""The text embedding task: vectors of all texts by the sentence model, if the time suffices.

Called by `main.py`. The vectors are written to the workspace (`text_vectors`), where all workers
and later runs find them; the result only says whether they are there.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from automl_core.features import SentenceModel, Vectors, embed, find_model
from automl_core.runs.executor import EmbedTask, TextsEmbedded
from automl_core.runs.worker.connection import Connection
from automl_core.runs.worker.dataset import load_data
from automl_core.runs.worker.text_vectors import save_vectors, vectors_path
from automl_core.table import TypedColumn

LOADING, FASTEST = 6.0, 400.0
"""Seconds that loading the library takes, and texts a second that no core is likely to exceed."""

SPEED_TEXTS = 64  # texts on which the speed of this machine is measured
BATCH = 128  # texts between two checks of the time


def embed_texts(task: EmbedTask, connection: Connection) -> None:
    """Make the vectors that are missing; send whether all are there, and the speed."""
    until = time.monotonic() + (math.inf if task.seconds is None else task.seconds)

    def left() -> float:
        return -1.0 if connection.cancelled() else until - time.monotonic()

    model = find_model()
    missing = [] if model is None else _missing(task, model)
    texts = [word for column in missing for word in column.words]
    rate = FASTEST
    done = model is not None and (not texts or LOADING + len(texts) / FASTEST <= left())
    if model is not None and texts and done:
        rate = _texts_a_second(texts)
        done = len(texts) / rate <= left() and _make(task, model, missing, left)
    connection.send(TextsEmbedded(done, len(texts), rate))


def _missing(task: EmbedTask, model: SentenceModel) -> list[TypedColumn]:
    """Columns of texts, of both tables, whose vectors are not on disk yet."""
    tables = [replace(task.data, table=t, weight=None) for t in (task.data.table, task.test) if t]
    return [
        column
        for table in tables
        for column in load_data(table).typed.columns.values()
        if column.signals is not None
        and column.words
        and not vectors_path(task.data.root, column, model).is_file()
    ]


def _texts_a_second(texts: list[str]) -> float:
    """The speed on a few texts, evenly spread."""
    some = texts[:: max(1, len(texts) // SPEED_TEXTS)]
    embed(some[:1])  # loads the library and the model
    began = time.monotonic()
    embed(some)
    return len(some) / max(1e-9, time.monotonic() - began)


def _make(
    task: EmbedTask, model: SentenceModel, columns: list[TypedColumn], left: Callable[[], float]
) -> bool:
    """Write the vectors of all columns; False where the time runs out before."""
    for column in columns:
        parts: list[Vectors] = []
        for at in range(0, len(column.words), BATCH):
            if left() <= 0:
                return False
            parts.append(embed(column.words[at : at + BATCH]))
        save_vectors(vectors_path(task.data.root, column, model), np.concatenate(parts))
    return True
