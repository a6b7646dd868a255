"""The explanation task: what a model learned, ever better until its time is over.

Called by `main.py`, for a page, a command or a program. Each row is predicted by members that did
not train on it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from automl_core.errors import ModelError
from automl_core.explain import Ask, Explanation, Open, Part, Sample, explain
from automl_core.export import ChangedCells, ChangedRows, Predictor, load_predictor
from automl_core.runs.executor import Blobs, ExplainTask, unpack_rows
from automl_core.runs.worker.connection import Connection
from automl_core.runs.worker.dataset import Rows, load_rows
from automl_core.runs.worker.predict import model_files
from automl_core.table import TypedTable

EVERY = 0.5  # seconds from one result to the next
NOTHING = Explanation()


class _OverError(Exception):
    """The time is over, or nobody wants the rest."""


def explain_model(task: ExplainTask, blobs: Blobs, connection: Connection) -> None:
    """Send explanations until they are done, the time is over, or nobody wants them any more.

    It looks before each batch of predictions, so that a slow model does not make it late.
    """
    began = sent = time.monotonic()
    known = NOTHING

    def check() -> None:
        over = known is not NOTHING and time.monotonic() - began > task.seconds
        if over or connection.cancelled():
            raise _OverError

    with suppress(_OverError):
        for known in explain(_sample(task, blobs, check), task.question):
            check()
            now = time.monotonic()
            if now - sent > EVERY:
                connection.send(replace(known, seconds=now - began))
                sent = now
    connection.send(replace(known, seconds=time.monotonic() - began))


def _sample(task: ExplainTask, blobs: Blobs, check: Callable[[], None]) -> Sample:
    """The rows with a weight, and the model; `check` is called before each batch."""
    predictor = load_predictor(model_files(blobs))
    rows = unpack_rows(blobs["rows"])
    data = load_rows(task.data, rows)
    places = np.arange(len(rows)) if data.weight is None else np.flatnonzero(data.weight > 0)
    if not len(places):
        raise ModelError("All rows that the model did not train on have the weight 0.")
    kinds = {c.name: c.parse.kind for c in task.data.columns if c.name in task.columns}
    return Sample(
        typed=data.typed.take(places),
        kinds=kinds,
        y=data.y[places],
        weight=None if data.weight is None else data.weight[places],
        parts=tuple(
            replace(part, open=_checked(part.open, check))
            for part in _parts(task, predictor, rows[places], blobs)
        ),
        labels=predictor.target.names if predictor.target.classes else (),
    )


def _checked(wanted: Open, check: Callable[[], None]) -> Open:
    def opened(typed: TypedTable) -> Ask:
        ask = wanted(typed)

        def checked(changes: Sequence[ChangedCells]) -> NDArray[np.float64]:
            check()
            return ask(changes)

        return checked

    return opened


def _parts(task: ExplainTask, predictor: Predictor, rows: Rows, blobs: Blobs) -> tuple[Part, ...]:
    """A part for each set of members that predict the same rows."""
    if not task.weights:
        return (Part(_opened(predictor), np.arange(len(rows), dtype=np.int64)),)
    unseen = [np.isin(rows, unpack_rows(blobs[f"valid.{i}"])) for i in range(len(task.weights))]
    sets, place = np.unique(np.array(unseen), axis=1, return_inverse=True)
    place = place.reshape(-1)
    return tuple(
        Part(_opened(_average(predictor, np.flatnonzero(chosen).tolist(), task.weights)), places)
        for i, chosen in enumerate(sets.T)
        if len(places := np.flatnonzero(place == i).astype(np.int64)) and chosen.any()
    )


def _opened(predictor: Predictor) -> Open:
    return lambda typed: ChangedRows(predictor, typed).predict


def _average(predictor: Predictor, members: Sequence[int], weights: Sequence[float]) -> Predictor:
    """The weighted average of these members alone, as a predictor of its own."""
    total = sum(weights[i] for i in members)
    return replace(
        predictor,
        members=tuple(predictor.members[i] for i in members),
        weights=tuple(weights[i] / total for i in members),
    )
