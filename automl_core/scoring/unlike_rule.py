"""The limit from which on a row counts as unlike the training data, learned from them."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from automl_core.scoring.column_reference import UnlikeRule
from automl_core.scoring.reference import column_references
from automl_core.scoring.unlike_rows import oddness, surprises
from automl_core.table import Column, TypedTable

RATE = 0.01  # of rows like those of training that are called unlike
LEAST_ROWS = 200  # training rows, below which nothing is called unlike


def unlike_rule(typed: TypedTable, columns: Sequence[Column]) -> UnlikeRule | None:
    """The limit that calls RATE of such rows unlike; None where there are too few of them.

    Each half of the rows is scored by what the other half was like.
    """
    rows = typed.rows
    if rows < LEAST_ROWS:
        return None
    halves = [np.arange(start, rows, 2, dtype=np.int64) for start in (0, 1)]
    scores = np.empty(rows)
    for one, other in (halves, halves[::-1]):
        known = column_references(typed.take(one), columns)
        scores[other] = oddness(surprises(typed.take(other), known, rows))
    rank = math.ceil((rows + 1) * (1 - RATE))
    limit = float(np.sort(scores)[min(rank, rows) - 1])
    return UnlikeRule(limit, float(np.mean(scores > limit)))
