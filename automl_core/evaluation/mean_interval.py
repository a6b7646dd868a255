"""95 % intervals of means, and how likely a mean is by chance, without a library.

Student's t is turned into a normal deviate (Wallace 1959), exact to three digits from ten rows on.
"""

from __future__ import annotations

import math

from automl_core.evaluation.probabilities import NORMAL_95


def half_width(variance: float, rows: float) -> float:
    """Half of the t interval of a mean of so many rows, more than 1, with this variance."""
    freedom = rows - 1
    deviate = NORMAL_95 + (NORMAL_95**3 + NORMAL_95) / (
        4 * freedom
    )  # Cornish and Fisher's first term
    return deviate * math.sqrt(max(0.0, variance) / rows)


def chance_above(t: float, freedom: float) -> float:
    """How likely Student's t of so many degrees of freedom is at least `t`."""
    size = math.sqrt(freedom * math.log1p(t * t / freedom)) * (8 * freedom + 1) / (8 * freedom + 3)
    return 0.5 * math.erfc(math.copysign(size, t) / math.sqrt(2))
