"""Numbers and booleans: scaled, with an indicator of missing cells where asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from automl_core.features.encoded_columns import (
    Matrix,
    Numbers,
    finite,
    finite_numbers,
    missing_feature,
    number,
    numbers_of,
)
from automl_core.features.encoder_record import EncoderRecord
from automl_core.features.feature_layout import Encoding, Feature
from automl_core.features.scaling import LIMIT, Scaling, fit_scaling, require
from automl_core.table import TypedColumn

BLOCK, CELLS = 2_048, 100_000
"""Rows, and cells, that are scaled together: what they touch stays in the processor's cache."""


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


@dataclass(frozen=True, eq=False)
class NumericColumns:
    """Many numeric encoders as one: the arithmetic of each, in as few calls as that of one.

    Of one row the calls cost far more than the numbers.
    """

    centre: Numbers  # (k, 1)
    scale: Numbers  # (k, 1)
    smooth: NDArray[np.bool_]  # (k,)
    fill: NDArray[np.bool_]  # (k, 1)
    places: NDArray[np.intp]  # (k,) columns of the matrix that take the scaled numbers
    marked: NDArray[np.intp]  # (i,) encoders that say where numbers are missing
    marks: NDArray[np.intp]  # (i,) columns of the matrix that take what these say

    def write(self, columns: Sequence[TypedColumn], out: Matrix) -> None:
        """Fill their columns of the matrix (n, d); `columns` are those of the encoders."""
        numbers = [numbers_of(column) for column in columns]
        for start in range(0, len(out), BLOCK):
            part = out[start : start + BLOCK]
            at_once = max(1, CELLS // len(part))
            for first in range(0, len(numbers), at_once):
                some = slice(first, first + at_once)
                block = finite(np.stack([n[start : start + BLOCK] for n in numbers[some]]))
                self._write_block(block, some, part)

    def _write_block(self, numbers: Numbers, some: slice, out: Matrix) -> None:
        """Numbers (c, rows) of some of the encoders, into those rows of the matrix."""
        missing = np.isnan(numbers)
        with np.errstate(over="ignore"):
            scaled = (numbers - self.centre[some]) / self.scale[some]
        scaled = np.clip(scaled, -LIMIT, LIMIT)
        smooth = self.smooth[some]
        if smooth.any():
            bent = np.sqrt(1.0 + np.square(scaled / 3.0))
            scaled = np.where(smooth[:, None], scaled / bent, scaled)
        out[:, self.places[some]] = np.where(missing & self.fill[some], 0.0, scaled).T
        low, high = np.searchsorted(self.marked, (some.start, some.stop))
        out[:, self.marks[low:high]] = missing[self.marked[low:high] - some.start].T


def numeric_columns(encoders: Sequence[NumericEncoder], places: Sequence[int]) -> NumericColumns:
    """Encoders that have a scaling; `places` are the first columns of the matrix of each."""
    scalings = [encoder.scaling for encoder in encoders if encoder.scaling is not None]
    assert len(scalings) == len(encoders)
    marked = [i for i, encoder in enumerate(encoders) if encoder.indicator]
    return NumericColumns(
        np.array([s.centre for s in scalings])[:, None],
        np.array([s.scale for s in scalings])[:, None],
        np.array([s.smooth for s in scalings]),
        np.array([encoder.fill for encoder in encoders])[:, None],
        np.array(places, dtype=np.intp),
        np.array(marked, dtype=np.intp),
        np.array([places[i] + 1 for i in marked], dtype=np.intp),
    )


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
