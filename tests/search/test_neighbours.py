"""Neighbours of a configuration: near it, inside of the space, the same for the same seed."""

from __future__ import annotations

import pytest

from automl_core.models.base import Card, Choice
from automl_core.models.catalog import CATALOG
from automl_core.search.neighbours import neighbour

SEARCHED = [card for card in CATALOG if card.space]


@pytest.mark.parametrize("card", SEARCHED, ids=lambda card: card.name)
def test_neighbours_stay_in_the_space_and_keep_the_rest(card: Card) -> None:
    names = {parameter.name for parameter in card.space}
    seen = set()
    for number in range(40):
        found = neighbour(card, card.defaults, (0, number))
        assert found == neighbour(card, card.defaults, (0, number))
        assert {k: v for k, v in found.items() if k not in names} == {
            k: v for k, v in card.defaults.items() if k not in names
        }
        for parameter in card.space:
            value = found.get(parameter.name)
            if value is None or value == card.defaults.get(parameter.name):
                continue  # a default may lie outside
            if isinstance(parameter, Choice):
                assert value in parameter.options
            else:
                assert isinstance(value, int | float)
                assert parameter.low <= value <= parameter.high
                assert isinstance(value, int) or not parameter.whole
        seen.add(tuple(found.items()))
    assert len(seen) > 20


def test_a_step_is_short() -> None:
    (card,) = [c for c in CATALOG if c.name == "lightgbm"]
    values = [
        float(neighbour(card, card.defaults | {"max_leaves": 60}, (1, n))["max_leaves"])
        for n in range(200)
    ]
    far = [value for value in values if not 60 / 5 <= value <= 60 * 5]
    assert len(far) < 10
    assert sum(value != 60 for value in values) > 80
