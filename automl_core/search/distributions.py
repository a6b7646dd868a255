"""The settings of a space as Optuna's distributions."""

from __future__ import annotations

from typing import Any

from automl_core.models import Choice, Range
from automl_core.types import Value


def distribution(parameter: Range | Choice) -> Any:
    """Optuna's distribution of the setting."""
    import optuna.distributions as d

    if isinstance(parameter, Choice):
        return d.CategoricalDistribution(list(parameter.options))
    if parameter.integer:
        return d.IntDistribution(int(parameter.low), int(parameter.high), log=parameter.log)
    return d.FloatDistribution(parameter.low, parameter.high, log=parameter.log)


def is_inside(parameter: Range | Choice, value: Value) -> bool:
    """True where the space has the value; a default may lie outside: 0 means "by the table"."""
    if isinstance(parameter, Choice):
        return value in parameter.options
    return not isinstance(value, str) and parameter.low <= value <= parameter.high
