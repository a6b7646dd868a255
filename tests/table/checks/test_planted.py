"""The benchmark of planted problems in small: every kind is found, clean tables stay clean."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.benchmarks.planted import PLANTS, Plant, clean_findings, is_found, planted_findings

SMALL = [replace(plant, rows=(max(300, plant.rows[0]), 700)) for plant in PLANTS]


def test_there_are_38_kinds() -> None:
    assert len({plant.name for plant in PLANTS}) == 38


@pytest.mark.parametrize("plant", SMALL, ids=lambda plant: plant.name)
def test_what_is_planted_is_found(plant: Plant) -> None:
    assert any(is_found(plant, *planted_findings(plant, number)) for number in range(2))


@pytest.mark.parametrize("plant", SMALL, ids=lambda plant: plant.name)
def test_what_only_looks_like_it_is_left_alone(plant: Plant) -> None:
    assert plant.kind not in {f.kind for f in clean_findings(plant, 0)}
