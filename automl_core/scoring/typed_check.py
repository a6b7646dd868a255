"""Typed rows beside the training rows: drift, and where answers are known the score."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl_core.errors import ModelError
from automl_core.evaluation import ErrorMeasure
from automl_core.scoring.data_faults import find_faults
from automl_core.scoring.drift import Drift, drift
from automl_core.scoring.score_fall import Answered, ScoreFall, score_fall
from automl_core.scoring.training_rows import TrainingRows
from automl_core.scoring.unlike_rows import unlike_rows
from automl_core.table import TypedTable
from automl_core.words import percent

NOT_COMPARED = "The model keeps nothing of its training rows, so they are not compared with these."


@dataclass(frozen=True)
class FileCheck:
    """A file beside the training rows."""

    drift: Drift | None  # None: the model knows nothing of its training rows
    fall: ScoreFall | None  # None: too few rows have a known answer, or the model knows no errors

    @property
    def lines(self) -> tuple[str, ...]:
        """The verdict, what has moved, and causes of a fall with their shares."""
        if self.drift is None:
            return (NOT_COMPARED,)
        found = [self.drift.verdict, *(f"  {column.words}" for column in self.drift.moved)]
        if self.fall is not None:
            found.append(self.fall.sentence)
            for cause in self.fall.causes:
                found.append(f"  {percent(cause.share):>5}  {cause.title}. {cause.words}")
        return tuple(found)


@dataclass(frozen=True, eq=False)
class KnownAnswers:
    """Those m of some rows whose answer is known."""

    places: NDArray[np.int64]  # (m,) among the rows
    y: NDArray[Any]  # (m,) class numbers or values
    unread: Mapping[str, NDArray[np.bool_]]  # (m,) cells that no rule could read, by column
    predict: Callable[[TypedTable], NDArray[np.float64]]
    measure: ErrorMeasure


def check_typed(typed: TypedTable, training: TrainingRows, known: KnownAnswers | None) -> FileCheck:
    """The check of rows. Raises ModelError where what is kept of the training rows is damaged."""
    moved = drift(typed, training)
    if known is None:
        return FileCheck(moved, None)
    if training.loss is not None and training.loss.measure != known.measure.name:
        raise ModelError("The model's files contradict each other: its errors are of another kind.")
    part = typed.take(known.places)
    faults = find_faults(part, training, known.unread)
    names = tuple(dict.fromkeys(column.column for column in moved.moved))
    unlike = None
    if training.unlike is not None:
        unlike = unlike_rows(part, training.columns, training.unlike, training.rows).unlike
    answered = Answered(part, known.y, known.predict, known.measure, faults, names, unlike)
    return FileCheck(moved, score_fall(answered, training))
