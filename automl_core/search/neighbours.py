"""A random step from the best configuration so far, within its family's space.

Directed search around a good start pays sooner than a model of the whole space where a table is
so long that few configurations can be tried (cf. Wu, Wang and Huang 2021, "Frugal Optimization
for Cost-related Hyperparameters", and the library FLAML).
"""

from __future__ import annotations

import numpy as np

from automl_core.models import Choice, ModelSpec, Range
from automl_core.types import Config, Value

MOVED, SWITCHED = 0.6, 0.2  # chance of a number to move, and of a choice to be another one
STEP = 0.15  # standard deviation of a move, as a share of the number's range


def neighbour(model_spec: ModelSpec, config: Config, seed: tuple[int, ...]) -> Config:
    """The configuration with some of its settings moved, each within its range.

    Settings outside of the space stay as they are. The same seed gives the same neighbour.
    """
    random = np.random.default_rng(seed)
    moved = dict(config)
    for parameter in model_spec.space:
        value = config.get(parameter.name)
        if isinstance(parameter, Choice):
            if random.random() < SWITCHED:
                moved[parameter.name] = parameter.options[random.integers(len(parameter.options))]
        elif isinstance(value, int | float) and random.random() < MOVED:
            moved[parameter.name] = _moved(parameter, float(value), STEP * random.normal())
    return moved


def _moved(parameter: Range, value: float, share: float) -> Value:
    low, high = parameter.low, parameter.high
    value = min(high, max(low, value))  # a default may lie outside
    if parameter.log:
        value *= (high / low) ** share
    else:
        value += share * (high - low)
    value = min(high, max(low, value))
    return round(value) if parameter.integer else value
