"""Units and magnitudes that have one meaning together."""

from __future__ import annotations

import pytest

from automl_core.table.inference.units import DIMENSIONS, MAGNITUDES, common_units, is_magnitude


@pytest.mark.parametrize(
    ("seen", "units"),
    [
        ({"k": 3, "m": 9}, {"k": 1e3, "m": 1e6}),
        ({"kg": 9, "g": 3}, {"kg": 1.0, "g": 0.001}),
        ({"m": 9, "cm": 3}, {"m": 1.0, "cm": 0.01}),
        ({"h": 9, "m": 3}, {"h": 1.0, "m": 1 / 60}),
        ({"b": 1, "kb": 9, "kib": 3}, {"b": 1e-3, "kb": 1.0, "kib": 1.024}),
        ({"km/l": 9}, {"km/l": 1.0}),
        ({"km/l": 9, "km/kg": 3}, {"km/l": 1.0}),  # nothing in common: the first alone
        ({"widget": 9, "widgets": 30}, {"widget": 1.0, "widgets": 1.0}),
        ({}, {}),
    ],
)
def test_common_units(seen: dict[str, int], units: dict[str, float]) -> None:
    assert dict(common_units(seen)) == pytest.approx(units)


def test_capitals_make_a_magnitude_of_a_single_letter() -> None:
    assert common_units({"m": 5}, frozenset("m")) == (("m", 1e6),)
    assert common_units({"m": 5}) == (("m", 1.0),)
    assert common_units({"million": 5}) == (("million", 1e6),)
    assert is_magnitude((("k", 1e3), ("m", 1e6)))
    assert not is_magnitude((("m", 1.0), ("km", 1e3)))


def test_suffixes_are_lower_case_and_positive() -> None:
    for table in (MAGNITUDES, *DIMENSIONS.values()):
        assert all(unit == unit.lower() and factor > 0 for unit, factor in table.items())
