"""The importance task: permutation importance of a trial's model, one repeat after the other.

Called by `main.py`, while a run trains and at its end. The model arrives as files, its
validation rows as blobs.
"""

from __future__ import annotations

import time
from functools import lru_cache

import numpy as np

from automl_core.explain import one_repeat
from automl_core.export import Member, load_member, split_members
from automl_core.runs.executor import Blobs, ImportanceRepeat, ImportanceTask, unpack_rows
from automl_core.runs.worker.connection import Connection
from automl_core.runs.worker.dataset import Rows, load_data, typed_rows
from automl_core.runs.worker.predict import model_files

MOST_ROWS = 2000  # of a repeat
FEWEST_ROWS = 64  # of a repeat, however slow the model is
MOST_TIMES = 3.0  # as long as the task may last; a repeat that would take longer is not begun


def measure_importance(task: ImportanceTask, blobs: Blobs, connection: Connection) -> None:
    """Send repeats of permutation importance until the time is used up.

    Each repeat takes one fold's member and a new sample of that fold's validation rows, so that
    the spread over repeats covers rows and folds as well as shuffles. Where columns are so many
    that not even one repeat is affordable, an empty one says so.
    """
    began = time.monotonic()
    members = split_members(model_files(blobs))
    seconds_a_repeat = 0.0
    for repeat in range(task.first_repeat, task.first_repeat + task.repeats):
        used = time.monotonic() - began
        if connection.cancelled() or (seconds_a_repeat and used + seconds_a_repeat > task.seconds):
            return
        number = repeat % len(members)
        member = _load(tuple(sorted(members[number].items())))
        rows = unpack_rows(blobs[f"valid.{number}"])
        losses = _one_repeat(task, member, rows, repeat, max(0.05, task.seconds - used))
        seconds_a_repeat = time.monotonic() - began - used
        connection.send(ImportanceRepeat(task.trial, repeat, losses, seconds_a_repeat))
        if not losses:
            return


@lru_cache(maxsize=8)
def _load(files: tuple[tuple[str, bytes], ...]) -> Member:
    return load_member(dict(files))


def _one_repeat(
    task: ImportanceTask, member: Member, rows: Rows, repeat: int, seconds: float
) -> dict[str, float]:
    """Loss by column of one shuffle, on as many rows as the model predicts in time; {}: on none."""
    data = load_data(task.data)
    generator = np.random.default_rng(repeat)
    sample = generator.permutation(rows)[:MOST_ROWS]
    x = member.encoder.encode(typed_rows(task.data, sample, member.encoder.reads))
    began = time.monotonic()
    member.model.predict(x[:FEWEST_ROWS])
    a_row = (time.monotonic() - began) / max(1, min(FEWEST_ROWS, len(x)))
    sources = len({f.source for f in member.encoder.features}) + 1
    if a_row * sources * min(FEWEST_ROWS, len(x)) > MOST_TIMES * max(seconds, task.seconds):
        return {}
    affordable = int(seconds / max(1e-9, a_row * sources))
    keep = max(FEWEST_ROWS, min(len(x), affordable))
    weight = None if data.weight is None else data.weight[sample[:keep]]
    return one_repeat(
        member.model.predict, x[:keep], member.encoder.features, data.y[sample[:keep]],
        task.data.metric, weight=weight, seed=repeat,
    )  # fmt: skip
