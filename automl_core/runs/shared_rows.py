"""Predictions of several models of a run for the rows that all of them have predicted unseen.

Trials may have predicted different numbers of rows: a race trains the leading ones on more parts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl_core.errors import AutoMLError
from automl_core.runs.record import OutOfFold, RunFolder
from automl_core.table import evenly_spaced

MAX_SHARED = 50_000  # rows that are compared
MAX_MODELS, LEAST_MODELS = 40, 8
MAX_VALUES = 20_000_000  # predictions that are held at once


@dataclass(frozen=True, eq=False)
class SharedRows:
    """Rows, ascending, and what each model says of them."""

    rows: NDArray[np.int64]  # (m,) numbers in the stored table
    y: NDArray[Any]  # (m,) class numbers or values
    weight: NDArray[np.float64] | None  # (m,)
    predictions: Mapping[int, NDArray[np.float64]]  # by model: (m, classes) or (m,), finite
    missing: Mapping[int, str]  # models that are not compared: why, in words
    every: int  # rows that all have predicted; m at most


def shared_rows(
    folder: RunFolder, models: Sequence[int], most: int = MAX_SHARED
) -> SharedRows | None:
    """The rows that all of these models (numbers, or ENSEMBLE) have predicted; None: none.

    A model whose predictions are gone, damaged or no numbers is left out. Where rows are many,
    only the first models are compared, and `most` rows, evenly spaced.
    """
    found: dict[int, OutOfFold] = {}
    missing: dict[int, str] = {}
    limit = MAX_MODELS
    for model in models:
        if len(found) >= limit:
            missing[model] = f"only the first {limit} models are compared"
            continue
        try:
            oof = folder.out_of_fold(model)
        except AutoMLError as error:
            missing[model] = error.message
            continue
        if not np.isfinite(oof.prediction).all():
            missing[model] = "its predictions are not all numbers"
            continue
        found[model] = oof
        limit = min(limit, max(LEAST_MODELS, MAX_VALUES // max(1, oof.prediction.size)))
    if not found:
        return None
    rows = reduce(np.intersect1d, [oof.rows for oof in found.values()])
    every = len(rows)
    if not every:
        return None
    if every > most:
        rows = rows[evenly_spaced(every, most)]
    taken = {model: _places(oof.rows, rows) for model, oof in found.items()}
    first = next(iter(found))
    source, places = found[first], taken[first]
    return SharedRows(
        rows,
        source.y[places],
        None if source.weight is None else source.weight[places],
        {model: oof.prediction[taken[model]] for model, oof in found.items()},
        missing,
        every,
    )


def _places(rows: NDArray[np.int64], wanted: NDArray[np.int64]) -> NDArray[np.int64]:
    order = np.argsort(rows, kind="stable")
    return order[np.searchsorted(rows, wanted, sorter=order)]
