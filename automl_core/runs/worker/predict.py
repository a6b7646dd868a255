"""What workers do beside training: importance, scoring of stored rows, whole tables.

Runs in a worker; models come as files, never as paths.
"""

from __future__ import annotations

import time
from functools import lru_cache
from pathlib import Path

import numpy as np

from automl_core.explain import one_repeat
from automl_core.export import Member, load_member, load_predictor, predictions_table
from automl_core.runs.executor import (
    Blobs,
    ImportanceRepeat,
    ImportanceTask,
    PredictTask,
    Scored,
    ScoreTask,
    TablePredicted,
    unpack_rows,
)
from automl_core.runs.worker.connection import Link
from automl_core.runs.worker.dataset import Rows, load_data, typed_of
from automl_core.table import open_table
from automl_core.types import Files

IMPORTANCE_ROWS = 2000  # at most, a repeat
FEWEST_ROWS = 64  # below, a repeat says too little


@lru_cache(maxsize=8)
def _member(files: tuple[tuple[str, bytes], ...]) -> Member:
    return load_member(dict(files))


def split_members(blobs: Blobs) -> dict[int, tuple[tuple[str, bytes], ...]]:
    """Files by fold, from blobs called member/<fold>/<file>."""
    parts: dict[int, list[tuple[str, bytes]]] = {}
    for name, data in blobs.items():
        kind, _, rest = name.partition("/")
        if kind == "member":
            fold, _, file = rest.partition("/")
            parts.setdefault(int(fold), []).append((file, data))
    return {fold: tuple(sorted(files)) for fold, files in parts.items()}


def find_importance(task: ImportanceTask, blobs: Blobs, link: Link) -> None:
    """Repeats of permutation importance, one message each, until the time is used up.

    Each repeat takes one fold's member and a fresh sample of that fold's validation rows, so
    that the spread over repeats covers rows and folds as well as shuffles.
    """
    began = time.monotonic()
    members = split_members(blobs)
    folds = sorted(members)
    seconds_a_repeat = 0.0
    for repeat in range(task.first_repeat, task.first_repeat + task.repeats):
        used = time.monotonic() - began
        if link.cancelled() or (seconds_a_repeat and used + seconds_a_repeat > task.seconds):
            return
        fold = folds[repeat % len(folds)]
        rows = unpack_rows(blobs[f"valid.{fold}"])
        left = max(0.05, task.seconds - used)
        losses = _one_repeat(task, _member(members[fold]), rows, repeat, left)
        seconds_a_repeat = time.monotonic() - began - used
        link.send(ImportanceRepeat(task.trial, repeat, losses, seconds_a_repeat))


def _one_repeat(
    task: ImportanceTask, member: Member, rows: Rows, repeat: int, seconds: float
) -> dict[str, float]:
    data = load_data(task.data)
    generator = np.random.default_rng(repeat)
    sample = generator.permutation(rows)[:IMPORTANCE_ROWS]
    x = member.encoder.encode(typed_of(task.data).take(sample))
    began = time.monotonic()
    member.model.predict(x[:FEWEST_ROWS])
    a_row = (time.monotonic() - began) / max(1, min(FEWEST_ROWS, len(x)))
    sources = len({f.source for f in member.encoder.features}) + 1
    affordable = int(seconds / max(1e-9, a_row * sources))
    keep = max(FEWEST_ROWS, min(len(x), affordable))
    weight = None if data.weight is None else data.weight[sample[:keep]]
    return one_repeat(
        member.model.predict, x[:keep], member.encoder.features, data.y[sample[:keep]],
        task.data.metric, weight=weight, seed=repeat,
    )  # fmt: skip


def score_rows(task: ScoreTask, blobs: Blobs, link: Link) -> None:
    """Predict stored rows with a predictor."""
    predictor = load_predictor(_files(blobs))
    rows = unpack_rows(blobs["rows"])
    prediction = predictor.predict(typed_of(task.data).take(rows))
    link.send(Scored(prediction))


def _files(blobs: Blobs) -> Files:
    return {n.removeprefix("model/"): d for n, d in blobs.items() if n.startswith("model/")}


def predict_table(task: PredictTask, blobs: Blobs, link: Link) -> None:
    """Score a whole stored table."""
    predictor = load_predictor(_files(blobs))
    table = predictions_table(predictor, open_table(task.table, Path(task.root)))
    link.send(TablePredicted(table))
