"""The speed of this machine, measured in about 30 ms: for plans under a clock only.

Knows nothing of runs. Two runs on one machine may measure different speeds, so nothing that
has to be reproducible may depend on it.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

REFERENCE = (3.4e-4, 2.1e-4)
"""Seconds of the two chores below on one core of the machine that the constants of
validation.py were measured on (an Intel Xeon with AVX-512)."""

ROUNDS = 40
SLOWEST, FASTEST = 0.1, 10.0


def measure_speed() -> float:
    """The speed of one core as a multiple of the reference, 0.1 to 10.

    Small matrix products stand for networks, a histogram for trees; of each the best round
    counts, so that what else runs for a moment does not matter.
    """
    rng = np.random.default_rng(0)
    a = rng.normal(size=(96, 64, 64)).astype(np.float32)  # too small for BLAS to use threads
    bins, weights = rng.integers(0, 256, 200_000), rng.normal(size=200_000)
    seconds = (_best(lambda: a @ a), _best(lambda: np.bincount(bins, weights)))
    ratios = [expected / max(took, 1e-9) for expected, took in zip(REFERENCE, seconds, strict=True)]
    return float(np.clip(np.sqrt(ratios[0] * ratios[1]), SLOWEST, FASTEST))


def _best(chore: Callable[[], object]) -> float:
    best = float("inf")
    for _ in range(ROUNDS):
        began = time.perf_counter()
        chore()
        best = min(best, time.perf_counter() - began)
    return best
