"""Days between two date columns, such as from order to delivery."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np

from automl_core.features.dates import DAY, plausible_seconds
from automl_core.features.encoded_columns import Matrix, Numbers, number
from automl_core.features.feature_layout import Encoding, Feature
from automl_core.features.scaling import Scaling, fit_scaling
from automl_core.table import Column, TypedTable

MOST_DATES = 4
"""Columns whose pairs are looked at: the first ones."""


@dataclass(frozen=True)
class DateGapEncoder:
    """One number a row: days from `first` to `second`, scaled."""

    first: str
    second: str
    scaling: Scaling
    fill: bool  # missing becomes 0; else NaN
    kind: Literal["date_gap"] = "date_gap"

    @property
    def columns(self) -> tuple[str, str]:
        return self.first, self.second

    @property
    def features(self) -> tuple[Feature, ...]:
        both = f"{self.first}, {self.second}"
        return (number(f"days from {self.first} to {self.second}", both),)

    def write(self, typed: TypedTable, out: Matrix) -> None:
        """Fill `out` (n, 1)."""
        scaled = self.scaling.apply(_days(typed, self.first, self.second))
        out[:, 0] = np.nan_to_num(scaled, nan=0.0) if self.fill else scaled


def fit_date_gaps(
    typed: TypedTable, columns: Sequence[Column], encoding: Encoding
) -> tuple[DateGapEncoder, ...]:
    """The pairs of dates whose distance varies; usually none."""
    dates = [c.name for c in columns if c.parse.kind == "datetime"][:MOST_DATES]
    found = []
    for first, second in combinations(dates if encoding.rich else [], 2):
        days = _days(typed, first, second)
        scaling = fit_scaling(days[~np.isnan(days)], smooth=encoding.numeric == "robust")
        if scaling is not None:
            found.append(DateGapEncoder(first, second, scaling, encoding.missing == "fill"))
    return tuple(found)


def _days(typed: TypedTable, first: str, second: str) -> Numbers:
    """Days (n,) from the first to the second, NaN where either is missing."""
    start, end = (plausible_seconds(typed.columns[name]) for name in (first, second))
    days: Numbers = (end - start) / DAY
    return days
