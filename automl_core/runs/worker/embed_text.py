"""The embed task inside a worker: vectors of all texts by the sentence model, if time suffices.

Runs in a worker; knows the table, the workspace and the pipe, no run folder.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from automl_core.features import SentenceModel, Vectors, embed, find_model
from automl_core.runs.executor import EmbedTask, TextsEmbedded
from automl_core.runs.worker.connection import Link
from automl_core.runs.worker.dataset import load_data
from automl_core.runs.worker.text_vectors import save_vectors, vectors_path
from automl_core.table import TypedColumn

LOADING, FASTEST = 6.0, 400.0
"""Seconds until the library is there, and texts a second, that no core is likely to beat."""

TRIED = 64  # texts after which it is known how fast this machine is
AT_A_TIME = 128  # texts between two looks at the clock


def embed_texts(task: EmbedTask, link: Link) -> None:
    """Make what vectors are missing; say whether all are there, and how many texts a second."""
    until = time.monotonic() + (math.inf if task.seconds is None else task.seconds)

    def left() -> float:
        return -1.0 if link.cancelled() else until - time.monotonic()

    model = find_model()
    missing = [] if model is None else _missing(task, model)
    texts = [word for column in missing for word in column.words]
    rate = FASTEST
    done = model is not None and (not texts or LOADING + len(texts) / FASTEST <= left())
    if model is not None and texts and done:
        rate = _pace(texts)
        done = len(texts) / rate <= left() and _make(task, model, missing, left)
    link.send(TextsEmbedded(done, len(texts), rate))


def _missing(task: EmbedTask, model: SentenceModel) -> list[TypedColumn]:
    """Columns of texts, of both tables, whose vectors nobody has made yet."""
    links = [replace(task.data, table=t, weight=None) for t in (task.data.table, task.test) if t]
    return [
        column
        for link in links
        for column in load_data(link).typed.columns.values()
        if column.signals is not None
        and column.words
        and not vectors_path(task.data.root, column, model).is_file()
    ]


def _pace(texts: list[str]) -> float:
    """Texts a second, of some evenly spread ones."""
    some = texts[:: max(1, len(texts) // TRIED)]
    embed(some[:1])  # loads the library and the model
    began = time.monotonic()
    embed(some)
    return len(some) / max(1e-9, time.monotonic() - began)


def _make(
    task: EmbedTask, model: SentenceModel, columns: list[TypedColumn], left: Callable[[], float]
) -> bool:
    """Whether the vectors of all columns are on disk; they are not where time ran out."""
    for column in columns:
        parts: list[Vectors] = []
        for at in range(0, len(column.words), AT_A_TIME):
            if left() <= 0:
                return False
            parts.append(embed(column.words[at : at + AT_A_TIME]))
        save_vectors(vectors_path(task.data.root, column, model), np.concatenate(parts))
    return True
