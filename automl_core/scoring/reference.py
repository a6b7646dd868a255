"""reference.json: what the training rows of a model were like, column by column.

Made from rows whose predictions the model's folds had not seen. Holds ends, quantiles and
frequencies, and no row; of texts only how long they are. Values come from files: show them as plain
text only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from automl_core.errors import ModelError
from automl_core.evaluation import PredictionSets
from automl_core.export import REFERENCE_FILE, damage_as_model_error, read_record
from automl_core.files import dump_json
from automl_core.records import to_plain
from automl_core.scoring.column_reference import ColumnReference, UnlikeRule
from automl_core.scoring.compared_column import compared
from automl_core.scoring.expected_loss import ExpectedLoss
from automl_core.table import Column, TypedColumn, TypedTable
from automl_core.types import Files

POINTS = 129  # quantiles of a column that are kept
MOST_WORDS, LONGEST_WORD = 100, 100  # words of a column that are kept, and their characters

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Reference:
    """reference.json"""

    rows: int  # training rows that it was made of
    columns: tuple[ColumnReference, ...]  # those that the model uses
    unlike: UnlikeRule | None = None  # None: there were too few rows
    sets: PredictionSets | None = None  # of a classification with rows enough
    loss: ExpectedLoss | None = None  # None: nothing is known of its errors on unseen rows
    format_version: int = 1

    def column(self, name: str) -> ColumnReference | None:
        """What is known of a column; None where it is not."""
        return next((column for column in self.columns if column.name == name), None)


def column_references(typed: TypedTable, columns: Sequence[Column]) -> tuple[ColumnReference, ...]:
    """What these rows say of each column."""
    return tuple(
        _of_column(compared(typed.columns[c.name], c.parse.kind), c.parse.kind) for c in columns
    )


def _of_column(cells: TypedColumn, kind: str) -> ColumnReference:
    missing = float(cells.gaps.mean()) if len(cells) else 1.0
    if cells.numbers is not None:
        known = np.sort(cells.numbers[np.isfinite(cells.numbers)])
        if not len(known):
            return ColumnReference(cells.name, kind, missing)
        places = np.round(np.linspace(0, len(known) - 1, min(POINTS, len(known)))).astype(int)
        return ColumnReference(cells.name, kind, missing, tuple(known[places].tolist()))
    assert cells.codes is not None
    counts = np.bincount(cells.codes[cells.codes >= 0], minlength=len(cells.words))
    total = int(counts.sum())
    order = [i for i in np.argsort(-counts, kind="stable").tolist() if counts[i]]
    kept = [i for i in order[:MOST_WORDS] if len(cells.words[i]) <= LONGEST_WORD]
    words = tuple(cells.words[i] for i in kept)
    shares = tuple(float(counts[i]) / total for i in kept)
    return ColumnReference(cells.name, kind, missing, (), words, shares, len(kept) < len(order))


def reference_files(reference: Reference) -> Files:
    """The reference as a file."""
    return {REFERENCE_FILE: dump_json(to_plain(reference))}


def read_reference(files: Files) -> Reference | None:
    """The reference of a model's files; None where it has none, as models of 0.5.0.

    Raises ModelError where it is damaged or newer.
    """
    if REFERENCE_FILE not in files:
        return None
    reference = read_record(Reference, files, REFERENCE_FILE)
    with damage_as_model_error(REFERENCE_FILE):
        sound = all(
            len(c.words) == len(c.shares) and list(c.points) == sorted(c.points)
            for c in reference.columns
        )
        if not sound or reference.rows < 1:
            raise ModelError(f"The model cannot be read: {REFERENCE_FILE} is damaged.")
    return reference
