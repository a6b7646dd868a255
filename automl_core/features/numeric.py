"""Numbers and booleans: scaled, with an indicator of missing cells where asked for."""

from __future__ import annotations

import numpy as np

from automl_core.features.encoded_columns import Matrix, finite_numbers, missing_feature, number
from automl_core.features.encoder_record import EncoderRecord
from automl_core.features.feature_layout import Encoding, Feature
from automl_core.features.scaling import Scaling, fit_scaling, require
from automl_core.table import TypedColumn


class NumericEncoder(EncoderRecord, frozen=True, tag="numeric"):
    """The scaled number, and 1 where it is missing; at least one of the two."""

    name: str
    scaling: Scaling | None  # None: the value is constant, only its absence is a feature
    fill: bool  # missing becomes 0, the centre; else NaN
    indicator: bool

    def __post_init__(self) -> None:
        require(self.scaling is not None or self.indicator, f"{self.name!r} has no feature")

    @property
    def features(self) -> tuple[Feature, ...]:
        value = () if self.scaling is None else (number(self.name, self.name),)
        return value + ((missing_feature(self.name),) if self.indicator else ())

    def write(self, column: TypedColumn, out: Matrix) -> None:
        """Fill `out` (n, 1 or 2)."""
        numbers = finite_numbers(column)
        missing = np.isnan(numbers)
        if self.indicator:
            out[:, -1] = missing
        if self.scaling is not None:
            scaled = self.scaling.apply(numbers)
            out[:, 0] = np.where(missing, 0.0, scaled) if self.fill else scaled


def fit_numeric(column: TypedColumn, encoding: Encoding) -> NumericEncoder | None:
    """The encoder of a column of numbers, or None where it has nothing to tell."""
    numbers = finite_numbers(column)
    missing = np.isnan(numbers)
    if missing.all():
        return None
    scaling = fit_scaling(numbers[~missing], smooth=encoding.numeric == "robust")
    fill = encoding.missing == "fill"
    # A constant beside missing cells is a flag: trees cannot split a column of one value.
    indicator = bool(missing.any()) and (fill or scaling is None)
    if scaling is None and not indicator:
        return None
    return NumericEncoder(column.name, scaling, fill, indicator)
