"""95 % intervals of means and shares, and how likely a mean is by chance, without a library.

Student's t is turned into a normal deviate (Wallace 1959), exact to three digits from ten rows on.
"""

from __future__ import annotations

import math

NORMAL = 1.959964  # the normal deviate of a 95 % interval


def share_interval(share: float, rows: float) -> tuple[float, float]:
    """Wilson's interval of a share that was seen in so many rows, more than 0; within 0..1."""
    square = NORMAL**2
    middle = (share + square / (2 * rows)) / (1 + square / rows)
    spread = share * (1 - share) / rows + square / (4 * rows**2)
    half = NORMAL * math.sqrt(max(0.0, spread)) / (1 + square / rows)
    return max(0.0, middle - half), min(1.0, middle + half)


def half_width(variance: float, rows: float) -> float:
    """Half of the t interval of a mean of so many rows, more than 1, with this variance."""
    freedom = rows - 1
    deviate = NORMAL + (NORMAL**3 + NORMAL) / (4 * freedom)  # Cornish and Fisher's first term
    return deviate * math.sqrt(max(0.0, variance) / rows)


def chance_above(t: float, freedom: float) -> float:
    """How likely Student's t of so many degrees of freedom is at least `t`."""
    size = math.sqrt(freedom * math.log1p(t * t / freedom)) * (8 * freedom + 1) / (8 * freedom + 3)
    return 0.5 * math.erfc(math.copysign(size, t) / math.sqrt(2))
