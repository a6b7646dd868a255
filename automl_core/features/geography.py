"""Pairs of latitude and longitude: the same place along rotated axes.

A tree cuts along a column; coasts and borders run along neither. The two coordinates turned by
several angles let one cut follow them. Recognised by what columns are called and by the range of
their values, as coordinates are in every tool that knows them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from automl_core.features.encoded_columns import Matrix, finite_numbers, number
from automl_core.features.feature_layout import Encoding, Feature
from automl_core.features.scaling import Scaling, fit_scaling
from automl_core.table import Column, TypedTable

ANGLES = (15, 30, 45, 60, 75, 105, 120, 135, 150, 165)
"""Degrees; 0 and 90 are the coordinates themselves."""

LATITUDE, LONGITUDE = ("lat", "latitude"), ("lon", "lng", "long", "longitude")
FEWEST_PLACES = 20  # distinct values of each coordinate

_WORDS = re.compile(r"[^a-z]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


@dataclass(frozen=True)
class GeographyEncoder:
    """Two columns as one more feature an angle; missing where either of them is."""

    latitude: str
    longitude: str
    scalings: tuple[Scaling, Scaling]  # of latitude and longitude
    fill: bool  # missing becomes 0; else NaN
    kind: Literal["geography"] = "geography"

    @property
    def columns(self) -> tuple[str, str]:
        return self.latitude, self.longitude

    @property
    def features(self) -> tuple[Feature, ...]:
        both = f"{self.latitude}, {self.longitude}"
        return tuple(number(f"{both} turned by {angle}°", both) for angle in ANGLES)

    def write(self, typed: TypedTable, out: Matrix) -> None:
        """Fill `out` (n, angles)."""
        lat, lon = (
            scaling.apply(finite_numbers(typed.columns[name]))
            for name, scaling in zip(self.columns, self.scalings, strict=True)
        )
        for i, angle in enumerate(np.deg2rad(ANGLES)):
            out[:, i] = np.cos(angle) * lat + np.sin(angle) * lon
        if self.fill:
            out[np.isnan(lat) | np.isnan(lon)] = 0.0


def fit_geography(
    typed: TypedTable, columns: Sequence[Column], encoding: Encoding
) -> tuple[GeographyEncoder, ...]:
    """The pairs among the columns, for families that want them; usually none, or one."""
    if not encoding.turned_places:
        return ()
    numeric = [c.name for c in columns if c.parse.kind == "number"]
    found = []
    for latitude in numeric:
        others = _without(latitude, LATITUDE)
        for longitude in numeric if others is not None else ():
            if others != _without(longitude, LONGITUDE):
                continue
            lat, lon = (finite_numbers(typed.columns[n]) for n in (latitude, longitude))
            scalings = _scaling(lat, 90.0), _scaling(lon, 180.0)
            if scalings[0] is not None and scalings[1] is not None:
                fill = encoding.missing == "fill"
                found.append(
                    GeographyEncoder(latitude, longitude, (scalings[0], scalings[1]), fill)
                )
    return tuple(found)


def _without(name: str, words: tuple[str, ...]) -> tuple[str, ...] | None:
    """The words of a column's name but the one that says which coordinate it is; None: none."""
    parts = [p for p in _WORDS.split(_CAMEL.sub(" ", name).lower()) if p]
    hits = [p for p in parts if p in words]
    return tuple(p for p in parts if p not in words) if len(hits) == 1 else None


def _scaling(values: NDArray[np.float64], most: float) -> Scaling | None:
    present = values[~np.isnan(values)]
    if len(np.unique(present)) < FEWEST_PLACES or np.abs(present).max() > most:
        return None
    return fit_scaling(present, smooth=False)
