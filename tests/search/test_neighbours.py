"""Neighbours of a configuration: near it, inside of the space, the same for the same seed."""

from __future__ import annotations

import pytest

from automl_core.models.base import Choice, ModelSpec
from automl_core.models.catalog import CATALOG
from automl_core.search.neighbours import neighbour

SEARCHED = [model_spec for model_spec in CATALOG if model_spec.space]


@pytest.mark.parametrize("model_spec", SEARCHED, ids=lambda model_spec: model_spec.name)
def test_neighbours_stay_in_the_space_and_keep_the_rest(model_spec: ModelSpec) -> None:
    names = {parameter.name for parameter in model_spec.space}
    seen = set()
    for number in range(40):
        found = neighbour(model_spec, model_spec.defaults, (0, number))
        assert found == neighbour(model_spec, model_spec.defaults, (0, number))
        assert {k: v for k, v in found.items() if k not in names} == {
            k: v for k, v in model_spec.defaults.items() if k not in names
        }
        for parameter in model_spec.space:
            value = found.get(parameter.name)
            if value is None or value == model_spec.defaults.get(parameter.name):
                continue  # a default may lie outside
            if isinstance(parameter, Choice):
                assert value in parameter.options
            else:
                assert isinstance(value, int | float)
                assert parameter.low <= value <= parameter.high
                assert isinstance(value, int) or not parameter.integer
        seen.add(tuple(found.items()))
    assert len(seen) > 20


def test_a_step_is_short() -> None:
    (model_spec,) = [c for c in CATALOG if c.name == "lightgbm"]
    values = [
        float(neighbour(model_spec, model_spec.defaults | {"max_leaves": 60}, (1, n))["max_leaves"])
        for n in range(200)
    ]
    far = [value for value in values if not 60 / 5 <= value <= 60 * 5]
    assert len(far) < 10
    assert sum(value != 60 for value in values) > 80
